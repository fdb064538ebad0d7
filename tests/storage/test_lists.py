"""First pages of lists at hand: which are kept, what they give, and what they take.

That they follow all that is written: `tests/mutations/test_lists_at_hand.py`.
"""

import asyncio
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.boards import BoardRecord
from domain.orders import BoardPinFilter
from domain.pins import PinRecord
from domain.record import Id
from domain.users import UserRecord
from storage import keys
from storage.boards import ALPHABETICAL, LAST_SAVED
from storage.boards import CUSTOM as CUSTOM_BOARDS
from storage.boards import NEWEST as NEWEST_BOARDS
from storage.codec import document, object_id
from storage.comments import NEWEST as NEWEST_COMMENTS
from storage.comments import OLDEST as OLDEST_COMMENTS
from storage.counters import COUNTERS
from storage.paging import Bound, Page
from storage.pins import CUSTOM, NEWEST, OLDEST
from storage.storage import Storage
from storage.transactions import Transaction
from storage.views import BoardsOfUser, PinsOfBoard
from tests.world import World

EVERYTHING = BoardPinFilter()
PAGE = "pins.pages_by_board"
BOARDS = (LAST_SAVED, ALPHABETICAL, NEWEST_BOARDS, CUSTOM_BOARDS)
PINS = (CUSTOM, NEWEST, OLDEST)
COMMENTS = (NEWEST_COMMENTS, OLDEST_COMMENTS)
"""In which orders the schema gives lists that may be at hand."""

NARROWED = {
    "boards": ("owner_id", "privacy", "archived_at"),
    "pins": ("board_id", "section_id", "creative_type", "owner_id"),
    "comments": ("pin_id", "parent_id"),
}
"""By which fields they are narrowed."""

ROWS = 4
MANY = 2_000


@pytest.fixture
def here(processes: tuple[Storage, Storage]) -> Storage:
    """One process."""
    return processes[0]


@pytest.fixture
async def board(world: World) -> BoardRecord:
    """A board with `ROWS` pins."""
    board = await world.board(await world.user("ana"))
    for number in range(ROWS):
        await world.pin(board, f"{number}")
    return board


async def shown(storage: Storage, board: BoardRecord, page: Page) -> tuple[list[str | None], bool]:
    """The titles of a page of a board's pins, and whether there are more."""
    found = (await storage.pins.pages_by_board([board.id], page, EVERYTHING))[board.id]
    return [pin.title for pin in found.rows], found.has_more


async def test_a_first_page_is_read_once(
    here: Storage, board: BoardRecord, calls: list[str]
) -> None:
    """Its records are read by id from then on, and at hand soon."""
    page = Page(3, NEWEST)
    right = await shown(here, board, page)
    assert right == (["3", "2", "1"], True)
    assert calls == [PAGE]
    for read in (["pins.get_many"], [], []):
        calls.clear()
        assert await shown(here, board, page) == right
        assert calls == read
    at_hand = here.pins.pages_at_hand([board.id], page, EVERYTHING)
    assert at_hand == await here.pins.pages_by_board([board.id], page, EVERYTHING)
    assert here.pins.pages_at_hand([board.id, Id("a" * 24)], page, EVERYTHING) is None


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(limits=st.lists(st.integers(0, ROWS + 2), min_size=1, max_size=6))
async def test_pages_of_any_length_are_what_mongodb_has(
    storage: Storage, here: Storage, board: BoardRecord, limits: list[int]
) -> None:
    await storage.redis.client.flushdb()
    for limit in limits:
        for order in (NEWEST, OLDEST):
            page = Page(limit, order)
            assert await shown(here, board, page) == await shown(storage, board, page)


async def test_a_longer_page_gives_shorter_ones_and_a_whole_list_all(
    here: Storage, board: BoardRecord, calls: list[str]
) -> None:
    for limit, is_read in ((2, True), (1, False), (2, False), (3, True), (2, False), (3, False)):
        calls.clear()
        assert await shown(here, board, Page(limit, OLDEST)) == (["0", "1", "2"][:limit], True)
        assert (PAGE in calls) is is_read
    for limit, is_read in ((4, True), (50, False)):
        calls.clear()
        assert await shown(here, board, Page(limit, OLDEST)) == (["0", "1", "2", "3"], False)
        assert (PAGE in calls) is is_read


