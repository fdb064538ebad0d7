"""Buckets of points in a real Redis: exact, shared, and without it each process's own."""

import asyncio
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis as SyncRedis

from domain.rate_limits import Bucket, BucketPolicy, Draw
from storage import keys
from storage.breaker import Breaker
from storage.calls import StoreCall
from storage.embedded import EmbeddedRedis, EmbeddedStores
from storage.rate_limits import RateLimitStore
from storage.redis import Redis

POLICY = BucketPolicy(capacity=1_000, refill_per_s=1)
"""So slow that nothing comes back while a test runs."""

FOREVER_S = 30
NEVER_MS = 4_102_444_800_000
"""A moment that no test lives to see: nothing leaks from a bucket of that time."""


@pytest.fixture
async def redis(stores: EmbeddedStores) -> AsyncIterator[Redis]:
    """A connection to the Redis of this worker."""
    redis = Redis(stores.redis_url, deadline_ms=1_000)
    yield redis
    await redis.close()


@pytest.fixture
def limits(redis: Redis) -> RateLimitStore:
    """The buckets of that Redis."""
    return RateLimitStore(redis)


@pytest.fixture
def name() -> str:
    """A caller whom no other test knows."""
    return f"viewer::{uuid4()}"


async def stored(redis: Redis, name: str) -> Bucket | None:
    """What Redis has of a bucket."""
    found = await redis.client.get(keys.rate_limit(name))
    return None if found is None else Bucket(*map(int, found.split()))


async def store(redis: Redis, name: str, bucket: Bucket) -> None:
    """Makes a bucket what it is to be."""
    await redis.client.set(keys.rate_limit(name), f"{bucket.level} {bucket.at_ms}")


async def now_ms(redis: Redis) -> int:
    """Redis's own time."""
    seconds, microseconds = await redis.client.time()
    return int(seconds) * 1000 + int(microseconds) // 1000


# What a draw gives


