"""Who may see what: the whole of it on one screen (INV-6, INV-7, INV-9; RELIABILITY, matrix).

Loaders call these where data enters. `blocked` is the set of users who blocked the viewer or whom
the viewer blocked. What a viewer may not see does not exist: the answer is null, never an error.

What is secret also needs the scopes of the token, for members and staff alike. What only staff may
see is what a policy grants to a viewer and not to `viewer.as_user`; whoever loads it logs that.
"""

from collections.abc import Set

from domain.boards import BoardPrivacy, BoardRecord, role_of
from domain.pins import PinRecord
from domain.users import UserRecord, UserStatus
from domain.viewer import Scope, StaffRole, Viewer

_EVERY_PRIVACY = frozenset(BoardPrivacy)
_PUBLIC = frozenset({BoardPrivacy.PUBLIC})
_NOT_SECRET = frozenset(BoardPrivacy) - {BoardPrivacy.SECRET}


def may_view_user(viewer: Viewer, user: UserRecord, blocked: Set[str]) -> bool:
    """An active user, unless a block stands between the two; staff see every user."""
    if user.id == viewer.user_id or viewer.staff is not None:
        return True
    return user.status is UserStatus.ACTIVE and user.id not in blocked


def may_view_board(viewer: Viewer, board: BoardRecord, owner: UserRecord | None) -> bool:
    """A board of a visible owner that is public, or that the viewer is a member of.

    `owner` is None when the viewer may not see the owner. An ads-only (PROTECTED) board is its
    members' alone: its pins reach others as ads (`may_view_as_ad`). Support sees that too, and an
    admin also what is secret.
    """
    if owner is None:
        return False
    match board.privacy:
        case BoardPrivacy.PUBLIC:
            return True
        case BoardPrivacy.PROTECTED:
            return viewer.staff is not None or role_of(board, viewer.user_id) is not None
        case BoardPrivacy.SECRET:
            is_known = role_of(board, viewer.user_id) is not None
            is_known = is_known or viewer.staff is StaffRole.ADMIN
            return is_known and viewer.may(Scope.BOARDS_READ_SECRET)


def may_view_pin(
    viewer: Viewer, pin: PinRecord, board: BoardRecord | None, owner: UserRecord | None
) -> bool:
    """A pin on a visible board, by a visible owner (both None when they are not)."""
    if board is None or owner is None or pin.board_id != board.id:
        return False
    return board.privacy is not BoardPrivacy.SECRET or viewer.may(Scope.PINS_READ_SECRET)


def may_view_as_ad(board: BoardRecord | None, owner: UserRecord | None) -> bool:
    """The pin of a served ad: its board is not secret, its owner is visible (INV-9, c.2)."""
    return board is not None and owner is not None and board.privacy is not BoardPrivacy.SECRET


def may_read_note(viewer: Viewer, pin: PinRecord, board: BoardRecord) -> bool:
    """A pin's private note: for its owner and the members of its board."""
    return viewer.user_id == pin.owner_id or role_of(board, viewer.user_id) is not None


def board_privacies(viewer: Viewer, owner_id: str) -> frozenset[BoardPrivacy]:
    """Of what privacy the boards are that a user's lists and counts hold for the viewer."""
    return _listed(viewer, owner_id, Scope.BOARDS_READ_SECRET)


def pin_privacies(viewer: Viewer, owner_id: str) -> frozenset[BoardPrivacy]:
    """Of what privacy the boards are whose pins a user's lists and counts hold for the viewer."""
    return _listed(viewer, owner_id, Scope.BOARDS_READ_SECRET, Scope.PINS_READ_SECRET)


def _listed(viewer: Viewer, owner_id: str, *scopes: Scope) -> frozenset[BoardPrivacy]:
    """All for oneself, less what is secret where the token does not grant it."""
    if owner_id != viewer.user_id:
        return _PUBLIC
    return _EVERY_PRIVACY if all(map(viewer.may, scopes)) else _NOT_SECRET
