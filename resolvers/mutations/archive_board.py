"""`archiveBoard`: puts a board out of the way of the others."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.permissions import cannot_archive
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class ArchiveBoardInput(MutationInput, Protocol):
    """Which board."""

    id: str


class ArchiveBoardPayload(Payload, frozen=True, kw_only=True):
    """The board."""

    board: BoardRecord | None = None


@mutation(ArchiveBoardPayload, scopes=(Scope.BOARDS_WRITE,))
async def archive_board(write: Write, input: ArchiveBoardInput) -> ArchiveBoardPayload:
    """Nothing happens to what is archived already: it keeps its time."""
    check = Input()
    board_id = check.id("Board", input.id, "id")
    check.done()

    async def archive(tx: Transaction) -> ArchiveBoardPayload:
        check = Input()
        board = check.found(await write.sight(tx).board(board_id), "board", "id")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_archive, board, at="id")
        if board.archived_at is None:
            board = await tx.change(board, archived_at=tx.now)
        return ArchiveBoardPayload(board=board)

    return await write.commit(archive, turns=(board_id,))
