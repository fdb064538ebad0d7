"""A Redis that cannot be told to drop a key is told later, and not believed until then."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from domain.users import UserRecord
from storage import keys
from storage.breaker import Breaker
from storage.calls import StoreCalls
from storage.codec import object_id
from storage.embedded import EmbeddedStores
from storage.evictions import Evictions
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.storage.processes import Process
from tests.world import World

FOREVER_S = 30


class Drops:
    """Takes keys to drop: confirms it to some, and something else may happen before it does."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], bool]] = []
        self.confirms = True
        self.confirms_insisting = True
        self.before_paying: Callable[[], Awaitable[None]] | None = None

    async def __call__(self, names: Sequence[str], *, insists: bool) -> bool:
        """Whether it was confirmed."""
        self.taken.append((list(names), insists))
        if insists and self.before_paying is not None:
            happens, self.before_paying = self.before_paying, None
            await happens()
        return self.confirms_insisting if insists else self.confirms


@pytest.fixture
def drops() -> Drops:
    """What keys are dropped through."""
    return Drops()


@pytest.fixture
def evictions(drops: Drops) -> Evictions:
    """Evictions that owe at most three keys, and have no leases of others to outlast."""
    return Evictions(drops, StoreCalls("The store", 50, Breaker()), most_owed=3, lease_s=0)


def gauge() -> float | None:
    """How many keys this process owes, as is measured."""
    return REGISTRY.get_sample_value("pinery_evictions_owed")


async def test_what_is_dropped_is_not_owed(evictions: Evictions, drops: Drops) -> None:
    await evictions.evict(["a", "b"], longest_s=100)
    await evictions.evict([], longest_s=100)
    await evictions.pay()
    assert evictions.owed(["a", "b"]) == set()
    assert drops.taken == [(["a", "b"], False)]


async def test_what_could_not_be_dropped_is_owed_until_it_is(
    evictions: Evictions, drops: Drops
) -> None:
    drops.confirms = drops.confirms_insisting = False
    await evictions.evict(["a", "b"], longest_s=100)
    await evictions.pay()
    assert evictions.owed(["a", "b", "c"]) == {"a", "b"}
    assert gauge() == 2
    drops.confirms = drops.confirms_insisting = True
    await evictions.evict(["c"], longest_s=100)
    assert evictions.owed(["a", "b", "c"]) == {"a", "b"}
    await evictions.pay()
    assert evictions.owed(["a", "b", "c"]) == set()
    assert gauge() == 0
    assert drops.taken[1:] == [(["a", "b"], True), (["c"], False), (["a", "b"], True)]


async def test_what_has_ended_by_itself_is_not_owed(evictions: Evictions, drops: Drops) -> None:
    drops.confirms = False
    await evictions.evict(["a"], longest_s=0)
    await evictions.evict(["b"], longest_s=100)
    assert evictions.owed(["a", "b"]) == {"b"}
    await evictions.pay()
    assert drops.taken[2:] == [(["b"], True)]
    assert gauge() == 0


async def test_what_is_owed_anew_while_it_is_paid_is_paid_anew(
    evictions: Evictions, drops: Drops
) -> None:
    """What is on its way may have been carried out before the second write."""
    drops.confirms = False
    await evictions.evict(["a", "b"], longest_s=100)
    drops.before_paying = lambda: evictions.evict(["b"], longest_s=100)
    await evictions.pay()
    assert drops.taken[1:] == [(["a", "b"], True), (["b"], False), (["b"], True)]
    assert evictions.owed(["a", "b"]) == set()


async def test_who_cannot_drop_outlasts_the_leases_of_others_once(drops: Drops) -> None:
    """When one has waited, Redis has been silent for so long that nobody else needs to."""
    evictions = Evictions(drops, StoreCalls("The store", 50, Breaker()), lease_s=0.2)
    drops.confirms = False
    for is_silent in (False, True):
        waiting = await begun(evictions, "b")
        assert evictions.owed(["b"]) == {"b"}
        assert waiting.done() is is_silent
        await waiting
    drops.confirms = True
    assert (await begun(evictions, "c")).done()
    drops.confirms = False
    waiting = await begun(evictions, "d")
    assert not waiting.done()
    await waiting
    await evictions.pay()


async def begun(evictions: Evictions, name: str) -> "asyncio.Task[None]":
    """A key is dropped, or waited for."""
    waiting = asyncio.create_task(evictions.evict([name], longest_s=100))
    for _ in range(3):
        await asyncio.sleep(0)
    return waiting


async def test_only_so_much_is_owed(evictions: Evictions, drops: Drops) -> None:
    drops.confirms = False
    with capture_logs() as logs:
        await evictions.evict(["a", "b"], longest_s=100)
        await evictions.evict(["a", "c", "d"], longest_s=100)
    assert evictions.owed("abcd") == {"a", "c", "d"}
    assert [(each["event"], each["keys"]) for each in logs] == [
        ("evictions_owed", 2),
        ("evictions_given_up", 1),
    ]
    await evictions.pay()


async def test_what_is_owed_at_the_end_is_said(evictions: Evictions, drops: Drops) -> None:
    drops.confirms = drops.confirms_insisting = False
    await evictions.evict(["a", "b"], longest_s=100)
    with capture_logs() as logs:
        await evictions.end()
        drops.confirms_insisting = True
        await evictions.end()
    assert [each["event"] for each in logs] == ["evictions_given_up", "evictions_paid"]


