"""Keyset pages: whatever is asked of a list, the answer is the right part of it (DOMAIN b.1).

The lists of these tests are full of ties, and each order has its own type of sort key.
"""

from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

import msgspec
import pytest
from bson import ObjectId
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.errors import InvalidCursor
from domain.record import Id, Record
from storage import paging
from storage.codec import document, object_id, records
from storage.mongo import Mongo
from storage.paging import (
    EMPTY,
    Bound,
    Order,
    Page,
    Slice,
    Value,
    counts_by_parent,
    cut,
    decode_cursor,
    encode_cursor,
    page_of,
    pages_by_parent,
)
from storage.storage import Storage

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

ASCENDING = (
    Order("time_of_making", descending=False),
    Order("text", descending=False, field="text"),
    Order("number", descending=False, field="number", value=Value.NUMBER),
    Order("time", descending=False, field="time", value=Value.TIME),
)
ORDERS = [*ASCENDING, *(order.reversed(f"{order.name}_reversed") for order in ASCENDING)]

COLLECTION = "rows"
PARENT, OTHER, CHILDLESS, *IDS = (Id(f"{number:024x}") for number in range(43))


class Row(Record, frozen=True, kw_only=True):
    """A row with one sort key of each type."""

    parent_id: Id
    text: str
    number: float
    time: datetime


rows = st.builds(
    Row,
    id=st.sampled_from(IDS),
    parent_id=st.sampled_from([PARENT, OTHER]),
    text=st.sampled_from(["", "a", "B", "b", "é", "東京", "\U0001f9c1", "\x00"]),
    number=st.sampled_from([-1.5, 0.0, 0.1, 0.30000000000000004, 2.0, 1e300]),
    time=st.sampled_from([0, 1, 2, 999, 1001]).map(lambda ms: NOON + timedelta(milliseconds=ms)),
)
lists = st.lists(rows, max_size=14, unique_by=lambda row: row.id)
orders = st.sampled_from(ORDERS)

over_real_stores = settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def in_order(order: Order, listed: Sequence[Row]) -> list[Row]:
    """The whole list, as the order wants it."""
    return sorted(
        listed,
        key=lambda row: (
            (getattr(row, order.field) if order.field else None, row.id) if order.field else row.id
        ),
        reverse=order.descending,
    )


def part_of(whole: list[Row], page: Page) -> Slice[Row]:
    """What a page of a list must be, by counting: `page.bound` is the bound of one of its rows."""
    place = None
    if page.bound is not None:
        place = next(i for i, row in enumerate(whole) if row.id == page.bound.id)
    if page.backward:
        before = whole[:place]
        kept = before[max(0, len(before) - page.limit) :]
        return Slice(kept, len(before) > len(kept))
    after = whole if place is None else whole[place + 1 :]
    return Slice(after[: page.limit], len(after) > page.limit)


def bound_of(order: Order, row: Row) -> Bound:
    """The place of a row, by way of its cursor."""
    return decode_cursor(order, encode_cursor(order, row))


async def refill(mongo: Mongo, listed: Sequence[Row]) -> None:
    """Makes a list the whole content of the collection."""
    collection = mongo.collection(COLLECTION)
    await collection.delete_many({})
    if listed:
        await collection.insert_many([document(row) for row in listed])


async def read(mongo: Mongo, page: Page, parents: Sequence[Id] = (PARENT,)) -> dict[Id, Slice[Row]]:
    """The page of each parent, from MongoDB."""
    found = await pages_by_parent(
        mongo,
        "rows.pages_by_parent",
        collection=COLLECTION,
        parent_field="parent_id",
        parent_ids=parents,
        page=page,
    )
    return {parent: cut(page, records(of_parent, Row)) for parent, of_parent in found.items()}


# Pages


