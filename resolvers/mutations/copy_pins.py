"""`copyPins`: copies pins to a board, up to 50 at once (INV-2)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.bulk import ErrorPolicy
from domain.notifications import of_save
from domain.permissions import cannot_add_pins, cannot_save_pin
from domain.rate_limits import Burst
from domain.saves import copy_of
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.placing import MAX_BULK, PinRow, Rows, check_room, note_change
from storage.notifications import notify
from storage.transactions import Transaction


class CopyPinsInput(MutationInput, Protocol):
    """Which pins, and where to."""

    ids: list[str]
    board_id: str
    section_id: str | None
    error_policy: ErrorPolicy


class CopyPinsPayload(Payload, frozen=True, kw_only=True):
    """The copy of each pin; the board, with its new counts."""

    results: tuple[PinRow, ...] = ()
    board: BoardRecord | None = None


@mutation(CopyPinsPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.SAVE)
async def copy_pins(write: Write, input: CopyPinsInput) -> CopyPinsPayload:
    """As saving each of them, also where the board has a copy already."""
    check = Input()
    ids = check.ids("Pin", input.ids, "ids", limit=MAX_BULK)
    board_id = check.id("Board", input.board_id, "boardId")
    section_id = check.id("BoardSection", input.section_id, "sectionId")
    check.done()

    async def copy(tx: Transaction) -> CopyPinsPayload:
        sight, check, sight_of_pins = write.sight(tx), Input(), write.sight_as_user(tx)
        board = check.found(await sight.board(board_id), "board", "boardId")
        if section_id is not None:
            check.found(await sight.section(section_id, of=board_id), "section", "sectionId")
        check.done()
        await write.permit(tx, cannot_add_pins, board, at="boardId")
        rows = Rows(ids, input.error_policy)
        seen = rows.find(await sight_of_pins.pins(ids))
        write.require_scopes_on(board, *map(sight_of_pins.home, seen))
        pins = []
        for pin in seen:
            ads = await write.storage.ads.of_pin(tx, pin.id) if pin.has_been_promoted else []
            if rows.permit(pin, cannot_save_pin(write.viewer, pin, sight_of_pins.home(pin), ads)):
                pins.append(pin)
        rows.done()
        check_room(board, len(pins), "boardId")

        copies = {
            pin.id: copy_of(
                pin,
                board,
                id=tx.new_id(),
                owner_id=write.me.id,
                now=tx.now,
                section_id=section_id,
            )
            for pin in reversed(pins)
        }
        if copies:
            await tx.insert(*copies.values())
            await note_change(tx, board)
            notices = [of_save(copies[pin.id], pin) for pin in pins]
            await notify(tx, *(notice for each in notices for notice in each))
        return CopyPinsPayload(
            results=rows.results(dict(copies)), board=await tx.get(BoardRecord, board_id)
        )

    return await write.commit(copy, turns=(*ids, board_id))