async def test_a_draw_takes_points_in_one_call(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    calls: list[StoreCall] = []
    redis.calls.observers.append(calls.append)
    draw = await limits.draw(name, 400, POLICY)
    assert draw == Draw(granted=True, remaining=600, retry_after_ms=0, reset_ms=400_000)
    assert [(call.name, call.keys, call.ok) for call in calls] == [("rate_limits.draw", 1, True)]
    bucket = await stored(redis, name)
    assert bucket is not None
    assert bucket.level == 400_000


async def test_a_draw_that_does_not_fit_takes_nothing(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    before = Bucket(level=999_500, at_ms=NEVER_MS)
    await store(redis, name, before)
    draw = await limits.draw(name, 3, POLICY)
    assert draw == Draw(granted=False, remaining=0, retry_after_ms=2_500, reset_ms=999_500)
    assert await stored(redis, name) == before


async def test_a_look_takes_nothing_and_leaves_nothing(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    assert await limits.draw(name, 0, POLICY) == Draw(True, 1_000, 0, 0)
    assert await stored(redis, name) is None
    before = Bucket(level=1_500, at_ms=NEVER_MS)
    await store(redis, name, before)
    assert await limits.draw(name, 0, POLICY) == Draw(True, 998, 0, 1_500)
    assert await stored(redis, name) == before


async def test_a_draw_beyond_the_capacity_is_never_granted(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    assert await limits.draw(name, 1_001, POLICY) == Draw(False, 1_000, 0, 0)
    assert await stored(redis, name) is None


async def test_less_than_nothing_is_not_drawn(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    with pytest.raises(ValueError, match="not -1"):
        await limits.draw(name, -1, POLICY)
    assert await stored(redis, name) is None


async def test_each_caller_has_a_bucket(limits: RateLimitStore, name: str) -> None:
    assert (await limits.draw(name, 1_000, POLICY)).remaining == 0
    assert (await limits.draw(name + "0", 1, POLICY)).remaining == 999


async def test_a_bucket_is_forgotten_when_it_is_full_again(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    await limits.draw(name, 1_000, POLICY)
    assert 900_000 < await redis.client.pttl(keys.rate_limit(name)) <= 1_000_000
    quick = f"{name} quick"
    await limits.draw(quick, 1, BucketPolicy(capacity=1, refill_per_s=100))
    async with asyncio.timeout(FOREVER_S):
        while await stored(redis, quick) is not None:  # noqa: ASYNC110  # Redis has no event
            await asyncio.sleep(0.005)


async def test_what_is_no_bucket_is_taken_for_a_full_one(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    await redis.client.set(keys.rate_limit(name), "1e3 nonsense")
    assert (await limits.draw(name, 1, POLICY)).remaining == 999


@pytest.mark.parametrize("seed", range(20))
async def test_redis_reckons_as_the_domain_does(
    limits: RateLimitStore, redis: Redis, name: str, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311  # repeatable, not secret
    policy = BucketPolicy(chance.randint(1, 5_000), chance.randint(1, 3_000))
    for _ in range(20):
        before = Bucket(
            chance.randint(0, policy.capacity * 1_100), await now_ms(redis) - chance.randint(0, 900)
        )
        await store(redis, name, before)
        points = chance.randint(0, policy.capacity + 1)
        since = await now_ms(redis)
        draw = await limits.draw(name, points, policy)
        after = await stored(redis, name)
        if after is not None and after != before:
            assert since <= after.at_ms <= await now_ms(redis)
            assert (after, draw) == before.draw(points, policy, after.at_ms)
        else:
            # A bucket that was left alone does not tell at which moment it was looked at.
            moments = range(since, await now_ms(redis) + 1)
            assert draw in [before.draw(points, policy, moment)[1] for moment in moments]


async def test_many_draws_at_once_get_no_more_than_there_is(
    limits: RateLimitStore, stores: EmbeddedStores, name: str
) -> None:
    elsewhere = Redis(stores.redis_url, deadline_ms=10_000)
    other = RateLimitStore(elsewhere)
    policy = BucketPolicy(capacity=100, refill_per_s=1)
    draws = await asyncio.gather(*(each.draw(name, 9, policy) for each in [limits, other] * 25))
    assert sorted(draw.granted for draw in draws) == [False] * 39 + [True] * 11
    await elsewhere.close()


# The script


async def test_a_server_that_forgot_the_script_is_sent_it_again(
    limits: RateLimitStore, redis: Redis, name: str
) -> None:
    assert (await limits.draw(name, 400, POLICY)).remaining == 600
    await redis.client.script_flush()
    assert not (await limits.draw(name, 601 + FOREVER_S, POLICY)).granted
    assert (await limits.draw(name, 1, POLICY)).granted


class _ClusterNode(EmbeddedRedis):
    """A Redis that is a whole cluster, and therefore listens on a port."""

    port = random.randint(11_000, 21_000)  # noqa: S311  # below those that the system gives out

    def _command(self) -> list[str]:
        return [*super()._command(), "--port", str(self.port), "--cluster-enabled", "yes"]


@pytest.fixture
def cluster_url(tmp_path: Path) -> Iterator[str]:
    """A cluster of one node."""
    node = _ClusterNode(tmp_path)
    node.start()
    with SyncRedis(unix_socket_path=str(node.socket)) as client:
        client.execute_command("CLUSTER", "ADDSLOTS", *range(16_384))
        while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO"):
            pass
    yield f"redis+cluster://127.0.0.1:{node.port}"
    node.kill()


async def test_a_cluster_runs_the_script_where_the_bucket_is(cluster_url: str, name: str) -> None:
    redis = Redis(cluster_url, deadline_ms=1_000)
    limits = RateLimitStore(redis)
    assert (await limits.draw(name, 400, POLICY)).remaining == 600
    bucket = await stored(redis, name)
    assert bucket is not None
    assert bucket.level == 400_000
    assert not (await limits.draw(name, 601 + FOREVER_S, POLICY)).granted
    await redis.close()


# What stands in Redis


async def test_redis_learns_no_names(limits: RateLimitStore, redis: Redis) -> None:
    for secret in ("address:192.0.2.77", "x" * 100_000, "{tag}"):
        assert (await limits.draw(secret, 1, POLICY)).granted
    found = [key.decode() async for key in redis.client.scan_iter(match="rate_limit:*")]
    assert len(found) >= 3
    assert all(re.fullmatch(r"rate_limit:\{[0-9a-f]{32}\}", key) for key in found)
    for secret in ("address:192.0.2.77", "x" * 100_000, "{tag}"):
        await redis.client.delete(keys.rate_limit(secret))


# Without Redis


@pytest.fixture
async def own_redis(brittle_stores: EmbeddedStores) -> AsyncIterator[Redis]:
    """A Redis that this test may break."""
    redis = Redis(brittle_stores.redis_url, deadline_ms=100)
    redis.calls.breaker = Breaker(failures=3, retry_s=0.05)
    yield redis
    await redis.close()


async def shared_again(limits: RateLimitStore, redis: Redis) -> None:
    """Returns when draws go to Redis again."""
    async with asyncio.timeout(FOREVER_S):
        while await stored_or_none(redis, "somebody else") is None:
            await limits.draw("somebody else", 1, POLICY)
            await asyncio.sleep(0.01)


async def stored_or_none(redis: Redis, name: str) -> bytes | None:
    nothing: bytes | None = None
    return await redis.attempt(
        "tests.get", lambda client: client.get(keys.rate_limit(name)), fallback=nothing
    )


async def test_without_redis_limits_hold_for_each_process(
    brittle_stores: EmbeddedStores, own_redis: Redis, name: str
) -> None:
    limits, elsewhere = RateLimitStore(own_redis), RateLimitStore(own_redis)
    assert (await limits.draw(name, 300, POLICY)).remaining == 700
    brittle_stores.redis.kill()
    draws = [await limits.draw(name, 300, POLICY) for _ in range(5)]
    assert draws[0] == Draw(True, 700, 0, 300_000)
    assert [draw.granted for draw in draws] == [True, True, True, False, False]
    assert own_redis.calls.breaker.is_open
    assert (await elsewhere.draw(name, 300, POLICY)).remaining == 700
    brittle_stores.redis.start()
    await shared_again(limits, own_redis)
    assert (await limits.draw(name, 900, POLICY)).remaining == 100
    assert not (await elsewhere.draw(name, 300, POLICY)).granted


async def test_a_redis_that_hangs_is_waited_for_only_as_long_as_it_may(
    brittle_stores: EmbeddedStores, own_redis: Redis, name: str
) -> None:
    limits = RateLimitStore(own_redis)
    assert (await limits.draw(name, 300, POLICY)).remaining == 700
    brittle_stores.redis.pause()
    async with asyncio.timeout(FOREVER_S):
        assert await limits.draw(name, 800, POLICY) == Draw(True, 200, 0, 800_000)
    brittle_stores.redis.resume()
    await shared_again(limits, own_redis)


async def test_a_process_remembers_a_bounded_number_of_callers() -> None:
    redis = Redis("unix:///nowhere/redis.sock")
    limits = RateLimitStore(redis)
    for number in range(10_000):
        await limits.draw(f"caller {number}", 1_000, POLICY)
    assert not (await limits.draw("caller 0", 1_000, POLICY)).granted
    assert (await limits.draw("one more", 1, POLICY)).granted
    assert not (await limits.draw("caller 0", 1_000, POLICY)).granted
    assert (await limits.draw("caller 1", 1_000, POLICY)).granted
    await redis.close()