@over_real_stores
@given(listed=lists, order=orders, limit=st.integers(0, 6), backward=st.booleans(), data=st.data())
async def test_a_page_is_its_part_of_the_list(
    storage: Storage, listed: list[Row], order: Order, limit: int, backward: bool, data: Any
) -> None:
    whole = in_order(order, [row for row in listed if row.parent_id == PARENT])
    row = data.draw(st.sampled_from([None, *whole]))
    page = Page(limit, order, None if row is None else bound_of(order, row), backward)
    await refill(storage.mongo, listed)
    expected = part_of(whole, page)
    assert (await read(storage.mongo, page))[PARENT] == expected
    assert page_of(page, whole) == expected


class Step(NamedTuple):
    """One page of a walk."""

    limit: int
    backward: bool


@over_real_stores
@given(
    listed=lists,
    order=orders,
    steps=st.lists(st.builds(Step, st.integers(1, 4), st.booleans()), max_size=8),
)
async def test_a_walk_to_and_fro_never_loses_its_place(
    storage: Storage, listed: list[Row], order: Order, steps: list[Step]
) -> None:
    await refill(storage.mongo, listed)
    whole = in_order(order, [row for row in listed if row.parent_id == PARENT])
    bound: Bound | None = None
    for step in steps:
        page = Page(step.limit, order, bound, step.backward)
        part = (await read(storage.mongo, page))[PARENT]
        assert part == part_of(whole, page)
        if part.rows:
            bound = bound_of(order, part.rows[0 if step.backward else -1])


@over_real_stores
@given(listed=lists, order=orders, limit=st.integers(1, 4), backward=st.booleans())
async def test_a_walk_from_end_to_end_gives_the_list(
    storage: Storage, listed: list[Row], order: Order, limit: int, backward: bool
) -> None:
    await refill(storage.mongo, listed)
    walked: list[Row] = []
    bound: Bound | None = None
    for _ in range(len(listed) + 1):
        part = (await read(storage.mongo, Page(limit, order, bound, backward)))[PARENT]
        walked = [*part.rows, *walked] if backward else [*walked, *part.rows]
        if not part.has_more:
            break
        bound = bound_of(order, part.rows[0 if backward else -1])
    assert walked == in_order(order, [row for row in listed if row.parent_id == PARENT])


@over_real_stores
@given(
    listed=lists, order=orders, limit=st.integers(1, 3), backward=st.booleans(), seed=st.integers()
)
async def test_what_stays_is_seen_once_whatever_comes_and_goes(
    storage: Storage, listed: list[Row], order: Order, limit: int, backward: bool, seed: int
) -> None:
    random = Random(seed)  # noqa: S311  # picks what comes and goes, the same way each time
    here = {row.id: row for row in listed if row.parent_id == PARENT}
    known, stayed = dict(here), set(here)
    fresh = [row_id for row_id in IDS if row_id not in {row.id for row in listed}]
    random.shuffle(fresh)
    await refill(storage.mongo, list(here.values()))
    collection = storage.mongo.collection(COLLECTION)
    seen: list[Id] = []
    bound: Bound | None = None
    for _ in IDS:
        part = (await read(storage.mongo, Page(limit, order, bound, backward)))[PARENT]
        seen += [row.id for row in (reversed(part.rows) if backward else part.rows)]
        if not part.has_more:
            break
        last = part.rows[0 if backward else -1]
        bound = bound_of(order, last)
        # The row that the cursor names goes, and so does another one; one comes, with a known key.
        for row_id in {last.id, random.choice(sorted(here))}:
            await collection.delete_one({"_id": object_id(row_id)})
            del here[row_id]
        if fresh:
            come = replace(random.choice(listed), id=fresh.pop(), parent_id=PARENT)
            await collection.insert_one(document(come))
            here[come.id] = known[come.id] = come
        stayed &= here.keys() | set(seen)
    assert len(seen) == len(set(seen))
    assert stayed <= set(seen)
    walked = [known[row_id] for row_id in seen if row_id in stayed]
    assert walked == in_order(order, walked)[:: -1 if backward else 1]


@over_real_stores
@given(listed=lists, order=orders, limit=st.integers(1, 4))
async def test_each_parent_has_its_own_page(
    storage: Storage, listed: list[Row], order: Order, limit: int
) -> None:
    await refill(storage.mongo, listed)
    page = Page(limit, order)
    assert await read(storage.mongo, page, [OTHER, PARENT, CHILDLESS]) == {
        OTHER: part_of(in_order(order, [r for r in listed if r.parent_id == OTHER]), page),
        PARENT: part_of(in_order(order, [r for r in listed if r.parent_id == PARENT]), page),
        CHILDLESS: Slice([], False),
    }


