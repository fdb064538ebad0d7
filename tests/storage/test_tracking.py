"""Redis tells of changes: on a connection that may be late, hang, or break."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import NamedTuple

import pytest
from prometheus_client import REGISTRY
from redis.asyncio import Redis as RedisClient
from structlog.testing import capture_logs

from domain.record import Id
from storage import keys
from storage.breaker import Breaker
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.mutations.servers import SlowLink
from tests.storage.processes import Process, following
from tests.world import World

PATIENCE_S = 30
LONG_S = 3_600.0


class Pair:
    """Two processes with records at hand, and what the tests do to the stores they share."""

    def __init__(self, stores: EmbeddedStores, mongo: Mongo, here: Redis, there: Redis) -> None:
        self.stores = stores
        self.redises = (here, there)
        self.here, self.there = Process(mongo, here), Process(mongo, there)
        self.tea: Id

    async def warm(self, name: str) -> None:
        """Both have the topic at hand."""
        for process, redis in zip((self.here, self.there), self.redises, strict=True):
            async with asyncio.timeout(PATIENCE_S):
                while not at_hand(redis, self.tea):
                    assert await process.read(self.tea) == name

    async def paid(self) -> None:
        """Redis was told all that it was owed; on a slow machine not at the first attempt."""
        evictions, names = self.redises[0].evictions, self.here.cache.names([self.tea])
        async with asyncio.timeout(PATIENCE_S):
            while evictions.owed(names):
                await evictions.pay()


def at_hand(redis: Redis, topic_id: Id) -> bool:
    """Whether a process would give out a topic without a call."""
    found, _ = redis.local.kind("topics").find([topic_id])
    return bool(found)


def follows(redis: Redis) -> bool:
    """Whether Redis tells a process of changes, as far as the process knows."""
    return redis.local.is_tracked


async def until(holds: Callable[[], bool]) -> None:
    """Returns when something holds."""
    async with asyncio.timeout(PATIENCE_S):
        while not holds():  # noqa: ASYNC110  # what it waits for has no event
            await asyncio.sleep(0.002)


def is_up() -> bool:
    """Whether Redis tells of changes, as is measured; the last of several processes counts."""
    return REGISTRY.get_sample_value("pinery_tracking_up") == 1


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leases that no slow machine lets end, and entries that do not end by themselves."""
    for name in ("LEASE_S", "TTL_S"):
        monkeypatch.setattr(f"storage.local_records.{name}", LONG_S)


async def pair_of(
    stack: AsyncExitStack, stores: EmbeddedStores, *urls: str, deadline_ms: int = 200
) -> Pair:
    """Two processes that reach Redis under two URLs."""
    mongo = Mongo(stores.mongo_url, database="own")
    stack.push_async_callback(mongo.close)
    redises = [Redis(url, deadline_ms=deadline_ms, local_records_mb=1) for url in urls]
    for redis in redises:
        redis.calls.breaker = Breaker(failures=1_000)
        stack.push_async_callback(redis.close)
    storage = Storage(mongo, redises[0])
    await stack.enter_async_context(following(*redises))
    pair = Pair(stores, mongo, *redises)
    pair.tea = (await World(storage).topic("Tea")).id
    return pair


@pytest.fixture
async def pair(brittle_stores: EmbeddedStores) -> AsyncIterator[Pair]:
    """Two processes over stores that this test may break."""
    async with AsyncExitStack() as stack:
        yield await pair_of(
            stack, brittle_stores, brittle_stores.redis_url, brittle_stores.redis_url
        )


# At hand


@pytest.mark.usefixtures("patient")
async def test_what_is_at_hand_costs_no_call(pair: Pair) -> None:
    await pair.warm("Tea")
    calls: list[object] = []
    redis = pair.redises[0]
    redis.calls.observers.append(calls.append)
    for _ in range(3):
        assert await pair.here.read(pair.tea) == "Tea"
    assert calls == []
    absent = Id("f" * 24)
    for _ in range(2):
        assert await pair.here.read_all([pair.tea, absent]) == {pair.tea: "Tea"}
    before = len(calls)
    assert await pair.here.read_all([pair.tea, absent]) == {pair.tea: "Tea"}
    assert len(calls) == before


@pytest.mark.usefixtures("patient")
async def test_only_what_is_not_at_hand_is_asked_for(pair: Pair) -> None:
    await pair.warm("Tea")
    asked: list[tuple[str, int]] = []
    pair.redises[0].calls.observers.append(lambda call: asked.append((call.name, call.keys)))
    absent = [Id(f"{number:024x}") for number in range(3)]
    assert await pair.here.read_all([*absent, pair.tea, *absent]) == {pair.tea: "Tea"}
    assert asked == [("cache.topics", 3), ("cache.fill_topics", 3)]


# Changes


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("command", ["UNLINK", "SET", "PEXPIRE", "FLUSHDB"])
async def test_what_changes_in_redis_is_no_longer_at_hand(pair: Pair, command: str) -> None:
    await pair.warm("Tea")
    key = keys.record("topics", pair.tea)
    arguments = {"UNLINK": [key], "SET": [key, "x"], "PEXPIRE": [key, "5"], "FLUSHDB": []}
    await pair.redises[0].client.execute_command(command, *arguments[command])
    await until(lambda: not any(at_hand(redis, pair.tea) for redis in pair.redises))


