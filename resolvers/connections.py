"""Connections: from `first/after/last/before` to a page, and from a slice to edges (DOMAIN b.1).

A connection is lazy: its edges are loaded when `edges`, `nodes` or `pageInfo` are asked for, its
count when `totalCount` is. So asking for one never runs the query of the other.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from domain.errors import BadUserInput
from domain.record import Id, Record
from loaders.base import BatchLoader
from loaders.binding import bind_each
from resolvers.context import Info
from resolvers.declared import Batch, batch
from storage.paging import COUNT_LIMIT, EMPTY, Order, Page, Slice, decode_cursor, encode_cursor

R = TypeVar("R", bound=Record)
E = TypeVar("E")
V = TypeVar("V")

DEFAULT_PAGE = 25
MAX_PAGE = 100


class Window(msgspec.Struct, frozen=True):
    """What `first/after` or `last/before` ask for, before the list's order is known."""

    limit: int
    cursor: str | None
    backward: bool

    def page(self, order: Order) -> Page:
        """The page that the arguments name in an order; raises `InvalidCursor`."""
        bound = None if self.cursor is None else decode_cursor(order, self.cursor)
        return Page(self.limit, order, bound, self.backward)


def window(first: int | None, after: str | None, last: int | None, before: str | None) -> Window:
    """Checks the arguments of a connection; raises `BadUserInput` naming what came."""
    if first is not None and last is not None:
        raise BadUserInput("Give `first` or `last`, not both.")
    if after is not None and before is not None:
        raise BadUserInput("Give `after` or `before`, not both.")
    if last is not None and after is not None:
        raise BadUserInput("`after` goes with `first`; with `last` give `before`.")
    if last is None and before is not None:
        raise BadUserInput("`before` goes with `last`; with `first` give `after`.")
    if last is not None:
        return Window(_limit("last", last), before, backward=True)
    return Window(_limit("first", DEFAULT_PAGE if first is None else first), after, False)


def _limit(name: str, value: int) -> int:
    if not 0 <= value <= MAX_PAGE:
        raise BadUserInput(f"`{name}` must be from 0 to {MAX_PAGE}; it was {value}.")
    return value


class PageInfo(msgspec.Struct, Generic[E], frozen=True):
    """Where a page stands in its list.

    `ends` are its first and last edge, or the rows of these; their cursors are written when they
    are asked for, as most pages are asked for one or none.
    """

    has_next_page: bool
    has_previous_page: bool
    ends: tuple[E, E] | None
    cursor_of: Callable[[E], str]

    @property
    def start_cursor(self) -> str | None:
        """The place of the first edge; None when there is none."""
        return None if self.ends is None else self.cursor_of(self.ends[0])

    @property
    def end_cursor(self) -> str | None:
        """The place of the last edge; None when there is none."""
        return None if self.ends is None else self.cursor_of(self.ends[1])


class Edge(msgspec.Struct, Generic[R], frozen=True):
    """A row of a page and its place. Edge types read their fields off the row."""

    row: R
    order: Order


class Connection(Generic[R]):
    """A page of rows that is read when it is needed.

    `pages` is a loader keyed by parent. `counts` is another, or the count itself where it is
    materialised; without it the total is not offered.
    """

    __slots__ = ("counts", "page", "pages", "parent_id")

    def __init__(
        self,
        parent_id: Id,
        page: Page,
        pages: BatchLoader[Id, Slice[R]],
        counts: BatchLoader[Id, int] | int | None = None,
    ) -> None:
        self.parent_id = parent_id
        self.page = page
        self.pages = pages
        self.counts = counts


AnyConnection = Connection[Any]


@batch
async def edges(
    connections: Sequence[AnyConnection], info: Info
) -> list[list[Edge[Any]] | Exception]:
    """The edges, in the order of the list also when paging backwards."""
    return await _of_slices(
        connections, lambda page, part: [Edge(row, page.order) for row in part.rows]
    )


@batch
async def nodes(connections: Sequence[AnyConnection], info: Info) -> list[list[Any] | Exception]:
    """The rows themselves, where the rows are the nodes."""
    return await _of_slices(connections, lambda _page, part: list(part.rows))


@batch
async def page_info(
    connections: Sequence[AnyConnection], info: Info
) -> list[PageInfo[Any] | Exception]:
    """Whether there is more, either way. Behind the cursor that was given there always is."""
    return await _of_slices(connections, _page_info)


@batch
async def total_count(
    connections: Sequence[AnyConnection], info: Info
) -> list[int | Exception | None]:
    """The size of the whole list; None when it is not offered or above 10,000."""
    return [
        None if isinstance(n, int) and n > COUNT_LIMIT else n for n in await _counts(connections)
    ]


@batch
async def total_count_is_exact(
    connections: Sequence[AnyConnection], info: Info
) -> list[bool | Exception]:
    """Whether `totalCount` can be given."""
    return [
        n if isinstance(n, Exception) else n is not None and n <= COUNT_LIMIT
        for n in await _counts(connections)
    ]


def nodes_from(
    loader_type: type[BatchLoader[Id, Any]], key: str
) -> Batch[AnyConnection, list[Any]]:
    """The `nodes` of a connection whose rows only name them: by the row's attribute `key`."""

    @batch
    async def nodes(
        connections: Sequence[AnyConnection], info: Info
    ) -> list[list[Any] | Exception]:
        ids = await _of_slices(
            connections, lambda _page, part: [getattr(row, key) for row in part.rows]
        )
        known = await info.context.loaders(loader_type).load_mapping(
            i for row in ids if not isinstance(row, Exception) for i in row
        )
        return [row if isinstance(row, Exception) else [known.get(i) for i in row] for row in ids]

    return nodes


def cursor(edge: Edge[Any]) -> str:
    """The place of an edge in its list."""
    return encode_cursor(edge.order, edge.row)


def row(edge: Edge[R]) -> R:
    """The row of an edge, where it is the node."""
    return edge.row


async def _of_slices(
    connections: Sequence[AnyConnection], make: Callable[[Page, Slice[Any]], V]
) -> list[V | Exception]:
    """What is made of each connection's slice; they share loaders, and not each other's errors."""
    parts = await bind_each((each.pages, each.parent_id) for each in connections)
    return [
        part if isinstance(part, Exception) else make(connection.page, part or EMPTY)
        for connection, part in zip(connections, parts, strict=True)
    ]


async def _counts(connections: Sequence[AnyConnection]) -> list[int | Exception | None]:
    """The size of each list: what is materialised as it is, the others loaded; 0 for nothing."""
    counted = [
        (each.counts, each.parent_id)
        for each in connections
        if isinstance(each.counts, BatchLoader)
    ]
    found = await bind_each(counted)
    loaded = iter(found)
    return [
        (next(loaded) or 0) if isinstance(each.counts, BatchLoader) else each.counts
        for each in connections
    ]


def _page_info(page: Page, part: Slice[R]) -> PageInfo[R]:
    beyond, behind = part.has_more, page.bound is not None
    # A page whose rows are all hidden leads on from where it ended: else clients would be stuck.
    rows = part.rows or part.ends
    return PageInfo(
        has_next_page=behind if page.backward else beyond,
        has_previous_page=beyond if page.backward else behind,
        ends=(rows[0], rows[-1]) if rows else None,
        cursor_of=partial(encode_cursor, page.order),
    )
