"""`reorderBoards`: arranges the viewer's own boards."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.permissions import cannot_reorder_boards
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.arranging import PlaceInput, commit_move, read_move
from resolvers.connections import Edge
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.arranging import boards_of, put
from storage.boards import CUSTOM
from storage.transactions import Transaction


class ReorderBoardsInput(MutationInput, Protocol):
    """Which boards, in which order, and where to."""

    board_ids: list[str]
    place: PlaceInput


class ReorderBoardsPayload(Payload, frozen=True, kw_only=True):
    """The boards in their new order, and the viewer as their owner."""

    boards: tuple[BoardRecord | None, ...] = ()
    owner: UserRecord | None = None


@mutation(ReorderBoardsPayload, scopes=(Scope.BOARDS_WRITE,))
async def reorder_boards(write: Write, input: ReorderBoardsInput) -> ReorderBoardsPayload:
    """Archived and secret boards have their places among the others, whoever sees them."""
    check = Input()
    move = read_move(check, "Board", input.board_ids, "boardIds", input.place)
    check.done()

    async def reorder(tx: Transaction) -> ReorderBoardsPayload:
        check = Input()
        boards, beside = move.find(check, await write.sight(tx).boards(move.all_ids), "board")
        check.done()
        write.require_scopes_on(*boards, *([beside] if beside else []))
        for number, board in enumerate(boards):
            await write.permit(tx, cannot_reorder_boards, board, at=(move.ids_at, str(number)))
        if beside is not None:
            await write.permit(tx, cannot_reorder_boards, beside, at=move.beside_at)
        moved = await put(tx, boards_of(write.me), boards, beside, below=move.below)
        return ReorderBoardsPayload(
            boards=tuple(moved), owner=await tx.get(UserRecord, write.me.id)
        )

    return await commit_move(write, reorder, turns=(write.me.id,))


def board_edges(payload: ReorderBoardsPayload) -> list[Edge[BoardRecord]]:
    """The boards as edges of their owner's boards, in the owner's own order."""
    return [Edge(board, CUSTOM) for board in payload.boards if board is not None]
