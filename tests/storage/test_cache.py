"""The record cache: what it holds, for how long, and that Redis may be gone at any moment."""

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from msgspec.structs import replace

from domain.errors import StoreUnavailable
from domain.record import Id
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage import keys
from storage.breaker import Breaker
from storage.cache import RecordCache
from storage.calls import StoreCall
from storage.codec import object_id
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.storage.loads import TOPICS, A, B, C, Loads, Tally
from tests.world import World

NOBODY = Id("f" * 24)


@pytest.fixture
def loads() -> Loads:
    """A load that has to be let through."""
    return Loads()


@pytest.fixture
def cache(storage: Storage) -> RecordCache[TopicRecord]:
    """A cache of topics that lives for 100 seconds."""
    return RecordCache(storage.redis, TopicRecord, "topics", 100)


@pytest.fixture
def misses(storage: Storage) -> Iterator[Tally]:
    """Counts the readers that heard from Redis, and now wait for a load."""
    tally = Tally()

    def record(call: StoreCall) -> None:
        if call.name == "cache.topics":
            tally.add()

    storage.redis.calls.observers.append(record)
    yield tally
    storage.redis.calls.observers.remove(record)


# Reading through


async def test_a_record_is_read_from_mongodb_once(
    storage: Storage, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    assert await storage.users.get_many([ana.id]) == {ana.id: ana}
    assert calls == ["cache.users", "users.get_many", "cache.fill_users"]
    calls.clear()
    assert await storage.users.get_many([ana.id]) == {ana.id: ana}
    assert calls == ["cache.users"]


async def test_only_what_is_missing_is_loaded(
    storage: Storage, world: World, seen: list[tuple[str, int]]
) -> None:
    users = [await world.user(name) for name in ("ana", "bob", "cy")]
    ids = [user.id for user in users]
    await storage.users.get_many(ids[:1])
    seen.clear()
    found = await storage.users.get_many([*ids, *ids, NOBODY])
    assert found == {user.id: user for user in users}
    assert seen == [("cache.users", 4), ("users.get_many", 3), ("cache.fill_users", 3)]


async def test_nothing_is_asked_for_nothing(storage: Storage, calls: list[str]) -> None:
    assert await storage.users.get_many([]) == {}
    assert calls == []


async def test_every_kind_has_entries_of_its_own(storage: Storage, world: World) -> None:
    ana = await world.user("ana")
    assert await storage.boards.get_many([ana.id]) == {}
    assert await storage.users.get_many([ana.id]) == {ana.id: ana}
    assert await storage.boards.get_many([ana.id]) == {}


async def test_a_record_comes_back_from_redis_as_it_was(storage: Storage, world: World) -> None:
    ana = await world.user("ana", about="Ünïcode 東京 🧁", website_url=None)
    board = await world.board(ana)
    pin = await world.pin(board)
    for _ in ("from MongoDB", "from Redis"):
        assert await storage.users.get_many([ana.id]) == {ana.id: ana}
        assert await storage.boards.get_many([board.id]) == {board.id: board}
        assert await storage.pins.get_many([pin.id]) == {pin.id: pin}


async def test_a_missing_record_is_remembered(
    storage: Storage, world: World, calls: list[str]
) -> None:
    assert await storage.users.get_many([NOBODY]) == {}
    calls.clear()
    assert await storage.users.get_many([NOBODY]) == {}
    assert calls == ["cache.users"]


async def test_entries_live_about_as_long_as_they_should(
    storage: Storage, cache: RecordCache[TopicRecord], loads: Loads
) -> None:
    loads.gate.set()
    absent = [Id(f"{number:024x}") for number in range(20)]
    await cache.get_many([*TOPICS, *absent], loads)
    present_ms = await ttls_ms(storage, list(TOPICS))
    absent_ms = await ttls_ms(storage, absent)
    assert all(80_000 < ttl <= 110_000 for ttl in present_ms)
    assert all(20_000 < ttl <= 33_000 for ttl in absent_ms)
    # They do not end together: spread over 6 s, 20 of them cannot all fall into one.
    assert max(absent_ms) - min(absent_ms) > 1000


async def ttls_ms(storage: Storage, ids: list[Id]) -> list[int]:
    """How long the entries of topics still live."""
    return [await storage.redis.client.pttl(name) for name in keys.records("topics", ids)]


@pytest.mark.parametrize(
    "entry", [b"not a record", b"\x80", b"\x81\xa3_id\xa1x"], ids=["text", "{}", "id"]
)
async def test_what_cannot_be_read_is_loaded_and_left_alone(
    storage: Storage, cache: RecordCache[TopicRecord], loads: Loads, entry: bytes
) -> None:
    """Another version of the record, whose servers are still about, can read it."""
    loads.gate.set()
    await storage.redis.client.set(keys.record("topics", A.id), entry)
    for _ in range(2):
        assert await cache.get_many([A.id, B.id], loads) == {A.id: A, B.id: B}
    assert loads.asked == [[A.id, B.id], [A.id]]
    assert await storage.redis.client.get(keys.record("topics", A.id)) == entry


# Forgetting


async def test_what_is_forgotten_is_loaded_again(
    storage: Storage, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    cache = RecordCache(storage.redis, UserRecord, "users", 100)
    await storage.users.get_many([ana.id, NOBODY])
    renamed = {"$set": {"full_name": "Ana Maria"}}
    await storage.mongo.collection("users").update_one({"_id": object_id(ana.id)}, renamed)
    assert await storage.users.get_many([ana.id]) == {ana.id: ana}
    calls.clear()
    await cache.forget([ana.id, NOBODY])
    assert calls == ["cache.forget"]
    assert await storage.users.get_many([ana.id]) == {ana.id: replace(ana, full_name="Ana Maria")}
    assert "users.get_many" in calls


async def test_a_load_from_before_a_write_is_neither_joined_nor_kept(
    storage: Storage, cache: RecordCache[TopicRecord], loads: Loads
) -> None:
    early = asyncio.create_task(cache.get_many([A.id, B.id], loads))
    await loads.begun.reach(1)
    await cache.forget([A.id])
    late = asyncio.create_task(cache.get_many([A.id, B.id], loads))
    await loads.begun.reach(2)
    loads.gate.set()
    assert await early == await late == {A.id: A, B.id: B}
    assert loads.asked == [[A.id, B.id], [A.id]]
    assert await cache.get_many([A.id, B.id], loads) == {A.id: A, B.id: B}
    assert len(loads.asked) == 2


async def test_a_load_that_was_overtaken_leaves_no_entry(
    storage: Storage, cache: RecordCache[TopicRecord], loads: Loads
) -> None:
    early = asyncio.create_task(cache.get_many([A.id], loads))
    await loads.begun.reach(1)
    await cache.forget([A.id])
    loads.gate.set()
    assert await early == {A.id: A}
    assert await storage.redis.client.exists(keys.record("topics", A.id)) == 0


# Single flight


async def test_a_hundred_readers_of_one_cold_id_are_one_load(
    cache: RecordCache[TopicRecord], loads: Loads, misses: Tally
) -> None:
    reads = [asyncio.create_task(cache.get_many([A.id], loads)) for _ in range(100)]
    await misses.reach(100)
    loads.gate.set()
    assert await asyncio.gather(*reads) == [{A.id: A}] * 100
    assert loads.asked == [[A.id]]


async def test_readers_who_overlap_load_each_id_once(
    cache: RecordCache[TopicRecord], loads: Loads, misses: Tally
) -> None:
    wanted = [[A.id, B.id], [B.id, C.id], [C.id, NOBODY, A.id]]
    reads = [asyncio.create_task(cache.get_many(ids, loads)) for ids in wanted]
    await misses.reach(3)
    loads.gate.set()
    assert await asyncio.gather(*reads) == [
        {A.id: A, B.id: B},
        {B.id: B, C.id: C},
        {C.id: C, A.id: A},
    ]
    assert sorted(topic for asked in loads.asked for topic in asked) == [A.id, B.id, C.id, NOBODY]


async def test_a_failure_reaches_all_readers_and_is_not_kept(
    cache: RecordCache[TopicRecord], loads: Loads, misses: Tally
) -> None:
    loads.error = StoreUnavailable("gone")
    reads = [asyncio.create_task(cache.get_many([A.id], loads)) for _ in range(3)]
    await misses.reach(3)
    loads.gate.set()
    answers = await asyncio.gather(*reads, return_exceptions=True)
    assert [type(answer) for answer in answers] == [StoreUnavailable] * 3
    assert len(loads.asked) == 1
    loads.error = None
    assert await cache.get_many([A.id], loads) == {A.id: A}
    assert len(loads.asked) == 2


@pytest.mark.parametrize("leaves", [0, 1], ids=["the first", "the second"])
async def test_a_reader_who_is_cancelled_takes_nobody_along(
    cache: RecordCache[TopicRecord], loads: Loads, misses: Tally, leaves: int
) -> None:
    reads = [asyncio.create_task(cache.get_many([A.id], loads)) for _ in range(2)]
    await misses.reach(2)
    reads[leaves].cancel()
    await asyncio.wait([reads[leaves]])
    loads.gate.set()
    assert await reads[1 - leaves] == {A.id: A}
    assert reads[leaves].cancelled()
    assert loads.asked == [[A.id]]


@pytest.mark.parametrize("at_once", [False, True], ids=["later", "at once"])
async def test_a_load_that_nobody_waits_for_ends_and_the_next_reader_has_its_own(
    cache: RecordCache[TopicRecord], loads: Loads, at_once: bool
) -> None:
    reported: list[object] = []
    loop = asyncio.get_running_loop()
    handler = loop.get_exception_handler()
    loop.set_exception_handler(lambda _, context: reported.append(context))
    try:
        reads = [asyncio.create_task(cache.get_many([A.id, B.id], loads)) for _ in range(2)]
        await loads.begun.reach(1)
        for read in reads:
            read.cancel()
        await asyncio.wait(reads)
        if not at_once:
            await loads.cancelled.reach(1)
        loads.gate.set()
        assert await cache.get_many([B.id], loads) == {B.id: B}
        await loads.cancelled.reach(1)
        del reads
        gc.collect()
    finally:
        loop.set_exception_handler(handler)
    assert loads.asked == [[A.id, B.id], [B.id]]
    assert reported == []


# Without Redis


@pytest.fixture
async def own_storage(brittle_stores: EmbeddedStores) -> AsyncIterator[Storage]:
    """Storage whose servers this test may break; its breaker tries again after 50 ms."""
    storage = Storage(
        Mongo(brittle_stores.mongo_url, database="own"),
        Redis(brittle_stores.redis_url, deadline_ms=200),
    )
    storage.redis.calls.breaker = Breaker(failures=5, retry_s=0.05)
    await storage.prepare()
    yield storage
    await storage.close()


async def test_without_redis_mongodb_answers(
    brittle_stores: EmbeddedStores, own_storage: Storage
) -> None:
    ana = await World(own_storage).user("ana")
    brittle_stores.redis.kill()
    for _ in range(10):
        assert await own_storage.users.get_many([ana.id, NOBODY]) == {ana.id: ana}
    await RecordCache(own_storage.redis, UserRecord, "users", 100).forget([ana.id])
    assert own_storage.redis.calls.breaker.is_open
    brittle_stores.redis.start()
    async with asyncio.timeout(10):
        while own_storage.redis.evictions.owed(keys.records("users", [ana.id])):
            await own_storage.redis.evictions.pay()
    await closed(own_storage, ana)


@pytest.mark.parametrize("is_open", [False, True], ids=["at first", "after a while"])
async def test_without_redis_readers_who_come_together_are_one_load(
    brittle_stores: EmbeddedStores, own_storage: Storage, loads: Loads, is_open: bool
) -> None:
    own_storage.redis.calls.breaker = Breaker(failures=0 if is_open else 1000, retry_s=60)
    own_storage.redis.calls.breaker.allows()
    brittle_stores.redis.kill()
    cache = RecordCache(own_storage.redis, TopicRecord, "topics", 100)
    reads = [asyncio.create_task(cache.get_many([A.id], loads)) for _ in range(20)]
    await loads.begun.reach(1)
    loads.gate.set()
    assert await asyncio.gather(*reads) == [{A.id: A}] * 20
    assert loads.asked == [[A.id]]


async def test_a_frozen_redis_is_soon_left_alone(
    brittle_stores: EmbeddedStores, own_storage: Storage
) -> None:
    own_storage.redis.calls.breaker = Breaker(failures=5, retry_s=60)
    called: list[StoreCall] = []
    own_storage.redis.calls.observers.append(called.append)
    ana = await World(own_storage).user("ana")
    await own_storage.users.get_many([ana.id])
    called.clear()
    brittle_stores.redis.pause()
    for _ in range(20):
        assert await own_storage.users.get_many([ana.id]) == {ana.id: ana}
    # Each of the first five waited once for its deadline; nobody waited after them.
    assert [(call.name, call.ok) for call in called] == [("cache.users", False)] * 5
    assert own_storage.redis.calls.breaker.is_open
    brittle_stores.redis.resume()
    own_storage.redis.calls.breaker = Breaker(failures=5, retry_s=0.05)
    await closed(own_storage, ana)


async def closed(storage: Storage, user: UserRecord) -> None:
    """Returns when Redis is asked again and the user is found there."""
    called: list[StoreCall] = []
    storage.redis.calls.observers.append(called.append)
    storage.mongo.calls.observers.append(called.append)
    async with asyncio.timeout(10):
        while [(call.name, call.ok) for call in called] != [("cache.users", True)]:
            called.clear()
            assert await storage.users.get_many([user.id]) == {user.id: user}
            await asyncio.sleep(0.01)
    assert not storage.redis.calls.breaker.is_open


async def test_late_answers_of_redis_are_nobodys(
    brittle_stores: EmbeddedStores, own_storage: Storage
) -> None:
    own_storage.redis.calls.breaker = Breaker(failures=1000)
    world = World(own_storage)
    users = [await world.user(f"user{number}") for number in range(20)]
    for user in users:
        await own_storage.users.get_many([user.id])

    async def read(user: UserRecord) -> None:
        assert await own_storage.users.get_many([user.id]) == {user.id: user}

    brittle_stores.redis.pause()
    reads = [asyncio.create_task(read(user)) for user in users]
    await asyncio.sleep(0.01)
    for task in reads[::2]:
        task.cancel()
    await asyncio.wait(reads)
    brittle_stores.redis.resume()
    for task in reads[1::2]:
        task.result()
    await asyncio.gather(*map(read, reversed(users)))
