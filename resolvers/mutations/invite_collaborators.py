"""`inviteCollaborators`: invites people to share a board (INV-10)."""

from typing import Protocol

from domain.boards import MAX_COLLABORATORS, BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.members import member_of, with_members
from domain.notifications import of_invite
from domain.permissions import cannot_invite, cannot_update_collaborator
from domain.rate_limits import Burst
from domain.record import Id
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import notify
from storage.transactions import Transaction

MAX_INVITED = 20


class InviteCollaboratorsInput(MutationInput, Protocol):
    """Whom to invite, where to, and what they may do there."""

    board_id: str
    user_ids: list[str]
    role: BoardRole
    can_invite: bool


class InviteCollaboratorsPayload(Payload, frozen=True, kw_only=True):
    """The board, and who is invited to it now."""

    board: BoardRecord | None = None
    invited: tuple[UserRecord, ...] = ()


@mutation(InviteCollaboratorsPayload, scopes=(Scope.BOARDS_WRITE,), burst=Burst.INVITE)
async def invite_collaborators(
    write: Write, input: InviteCollaboratorsInput
) -> InviteCollaboratorsPayload:
    """Whoever is a member stays as they are; whoever was invited before is invited anew."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    user_ids = check.ids("User", input.user_ids, "userIds", limit=MAX_INVITED)
    if input.role is BoardRole.OWNER:
        check.refuse(UserErrorCode.INVALID, "A board has one owner: use `transferBoard`.", "role")
    check.done()

    async def invite(tx: Transaction) -> InviteCollaboratorsPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_invite, board, at="boardId")
        if input.can_invite:
            await write.permit(tx, cannot_update_collaborator, board, at="canInvite")
        users = await write.sight_as_user(tx).users(user_ids)
        for place, user_id in enumerate(user_ids):
            check.found(users.get(user_id), "user", "userIds", str(place))
            if user_id == board.owner_id:
                check.refuse(UserErrorCode.INVALID, "The board is theirs.", "userIds", str(place))
        invited = [id for id in user_ids if not _is_member(board, id)]
        members = with_members(board, *(_invitation(id, write.me.id, input, tx) for id in invited))
        if members is None:
            message = f"A board is shared by at most {MAX_COLLABORATORS} people."
            check.refuse(UserErrorCode.LIMIT_EXCEEDED, message, "userIds")
        check.done()
        # Whoever of them blocks the viewer at this moment clashes with this.
        await tx.touch(*(users[id] for id in invited))
        await tx.change(board, collaborators=members)
        for id in invited:
            await notify(tx, *of_invite(write.me.id, id, board))
        return InviteCollaboratorsPayload(
            board=await tx.get(BoardRecord, board_id), invited=tuple(users[id] for id in invited)
        )

    return await write.commit(invite, turns=(board_id,))


def _is_member(board: BoardRecord, user_id: Id) -> bool:
    member = member_of(board, user_id)
    return member is not None and member.status is InviteStatus.ACCEPTED


def _invitation(
    user_id: Id, inviter_id: Id, input: InviteCollaboratorsInput, tx: Transaction
) -> Collaborator:
    return Collaborator(
        user_id=user_id,
        role=input.role,
        status=InviteStatus.PENDING,
        invited_by_id=inviter_id,
        invited_at=tx.now,
        can_invite=input.can_invite,
    )