async def test_no_parents_have_no_pages(storage: Storage) -> None:
    assert await read(storage.mongo, Page(1, ORDERS[0]), []) == {}


async def test_a_page_may_be_narrowed(storage: Storage) -> None:
    row = Row(id=Id("a" * 24), parent_id=PARENT, text="kept", number=1, time=NOON)
    other = replace(row, id=Id("b" * 24), text="left out")
    await refill(storage.mongo, [row, other])
    found = await pages_by_parent(
        storage.mongo,
        "rows.pages_by_parent",
        collection=COLLECTION,
        parent_field="parent_id",
        parent_ids=[PARENT],
        page=Page(5, ORDERS[0]),
        match={"text": "kept"},
        projection={"_id": 0, "text": 1},
    )
    assert found == {PARENT: [{"text": "kept"}]}


async def test_counts_stop_at_their_limit(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "COUNT_LIMIT", 3)
    of = {PARENT: 9, OTHER: 3}
    await refill(
        storage.mongo,
        [
            Row(id=Id(str(ObjectId())), parent_id=parent, text=str(n), number=n, time=NOON)
            for parent, count in of.items()
            for n in range(count)
        ],
    )
    counts = await counts_by_parent(
        storage.mongo,
        "rows.counts_by_parent",
        collection=COLLECTION,
        parent_field="parent_id",
        parent_ids=[PARENT, OTHER, CHILDLESS],
    )
    assert counts == {PARENT: 4, OTHER: 3, CHILDLESS: 0}


# Cursors


@given(
    text=st.text(max_size=100),
    number=st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(1 << 63), (1 << 63) - 1),
    ms=st.integers(-62_135_596_800_000, 253_402_300_799_999),
)
@example(text="\U00010330" * 100, number=0, ms=2_147_540_168_615)
def test_a_cursor_names_its_row_exactly(text: str, number: float, ms: int) -> None:
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=ms)
    row = Row(id=Id("a" * 24), parent_id=PARENT, text=text, number=number, time=time)
    for order in ORDERS:
        key = None if order.field is None else getattr(row, order.field)
        assert bound_of(order, row) == Bound(key, row.id)


def test_a_time_between_two_milliseconds_has_the_cursor_of_the_stored_one() -> None:
    order = ASCENDING[3]
    row = Row(id=Id("a" * 24), parent_id=PARENT, text="", number=0, time=NOON)
    for microseconds in (1, 999):
        between = replace(row, time=NOON + timedelta(microseconds=microseconds))
        assert encode_cursor(order, between) == encode_cursor(order, row)


def cursor_of(payload: object) -> str:
    """A cursor that nobody gave out, well encoded."""
    raw = payload if isinstance(payload, bytes) else msgspec.json.encode(payload)
    return urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


ID = "a" * 24
BY_ID, BY_TEXT, BY_NUMBER, BY_TIME = ASCENDING


