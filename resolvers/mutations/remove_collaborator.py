"""`removeCollaborator`: ends somebody's share in a board, or takes an invitation back (INV-10)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.members import member_of, without_member
from domain.notifications import of_invite
from domain.permissions import cannot_remove_collaborator
from domain.record import Id
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.mutations.following import leave_secret_board
from storage.notifications import forget
from storage.transactions import Transaction


class RemoveCollaboratorInput(MutationInput, Protocol):
    """Who, and where."""

    board_id: str
    user_id: str


class RemoveCollaboratorPayload(Payload, frozen=True, kw_only=True):
    """The board, without them."""

    board: BoardRecord | None = None
    deleted_id: Id | None = None


@mutation(RemoveCollaboratorPayload, scopes=(Scope.BOARDS_WRITE,))
async def remove_collaborator(
    write: Write, input: RemoveCollaboratorInput
) -> RemoveCollaboratorPayload:
    """Nobody is told, and their pins stay."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    user_id = check.id("User", input.user_id, "userId")
    check.done()

    async def remove(tx: Transaction) -> RemoveCollaboratorPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_remove_collaborator, board, at="boardId")
        member = check.found(member_of(board, user_id), "collaborator", "userId")
        check.done()
        await tx.change(board, collaborators=without_member(board, user_id))
        if member.invited_by_id is not None:
            await forget(tx, *of_invite(member.invited_by_id, user_id, board))
        await leave_secret_board(write, tx, user_id, board)
        return RemoveCollaboratorPayload(
            board=await tx.get(BoardRecord, board_id), deleted_id=user_id
        )

    return await write.commit(remove, turns=(board_id,))
