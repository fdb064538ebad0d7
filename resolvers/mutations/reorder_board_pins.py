"""`reorderBoardPins`: arranges the pins of a board, up to 50 at once."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.permissions import cannot_reorder_pins
from domain.pins import PinRecord
from domain.viewer import Scope
from resolvers.arranging import PlaceInput, commit_move, read_move
from resolvers.connections import Edge
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.arranging import pins_of, put
from storage.pins import CUSTOM
from storage.transactions import Transaction


class ReorderBoardPinsInput(MutationInput, Protocol):
    """Which pins of a board, in which order, and where to."""

    board_id: str
    pin_ids: list[str]
    place: PlaceInput


class ReorderBoardPinsPayload(Payload, frozen=True, kw_only=True):
    """The pins in their new order, and their board."""

    pins: tuple[PinRecord | None, ...] = ()
    board: BoardRecord | None = None


@mutation(ReorderBoardPinsPayload, scopes=(Scope.PINS_WRITE,))
async def reorder_board_pins(write: Write, input: ReorderBoardPinsInput) -> ReorderBoardPinsPayload:
    """They come to stand one after the other. No pin is edited by it, and no revision rises."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    move = read_move(check, "Pin", input.pin_ids, "pinIds", input.place)
    check.done()

    async def reorder(tx: Transaction) -> ReorderBoardPinsPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        seen = await sight.pins(move.all_ids)
        there = {pin.id: pin for pin in seen.values() if pin.board_id == board_id}
        pins, beside = move.find(check, there, "pin")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_reorder_pins, board, at="boardId")
        moved = await put(tx, pins_of(board), pins, beside, below=move.below)
        return ReorderBoardPinsPayload(pins=tuple(moved), board=board)

    return await commit_move(write, reorder, turns=(board_id,))


def pin_edges(payload: ReorderBoardPinsPayload) -> list[Edge[PinRecord]]:
    """The pins as edges of their board, in its own order."""
    return [Edge(pin, CUSTOM) for pin in payload.pins if pin is not None]