async def test_what_is_not_the_beginning_of_a_list_is_not_kept(
    here: Storage, board: BoardRecord, calls: list[str]
) -> None:
    first = (await here.pins.pages_by_board([board.id], Page(50, OLDEST), EVERYTHING))[board.id]
    bound = Bound(None, first.rows[1].id)
    for page, right in (
        (Page(1, OLDEST, bound), (["2"], True)),
        (Page(1, OLDEST, bound, backward=True), (["0"], False)),
        (Page(1, OLDEST, backward=True), (["3"], True)),
    ):
        for _ in range(2):
            calls.clear()
            assert await shown(here, board, page) == right
            assert calls == [PAGE]
            assert here.pins.pages_at_hand([board.id], page, EVERYTHING) is None


async def test_the_orders_and_filters_that_came_last_are_kept(
    here: Storage, board: BoardRecord, calls: list[str]
) -> None:
    filters = [BoardPinFilter(added_by=id) for id in (None, board.owner_id, Id("a" * 24))]
    asked = [(Page(2, order), only) for order in (NEWEST, CUSTOM) for only in filters]
    for page, only in asked[:5]:
        await here.pins.pages_by_board([board.id], page, only)
    for (page, only), is_read in reversed(list(zip(asked[:5], (True, *[False] * 4), strict=True))):
        calls.clear()
        await here.pins.pages_by_board([board.id], page, only)
        assert (PAGE in calls) is is_read


async def test_a_list_that_names_what_is_gone_is_read_anew(
    storage: Storage, here: Storage, board: BoardRecord, calls: list[str]
) -> None:
    """As when the news of a record come before those of its list."""
    page = Page(3, NEWEST)
    before = (await here.pins.pages_by_board([board.id], page, EVERYTHING))[board.id]
    newest = before.rows[0].id
    await storage.mongo.collection("pins").delete_one({"_id": object_id(newest)})
    await storage.redis.client.set(keys.record("pins", newest), b"")  # known to be missing
    for _ in range(2):
        calls.clear()
        assert await shown(here, board, page) == (["2", "1", "0"], False)
    assert PAGE not in calls


