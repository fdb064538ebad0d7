"""`unarchiveBoard`: puts a board among the others again."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.permissions import cannot_archive
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class UnarchiveBoardInput(MutationInput, Protocol):
    """Which board."""

    id: str


class UnarchiveBoardPayload(Payload, frozen=True, kw_only=True):
    """The board."""

    board: BoardRecord | None = None


@mutation(UnarchiveBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def unarchive_board(write: Write, input: UnarchiveBoardInput) -> UnarchiveBoardPayload:
    """Nothing happens to what is not archived."""
    check = Input()
    board_id = check.id("Board", input.id, "id")
    check.done()

    async def unarchive(tx: Transaction) -> UnarchiveBoardPayload:
        check = Input()
        board = check.found(await write.sight(tx).board(board_id), "board", "id")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_archive, board, at="id")
        if board.archived_at is not None:
            board = await tx.change(board, archived_at=None)
        return UnarchiveBoardPayload(board=board)

    return await write.commit(unarchive, turns=(board_id,))
