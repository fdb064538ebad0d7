"""Arranging by hand what stands in a list: where things go, and how they get there (b.3)."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from time import monotonic
from typing import Final, Protocol, TypeVar

import msgspec

from domain.boards import BoardRecord, SectionRecord
from domain.orders import ListEnd
from domain.pins import PinRecord
from domain.record import Id
from domain.user_errors import InputError, Refused, UserErrorCode
from resolvers.inputs import Input, is_given
from resolvers.mutation import Payload, Write
from storage.arranging import Crowded, loosen
from storage.transactions import Transaction

MAX_MOVED: Final = 50
"""How many things are moved at once."""

PATIENCE_S: Final = 2.5
"""How long one mutation goes on loosening a long run of equal positions."""

P = TypeVar("P", bound=Payload)
A = TypeVar("A", PinRecord, SectionRecord, BoardRecord)


class PlaceInput(Protocol):
    """Where to: exactly one of these; the others are unset, which is false."""

    after_id: str | None
    before_id: str | None
    at: ListEnd | None


class Move(msgspec.Struct, frozen=True):
    """What moves, and where to: `below` or above `beside_id`, or to that end of the list.

    `ids_at` and `beside_at` are the fields of the input that named them.
    """

    ids: tuple[Id, ...]
    ids_at: str
    below: bool
    beside_id: Id | None = None
    beside_at: tuple[str, ...] = ()

    @property
    def all_ids(self) -> tuple[Id, ...]:
        """All things that are named."""
        return self.ids if self.beside_id is None else (*self.ids, self.beside_id)

    def find(self, check: Input, there: dict[Id, A], what: str) -> tuple[list[A], A | None]:
        """What moves, and what it goes beside, of what is in the list; the others are refused."""
        moving = [
            check.found(there.get(id), what, self.ids_at, str(number))
            for number, id in enumerate(self.ids)
        ]
        if self.beside_id is None:
            return moving, None
        return moving, check.found(there.get(self.beside_id), what, *self.beside_at)


def read_move(
    check: Input, type_name: str, ids: Sequence[str], ids_at: str, place: PlaceInput
) -> Move:
    """What moves and where to, as the input says it; what is wrong with it is refused."""
    moving = check.ids(type_name, ids, ids_at, limit=MAX_MOVED)
    if place.at:
        return Move(moving, ids_at, below=place.at is ListEnd.BOTTOM)
    below, within = is_given(place.after_id), check.within("place")
    name, value = ("afterId", place.after_id) if below else ("beforeId", place.before_id)
    beside_id = within.id(type_name, value or "", name)
    if beside_id and beside_id in moving:
        message = f"It must be something that does not move itself; it is among `{ids_at}`."
        within.refuse(UserErrorCode.INVALID, message, name)
    return Move(moving, ids_at, below, beside_id, ("place", name))


async def commit_move(
    write: Write, work: Callable[[Transaction], Awaitable[P]], *, turns: Iterable[str]
) -> P:
    """What `work` returns once it is committed, as `Write.commit`, with room made where it must be.

    A long run of equal positions is loosened step by step, each in its own transaction, so that
    nothing is lost if there is no time for all of them: whoever comes back finds less to do.
    """
    turns = tuple(turns)
    end = None
    while True:
        try:
            return await write.commit(work, turns=turns)
        except Crowded as crowded:
            if end is not None and monotonic() > end:
                raise Refused(_NOT_YET) from None
            end = end or monotonic() + PATIENCE_S
            step = partial(loosen, arranged=crowded.arranged, run=crowded.run)
            await write.storage.transactions.run("arranging.loosen", step, turns=turns)


_NOT_YET: Final = InputError(
    code=UserErrorCode.CONFLICT,
    message="This long list is being made ready to be arranged: try again in a moment.",
    field=("input",),
)