@pytest.mark.usefixtures("patient")
async def test_what_has_nothing_to_do_with_records_changes_nothing(pair: Pair) -> None:
    await pair.warm("Tea")
    await pair.redises[0].client.set("record:v0:topics:x", "y")
    await pair.redises[0].client.set(keys.record("nothing of ours", "x:y"), "z")
    await pair.redises[0].client.delete(keys.record("topics", "x"))
    await asyncio.sleep(0.05)
    assert all(at_hand(redis, pair.tea) for redis in pair.redises)


# News that are late


class Linked(NamedTuple):
    """A pair whose second process reaches Redis through a link, which can be slow."""

    pair: Pair
    link: SlowLink


@pytest.fixture
async def linked(
    brittle_stores: EmbeddedStores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Linked]:
    """Nobody gives up on an answer that the link holds."""
    for name in ("local_records.LEASE_S", "local_records.TTL_S", "tracking.LEASE_S"):
        monkeypatch.setattr(f"storage.{name}", LONG_S)
    async with AsyncExitStack() as stack:
        link = SlowLink(brittle_stores.redis.socket, tmp_path / "link.sock")
        await stack.enter_async_context(link.open())
        urls = brittle_stores.redis_url, f"unix://{tmp_path}/link.sock"
        pair = await pair_of(stack, brittle_stores, *urls, deadline_ms=PATIENCE_S * 1000)
        yield Linked(pair, link)
        link.let_go()


async def test_an_answer_that_is_overtaken_by_the_news_is_not_kept(linked: Linked) -> None:
    pair, link = linked
    assert await pair.here.read(pair.tea) == "Tea"
    link.hold(b"MGET")
    early = asyncio.create_task(pair.there.read(pair.tea))
    await link.answered.reach(1)
    await pair.here.write(pair.tea, "Coffee")
    link.let_go()
    assert await early == "Tea"
    assert not at_hand(pair.redises[1], pair.tea)
    assert await pair.there.read(pair.tea) == "Coffee"


async def test_what_a_process_writes_waits_for_no_news(linked: Linked) -> None:
    """It is no longer at hand while Redis is told, nor what was asked for before."""
    pair, link = linked
    await pair.warm("Tea")
    link.hold(b"PING")
    await link.answered.reach(1)  # and from now on no news arrive
    link.hold(b"UNLINK")
    writing = asyncio.create_task(pair.there.write(pair.tea, "Coffee"))
    await link.answered.reach(2)
    assert not at_hand(pair.redises[1], pair.tea)
    link.let_go()
    await writing
    assert await pair.there.read(pair.tea) == "Coffee"


async def test_what_was_asked_for_before_a_write_here_is_not_kept(linked: Linked) -> None:
    pair, link = linked
    assert await pair.here.read(pair.tea) == "Tea"
    link.hold(b"PING")
    await link.answered.reach(1)
    # While Redis is told, somebody finds there what it is about to drop.
    kind, names = pair.redises[1].local.kind("topics"), keys.records("topics", [pair.tea])
    with pair.there.cache.dropping([pair.tea]):
        assert await pair.there.read(pair.tea) == "Tea"
        assert len(kind) == 1
        await pair.redises[1].evictions.evict(names, longest_s=100)
    assert len(kind) == 0


async def test_news_that_are_held_up_are_waited_for_no_longer_than_a_lease(
    linked: Linked,
) -> None:
    pair, link = linked
    await pair.warm("Tea")
    link.hold(b"PING")
    await link.answered.reach(1)
    await pair.here.write(pair.tea, "Milk")
    assert await pair.there.read(pair.tea) == "Tea"
    pair.redises[1].local.until = 0.0
    assert await pair.there.read(pair.tea) == "Milk"
    link.let_go()
    await until(lambda: pair.redises[1].local.until > 0.0)
    assert await pair.there.read(pair.tea) == "Milk"


# Without Redis


