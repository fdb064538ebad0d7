"""Who may do what: the whole of it, a function an action (INV-3, INV-5, INV-10, INV-13).

RELIABILITY has the matrix. Each gives the reasons why the viewer may not, and none when the viewer
may. They are asked about fresh records that the viewer may see: what is hidden does not exist, and
nobody is refused it. They know nothing of scopes, which are for `scopes`, nor of whether the
viewer's account is active.

An admin may do some of it to what is not theirs, and that is audited: it is what is permitted to a
viewer and not to `viewer.as_user` (`only_as_staff`).
"""

from collections.abc import Callable, Iterable
from enum import StrEnum

from domain.boards import BoardPrivacy, BoardRecord, BoardRole, InviteStatus, role_of
from domain.campaigns import AdRecord, EntityStatus
from domain.media import CreativeType
from domain.pins import CommentRecord, PinRecord
from domain.record import Id
from domain.users import UserRecord
from domain.viewer import StaffRole, Viewer

_WRITERS = frozenset({BoardRole.OWNER, BoardRole.EDITOR})
_RUNNING = frozenset({EntityStatus.ACTIVE, EntityStatus.PAUSED})


class CannotReason(StrEnum):
    """Why a viewer may not do something to an object that is visible to them."""

    LOGIN_REQUIRED = "LOGIN_REQUIRED"
    NOT_OWNER = "NOT_OWNER"
    NOT_MEMBER = "NOT_MEMBER"
    NOT_ALLOWED_TO_INVITE = "NOT_ALLOWED_TO_INVITE"
    NOT_INVITED = "NOT_INVITED"
    NOT_AUTHOR = "NOT_AUTHOR"
    OWNER_CANNOT_LEAVE = "OWNER_CANNOT_LEAVE"
    ADS_ONLY_BOARD = "ADS_ONLY_BOARD"
    SECRET_BOARD = "SECRET_BOARD"
    NO_LINK = "NO_LINK"
    AD_NOT_SAVABLE = "AD_NOT_SAVABLE"
    OWN_CONTENT = "OWN_CONTENT"


Reasons = tuple[CannotReason, ...]
"""Empty when the viewer may."""


def only_as_staff(viewer: Viewer, cannot: Callable[[Viewer], Reasons]) -> bool:
    """Whether the viewer may, and as an ordinary user could not."""
    return viewer.staff is not None and not cannot(viewer) and bool(cannot(viewer.as_user))


# Boards


