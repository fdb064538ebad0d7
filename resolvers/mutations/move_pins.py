"""`movePins`: moves pins to another board, up to 50 at once (INV-1)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.bulk import ErrorPolicy
from domain.moves import moved
from domain.permissions import cannot_move_pin
from domain.pins import PinRecord
from domain.undo import UndoStep
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.placing import MAX_BULK, PinRow, Rows, check_room, note_change
from storage.transactions import Transaction


class MovePinsInput(MutationInput, Protocol):
    """Which pins, and where to."""

    ids: list[str]
    board_id: str
    section_id: str | None
    error_policy: ErrorPolicy


class MovePinsPayload(Payload, frozen=True, kw_only=True):
    """What became of each pin; the boards, with their new counts."""

    results: tuple[PinRow, ...] = ()
    board: BoardRecord | None = None
    previous_boards: tuple[BoardRecord, ...] = ()
    undo_token: str | None = None


@mutation(MovePinsPayload, scopes=(Scope.PINS_WRITE,))
async def move_pins(write: Write, input: MovePinsInput) -> MovePinsPayload:
    """They come to the top, the first of them topmost. A pin without a section leaves its own."""
    check = Input()
    ids = check.ids("Pin", input.ids, "ids", limit=MAX_BULK)
    board_id = check.id("Board", input.board_id, "boardId")
    section_id = check.id("BoardSection", input.section_id, "sectionId")
    check.done()

    async def move(tx: Transaction) -> MovePinsPayload:
        sight, check = write.sight(tx), Input()
        target = check.found(await sight.board(board_id), "board", "boardId")
        if section_id is not None:
            check.found(await sight.section(section_id, of=board_id), "section", "sectionId")
        check.done()
        rows = Rows(ids, input.error_policy)
        seen = rows.find(await sight.pins(ids))
        write.require_scopes_on(target, *map(sight.home, seen))
        may = [
            pin
            for pin in seen
            if rows.permit(pin, cannot_move_pin(write.viewer, pin, sight.home(pin), target))
        ]
        rows.done()
        for pin in may:
            await write.permit(tx, cannot_move_pin, pin, sight.home(pin), target)
        pins = [pin for pin in may if (pin.board_id, pin.section_id) != (board_id, section_id)]
        check_room(target, len(pins), "boardId")

        steps = [
            UndoStep(pin, moved(pin, target, section_id, tx.now, tx.new_id()))
            for pin in reversed(pins)
        ]
        await tx.change_all([(step.before, step.after) for step in steps if step.after])
        boards = {pin.board_id: sight.home(pin) for pin in pins}
        token = None
        if pins:
            await note_change(tx, *(boards | {board_id: target}).values())
            undo = await write.storage.undos.begin(tx, write.me.id, "movePins")
            await write.storage.undos.add(tx, undo.id, steps)
            token = undo.token
        after = await tx.get_many(BoardRecord, [*boards, board_id])
        return MovePinsPayload(
            results=rows.results(dict(await tx.get_many(PinRecord, ids))),
            board=after[board_id],
            previous_boards=tuple(after[id] for id in boards if id != board_id),
            undo_token=token,
        )

    return await write.commit(move, turns=(*ids, board_id))
