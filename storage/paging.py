"""Keyset pages: orders, cursors, and the top N of many parents in one aggregation (DOMAIN b.1).

A cursor names the place of its row by value, so it stays good when rows come and go. Pages are read
with `limit + 1` rows, which is how `has_more` is known.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any, Generic, TypeVar

import msgspec

from domain.errors import InvalidCursor
from domain.ids import is_entity_id
from domain.record import Id
from storage.codec import Document, object_id
from storage.mongo import Mongo

R = TypeVar("R")

_VERSION = 1
_MAX_CURSOR = 1024
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_INT64 = range(-(1 << 63), 1 << 63)


class Value(Enum):
    """The type of a sort key: how it is written into a cursor and read back."""

    TEXT = "text"
    NUMBER = "number"
    TIME = "time"


class Order(msgspec.Struct, frozen=True):
    """A total order of rows: one sort key, then the id, both in one direction.

    `name` is written into cursors, so that one made for another order is refused. Without `field`
    rows are ordered by id alone, which is by time of creation.
    """

    name: str
    descending: bool = True
    field: str | None = None
    value: Value = Value.TEXT

    def reversed(self, name: str) -> "Order":
        """The same key the other way round."""
        return Order(name, not self.descending, self.field, self.value)


class Bound(msgspec.Struct, frozen=True):
    """The place that a cursor names: the sort key's value (None without one) and the id."""

    key: str | float | datetime | None
    id: Id


class Page(msgspec.Struct, frozen=True):
    """Which rows of a list are wanted: `limit` of them, after (or, backward, before) a bound."""

    limit: int
    order: Order
    bound: Bound | None = None
    backward: bool = False


class Slice(msgspec.Struct, Generic[R], frozen=True):
    """The rows of a page in list order, and whether there are more in the page's direction.

    When all rows of a page are hidden and there is more, `ends` holds its first and last: paging
    goes on from there.
    """

    rows: Sequence[R]
    has_more: bool
    ends: tuple[R, ...] = ()


EMPTY: Slice[Any] = Slice((), False)


def encode_cursor(order: Order, row: Any) -> str:
    """The cursor of a record in an order."""
    key = None if order.field is None else getattr(row, order.field)
    if isinstance(key, datetime):
        key = (key - _EPOCH) // _MILLISECOND
    payload = msgspec.json.encode([_VERSION, order.name, key, row.id])
    return urlsafe_b64encode(payload).rstrip(b"=").decode("ascii")


def decode_cursor(order: Order, cursor: str) -> Bound:
    """The bound of a cursor; raises `InvalidCursor` for anything `encode_cursor` did not make."""
    try:
        if len(cursor) > _MAX_CURSOR:
            raise ValueError
        raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        version, name, key, entity_id = msgspec.json.decode(raw, type=tuple[int, str, Any, str])
        if version != _VERSION or not is_entity_id(entity_id):
            raise ValueError
    except (ValueError, Base64Error, msgspec.MsgspecError):
        raise InvalidCursor("The cursor is not one that this server gave out.") from None
    if name != order.name:
        raise InvalidCursor(f"The cursor belongs to a list ordered {name!r}, not {order.name!r}.")
    return Bound(_key(order, key), Id(entity_id))


def _key(order: Order, key: object) -> str | float | datetime | None:
    if order.field is None:
        if key is None:
            return None
    elif not isinstance(key, bool):
        match order.value, key:
            case Value.TEXT, str():
                return key
            case Value.NUMBER, float():
                return key
            case Value.NUMBER, int() if key in _INT64:
                return key
            case Value.TIME, int():
                with suppress(OverflowError):
                    return _EPOCH + key * _MILLISECOND
    raise InvalidCursor("The cursor is not one that this server gave out.")


def seek(page: Page) -> Document:
    """The query for the rows beyond a page's bound; bounds an index scan at both keys."""
    if page.bound is None:
        return {}
    below = page.order.descending != page.backward
    than = "$lt" if below else "$gt"
    after_id = {"_id": {than: object_id(page.bound.id)}}
    field = page.order.field
    if field is None:
        return after_id
    key = page.bound.key
    return {
        field: {than + "e": key},
        "$or": [{field: {than: key}}, {field: key} | after_id],
    }