@pytest.mark.parametrize(
    ("order", "payload"),
    [
        # Versions and shapes
        (BY_TEXT, [2, "text", "a", ID]),
        (BY_TEXT, [0, "text", "a", ID]),
        (BY_TEXT, ["1", "text", "a", ID]),
        (BY_TEXT, [True, "text", "a", ID]),
        (BY_TEXT, [1, "text", "a"]),
        (BY_TEXT, [1, "text", "a", ID, 1]),
        (BY_TEXT, {"version": 1}),
        (BY_TEXT, None),
        (BY_TEXT, []),
        (BY_TEXT, b""),
        (BY_TEXT, b"[" * 300),
        (BY_TEXT, b"\xff\xfe"),
        (BY_TEXT, b'[1,"text","\\ud800","' + ID.encode() + b'"]'),
        (BY_TEXT, [1, "text", "a" * 2000, ID]),
        # Ids
        (BY_ID, [1, "time_of_making", None, ID.upper()]),
        (BY_ID, [1, "time_of_making", None, ID[:-1]]),
        (BY_ID, [1, "time_of_making", None, ID + "\n"]),
        (BY_ID, [1, "time_of_making", None, None]),
        (BY_ID, [1, "time_of_making", None, {"$gt": ""}]),
        # Keys of another type than the order's
        (BY_ID, [1, "time_of_making", "a", ID]),
        (BY_TEXT, [1, "text", None, ID]),
        (BY_TEXT, [1, "text", 1, ID]),
        (BY_TEXT, [1, "text", {"$ne": 1}, ID]),
        (BY_TEXT, [1, "text", ["a"], ID]),
        (BY_NUMBER, [1, "number", "1", ID]),
        (BY_NUMBER, [1, "number", True, ID]),
        (BY_NUMBER, [1, "number", None, ID]),
        (BY_NUMBER, b'[1,"number",NaN,"' + ID.encode() + b'"]'),
        (BY_NUMBER, b'[1,"number",1e999,"' + ID.encode() + b'"]'),
        (BY_NUMBER, [1, "number", 1 << 63, ID]),
        (BY_NUMBER, [1, "number", -(1 << 63) - 1, ID]),
        (BY_NUMBER, b'[1,"number",' + b"9" * 400 + b',"' + ID.encode() + b'"]'),
        (BY_TIME, [1, "time", 1.5, ID]),
        (BY_TIME, [1, "time", True, ID]),
        (BY_TIME, [1, "time", "2026-03-01T12:00:00Z", ID]),
        (BY_TIME, [1, "time", -62_135_596_800_001, ID]),
        (BY_TIME, [1, "time", 253_402_300_800_000, ID]),
        (BY_TIME, [1, "time", 1 << 62, ID]),
    ],
    ids=lambda value: value.name if isinstance(value, Order) else repr(value)[:40],
)
def test_a_cursor_that_nobody_gave_out_is_refused(order: Order, payload: object) -> None:
    with pytest.raises(InvalidCursor) as caught:
        decode_cursor(order, cursor_of(payload))
    assert str(caught.value) == "The cursor is not one that this server gave out."


@pytest.mark.parametrize("cursor", ["", "x", "é", "a b", "=", "====", "WzEs*", "a" * 5000, "\n"])
def test_what_is_no_cursor_at_all_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(BY_TEXT, cursor)


def test_a_cursor_of_another_order_is_refused_by_name() -> None:
    row = Row(id=Id(ID), parent_id=PARENT, text="a", number=1, time=NOON)
    with pytest.raises(InvalidCursor) as caught:
        decode_cursor(BY_NUMBER, encode_cursor(BY_TEXT, row))
    assert str(caught.value) == "The cursor belongs to a list ordered 'text', not 'number'."


@given(row=rows, order=orders, data=st.data())
def test_a_part_of_a_cursor_is_refused(row: Row, order: Order, data: Any) -> None:
    cursor = encode_cursor(order, row)
    with pytest.raises(InvalidCursor):
        decode_cursor(order, cursor[: data.draw(st.integers(0, len(cursor) - 1))])


@given(order=orders, cursor=st.text() | st.binary().map(cursor_of))
def test_garbage_is_refused_and_nothing_else_happens(order: Order, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        decode_cursor(order, cursor)


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=3,
)


@over_real_stores
@given(order=orders, key=json, entity_id=st.sampled_from([ID, "0" * 24, "f" * 24]))
async def test_every_cursor_that_is_taken_can_be_asked_for(
    storage: Storage, order: Order, key: object, entity_id: str
) -> None:
    row = Row(id=Id(ID), parent_id=PARENT, text="a", number=1, time=NOON)
    await refill(storage.mongo, [row])
    try:
        bound = decode_cursor(order, cursor_of([1, order.name, key, entity_id]))
    except InvalidCursor:
        return
    page = Page(1, order, bound)
    assert (await read(storage.mongo, page))[PARENT] == page_of(page, [row])


def test_an_empty_slice_has_nothing() -> None:
    assert Slice((), False) == EMPTY