def cannot_edit_board(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner renames a board and describes it; so may an admin."""
    return _unless(_owns(viewer, board) or _is_admin(viewer), viewer, CannotReason.NOT_OWNER)


def cannot_rename_board(viewer: Viewer, board: BoardRecord) -> Reasons:
    """As `cannot_edit_board`; but an ads-only board keeps the name it has."""
    return cannot_edit_board(viewer, board) or _if_ads_only(board)


def cannot_change_privacy(viewer: Viewer, board: BoardRecord, privacy: BoardPrivacy) -> Reasons:
    """As `cannot_edit_board`; but what is secret nobody publishes except its owner.

    An ads-only board stays what it is (INV-9).
    """
    if board.privacy is BoardPrivacy.SECRET and privacy is not BoardPrivacy.SECRET:
        return _unless_owner(viewer, board)
    return cannot_edit_board(viewer, board) or _if_ads_only(board)


def cannot_delete_board(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner alone deletes a board, and all pins on it (INV-5)."""
    return _unless_owner(viewer, board)


def cannot_archive(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner archives a board, and takes it out again."""
    return _unless_owner(viewer, board)


def cannot_merge_boards(viewer: Viewer, source: BoardRecord, target: BoardRecord) -> Reasons:
    """Whoever owns both: the source is deleted, and its members' pins come to the target.

    What is on an ads-only board stays there, and nothing else comes to it.
    """
    return _unless_owner(viewer, source, target) or _if_ads_only(source, target)


def cannot_set_cover(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner chooses the picture of a board."""
    return _unless_owner(viewer, board)


def cannot_reorder_boards(viewer: Viewer, *boards: BoardRecord) -> Reasons:
    """Whoever owns them all: the arrangement is that of the owner's boards."""
    return _unless_owner(viewer, *boards)


def cannot_manage_sections(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Owner and editors make, rename, arrange and dissolve sections, whose pins stay (INV-10)."""
    return _unless_writer(viewer, board)


def cannot_delete_section_with_pins(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner alone: the pins in a section may be anybody's."""
    return _unless_owner(viewer, board)


# Members of boards


def cannot_invite(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner invites, and so does an accepted member who was given the right to; and an admin.

    An ads-only board is its owner's alone.
    """
    if board.privacy is BoardPrivacy.PROTECTED and viewer.is_signed_in:
        return (CannotReason.ADS_ONLY_BOARD,)
    allowed = _owns(viewer, board) or _is_admin(viewer) or _has_right_to_invite(viewer, board)
    return _unless(allowed, viewer, CannotReason.NOT_ALLOWED_TO_INVITE)


def cannot_respond_to_invite(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Whoever has an open invitation: the one thing that is asked of a board not yet visible."""
    allowed = any(
        member.user_id == viewer.user_id and member.status is InviteStatus.PENDING
        for member in board.collaborators
    )
    return _unless(allowed, viewer, CannotReason.NOT_INVITED)


def cannot_update_collaborator(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner gives roles, and the right to invite (INV-10)."""
    return _unless_owner(viewer, board)


def cannot_remove_collaborator(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner removes people and takes invitations back (INV-10); so may an admin."""
    return _unless(_owns(viewer, board) or _is_admin(viewer), viewer, CannotReason.NOT_OWNER)


def cannot_transfer(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner gives a board away."""
    return _unless_owner(viewer, board)


def cannot_leave(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Every member but the owner leaves (INV-10)."""
    if _owns(viewer, board):
        return (CannotReason.OWNER_CANNOT_LEAVE,)
    return _unless_member(viewer, board)


# Pins


def cannot_add_pins(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Owners and editors add pins; so may an admin."""
    return () if _is_admin(viewer) else _unless_writer(viewer, board)


def cannot_edit_pin(viewer: Viewer, pin: PinRecord) -> Reasons:
    """A pin's owner edits it. Its board's owner does not: the words are not theirs."""
    return _unless(pin.owner_id == viewer.user_id, viewer, CannotReason.NOT_OWNER)


def cannot_delete_pin(viewer: Viewer, pin: PinRecord, board: BoardRecord) -> Reasons:
    """A pin's owner deletes it; so may the owner of the board it is on (INV-10), and an admin."""
    allowed = pin.owner_id == viewer.user_id or _owns(viewer, board) or _is_admin(viewer)
    return _unless(allowed, viewer, CannotReason.NOT_OWNER)


def cannot_move_pin(
    viewer: Viewer, pin: PinRecord, source: BoardRecord, target: BoardRecord
) -> Reasons:
    """A pin's owner moves it to where they add pins, within a board too; so may an admin.

    The owner of the board it is on moves others' pins as well, but not to the boards of others.
    """
    if _owns(viewer, source) and _owns(viewer, target):
        return ()
    is_theirs = pin.owner_id == viewer.user_id or _is_admin(viewer)
    not_theirs = _unless(is_theirs, viewer, CannotReason.NOT_OWNER)
    return not_theirs or cannot_add_pins(viewer, target)


def cannot_reorder_pins(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Owner and editors arrange the pins of a board."""
    return _unless_writer(viewer, board)


def cannot_save_pin(
    viewer: Viewer, pin: PinRecord, board: BoardRecord, ads: Iterable[AdRecord] = ()
) -> Reasons:
    """Everybody saves what is public; what is secret its members alone (INV-3).

    `board` is the pin's own; where the copy goes is for `cannot_add_pins`. `ads` are those that
    promote the pin: while one runs that is not removable, or asks a quiz, nobody saves it.
    """
    not_member = cannot_take_part(viewer, board)
    running = [ad for ad in ads if ad.status in _RUNNING]
    is_quiz = pin.creative_type is CreativeType.QUIZ and bool(running)
    if not_member or not (is_quiz or any(not ad.is_removable for ad in running)):
        return not_member
    return (CannotReason.AD_NOT_SAVABLE,)


def cannot_promote(viewer: Viewer, pin: PinRecord, board: BoardRecord) -> Reasons:
    """Whoever owns a pin with a link, on a board that is public or ads-only (INV-13)."""
    not_owner = cannot_edit_pin(viewer, pin)
    if not_owner:
        return not_owner
    is_linked = (pin.link or "").lower().startswith(("http://", "https://"))
    secret = (CannotReason.SECRET_BOARD,) if board.privacy is BoardPrivacy.SECRET else ()
    return secret if is_linked else (*secret, CannotReason.NO_LINK)


# Talk about pins


def cannot_take_part(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Reactions and saves: everybody on a public board, else its members, whatever staff see."""
    if board.privacy is BoardPrivacy.PUBLIC:
        return _unless(True, viewer, CannotReason.NOT_MEMBER)
    return _unless_member(viewer, board)


def cannot_comment(viewer: Viewer, board: BoardRecord) -> Reasons:
    """As `cannot_take_part`, on a pin of the board."""
    return cannot_take_part(viewer, board)


def cannot_edit_comment(viewer: Viewer, comment: CommentRecord) -> Reasons:
    """Its author alone."""
    return _unless(comment.author_id == viewer.user_id, viewer, CannotReason.NOT_AUTHOR)


def cannot_delete_comment(
    viewer: Viewer, comment: CommentRecord, pin: PinRecord, board: BoardRecord
) -> Reasons:
    """Its author, and the owners of the pin and of the board that it stands on."""
    allowed = viewer.user_id in {comment.author_id, pin.owner_id, board.owner_id}
    return _unless(allowed, viewer, CannotReason.NOT_AUTHOR)


# Reports


def cannot_report(
    viewer: Viewer, subject: UserRecord | BoardRecord | PinRecord | CommentRecord
) -> Reasons:
    """Everybody reports what they see, but themselves and what is theirs."""
    if not viewer.is_signed_in:
        return (CannotReason.LOGIN_REQUIRED,)
    return (CannotReason.OWN_CONTENT,) if _whose(subject) == viewer.user_id else ()


def _whose(subject: UserRecord | BoardRecord | PinRecord | CommentRecord) -> Id:
    match subject:
        case UserRecord():
            return subject.id
        case CommentRecord():
            return subject.author_id
        case _:
            return subject.owner_id


# What they are made of


def _owns(viewer: Viewer, board: BoardRecord) -> bool:
    return board.owner_id == viewer.user_id


def _is_admin(viewer: Viewer) -> bool:
    return viewer.staff is StaffRole.ADMIN


def _has_right_to_invite(viewer: Viewer, board: BoardRecord) -> bool:
    return any(
        member.user_id == viewer.user_id
        and member.can_invite
        and member.status is InviteStatus.ACCEPTED
        for member in board.collaborators
    )


def _if_ads_only(*boards: BoardRecord) -> Reasons:
    is_ads_only = any(board.privacy is BoardPrivacy.PROTECTED for board in boards)
    return (CannotReason.ADS_ONLY_BOARD,) if is_ads_only else ()


def _unless_owner(viewer: Viewer, *boards: BoardRecord) -> Reasons:
    allowed = all(_owns(viewer, board) for board in boards)
    return _unless(allowed, viewer, CannotReason.NOT_OWNER)


def _unless_writer(viewer: Viewer, board: BoardRecord) -> Reasons:
    allowed = role_of(board, viewer.user_id) in _WRITERS
    return _unless(allowed, viewer, CannotReason.NOT_MEMBER)


def _unless_member(viewer: Viewer, board: BoardRecord) -> Reasons:
    allowed = role_of(board, viewer.user_id) is not None
    return _unless(allowed, viewer, CannotReason.NOT_MEMBER)


def _unless(allowed: bool, viewer: Viewer, reason: CannotReason) -> Reasons:
    """The reason, which for whoever is not signed in is always that."""
    if not viewer.is_signed_in:
        return (CannotReason.LOGIN_REQUIRED,)
    return () if allowed else (reason,)
