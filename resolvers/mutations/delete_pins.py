"""`deletePins`: deletes pins, up to 50 at once (INV-4)."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.bulk import ErrorPolicy
from domain.permissions import cannot_delete_pin
from domain.record import Id
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.placing import MAX_BULK, PinRow, Rows
from resolvers.removing import remove_pins
from storage.transactions import Transaction


class DeletePinsInput(MutationInput, Protocol):
    """Which pins."""

    ids: list[str]
    error_policy: ErrorPolicy


class DeletePinsPayload(Payload, frozen=True, kw_only=True):
    """What is gone, row by row; the boards, with their new counts."""

    results: tuple[PinRow, ...] = ()
    deleted_ids: tuple[Id, ...] = ()
    boards: tuple[BoardRecord, ...] = ()
    undo_token: str | None = None


@mutation(DeletePinsPayload, scopes=(Scope.PINS_WRITE,))
async def delete_pins(write: Write, input: DeletePinsInput) -> DeletePinsPayload:
    """One's own, and any on one's own boards. Copies of them stay."""
    check = Input()
    ids = check.ids("Pin", input.ids, "ids", limit=MAX_BULK)
    check.done()

    async def delete(tx: Transaction) -> DeletePinsPayload:
        sight, rows = write.sight(tx), Rows(ids, input.error_policy)
        seen = rows.find(await sight.pins(ids))
        write.require_scopes_on(*map(sight.home, seen))
        pins = [
            pin
            for pin in seen
            if rows.permit(pin, cannot_delete_pin(write.viewer, pin, sight.home(pin)))
        ]
        rows.done()
        boards = {pin.board_id: sight.home(pin) for pin in pins}
        for pin in pins:
            await write.permit(tx, cannot_delete_pin, pin, sight.home(pin))
        token = await remove_pins(write, tx, pins, boards) if pins else None
        after = await tx.get_many(BoardRecord, boards)
        return DeletePinsPayload(
            results=rows.results({}),
            deleted_ids=tuple(pin.id for pin in pins),
            boards=tuple(after.values()),
            undo_token=token,
        )

    return await write.commit(delete, turns=ids)
