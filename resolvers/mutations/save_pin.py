"""`savePin`: copies a pin to a board (INV-2, INV-3)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.notifications import of_save
from domain.permissions import cannot_add_pins, cannot_save_pin
from domain.pins import PinRecord
from domain.rate_limits import Burst
from domain.saves import copy_of
from domain.texts import NOTE
from domain.user_errors import UserErrorCode
from domain.viewer import Scope
from resolvers.default_board import default_board
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.placing import check_room, note_change
from storage.notifications import notify
from storage.transactions import Transaction


class SavePinInput(MutationInput, Protocol):
    """Which pin to save, and where to."""

    pin_id: str
    board_id: str | None
    section_id: str | None
    note: str | None
    allow_duplicate: bool


class SavePinPayload(Payload, frozen=True, kw_only=True):
    """The copy, on its board, and the pin that was saved, both with their new counts."""

    pin: PinRecord | None = None
    board: BoardRecord | None = None
    saved_pin: PinRecord | None = None
    already_saved: bool = False


@mutation(SavePinPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.SAVE)
async def save_pin(write: Write, input: SavePinInput) -> SavePinPayload:
    """Makes a copy of a pin on a board, or finds the one that is there (decision 1)."""
    check = Input()
    pin_id = check.id("Pin", input.pin_id, "pinId")
    board_id = check.id("Board", input.board_id, "boardId")
    section_id = check.id("BoardSection", input.section_id, "sectionId")
    note = check.text(input.note, "note", NOTE)
    if section_id is not None and board_id is None:
        check.refuse(UserErrorCode.BLANK, "A section is given with its board.", "boardId")
    check.done()

    async def save(tx: Transaction) -> SavePinPayload:
        sight, check, sight_of_pin = write.sight(tx), Input(), write.sight_as_user(tx)
        pin = check.found(await sight_of_pin.pin(pin_id), "pin", "pinId")
        if board_id is None:
            board = await default_board(write, tx)
        else:
            board = check.found(await sight.board(board_id), "board", "boardId")
        if section_id is not None:
            check.found(await sight.section(section_id, of=board_id), "section", "sectionId")
        check.done()
        home = sight_of_pin.home(pin)
        write.require_scopes_on(board, home)
        await write.permit(tx, cannot_add_pins, board, at="boardId")
        ads = await write.storage.ads.of_pin(tx, pin_id) if pin.has_been_promoted else []
        await write.permit(tx, cannot_save_pin, pin, home, ads, at="pinId")

        there = await write.storage.pins.copy_on_board(tx, pin_id, board.id, write.me.id)
        if there is not None and not input.allow_duplicate:
            return SavePinPayload(pin=there, board=board, saved_pin=pin, already_saved=True)
        check_room(board, 1, "boardId")
        copy = copy_of(
            pin,
            board,
            id=tx.new_id(),
            owner_id=write.me.id,
            now=tx.now,
            section_id=section_id,
            note=note,
        )
        await tx.insert(copy)
        await note_change(tx, board)
        await notify(tx, *of_save(copy, pin))
        return SavePinPayload(
            pin=copy,
            board=await tx.get(BoardRecord, board.id),
            saved_pin=await tx.get(PinRecord, pin_id),
        )

    return await write.commit(save, turns=(pin_id, board_id or write.me.id))