async def test_a_lost_connection_drops_everything_until_there_is_another(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.tracking._SHORTEST_PAUSE_S", 1.0)
    await pair.warm("Tea")
    with capture_logs() as logs:
        for client in await pair.redises[0].client.client_list():
            if client["name"] == "pinery-tracking":
                await pair.redises[0].client.client_kill_filter(_id=client["id"])
        await until(lambda: not any(follows(redis) for redis in pair.redises))
        assert not any(at_hand(redis, pair.tea) for redis in pair.redises)
        assert not any(len(redis.local.kind("topics")) for redis in pair.redises)
        assert await pair.there.read(pair.tea) == "Tea"
        assert not len(pair.redises[1].local.kind("topics"))
        await until(lambda: all(follows(redis) for redis in pair.redises))
    assert sorted(each["event"] for each in logs) == ["tracking_found"] * 2 + ["tracking_lost"] * 2
    assert {each.get("reason") for each in logs} == {None, "Redis has ended the connection."}
    await pair.warm("Tea")
    await pair.here.write(pair.tea, "Coffee")
    assert await pair.there.read(pair.tea) == "Coffee"


@pytest.mark.parametrize("is_killed", [False, True], ids=["frozen", "killed"])
async def test_a_write_without_redis_is_seen_at_once_by_all_who_had_the_old_record(
    pair: Pair, is_killed: bool
) -> None:
    for number in range(3):
        before = await pair.here.read(pair.tea)
        assert before is not None
        await pair.warm(before)
        redis = pair.stores.redis
        await asyncio.to_thread(redis.kill if is_killed else redis.pause)
        await pair.here.write(pair.tea, f"Coffee {number}")
        assert await pair.there.read(pair.tea) == f"Coffee {number}"
        assert await pair.here.read(pair.tea) == f"Coffee {number}"
        if is_killed:
            await asyncio.to_thread(redis.start)
        else:
            redis.resume()
        await pair.paid()
        assert await pair.there.read(pair.tea) == f"Coffee {number}"
        await until(lambda: all(follows(each) for each in pair.redises))


async def test_a_redis_that_hung_is_given_up_and_not_believed_at_once(pair: Pair) -> None:
    """No call of this process may have noticed; others may owe it something."""
    await pair.warm("Tea")
    with capture_logs() as logs:
        pair.stores.redis.pause()
        await until(lambda: not any(follows(redis) for redis in pair.redises))
        assert not is_up()
        assert not any(redis.evictions.are_doubtful for redis in pair.redises)
        pair.stores.redis.resume()
        await until(lambda: all(follows(redis) for redis in pair.redises))
    assert is_up()
    assert all(redis.evictions.are_doubtful for redis in pair.redises)
    assert {each["reason"] for each in logs if each["event"] == "tracking_lost"} == {
        "Redis does not answer."
    }


async def test_while_calls_fail_nothing_at_hand_is_used(pair: Pair) -> None:
    """As little as what Redis has: whoever writes may not reach it either."""
    await pair.warm("Tea")
    breaker = Breaker(failures=0, retry_s=LONG_S)
    assert breaker.allows()
    pair.redises[1].calls.breaker = breaker
    before = pair.there.has_read.count
    assert await pair.there.read(pair.tea) == "Tea"
    assert pair.there.has_read.count == before + 1


# Who may follow


async def test_a_password_is_given(own_stores: EmbeddedStores) -> None:
    async with AsyncExitStack() as stack:
        socket = own_stores.redis.socket
        admin = RedisClient(unix_socket_path=str(socket))
        stack.push_async_callback(admin.aclose)
        await admin.config_set("requirepass", "open sesame")
        known = Redis(f"unix://:open%20sesame@{socket}", local_records_mb=1)
        stranger = Redis(f"unix://:wrong@{socket}", local_records_mb=1)
        for redis in (known, stranger):
            stack.push_async_callback(redis.close)
        await stack.enter_async_context(following(known))
        with capture_logs() as logs:
            task = asyncio.create_task(stranger.tracking.run())
            await until(lambda: bool(logs))
            task.cancel()
            await asyncio.wait([task])
        assert [(each["event"], each["reason"][:9]) for each in logs] == [
            ("tracking_lost", "WRONGPASS")
        ]
        assert follows(known)
        assert not follows(stranger)


async def test_over_tcp(own_stores: EmbeddedStores, unused_tcp_port: int) -> None:
    async with AsyncExitStack() as stack:
        admin = RedisClient(unix_socket_path=str(own_stores.redis.socket))
        stack.push_async_callback(admin.aclose)
        await admin.config_set("port", unused_tcp_port)
        url = f"redis://127.0.0.1:{unused_tcp_port}/0"
        pair = await pair_of(stack, own_stores, url, own_stores.redis_url)
        await pair.warm("Tea")
        await pair.there.write(pair.tea, "Coffee")
        assert await pair.here.read(pair.tea) == "Coffee"


@pytest.mark.parametrize(
    ("url", "megabytes"),
    [("redis+cluster://127.0.0.1:1", 64), ("redis://127.0.0.1:1", 0)],
    ids=["cluster", "no memory"],
)
async def test_where_nothing_may_be_kept_nothing_is_followed(url: str, megabytes: int) -> None:
    redis = Redis(url, local_records_mb=megabytes)
    async with asyncio.timeout(PATIENCE_S):
        await redis.tracking.run()
    assert not follows(redis)
    await redis.close()


async def test_it_ends_at_once_and_leaves_nothing_at_hand(brittle_stores: EmbeddedStores) -> None:
    async with AsyncExitStack() as stack:
        redis = Redis(brittle_stores.redis_url, local_records_mb=1)
        stack.push_async_callback(redis.close)
        async with following(redis):
            assert (is_up(), follows(redis)) == (True, True)
        assert (is_up(), follows(redis)) == (False, False)
        async with asyncio.timeout(PATIENCE_S):
            while "pinery-tracking" in await names(redis):
                pass


async def names(redis: Redis) -> set[str]:
    """What those call themselves who have a connection."""
    return {each["name"] for each in await redis.client.client_list()}
