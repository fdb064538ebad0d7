"""`setBoardCover`: chooses the pin whose picture stands for a board."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.media import cover_image
from domain.permissions import cannot_set_cover
from domain.pins import PinRecord
from domain.user_errors import UserErrorCode
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class SetBoardCoverInput(MutationInput, Protocol):
    """Which board, and which of its pins; None for none in particular."""

    board_id: str
    pin_id: str | None


class SetBoardCoverPayload(Payload, frozen=True, kw_only=True):
    """The board."""

    board: BoardRecord | None = None


@mutation(SetBoardCoverPayload, scopes=(Scope.BOARDS_WRITE,))
async def set_board_cover(write: Write, input: SetBoardCoverInput) -> SetBoardCoverPayload:
    """The pin is the cover for as long as it is on the board, and seen by whoever looks."""
    check = Input()
    board_id = check.id("Board", input.board_id, "boardId")
    pin_id = check.id("Pin", input.pin_id, "pinId")
    check.done()

    async def choose(tx: Transaction) -> SetBoardCoverPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        if pin_id is not None:
            _check_pin(check, check.found(await sight.pin(pin_id), "pin", "pinId"), board)
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_set_cover, board, at="boardId")
        board = await tx.change(board, cover_pin_id=pin_id, cover_image=None)
        return SetBoardCoverPayload(board=board)

    return await write.commit(choose, turns=(board_id,))


def _check_pin(check: Input, pin: PinRecord | None, board: BoardRecord | None) -> None:
    """A pin can be the cover of its own board, if there is something to see."""
    if pin is None or board is None:
        return
    if pin.board_id != board.id:
        message = "It must be a pin on this board; it is on another."
        check.refuse(UserErrorCode.INVALID, message, "pinId")
    elif cover_image(pin.media) is None:
        message = "It must be a pin with a picture; it has none."
        check.refuse(UserErrorCode.INVALID, message, "pinId")
