"""An aiodataloader that also binds whole key sets to one future.

One who has a single key loads it; one who has many binds them. Both have one memory and one batch:
what is asked for in one tick, in whatever way, is asked for together.
"""

from asyncio import Future, get_running_loop
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Generic, Self, TypeVar

from aiodataloader import DataLoader

from loaders.flights import Answer, Flight, KeySet, SingleKey, settle

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
T = TypeVar("T")


class BindingLoader(DataLoader[K, V | None], Generic[K, V]):
    """Loads values by key, in batches of its `batch_load_fn`; no key is loaded twice.

    A failure of a batch reaches all who wait for it and is not remembered: who asks again loads
    again. An exception that stands in the place of a value is remembered like a value.
    """

    max_batch_size: int = 1000

    def __init__(self) -> None:
        # Not DataLoader's: it looks at `batch_load_fn` anew for each loader of each request, and
        # makes a cache and a queue, which are not used here.
        self._values: dict[K | None, Answer[V]] = {None: None}
        self._flights: list[Flight[K, V]] = []
        self._boarding: Flight[K, V] | None = None
        self._may_have_failed = False

    def bind(self, keys: Iterable[K | None]) -> "list[Answer[V]] | Future[list[Answer[V]]]":
        """The values of a whole key set, in its order: at once if all are known, else to come.

        None gives None. The failure of a batch stands in the place of each of its keys.
        """
        key_set = tuple(keys)
        known = self._look_up(key_set)
        return self._wait(key_set, _unchanged) if known is None else known

    def load(self, key: K) -> "Future[V | None]":
        """The value of one key. Awaiters share the work, and not each other's cancellation."""
        if key is None:
            self._refuse_none()
        future: Future[V | None] = get_running_loop().create_future()
        if (known := self._look_up((key,))) is not None:
            settle(future, known[0])
        else:
            SingleKey(future, key, self._flight_of(key))
        return future

    def load_many(self, keys: Iterable[K]) -> "Future[list[V | None]]":
        """The values of many keys, in their order. Fails as the first of them that does."""
        return self._load(tuple(keys), self._whole)

    def load_mapping(self, keys: Iterable[K]) -> "Future[dict[K, V]]":
        """The values of many keys, by key, without the keys that have none. Fails as `load_many`.

        It begins at once, so a second loader can be asked before the first is awaited.
        """
        distinct = tuple(dict.fromkeys(keys))

        def by_key(answers: list[Answer[V]]) -> dict[K, V] | Exception:
            values = self._whole(answers)
            if isinstance(values, Exception):
                return values
            return {k: v for k, v in zip(distinct, values, strict=True) if v is not None}

        return self._load(distinct, by_key)

    def prime(self, key: K, value: V | None) -> Self:
        """Tells a value, unless one is known or on its way."""
        if key not in self._values and not any(key in each.expected for each in self._flights):
            self._values[key] = value
            self._may_have_failed |= isinstance(value, Exception)
        return self

    def clear(self, key: K) -> Self:
        """Forgets a value. One that is on its way reaches those who wait, and nobody else."""
        if key is not None:
            self._values.pop(key, None)
        for flight in self._flights:
            flight.expected.pop(key, None)
        return self

    def clear_all(self) -> Self:
        """Forgets all values, as `clear` does one."""
        self._values = {None: None}
        for flight in self._flights:
            flight.expected.clear()
        return self

    def refresh(self, key: K, value: V | None) -> None:
        """Replaces a value after a write: `prime` alone would keep the old one."""
        self.clear(key).prime(key, value)

    def known(self, keys: Iterable[K]) -> dict[K, V] | None:
        """As `load_mapping`, if nothing has to be waited for; else None, and nothing begins."""
        distinct = dict.fromkeys(keys)
        answers = self._look_up(distinct)
        if answers is None or isinstance(values := self._whole(answers), Exception):
            return None
        return {k: v for k, v in zip(distinct, values, strict=True) if v is not None}

    def lookup(self, keys: Iterable[K]) -> Callable[[K], V | None] | None:
        """What gives the value of each of these keys, if none has to be waited for; else None.

        As `known`, without a new mapping, for who looks them up one by one.
        """
        if not self._reach(keys) or self._may_have_failed:
            return None
        return self._values.get  # type: ignore[return-value]  # no failure is in it

    def at_hand(self, keys: Sequence[K]) -> Mapping[K, V] | None:
        """The values of distinct keys if none has to be waited for, else None."""
        return None

    async def batch_load_fn(self, keys: Sequence[K]) -> list[V | None]:
        """The values of distinct keys, at most `max_batch_size` of them, in their order."""
        raise NotImplementedError(f"{type(self).__name__} must define batch_load_fn.")

    def _load(
        self, keys: tuple[K, ...], shape: Callable[[list[Answer[V]]], T | Exception]
    ) -> "Future[T]":
        if None in keys:
            self._refuse_none()
        known = self._look_up(keys)
        if known is None:
            return self._wait(keys, shape)
        future: Future[T] = get_running_loop().create_future()
        settle(future, shape(known))
        return future

    def _look_up(self, keys: Collection[K | None]) -> list[Answer[V]] | None:
        """The answers of the keys, if all of them are known, or at hand."""
        values = self._values
        try:
            return [*map(values.__getitem__, keys)]
        except KeyError:
            return [*map(values.__getitem__, keys)] if self._reach(keys) else None

    def _reach(self, keys: Iterable[K | None]) -> bool:
        """Whether all of the keys are known, or at hand and so known from now on."""
        values = self._values
        missing = [key for key in dict.fromkeys(keys) if key not in values and key is not None]
        if missing:
            found = self.at_hand(missing)
            if found is None:
                return False
            values.update(zip(missing, map(found.get, missing), strict=True))
        return True

    def _wait(
        self, keys: Sequence[K | None], shape: Callable[[list[Answer[V]]], T | Exception]
    ) -> "Future[T]":
        distinct, values = dict.fromkeys(keys), self._values
        missing = [key for key in distinct if key not in values and key is not None]
        known = {}
        if len(missing) < len(distinct):
            known = {key: values[key] for key in distinct if key in values}
        future: Future[T] = get_running_loop().create_future()
        KeySet(future, keys, known, self._flights_of(missing), shape)
        return future

    def _flight_of(self, key: K) -> Flight[K, V]:
        """The flight that brings a key: one under way, else the next."""
        for flight in self._flights:
            if key in flight.expected:
                return flight
        flight = self._next_flight()
        flight.board((key,))
        return flight

    def _flights_of(self, keys: list[K]) -> dict[Flight[K, V], list[K]]:
        """The flights that bring many keys, and which of them each does."""
        flights: dict[Flight[K, V], list[K]] = {}
        for flight in self._flights:
            if on_board := [key for key in keys if key in flight.expected]:
                flights[flight] = on_board
                keys = [key for key in keys if key not in flight.expected]
        while keys:
            flight = self._next_flight()
            room = self.max_batch_size - len(flight.asked)
            boarding, keys = keys[:room], keys[room:]
            flight.board(boarding)
            flights[flight] = [*flights.get(flight, ()), *boarding]
        return flights

    def _next_flight(self) -> Flight[K, V]:
        flight = self._boarding
        if flight is None or len(flight.asked) >= self.max_batch_size:
            flight = self._boarding = Flight()
            self._flights.append(flight)
            # After all that this tick started. The flight's task begins a tick later still, and
            # takes along whoever was woken by the same event over one future more.
            get_running_loop().call_soon(self._depart, flight)
        return flight

    def _depart(self, flight: Flight[K, V]) -> None:
        get_running_loop().create_task(self._fly(flight))

    async def _fly(self, flight: Flight[K, V]) -> None:
        if self._boarding is flight:
            self._boarding = None
        keys = [*flight.asked]
        answers: dict[K | None, Answer[V]]
        try:
            answers = dict(zip(keys, await self.batch_load_fn(keys), strict=True))
            self._remember(flight, answers)
        except Exception as error:
            answers = dict.fromkeys(keys, error)
            self._may_have_failed = True
        except BaseException:
            flight.cancel()
            raise
        finally:
            self._flights.remove(flight)
        flight.land(answers)

    def _remember(self, flight: Flight[K, V], answers: Mapping[K | None, Answer[V]]) -> None:
        if any(isinstance(each, Exception) for each in answers.values()):
            self._may_have_failed = True
        is_whole = len(flight.expected) == len(answers)
        self._values.update(answers if is_whole else {k: answers[k] for k in flight.expected})

    def _whole(self, answers: list[Answer[V]]) -> list[V | None] | Exception:
        """The answers if none of them is a failure, else the first failure."""
        if self._may_have_failed:
            for answer in answers:
                if isinstance(answer, Exception):
                    return answer
        return answers  # type: ignore[return-value]  # no failure is left in it

    def _refuse_none(self) -> None:
        raise TypeError(f"{type(self).__name__} loads by key, and None is none.")


def _unchanged(answers: list[Answer[V]]) -> list[Answer[V]]:
    return answers


async def bind_each(asked: Iterable[tuple[BindingLoader[K, V], K | None]]) -> list[Answer[V]]:
    """The values of keys of several loaders, in their order, as `bind` gives them.

    All loaders begin before any is waited for.
    """
    pairs = list(asked)
    key_sets: dict[BindingLoader[K, V], list[K | None]] = {}
    for loader, key in pairs:
        key_sets.setdefault(loader, []).append(key)
    bound = [(loader, loader.bind(keys)) for loader, keys in key_sets.items()]
    answers = {
        loader: iter(each if isinstance(each, list) else await each) for loader, each in bound
    }
    return [next(answers[loader]) for loader, _ in pairs]
