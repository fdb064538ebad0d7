"""Where pins go: room on a board, and what bulk mutations of pins share."""

from collections.abc import Sequence

import msgspec

from domain.boards import MAX_PINS, BoardRecord
from domain.bulk import ErrorPolicy
from domain.permissions import Reasons
from domain.pins import PinRecord
from domain.record import Id
from domain.user_errors import InputError, Refused, UserError, UserErrorCode
from resolvers.mutation import input_path, not_allowed, not_found
from storage.transactions import Transaction

MAX_BULK = 50


class PinRow(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one id of a bulk mutation: `pin` as it is now, or why nothing was done."""

    input_id: Id
    pin: PinRecord | None = None
    user_errors: tuple[UserError, ...] = ()


class Rows:
    """The rows of a bulk mutation: which of them can be done, and why others cannot."""

    def __init__(self, ids: Sequence[Id], policy: ErrorPolicy) -> None:
        self.errors: dict[Id, InputError] = {}
        self._ids = ids
        self._policy = policy

    def find(self, pins: dict[Id, PinRecord]) -> list[PinRecord]:
        """The pins that are there, in the order of the ids; the others are refused."""
        for id in self._ids:
            if id not in pins:
                self.errors[id] = not_found("pin", self._path(id))
        return [pins[id] for id in self._ids if id in pins]

    def permit(self, pin: PinRecord, reasons: Reasons) -> bool:
        """Whether there are no reasons why the viewer may not; if there are, the row has them."""
        if reasons:
            self.errors[pin.id] = not_allowed(reasons, self._path(pin.id))
        return not reasons

    def done(self) -> None:
        """Raises `Refused` with what is wrong, if the whole is to be refused for it."""
        if self.errors and self._policy is ErrorPolicy.REJECT_EVERYTHING:
            raise Refused(*self.errors.values())

    def results(self, pins: dict[Id, PinRecord | None]) -> tuple[PinRow, ...]:
        """A row for each id, with what its pin is now."""
        return tuple(
            PinRow(input_id=id, user_errors=(self.errors[id],))
            if id in self.errors
            else PinRow(input_id=id, pin=pins.get(id))
            for id in self._ids
        )

    def _path(self, id: Id) -> tuple[str, ...]:
        return ("ids", str(self._ids.index(id)))


def check_room(board: BoardRecord, more: int, at: str) -> None:
    """Raises `Refused` for a board that would have too many pins."""
    if board.pin_count + more <= MAX_PINS:
        return
    message = f"A board holds at most {MAX_PINS:,} pins; this one has {board.pin_count:,}."
    raise Refused(
        InputError(code=UserErrorCode.LIMIT_EXCEEDED, message=message, field=input_path(at))
    )


async def note_change(tx: Transaction, *boards: BoardRecord) -> None:
    """Marks boards whose pins are others now, which also makes what deletes them wait."""
    await tx.change_all(
        [(board, msgspec.structs.replace(board, pins_modified_at=tx.now)) for board in boards]
    )
