"""Read your own writes: what a write has forgotten is given out by no process, whatever is slow."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from msgspec.structs import replace

from domain.boards import BoardRecord
from domain.pins import CommentRecord, PinRecord, ReactionRecord
from domain.record import Id
from storage import keys
from storage.cache import _claim
from storage.embedded import EmbeddedStores
from storage.redis import Redis
from storage.storage import Storage
from tests.storage.processes import Process, following
from tests.world import World

NEW = Id("e" * 24)


@pytest.fixture(params=[0, 1], ids=["Redis", "at hand"])
async def processes(
    stores: EmbeddedStores, storage: Storage, request: pytest.FixtureRequest
) -> AsyncIterator[list[Process]]:
    """Three processes, which have records at hand or not."""
    async with AsyncExitStack() as stack:
        made: list[Process] = []
        for _ in range(3):
            redis = Redis(stores.redis_url, deadline_ms=1000, local_records_mb=request.param)
            stack.push_async_callback(redis.close)
            if request.param:
                await stack.enter_async_context(following(redis))
            made.append(Process(storage.mongo, redis))
        yield made


@pytest.fixture
def here(processes: list[Process]) -> Process:
    """The process that writes."""
    return processes[0]


@pytest.fixture
def there(processes: list[Process]) -> Process:
    """Another process."""
    return processes[1]


@pytest.fixture
async def tea(world: World) -> Id:
    """A topic named Tea."""
    return (await world.topic("Tea")).id


async def held(storage: Storage, topic_id: Id) -> bytes | None:
    """What stands in Redis under a topic."""
    value: bytes | None = await storage.redis.client.get(keys.record("topics", topic_id))
    return value


async def assert_kept(process: Process, topic_id: Id, name: str | None) -> None:
    """Checks that a process reads a name, without MongoDB."""
    before = process.has_read.count
    assert await process.read(topic_id) == name
    assert process.has_read.count == before


# Between processes


async def test_a_write_shows_at_once_in_every_process(processes: list[Process], tea: Id) -> None:
    for number in range(30):
        for process in processes:
            await process.read(tea)
            await assert_kept(process, tea, f"Tea {number - 1}" if number else "Tea")
        await processes[number % 3].write(tea, f"Tea {number}")
        for process in processes:
            assert await process.read(tea) == f"Tea {number}"


@pytest.mark.parametrize("is_lost", [False, True], ids=["kept", "lost"])
async def test_a_read_that_was_overtaken_by_a_write_elsewhere_is_not_kept(
    storage: Storage, here: Process, there: Process, tea: Id, is_lost: bool
) -> None:
    """Also when Redis has lost everything meanwhile, as one does that is started anew."""
    early = await there.read_slowly(tea)
    await here.write(tea, "Coffee")
    if is_lost:
        await storage.redis.client.flushdb()
    there.gate.set()
    assert await early == "Tea"
    assert await held(storage, tea) is None
    assert [await here.read(tea), await there.read(tea)] == ["Coffee", "Coffee"]


async def test_a_read_that_was_overtaken_does_not_replace_a_newer_one(
    here: Process, there: Process, tea: Id
) -> None:
    early = await there.read_slowly(tea)
    await here.write(tea, "Coffee")
    assert await here.read(tea) == "Coffee"
    there.gate.set()
    assert await early == "Tea"
    await assert_kept(here, tea, "Coffee")
    await assert_kept(there, tea, "Coffee")


async def test_a_read_that_was_overtaken_does_not_replace_the_claim_of_a_newer_one(
    processes: list[Process], tea: Id
) -> None:
    here, there, third = processes
    early = await there.read_slowly(tea)
    await here.write(tea, "Coffee")
    late = await third.read_slowly(tea)
    there.gate.set()
    assert await early == "Tea"
    third.gate.set()
    assert await late == "Coffee"
    for process in processes:
        await assert_kept(process, tea, "Coffee")


async def test_a_read_under_way_is_not_joined_after_a_write_elsewhere(
    here: Process, there: Process, tea: Id
) -> None:
    early = await there.read_slowly(tea)
    await here.write(tea, "Coffee")
    late = await there.read_slowly(tea)
    there.gate.set()
    assert [await early, await late] == ["Tea", "Coffee"]
    await assert_kept(there, tea, "Coffee")


async def test_who_reads_two_has_each_as_it_is(
    here: Process, there: Process, tea: Id, world: World
) -> None:
    """One is being read with the other by somebody who came before a write of that other."""
    milk = (await world.topic("Milk")).id
    there.gate.clear()
    early = asyncio.create_task(there.read_all([tea, milk]))
    await there.has_read.reach(1)
    await here.write(tea, "Coffee")
    late = asyncio.create_task(there.read_all([tea, milk]))
    await there.has_read.reach(2)
    there.gate.set()
    assert await early == {tea: "Tea", milk: "Milk"}
    assert await late == {tea: "Coffee", milk: "Milk"}


async def test_readers_of_two_processes_share_a_claim(
    storage: Storage, here: Process, there: Process, tea: Id
) -> None:
    first = await here.read_slowly(tea)
    claim = await held(storage, tea)
    second = await there.read_slowly(tea)
    assert claim is not None
    assert await held(storage, tea) == claim
    there.gate.set()
    assert await second == "Tea"
    await assert_kept(there, tea, "Tea")
    here.gate.set()
    assert await first == "Tea"
    await assert_kept(here, tea, "Tea")


async def test_a_shared_claim_is_gone_for_both_after_a_write(
    processes: list[Process], tea: Id
) -> None:
    here, there, third = processes
    readers = [await here.read_slowly(tea), await there.read_slowly(tea)]
    await third.write(tea, "Coffee")
    for process in (here, there):
        process.gate.set()
    assert [await reader for reader in readers] == ["Tea", "Tea"]
    assert [await process.read(tea) for process in processes] == ["Coffee"] * 3


async def test_the_claim_of_one_who_gave_up_serves_the_next(
    here: Process, there: Process, tea: Id
) -> None:
    reader = await here.read_slowly(tea)
    reader.cancel()
    await asyncio.wait([reader])
    assert await there.read(tea) == "Tea"
    await assert_kept(here, tea, "Tea")


async def test_claims_end(storage: Storage, here: Process, tea: Id) -> None:
    reader = await here.read_slowly(tea)
    left_ms = await storage.redis.client.pttl(keys.record("topics", tea))
    assert 2_000 < left_ms <= 10_000
    here.gate.set()
    await reader


async def test_who_look_at_the_same_time_share_a_claim(storage: Storage, tea: Id) -> None:
    names = keys.records("topics", [tea, NEW])
    first, second = [await _claim(storage.redis.client, names) for _ in range(2)]
    assert first == second == [first[0]] * 2


@pytest.mark.parametrize("is_slow", [False, True], ids=["remembered", "being looked for"])
async def test_what_was_missing_shows_as_soon_as_it_is_made(
    here: Process, there: Process, is_slow: bool
) -> None:
    if is_slow:
        early = await there.read_slowly(NEW)
    else:
        early = asyncio.create_task(there.read(NEW))
        assert await early is None
        await assert_kept(there, NEW, None)
    await here.write(NEW, "Coffee")
    there.gate.set()
    assert await early is None
    assert [await here.read(NEW), await there.read(NEW)] == ["Coffee", "Coffee"]
    await here.delete(NEW)
    assert [await here.read(NEW), await there.read(NEW)] == [None, None]


# Many kinds


async def test_many_kinds_are_forgotten_in_one_round_trip(
    storage: Storage, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pins = [await world.pin(board) for _ in range(3)]
    comment = await world.comment(pins[0], ana)
    await storage.boards.get_many([board.id])
    await storage.pins.get_many(pin.id for pin in pins)
    for collection in ("boards", "pins"):
        await storage.mongo.collection(collection).update_many({}, {"$set": {"revision": 7}})
    calls.clear()
    await storage.forget(
        {
            BoardRecord: {board.id},
            PinRecord: [pin.id for pin in pins[:2]],
            CommentRecord: {comment.id},
        }
    )
    assert calls == ["cache.forget"]
    assert await storage.boards.get_many([board.id]) == {board.id: replace(board, revision=7)}
    found = await storage.pins.get_many(pin.id for pin in pins)
    assert [found[pin.id].revision for pin in pins] == [7, 7, pins[2].revision]


async def test_nothing_is_forgotten_without_a_call(storage: Storage, calls: list[str]) -> None:
    await storage.forget({})
    await storage.forget({PinRecord: set(), ReactionRecord: {NEW}})
    assert calls == []
