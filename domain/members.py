"""The people of a board, as they come and go (INV-10)."""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from domain.boards import MAX_COLLABORATORS, BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.record import Id

INVITED_FOR: Final = timedelta(days=30)
"""How long an invitation stands."""

Members = tuple[Collaborator, ...]

_PRESENT = frozenset({InviteStatus.ACCEPTED, InviteStatus.PENDING})


def member_of(board: BoardRecord, user_id: Id) -> Collaborator | None:
    """A person's share in a board, however it stands; the owner has none."""
    return next((each for each in board.collaborators if each.user_id == user_id), None)


def is_open(invitation: Collaborator, now: datetime) -> bool:
    """Whether an invitation can be answered: it is pending, and not too old."""
    if invitation.status is not InviteStatus.PENDING:
        return False
    return invitation.invited_at is None or now - invitation.invited_at < INVITED_FOR


def with_members(board: BoardRecord, *changed: Collaborator) -> Members | None:
    """The people of a board with some added or changed; None when they would be too many.

    Those who declined or whose invitation ended are kept while there is room.
    """
    new = {each.user_id: each for each in board.collaborators}
    new |= {each.user_id: each for each in changed}
    if len(new) > MAX_COLLABORATORS:
        new = {user_id: each for user_id, each in new.items() if each.status in _PRESENT}
    return tuple(new.values()) if len(new) <= MAX_COLLABORATORS else None


def without_member(board: BoardRecord, user_id: Id) -> Members:
    """The people of a board without one."""
    return tuple(each for each in board.collaborators if each.user_id != user_id)


def transferred(board: BoardRecord, to: Id, now: datetime) -> Members:
    """The people of a board whose owner gave it away: the old owner stays, and may invite."""
    former = Collaborator(
        user_id=board.owner_id,
        role=BoardRole.EDITOR,
        status=InviteStatus.ACCEPTED,
        joined_at=now,
        can_invite=True,
    )
    return (*without_member(board, to), former)


def answered(invitation: Collaborator, accepted: bool, now: datetime) -> Collaborator:
    """An invitation, accepted or declined."""
    if accepted:
        return msgspec.structs.replace(invitation, status=InviteStatus.ACCEPTED, joined_at=now)
    return msgspec.structs.replace(invitation, status=InviteStatus.DECLINED)