def sort(page: Page) -> dict[str, int]:
    """The sort document of a page."""
    direction = -1 if page.order.descending != page.backward else 1
    fields = ["_id"] if page.order.field is None else [page.order.field, "_id"]
    return dict.fromkeys(fields, direction)


def rows(page: Page, match: Document) -> list[Document]:
    """The stages that read one page of what matches."""
    return [
        {"$match": match | seek(page)},
        {"$sort": sort(page)},
        {"$limit": page.limit + 1},
    ]


def cut(page: Page, found: Sequence[R]) -> Slice[R]:
    """The slice of the `limit + 1` rows that were read."""
    kept = found[: page.limit]
    return Slice(kept[::-1] if page.backward else kept, len(found) > page.limit)


def page_of(page: Page, listed: Sequence[R], *, is_ordered: bool = False) -> Slice[R]:
    """One page of rows that are already here: lists which are stored inside a record.

    `is_ordered` says that they stand in the order of the page's list, which saves sorting them.
    """
    order, bound = page.order, page.bound
    if is_ordered and bound is None and not page.backward:
        return cut(page, listed[: page.limit + 1])
    descending = order.descending != page.backward

    def key(row: Any) -> Any:
        return row.id if order.field is None else (getattr(row, order.field), row.id)

    ordered = sorted(listed, key=key, reverse=descending)
    if bound is not None:
        place = bound.id if order.field is None else (bound.key, bound.id)
        ordered = [row for row in ordered if (key(row) < place if descending else key(row) > place)]
    return cut(page, ordered[: page.limit + 1])


async def pages_by_parent(
    mongo: Mongo,
    name: str,
    *,
    collection: str,
    parent_field: str,
    parent_ids: Sequence[Id],
    page: Page,
    match: Mapping[str, Any] | None = None,
    projection: Mapping[str, Any] | None = None,
) -> dict[Id, list[Document]]:
    """The same page for each of many parents: `limit + 1` documents a parent, one round trip.

    `$documents` lists the parents, and `$lookup` runs one bounded index scan for each: the
    work is that of the rows returned, however many there are behind them.
    """
    pipeline = rows(page, dict(match or {}))
    if projection is not None:
        pipeline.append({"$project": projection})
    found = await _per_parent(mongo, name, collection, parent_field, parent_ids, pipeline)
    return {document["_id"]: document["rows"] for document in found}


COUNT_LIMIT = 10_000
"""Up to here `totalCount` is exact; beyond it is null (DOMAIN b.1)."""


async def counts_by_parent(
    mongo: Mongo,
    name: str,
    *,
    collection: str,
    parent_field: str,
    parent_ids: Sequence[Id],
    match: Mapping[str, Any] | None = None,
) -> dict[Id, int]:
    """How many rows each parent has, counted no further than `COUNT_LIMIT + 1`."""
    pipeline: list[Document] = [
        {"$match": dict(match or {})},
        {"$limit": COUNT_LIMIT + 1},
        {"$count": "count"},
    ]
    found = await _per_parent(mongo, name, collection, parent_field, parent_ids, pipeline)
    return {document["_id"]: sum(row["count"] for row in document["rows"]) for document in found}


async def _per_parent(
    mongo: Mongo,
    name: str,
    collection: str,
    parent_field: str,
    parent_ids: Sequence[Id],
    pipeline: list[Document],
) -> list[Document]:
    stages: list[Document] = [
        {"$documents": [{"_id": object_id(parent_id)} for parent_id in parent_ids]},
        {
            "$lookup": {
                "from": collection,
                "localField": "_id",
                "foreignField": parent_field,
                "pipeline": pipeline,
                "as": "rows",
            }
        },
    ]
    return await mongo.aggregate(name, None, stages, keys=len(parent_ids))
