"""Invitations to boards, as those who are invited see them (INV-10).

Whoever is invited to a secret board learns that there is one, and whose it is: else they could not
answer. Its name and all that is on it stay hidden until they accept (INV-6).
"""

from datetime import datetime

import msgspec

from domain.boards import BoardPrivacy, BoardRecord, BoardRole
from domain.ids import to_global_id
from domain.members import is_open, member_of
from domain.record import Id
from domain.viewer import Viewer
from loaders.boards import BoardByIdLoader, BoardsInvitingLoader
from loaders.users import UserByIdLoader
from resolvers.context import Info
from resolvers.declared import from_loader


class BoardInvite(msgspec.Struct, frozen=True):
    """What an invitation says."""

    stored_id: Id
    board_name: str | None
    role: BoardRole
    owner_id: Id
    invited_by_id: Id | None
    invited_at: datetime | None


owner = from_loader(UserByIdLoader, "owner_id")
invited_by = from_loader(UserByIdLoader, "invited_by_id")
board = from_loader(BoardByIdLoader, "stored_id")


def board_id(invite: BoardInvite) -> str:
    """The global id of the board, for `respondToInvite`."""
    return to_global_id("Board", invite.stored_id)


async def board_invites(viewer: Viewer, info: Info) -> list[BoardInvite]:
    """The viewer's open invitations, newest first."""
    me = Id(viewer.user_id or "")
    boards = await info.context.loaders(BoardsInvitingLoader).load(me) or []
    invites = [_invite(board, me, info.context.now) for board in boards]
    return [invite for invite in invites if invite is not None]


def _invite(board: BoardRecord, user_id: Id, now: datetime) -> BoardInvite | None:
    invitation = member_of(board, user_id)
    if invitation is None or not is_open(invitation, now):
        return None
    return BoardInvite(
        board.id,
        None if board.privacy is BoardPrivacy.SECRET else board.name,
        invitation.role,
        board.owner_id,
        invitation.invited_by_id,
        invitation.invited_at,
    )
