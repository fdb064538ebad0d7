"""Batches on their way, and who waits for them.

A `Flight` is one batch, from the first key that boards it until its answers land. A `KeySet` is
what somebody asked for at once. It waits on one future however many keys it has, because a future
for each key costs more than all the rest of a batch. A `SingleKey` is for who asks for one.
"""

from asyncio import Future
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")

Answer: TypeAlias = V | Exception | None
"""What a key gives: its value, None when it has none, or why that cannot be known."""


class Flight(Generic[K, V]):
    """One batch: the keys that it asks for, in their order, and those who wait for it.

    `expected` are the keys whose answers are to be remembered: all but those that were cleared
    since they boarded. `answers` are there when the flight has landed.
    """

    __slots__ = ("answers", "asked", "expected", "waiting")

    def __init__(self) -> None:
        self.asked: dict[K, None] = {}
        self.expected: dict[K, None] = {}
        self.answers: Mapping[K | None, Answer[V]] = {}
        self.waiting: list[KeySet[K, V, Any] | SingleKey[K, V]] = []

    def board(self, keys: Iterable[K]) -> None:
        """Takes more keys along; only before the flight departs."""
        boarding = dict.fromkeys(keys)
        self.asked.update(boarding)
        self.expected.update(boarding)

    def land(self, answers: Mapping[K | None, Answer[V]]) -> None:
        """Gives their answers to all who wait."""
        self.answers = answers
        for each in self.waiting:
            each.has_landed()

    def cancel(self) -> None:
        """Cancels all who wait: there will be no answers."""
        for each in self.waiting:
            each.future.cancel()


class KeySet(Generic[K, V, T]):
    """Keys that are waited for together.

    When all `flights` have landed, `future` has what `shape` makes of the answers, which are in the
    order of the keys. `known` are the answers that were there before; the key set takes them over.
    """

    __slots__ = ("_flights", "_keys", "_known", "_shape", "_under_way", "future")

    def __init__(
        self,
        future: "Future[T]",
        keys: Sequence[K | None],
        known: dict[K | None, Answer[V]],
        flights: Mapping[Flight[K, V], Sequence[K]],
        shape: Callable[[list[Answer[V]]], T | Exception],
    ) -> None:
        self.future = future
        self._keys = keys
        self._known = known
        self._flights = flights
        self._shape = shape
        self._under_way = len(flights)
        for flight in flights:
            flight.waiting.append(self)

    def has_landed(self) -> None:
        """One more of the flights has; the last of them settles the future."""
        self._under_way -= 1
        if not self._under_way:
            settle(self.future, self._shape(self._answers()))

    def _answers(self) -> list[Answer[V]]:
        if not self._known and len(self._flights) == 1:
            (flight,) = self._flights
            return [*map(flight.answers.get, self._keys)]
        for flight, keys in self._flights.items():
            self._known.update(zip(keys, map(flight.answers.get, keys), strict=True))
        return [*map(self._known.get, self._keys)]


class SingleKey(Generic[K, V]):
    """A key that is waited for alone: `future` has its value, or its failure."""

    __slots__ = ("_flight", "_key", "future")

    def __init__(self, future: "Future[V | None]", key: K, flight: Flight[K, V]) -> None:
        self.future = future
        self._key = key
        self._flight = flight
        flight.waiting.append(self)

    def has_landed(self) -> None:
        """The flight has, which settles the future."""
        settle(self.future, self._flight.answers.get(self._key))


def settle(future: "Future[T]", result: T | Exception) -> None:
    """Ends a future, unless whoever awaited it was cancelled.

    A failure is looked at, so that it is no warning when nobody waits for it.
    """
    if future.done():
        return
    if isinstance(result, Exception):
        future.set_exception(result)
        future.exception()
    else:
        future.set_result(result)
