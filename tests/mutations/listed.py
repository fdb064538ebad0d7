"""Processes with lists at hand, and what must be in them: what MongoDB has."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple, TypeAlias

from domain.boards import BoardPrivacy
from domain.orders import BoardPinFilter, UserBoardFilter
from domain.record import Id
from storage import boards, comments, keys, pins
from storage.paging import Page, Slice
from storage.storage import Storage

Lists: TypeAlias = Sequence[Mapping[Id, Slice[Any]]]
"""Pages by parent, of each kind of list and of each order and filter."""

PATIENCE_S = 30

_ALL = frozenset(BoardPrivacy)
_PUBLIC = frozenset({BoardPrivacy.PUBLIC})

BOARDS = (
    (Page(2, boards.LAST_SAVED), UserBoardFilter(_PUBLIC)),
    (Page(50, boards.CUSTOM), UserBoardFilter(_ALL, include_archived=True)),
    (Page(50, boards.ALPHABETICAL), UserBoardFilter(_ALL)),
    (Page(50, boards.NEWEST), UserBoardFilter(_PUBLIC, include_archived=True)),
)
PINS = (
    (Page(2, pins.CUSTOM), BoardPinFilter()),
    (Page(50, pins.NEWEST), BoardPinFilter()),
    (Page(1, pins.OLDEST), BoardPinFilter()),
)
COMMENTS = (Page(2, comments.NEWEST), Page(50, comments.OLDEST))


class Parents(NamedTuple):
    """Whose lists are looked at: all that there are, and were."""

    users: Sequence[Id]
    boards: Sequence[Id]
    pins: Sequence[Id]
    sections: Sequence[Id]
    names: Sequence[str]


class Listed:
    """Lists that some processes have at hand, beside what `storage` reads from MongoDB."""

    def __init__(self, storage: Storage, processes: Sequence[Storage]) -> None:
        self._storage = storage
        self._processes = processes
        self._known: dict[str, dict[str, None]] = {}

    async def warm(self) -> None:
        """Brings all lists to the hands of all processes. No news are on their way then."""
        client = self._storage.redis.client
        if told := [key async for key in client.scan_iter(f"{keys.RECORDS}@*")]:
            # They would end by themselves, and make up for news that nobody sent.
            await client.unlink(*told)
        parents = await self._parents()
        async with asyncio.timeout(PATIENCE_S):
            await asyncio.gather(*(self._warm(process, parents) for process in self._processes))

    async def check(self) -> None:
        """Every process gives what MongoDB has, whether it reads it or has it at hand."""
        parents = await self._parents()
        right, *shown = await asyncio.gather(
            *(_read(each, parents) for each in (self._storage, *self._processes))
        )
        assert shown == [right] * len(self._processes)
        bearers = await self._storage.users.ids_by_username(parents.names)
        for process in self._processes:
            for name in parents.names:
                known = process.users.ids_at_hand([name])
                assert known is None or known == {name: bearers.get(name)}

    async def until_done(self) -> None:
        """Returns when no cascade is under way."""
        cascades = self._storage.mongo.collection("cascades")
        async with asyncio.timeout(PATIENCE_S):
            while await cascades.count_documents({}):  # noqa: ASYNC110  # another process does it
                await asyncio.sleep(0.005)

    async def _parents(self) -> Parents:
        for kind in ("users", "boards", "pins", "sections"):
            stored = await self._storage.mongo.collection(kind).distinct("_id")
            self._known.setdefault(kind, {}).update(dict.fromkeys(map(str, stored)))
        names = await self._storage.mongo.collection("users").distinct("username")
        self._known.setdefault("names", {}).update(dict.fromkeys(names))
        ids = {kind: [Id(each) for each in known] for kind, known in self._known.items()}
        return Parents(
            ids["users"], ids["boards"], ids["pins"], ids["sections"], [*self._known["names"]]
        )

    async def _warm(self, process: Storage, parents: Parents) -> None:
        while not await self._has_all(process, parents):
            pass

    async def _has_all(self, process: Storage, parents: Parents) -> bool:
        """Whether all is at hand, after all was read once more."""
        await _read(process, parents)
        await process.users.get_many(parents.users)
        there = await self._storage.mongo.collection("users").distinct("username")
        await process.users.ids_by_username(there)
        pages = chain(
            (process.boards.pages_at_hand(parents.users, *each) for each in BOARDS),
            (process.pins.pages_at_hand(parents.boards, *each) for each in _pins(parents)),
            (process.comments.pages_at_hand(parents.pins, each) for each in COMMENTS),
            [process.users.ids_at_hand(there)],
        )
        return all(each is not None for each in pages)


def _pins(parents: Parents) -> list[tuple[Page, BoardPinFilter]]:
    """The pages of a board's pins; one of them is of a section."""
    return [*PINS, *((Page(50, pins.CUSTOM), BoardPinFilter(id)) for id in parents.sections[:1])]


async def _read(storage: Storage, parents: Parents) -> Lists:
    """All pages; those of boards first, then those of pins, then those of comments."""
    return await asyncio.gather(
        *(storage.boards.pages_by_owner(parents.users, *each) for each in BOARDS),
        *(storage.pins.pages_by_board(parents.boards, *each) for each in _pins(parents)),
        *(storage.comments.pages_by_pin(parents.pins, each) for each in COMMENTS),
    )
