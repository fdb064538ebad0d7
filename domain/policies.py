"""Who may see what: the whole of it on one screen (INV-6, INV-7, INV-9; RELIABILITY, matrix).

Loaders call these where data enters. `blocked` is the set of users who blocked the viewer or whom
the viewer blocked. What a viewer may not see does not exist: the answer is null, never an error.
"""

from collections.abc import Set
from enum import StrEnum

from domain.boards import BoardPrivacy, BoardRecord, BoardRole, InviteStatus, role_of
from domain.pins import PinRecord
from domain.users import UserRecord, UserStatus
from domain.viewer import Viewer

_WRITERS = frozenset({BoardRole.OWNER, BoardRole.EDITOR})


def may_view_user(viewer: Viewer, user: UserRecord, blocked: Set[str]) -> bool:
    """An active user, unless a block stands between the two."""
    if user.id == viewer.user_id:
        return True
    return user.status is UserStatus.ACTIVE and user.id not in blocked


def may_view_board(viewer: Viewer, board: BoardRecord, owner: UserRecord | None) -> bool:
    """A board of a visible owner that is public, or that the viewer is a member of.

    `owner` is None when the viewer may not see the owner. An ads-only (PROTECTED) board is its
    members' alone: its pins reach others as ads (`may_view_as_ad`).
    """
    if owner is None:
        return False
    return board.privacy is BoardPrivacy.PUBLIC or role_of(board, viewer.user_id) is not None


def may_view_pin(pin: PinRecord, board: BoardRecord | None, owner: UserRecord | None) -> bool:
    """A pin on a visible board, by a visible owner (both None when they are not)."""
    return board is not None and owner is not None and pin.board_id == board.id


def may_view_as_ad(board: BoardRecord | None, owner: UserRecord | None) -> bool:
    """The pin of a served ad: its board is not secret, its owner is visible (INV-9, c.2)."""
    return board is not None and owner is not None and board.privacy is not BoardPrivacy.SECRET


def may_read_note(viewer: Viewer, pin: PinRecord, board: BoardRecord) -> bool:
    """A pin's private note: for its owner and the members of its board."""
    return viewer.user_id == pin.owner_id or role_of(board, viewer.user_id) is not None


class CannotReason(StrEnum):
    """Why a viewer may not do something to an object that is visible to them."""

    LOGIN_REQUIRED = "LOGIN_REQUIRED"
    NOT_OWNER = "NOT_OWNER"
    NOT_MEMBER = "NOT_MEMBER"
    NOT_ALLOWED_TO_INVITE = "NOT_ALLOWED_TO_INVITE"


Reasons = tuple[CannotReason, ...]
"""Empty when the viewer may."""


def cannot_add_pins(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Owners and editors add pins."""
    allowed = role_of(board, viewer.user_id) in _WRITERS
    return _unless(allowed, viewer, CannotReason.NOT_MEMBER)


def cannot_edit_board(viewer: Viewer, board: BoardRecord) -> Reasons:
    """Only the owner renames a board or changes its privacy."""
    return _unless(board.owner_id == viewer.user_id, viewer, CannotReason.NOT_OWNER)


def cannot_invite(viewer: Viewer, board: BoardRecord) -> Reasons:
    """The owner invites, and so does an accepted member who was given the right to."""
    allowed = board.owner_id == viewer.user_id or any(
        member.user_id == viewer.user_id
        and member.can_invite
        and member.status is InviteStatus.ACCEPTED
        for member in board.collaborators
    )
    return _unless(allowed, viewer, CannotReason.NOT_ALLOWED_TO_INVITE)


def cannot_edit_pin(viewer: Viewer, pin: PinRecord) -> Reasons:
    """A pin's owner edits it."""
    return _unless(pin.owner_id == viewer.user_id, viewer, CannotReason.NOT_OWNER)


def cannot_delete_pin(viewer: Viewer, pin: PinRecord, board: BoardRecord) -> Reasons:
    """A pin's owner deletes it, and so does the owner of the board it is on (INV-10)."""
    allowed = viewer.user_id in {pin.owner_id, board.owner_id}
    return _unless(allowed, viewer, CannotReason.NOT_OWNER)


def _unless(allowed: bool, viewer: Viewer, reason: CannotReason) -> Reasons:
    if allowed:
        return ()
    return (reason,) if viewer.is_signed_in else (CannotReason.LOGIN_REQUIRED,)