async def test_what_is_read_while_something_is_written_is_not_kept(
    processes: tuple[Storage, Storage],
    world: World,
    board: BoardRecord,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The read began before the write, and ends after the news of it."""
    elsewhere = await world.pin(await world.board(await world.user("ben")), "Moved")
    here, there = processes
    page = Page(1, NEWEST)
    has_read, may_go_on = asyncio.Event(), asyncio.Event()
    aggregate = type(there.mongo).aggregate

    async def held_back(*args: Any, **kwargs: Any) -> Any:
        found = await aggregate(*args, **kwargs)
        has_read.set()
        await may_go_on.wait()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(type(there.mongo), "aggregate", held_back)
        reading = asyncio.ensure_future(shown(there, board, page))
        await has_read.wait()

    async def move(tx: Transaction) -> None:
        await tx.change(elsewhere, board_id=board.id)

    await here.transactions.run("test.move", move)
    may_go_on.set()
    assert await reading == (["3"], True)  # it was asked before
    for process in processes:
        assert await shown(process, board, page) == (["Moved"], True)


async def test_of_a_long_list_the_first_page_is_kept(
    here: Storage, world: World, board: BoardRecord
) -> None:
    ana = await world.user("eve")
    pin = await world.pin(board)
    one = await world.comment(pin, ana)
    more = [document(one) | {"_id": object_id(world.new_id())} for _ in range(MANY)]
    await world.storage.mongo.collection("comments").insert_many(more)
    assert here.redis.local.bytes == 0
    page = Page(25, NEWEST_COMMENTS)
    found = (await here.comments.pages_by_pin([pin.id], page))[pin.id]
    assert [len(found.rows), found.has_more] == [25, True]
    assert here.redis.local.bytes == int(2.5 * (200 + 25 * 40)) + 300


async def test_without_tracking_nothing_is_at_hand(
    storage: Storage, board: BoardRecord, calls: list[str]
) -> None:
    page = Page(2, NEWEST)
    for _ in range(2):
        calls.clear()
        await shown(storage, board, page)
        assert calls == [PAGE]
        assert storage.pins.pages_at_hand([board.id], page, EVERYTHING) is None


async def test_while_redis_is_in_doubt_lists_are_read(
    here: Storage, board: BoardRecord, calls: list[str]
) -> None:
    page = Page(2, NEWEST)
    await shown(here, board, page)
    here.redis.evictions.doubt()
    calls.clear()
    await shown(here, board, page)
    assert calls == [PAGE]
    assert here.pins.pages_at_hand([board.id], page, EVERYTHING) is None


# Names


async def known(storage: Storage, user: UserRecord) -> None:
    """Brings a user's record to hand."""
    for _ in range(3):
        await storage.users.get_many([user.id])


async def test_who_bears_a_name_is_read_once(here: Storage, world: World, calls: list[str]) -> None:
    ana = await world.user("ana")
    assert await here.users.ids_by_username(["ana", "nobody"]) == {"ana": ana.id}
    assert here.users.ids_at_hand(["ana"]) is None  # the record decides
    await known(here, ana)
    assert here.users.ids_at_hand(["ana"]) == {"ana": ana.id}
    assert here.users.ids_at_hand(["ana", "nobody"]) is None
    assert here.users.ids_at_hand([]) == {}


async def test_a_name_that_changed_hands_is_looked_up(
    processes: tuple[Storage, Storage], world: World
) -> None:
    here, there = processes
    ana, ben = await world.user("ana"), await world.user("ben")
    for process in processes:
        await process.users.ids_by_username(["ana", "ben"])
        for user in (ana, ben):
            await known(process, user)

    async def rename(tx: Transaction) -> None:
        await tx.change(ana, username="anna")

    async def take(tx: Transaction) -> None:
        await tx.change(ben, username="ana")

    for change in (rename, take):
        await here.transactions.run("test.rename", change)
    for process in (here, there):
        for user in (ana, ben):
            await known(process, user)
        assert process.users.ids_at_hand(["ana"]) is None
        assert await process.users.ids_by_username(["ana", "anna", "ben"]) == {
            "ana": ben.id,
            "anna": ana.id,
        }
        assert process.users.ids_at_hand(["ana", "anna"]) == {"ana": ben.id, "anna": ana.id}
        assert process.users.ids_at_hand(["ben"]) is None


async def test_the_names_that_were_looked_up_first_are_forgotten_first(
    here: Storage, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.users._MOST_BEARERS", 2)
    people = [await world.user(name) for name in ("ana", "ben", "eve")]
    for user in people:
        await here.users.ids_by_username([user.username])
        await known(here, user)
    at_hand = [here.users.ids_at_hand([user.username]) for user in people]
    assert at_hand == [None, {"ben": people[1].id}, {"eve": people[2].id}]


# Mutations that are repeated


async def test_what_a_key_has_written_is_kept_with_its_lists(
    storage: Storage, world: World, board: BoardRecord
) -> None:
    pin = PinRecord(
        id=world.new_id(),
        owner_id=board.owner_id,
        creator_id=board.owner_id,
        board_id=board.id,
        root_id=world.new_id(),
        created_at=board.created_at,
    )
    key = b"key"

    async def work(tx: Transaction) -> None:
        await storage.idempotency.claim(tx, key, b"request")
        await tx.insert(pin)
        await tx.change(board, name="Other")
        await storage.idempotency.keep(tx, key, b"answer")

    await storage.transactions.run("test.once", work)
    kept = await storage.idempotency.find(key)
    assert kept is not None
    assert kept.touched[PinsOfBoard] == [board.id]
    assert kept.touched[BoardsOfUser] == [board.owner_id]


# What counts tells of no list


def test_no_counter_orders_or_narrows_a_list_at_hand() -> None:
    ordered = {"boards": BOARDS, "pins": PINS, "comments": COMMENTS}
    fields = {
        (kind, field.split(".")[0])
        for kind, orders in ordered.items()
        for field in [*(each.field for each in orders if each.field), *NARROWED[kind]]
    }
    counted = {(each.target, each.field.split(".")[0]) for each in COUNTERS}
    assert counted.isdisjoint(fields)
    assert ("pins", "trend") not in fields  # it follows from counters
