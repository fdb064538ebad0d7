"""First pages of lists at hand: the boards of a user, the pins of a board, the comments of a pin.

Only ids are kept, as views of the list's parent (`storage.views`); the rows are the records of one
cache, and so as new as records are. Whoever writes a record of a list tells of the list as well.
A list that names a record which is gone is older than that, and is read anew.

A page that is longer than another one gives both, and one that holds its whole list gives any.
"""

from collections.abc import Awaitable, Callable, Collection, Hashable, Iterable, Mapping, Sequence
from typing import Final, Generic, Protocol, TypeAlias, TypeVar

import msgspec

from domain.record import Id, Record
from storage.paging import Page, Slice
from storage.redis import Redis
from storage.views import Listed, Lists, Told

R = TypeVar("R", bound=Record)
Read: TypeAlias = Callable[[Sequence[Id]], Awaitable[dict[Id, Slice[R]]]]
"""Reads a page of each of some parents from MongoDB."""

_MOST_PAGES: Final = 4
"""First pages of one parent that are kept: the orders and filters that came last."""

_BYTES_PER_ID: Final = 40
"""What an id counts for, where an encoded byte takes 2.5 in memory: 73 for it, 8 for its place."""

_BYTES_PER_PAGE: Final = 200


class Rows(Protocol[R]):
    """The records that stand in lists, by id: a store."""

    def at_hand(self, ids: Iterable[Id]) -> dict[Id, R] | None:
        """As `get_many`, if none has to be read; else None."""

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, R]:
        """The records that exist, by id."""


class FirstPages(Told[Lists], Generic[R]):
    """The first pages of one kind of list, by parent."""

    def __init__(self, redis: Redis, list_type: type[Lists]) -> None:
        super().__init__(redis, list_type)
        self._make = list_type

    def at_hand(
        self, rows: Rows[R], parent_ids: Collection[Id], page: Page, only: msgspec.Struct | None
    ) -> dict[Id, Slice[R]] | None:
        """A page of each parent, if nothing has to be read; else None."""
        known = self._known(parent_ids, page, only)
        if len(known) < len(parent_ids):
            return None
        found = rows.at_hand(_ids_of(known))
        if found is None:
            return None
        slices = _filled(known, found)
        return slices if len(slices) == len(known) else None

    async def get(
        self,
        rows: Rows[R],
        parent_ids: Sequence[Id],
        page: Page,
        only: msgspec.Struct | None,
        read: Read[R],
    ) -> dict[Id, Slice[R]]:
        """A page of each parent, through `read` where its list is not at hand."""
        slices: dict[Id, Slice[R]] = {}
        if known := self._known(parent_ids, page, only):
            slices = _filled(known, await rows.get_many(_ids_of(known)))
        missing = [parent for parent in parent_ids if parent not in slices]
        return slices | await self._read(missing, page, only, read) if missing else slices

    async def _read(
        self, parent_ids: Sequence[Id], page: Page, only: msgspec.Struct | None, read: Read[R]
    ) -> dict[Id, Slice[R]]:
        if not _is_first(page):
            return await read(parent_ids)
        marks = self._local.mark(parent_ids)
        try:
            slices = await read(parent_ids)
            if marks:
                for parent, part in slices.items():
                    listed = Listed(tuple(row.id for row in part.rows), part.has_more)
                    self._keep(marks, parent, _variant(page, only), listed)
        finally:
            self._local.unmark(marks)
        return slices

    def _known(
        self, parent_ids: Collection[Id], page: Page, only: msgspec.Struct | None
    ) -> dict[Id, Listed]:
        """What is at hand of a page, by parent."""
        if self._redis.evictions.are_doubtful or not _is_first(page):
            return {}
        found, _ = self._local.find(parent_ids)
        variant, limit = _variant(page, only), page.limit
        return {
            parent: _cut(listed, limit)
            for parent, lists in found.items()
            if (listed := lists.pages.get(variant)) is not None and _holds(listed, limit)
        }

    def _keep(
        self, marks: Mapping[Id, object], parent_id: Id, variant: Hashable, listed: Listed
    ) -> None:
        """Keeps a page beside the others of its parent, whose news would have dropped them all."""
        known = self._local.held(parent_id)
        pages = {} if known is None else dict(known.pages)
        pages.pop(variant, None)
        kept = dict([*pages.items(), (variant, listed)][-_MOST_PAGES:])
        size = sum(_BYTES_PER_PAGE + _BYTES_PER_ID * len(each.ids) for each in kept.values())
        self._local.keep(marks, parent_id, self._make(kept), size)


def _is_first(page: Page) -> bool:
    return page.bound is None and not page.backward


def _variant(page: Page, only: msgspec.Struct | None) -> Hashable:
    return page.order, only


def _holds(listed: Listed, limit: int) -> bool:
    return not listed.has_more or len(listed.ids) >= limit


def _cut(listed: Listed, limit: int) -> Listed:
    return listed if len(listed.ids) <= limit else Listed(listed.ids[:limit], has_more=True)


def _ids_of(known: Mapping[Id, Listed]) -> list[Id]:
    return [id for listed in known.values() for id in listed.ids]


def _filled(known: Mapping[Id, Listed], found: Mapping[Id, R]) -> dict[Id, Slice[R]]:
    """The pages with their rows, without those that name a record which is gone."""
    slices: dict[Id, Slice[R]] = {}
    for parent, listed in known.items():
        try:
            slices[parent] = Slice([*map(found.__getitem__, listed.ids)], listed.has_more)
        except KeyError:
            continue
    return slices