# With a Redis that goes and comes


class Processes:
    """Two processes over stores that this test breaks, and a user both have in the cache."""

    def __init__(self, stores: EmbeddedStores, here: Storage, there: Storage) -> None:
        self.stores, self.here, self.there = stores, here, there
        self.ana: UserRecord

    async def prepare(self) -> None:
        """Makes the user."""
        await self.here.prepare()
        self.ana = await World(self.here).user("ana")
        assert [await self.name(each) for each in (self.here, self.there)] == ["Ana", "Ana"]

    async def name(self, storage: Storage) -> str:
        """The user's name, as one of them reads it."""
        return (await storage.users.get_many([self.ana.id]))[self.ana.id].full_name

    async def rename(self, name: str) -> None:
        """Renames the user, here."""
        await self.here.mongo.collection("users").update_one(
            {"_id": object_id(self.ana.id)}, {"$set": {"full_name": name}}
        )
        await self.here.forget({UserRecord: {self.ana.id}})

    def owes(self) -> bool:
        """Whether the first process owes the user to Redis."""
        return bool(self.here.redis.evictions.owed(keys.records("users", [self.ana.id])))


@pytest.fixture
async def processes(brittle_stores: EmbeddedStores) -> AsyncIterator[Processes]:
    """Their breakers open soon, and never try again by themselves."""
    async with AsyncExitStack() as stack:
        both: list[Storage] = []
        for _ in range(2):
            storage = Storage(
                Mongo(brittle_stores.mongo_url, database="own"),
                Redis(brittle_stores.redis_url, deadline_ms=200),
            )
            storage.redis.calls.breaker = Breaker(failures=2, retry_s=FOREVER_S)
            stack.push_async_callback(storage.close)
            both.append(storage)
        made = Processes(brittle_stores, *both)
        await made.prepare()
        yield made


async def test_who_wrote_without_redis_reads_what_was_written(processes: Processes) -> None:
    cut_off(processes.here)
    await processes.rename("Ana Maria")
    assert processes.owes()
    assert await processes.name(processes.here) == "Ana Maria"
    processes.here.redis.calls.breaker = Breaker()
    # Redis is back, and has the old record.
    assert await processes.name(processes.here) == "Ana Maria"
    await processes.here.redis.evictions.pay()
    assert not processes.owes()
    for storage in (processes.here, processes.there):
        assert await processes.name(storage) == "Ana Maria"


def cut_off(storage: Storage) -> None:
    """Makes a process believe that Redis does not answer, so that it is sent nothing."""
    storage.redis.calls.breaker = Breaker(failures=0, retry_s=FOREVER_S)
    assert storage.redis.calls.breaker.allows()


async def test_nothing_is_joined_that_was_being_read_before_a_write_without_redis(
    processes: Processes,
) -> None:
    """Neither in the process that wrote, nor in one that was told nothing."""
    processes.stores.redis.kill()
    both = [Process(each.mongo, each.redis) for each in (processes.here, processes.there)]
    tea = (await World(processes.here).topic("Tea")).id
    early = [await process.read_slowly(tea) for process in both]
    await both[0].write(tea, "Coffee")
    late = [await process.read_slowly(tea) for process in both]
    for process in both:
        process.gate.set()
    assert [await reader for reader in early] == ["Tea", "Tea"]
    assert [await reader for reader in late] == ["Coffee", "Coffee"]


async def test_debts_are_paid_when_redis_is_back(processes: Processes) -> None:
    paying = asyncio.create_task(processes.here.redis.evictions.run())
    processes.stores.redis.pause()
    for number in range(4):
        await processes.rename(f"Ana {number}")
    assert is_open(processes.here.redis.calls)
    processes.stores.redis.resume()
    async with asyncio.timeout(FOREVER_S):
        while processes.owes():  # noqa: ASYNC110  # it has no event for it
            await asyncio.sleep(0.01)
    assert not is_open(processes.here.redis.calls)
    assert await processes.name(processes.there) == "Ana 3"
    assert gauge() == 0
    processes.stores.redis.pause()
    await processes.rename("Ana Maria")
    paying.cancel()
    await asyncio.wait([paying])
    assert paying.cancelled()
    processes.stores.redis.resume()
    await processes.here.redis.evictions.end()
    assert await processes.name(processes.there) == "Ana Maria"


async def test_a_redis_that_was_away_is_not_believed_at_once(
    processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others may owe it something, and need a moment to pay."""
    now = 1000.0
    monkeypatch.setattr("storage.breaker.monotonic", lambda: now)
    cut_off(processes.here)
    calls = processes.there.redis.calls
    calls.breaker = Breaker(failures=1, retry_s=2)
    processes.stores.redis.pause()
    await processes.rename("Ana Maria")
    assert await processes.name(processes.there) == "Ana Maria"
    assert is_open(calls)
    processes.stores.redis.resume()
    now += 2
    for _ in range(2):
        assert await processes.name(processes.there) == "Ana Maria"
        assert not is_open(calls)
    await processes.here.redis.evictions.pay()
    now += 1
    assert await processes.name(processes.there) == "Ana Maria"
    assert not processes.there.redis.evictions.are_doubtful


def is_open(calls: StoreCalls) -> bool:
    """Whether the breaker of some calls is open now."""
    return calls.breaker.is_open
