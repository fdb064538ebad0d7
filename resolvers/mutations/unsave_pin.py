"""`unsavePin`: deletes the viewer's own copies of a pin."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.pins import PinRecord
from domain.record import Id
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.removing import remove_pins
from storage.transactions import Transaction

MAX_COPIES = 100


class UnsavePinInput(MutationInput, Protocol):
    """Which pin, and where it was saved."""

    pin_id: str
    board_id: str | None


class UnsavePinPayload(Payload, frozen=True, kw_only=True):
    """What is gone; the pin that had been saved and the boards, with their new counts."""

    deleted_ids: tuple[Id, ...] = ()
    saved_pin: PinRecord | None = None
    boards: tuple[BoardRecord, ...] = ()
    undo_token: str | None = None


@mutation(UnsavePinPayload, scopes=(Scope.PINS_WRITE,))
async def unsave_pin(write: Write, input: UnsavePinInput) -> UnsavePinPayload:
    """Given a copy, that one; given another pin, all the viewer's copies of its picture, or those
    on one board. Where there are none, nothing is to be done."""
    check, me = Input(), write.me.id
    pin_id = check.id("Pin", input.pin_id, "pinId")
    board_id = check.id("Board", input.board_id, "boardId")
    check.done()

    async def unsave(tx: Transaction) -> UnsavePinPayload:
        sight, check = write.sight_as_user(tx), Input()
        pin = check.found(await sight.pin(pin_id), "pin", "pinId")
        if board_id is not None:
            check.found(await sight.board(board_id), "board", "boardId")
        check.done()
        if pin.owner_id == me and pin.is_repin:
            copies = [pin] if board_id in (None, pin.board_id) else []
        else:
            pins = write.storage.pins
            copies = await pins.copies_of(tx, pin.root_id, me, board_id, limit=MAX_COPIES)
        boards = await sight.boards(copy.board_id for copy in copies)
        copies = [copy for copy in copies if copy.board_id in boards]
        write.require_scopes_on(*boards.values())
        token = await remove_pins(write, tx, copies, boards) if copies else None
        source = pin.parent_id if copies == [pin] else pin_id
        after = await tx.get_many(BoardRecord, boards)
        return UnsavePinPayload(
            deleted_ids=tuple(copy.id for copy in copies),
            saved_pin=None if source is None else await write.sight_as_user(tx).pin(source),
            boards=tuple(after.values()),
            undo_token=token,
        )

    return await write.commit(unsave, turns=(pin_id, me))
