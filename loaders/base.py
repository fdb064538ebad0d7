"""What every loader has in common.

A loader subclasses `BatchLoader` and writes `fetch`: many keys in, a mapping out. This class puts
the values in the order of the keys and times each batch; `loaders.binding` gathers what is asked
for into batches. Loaders live as long as one request, one subscription event or one serial mutation
field: they are asked for by class and made on first use.
"""

import asyncio
from collections.abc import (
    Awaitable,
    Callable,
    Container,
    Hashable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from time import perf_counter
from typing import Any, Generic, TypeVar

import msgspec

from domain.record import Id, Record
from domain.viewer import Viewer
from loaders.binding import BindingLoader
from storage.paging import Page, Slice
from storage.storage import Storage

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
R = TypeVar("R", bound=Record)
L = TypeVar("L", bound="BatchLoader[Any, Any]")


class Batch(msgspec.Struct, frozen=True):
    """One finished batch, as `extensions.loaders` shows it in development."""

    loader: str
    keys: int
    ms: float


class Loaders:
    """The loaders of one request, by class and parameters.

    `loaders(UserByIdLoader)` and `loaders(PinsByBoardLoader, page, only)` give the one instance
    there is; parameters are part of its identity, so parents that share them share a batch. After
    a write, `renew`.
    """

    def __init__(self, storage: Storage, viewer: Viewer) -> None:
        self.storage = storage
        self.viewer = viewer
        self.batches: list[Batch] = []
        self._running: set[asyncio.Task[Any]] = set()
        self._is_abandoned = False
        self._made: dict[tuple[Hashable, ...], BatchLoader[Any, Any]] = {}
        self._lent: list[Loaders] = []

    def __call__(self, loader_type: type[L], *parameters: Hashable) -> L:
        """The loader of a class for these parameters."""
        identity = (loader_type, *parameters)
        loader = self._made.get(identity)
        if loader is None:
            loader = self._made[identity] = loader_type(self, *parameters)
        return loader  # type: ignore[return-value]  # the class is part of the key

    def renew(self) -> None:
        """Forgets all loaders that were made, and so all they know, as after a write.

        Whoever asks from now on reads anew. Batches that run are not joined; they go on for those
        who wait for them, and end with the request like any other. A loader that somebody kept
        still knows what it knew, so ask for loaders anew too.
        """
        self._made.clear()

    def abandon(self) -> None:
        """Ends all batches, for a request that nobody waits for any more.

        Whoever awaits a batch is shielded from the others, and so is the batch: it would go on.
        """
        self._is_abandoned = True
        for task in self._running:
            task.cancel()
        for loaders in self._lent:
            loaders.abandon()

    def as_user(self) -> "Loaders":
        """New loaders of the same person without the rights of staff, abandoned with these.

        For whoever is not staff, it is these themselves.
        """
        if self.viewer.staff is None:
            return self
        lent = Loaders(self.storage, self.viewer.as_user)
        lent._is_abandoned = self._is_abandoned
        self._lent.append(lent)
        return lent

    @contextmanager
    def run_batch(self) -> Iterator[None]:
        """Makes the current task one that ends with the request."""
        task = asyncio.current_task()
        if self._is_abandoned or task is None:
            raise asyncio.CancelledError
        self._running.add(task)
        try:
            yield
        finally:
            self._running.discard(task)


class BatchLoader(BindingLoader[K, V], Generic[K, V]):
    """Loads values by key, many at a time; a key without a value gives None.

    Singular names give one or None, plural names a slice or a list.
    """

    def __init__(self, loaders: Loaders) -> None:
        super().__init__()
        self.loaders = loaders
        self.storage = loaders.storage
        self.viewer = loaders.viewer

    def at_hand(self, keys: Sequence[K]) -> Mapping[K, V] | None:
        """The values of distinct keys if none has to be waited for, else None.

        A subclass that can tell writes it beside `fetch`, and both give the same: it spares a task
        and several turns of the loop.
        """
        return None

    async def fetch(self, keys: Sequence[K]) -> Mapping[K, V]:
        """The values of distinct keys. Subclasses write this method."""
        raise NotImplementedError(f"{type(self).__name__} must define fetch.")

    async def batch_load_fn(self, keys: Sequence[K]) -> list[V | None]:
        """Aligns what `fetch` returned with the keys."""
        started = perf_counter()
        with self.loaders.run_batch():
            found = await self.fetch(keys)
        elapsed_ms = (perf_counter() - started) * 1000
        self.loaders.batches.append(Batch(type(self).__name__, len(keys), elapsed_ms))
        if not found.keys() <= set(keys):
            self._refuse_strangers(keys, found)
        return [*map(found.get, keys)]

    def _refuse_strangers(self, keys: Sequence[K], found: Mapping[K, V]) -> None:
        stranger = next(iter(found.keys() - set(keys)))
        raise KeyError(
            f"{type(self).__name__} returned a value for {stranger!r}, which was not asked for."
        )


class PageLoader(BatchLoader[Id, Slice[R]], Generic[R]):
    """Loads the same page of children for many parents; `page` is part of its identity."""

    def __init__(self, loaders: Loaders, page: Page) -> None:
        super().__init__(loaders)
        self.page = page


async def visible_slices(
    slices: Mapping[Id, Slice[R]], visible: Callable[[list[R]], Awaitable[Container[Id]]]
) -> dict[Id, Slice[R]]:
    """Slices without the rows that are hidden: `visible` takes rows and gives the ids to keep.

    A page may so become shorter than was asked for. It never says that anything is missing.
    """
    return slices_within(slices, await visible(rows_of(slices)))


def rows_of(slices: Mapping[Id, Slice[R]]) -> list[R]:
    """The rows of all slices."""
    return [row for part in slices.values() for row in part.rows]


def slices_within(slices: Mapping[Id, Slice[R]], kept: Container[Id]) -> dict[Id, Slice[R]]:
    """The slices without the rows that are not kept."""
    return {parent: _without_hidden(part, kept) for parent, part in slices.items()}


def without_gaps(found: Mapping[K, V | None]) -> dict[K, V] | None:
    """What was found, if it was all found; else None."""
    whole = {key: value for key, value in found.items() if value is not None}
    return whole if len(whole) == len(found) else None


def _without_hidden(part: Slice[R], kept: Container[Id]) -> Slice[R]:
    rows = [row for row in part.rows if row.id in kept]
    ends = () if rows or not part.has_more else (*part.rows[:1], *part.rows[-1:])
    return Slice(rows, part.has_more, ends)
