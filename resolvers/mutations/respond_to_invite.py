"""`respondToInvite`: accepts or declines an invitation to a board (INV-10)."""

from typing import Final, Protocol

from domain.boards import BoardPrivacy, BoardRecord
from domain.members import answered, is_open, member_of, with_members
from domain.notifications import of_accepted_invite, of_invite
from domain.permissions import cannot_respond_to_invite
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import forget, notify
from storage.transactions import Transaction


class RespondToInviteInput(MutationInput, Protocol):
    """Which board, and the answer."""

    board_id: str
    accept: bool


class RespondToInvitePayload(Payload, frozen=True, kw_only=True):
    """The board, as far as the viewer may see it now."""

    board: BoardRecord | None = None
    accepted: bool = False


@mutation(RespondToInvitePayload, scopes=(Scope.BOARDS_WRITE,))
async def respond_to_invite(write: Write, input: RespondToInviteInput) -> RespondToInvitePayload:
    """The one thing that can be done to a secret board by somebody who does not see it yet."""
    check, me = Input(), write.me.id
    board_id = check.id("Board", input.board_id, "boardId")
    check.done()

    async def respond(tx: Transaction) -> RespondToInvitePayload:
        sight, check = write.sight_as_user(tx), Input()
        seen = await sight.board(board_id)
        board = await tx.get(BoardRecord, board_id)
        invitation = member_of(board, me) if board else None
        if seen is None and (invitation is None or not is_open(invitation, tx.now)):
            board = None
        board = check.found(board, "board", "boardId")
        check.done()
        # An owner who is hidden from the viewer by a block hides the invitation too.
        check.found(await sight.user(board.owner_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_respond_to_invite, board, at="boardId")
        if invitation is None or not is_open(invitation, tx.now):
            raise Refused(_EXPIRED)

        answer = answered(invitation, input.accept, tx.now)
        board = await tx.change(board, collaborators=with_members(board, answer))
        if invitation.invited_by_id is not None:
            await forget(tx, *of_invite(invitation.invited_by_id, me, board))
            if input.accept:
                await notify(tx, *of_accepted_invite(me, invitation.invited_by_id, board))
        shown = input.accept or board.privacy is BoardPrivacy.PUBLIC
        return RespondToInvitePayload(board=board if shown else None, accepted=input.accept)

    return await write.commit(respond, turns=(board_id,))


_EXPIRED: Final = InputError(
    code=UserErrorCode.INVALID,
    message="The invitation has expired.",
    field=("input", "boardId"),
)
