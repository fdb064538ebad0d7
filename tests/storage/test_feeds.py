"""Feed sessions in Redis: the same page twice, and no harm when they are lost (DOMAIN e.4)."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.feed import FeedSession
from storage import keys
from storage.embedded import EmbeddedStores
from storage.feeds import FeedStore
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.domain.builders import make_session, make_slot

SESSION = make_session(30)


@pytest.fixture
def elsewhere(storage: Storage) -> FeedStore:
    """The store of another process, which has no session at hand."""
    return FeedStore(storage.redis, 1800)


async def test_a_session_comes_back_as_it_was(
    storage: Storage, elsewhere: FeedStore, calls: list[str]
) -> None:
    await storage.feeds.put(SESSION)
    for feeds in (storage.feeds, elsewhere):
        assert await feeds.get(SESSION.id) == (SESSION, {})
        assert await feeds.latest(SESSION.viewer_key) == (SESSION, {})
    # Who does not know which session is the latest asks for it once more.
    assert calls == [
        *("feeds.put", "feeds.get", "feeds.current"),
        *("feeds.get", "feeds.current", "feeds.get"),
    ]


async def test_what_is_at_hand_is_not_sent_again(storage: Storage, elsewhere: FeedStore) -> None:
    await storage.feeds.put(SESSION)
    first, _ = await elsewhere.latest(SESSION.viewer_key)
    again, _ = await elsewhere.latest(SESSION.viewer_key)
    assert first == SESSION
    assert again is first


async def test_redis_decides_which_sessions_there_are(storage: Storage) -> None:
    redis, feeds = storage.redis.client, storage.feeds
    await feeds.put(SESSION)
    await redis.unlink(keys.feed_session(SESSION.id))
    assert await feeds.get(SESSION.id) == (None, {})
    assert await feeds.latest(SESSION.viewer_key) == (None, {})
    await redis.unlink(keys.feed_current(SESSION.viewer_key))
    assert await feeds.latest(SESSION.viewer_key) == (None, {})


async def test_what_is_not_there_is_none(storage: Storage) -> None:
    assert await storage.feeds.get("nothing") == (None, {})
    assert await storage.feeds.latest("nobody") == (None, {})


async def test_the_latest_session_is_that_of_any_process(
    storage: Storage, elsewhere: FeedStore
) -> None:
    later = make_session(5, "s2")
    await storage.feeds.put(SESSION)
    await elsewhere.put(later)
    for feeds in (storage.feeds, elsewhere):
        assert await feeds.latest(later.viewer_key) == (later, {})
        assert await feeds.get(SESSION.id) == (SESSION, {})


async def test_the_first_decision_about_a_gap_stands(storage: Storage) -> None:
    first, second, third = make_slot(1, 3), make_slot(2, 3), make_slot(3, 9)
    decide, session = storage.feeds.decide, SESSION.id
    assert await decide(session, {3: first, 5: None}) == {3: first, 5: None}
    # A gap that stays empty is decided too.
    assert await decide(session, {3: second, 5: second, 9: third}) == {3: first, 5: None, 9: third}
    assert (await storage.feeds.get(session))[1] == {3: first, 5: None, 9: third}


async def test_requests_that_decide_at_once_agree(storage: Storage) -> None:
    slots = [make_slot(number, 3) for number in range(10)]
    standing = await asyncio.gather(
        *(storage.feeds.decide(SESSION.id, {3: slot}) for slot in slots)
    )
    assert standing[0][3] in slots
    assert standing == [standing[0]] * 10


async def test_reading_keeps_a_session_alive(storage: Storage) -> None:
    redis = storage.redis.client
    mine, elsewhere = FeedStore(storage.redis, 10), FeedStore(storage.redis, 10)
    await mine.put(SESSION)
    await mine.decide(SESSION.id, {3: None})
    names = [
        keys.feed_session(SESSION.id),
        keys.feed_slots(SESSION.id),
        keys.feed_current(SESSION.viewer_key),
    ]
    for store in (elsewhere, mine, elsewhere):
        for name in names:
            await redis.expire(name, 5)
        await asyncio.sleep(0.15)  # longer than a hundredth of its life
        assert await store.latest(SESSION.viewer_key) == (SESSION, {3: None})
        for name in names:
            assert await redis.ttl(name) > 8
        # For a moment nothing has to be renewed.
        await redis.expire(names[0], 5)
        assert await store.latest(SESSION.viewer_key, with_decisions=False) == (SESSION, {})
        assert await redis.ttl(names[0]) <= 5


async def test_a_session_that_is_gone_is_not_at_hand(storage: Storage) -> None:
    feeds = storage.feeds
    await feeds.put(SESSION)
    await storage.redis.client.flushall()
    assert await feeds.latest(SESSION.viewer_key) == (None, {})
    await feeds.put(SESSION)
    assert await feeds.latest(SESSION.viewer_key, with_decisions=False) == (SESSION, {})


@pytest.mark.parametrize("entry", [b"", b"\xc1", b"text", b"\x80"])
async def test_what_cannot_be_read_is_gone(
    storage: Storage, elsewhere: FeedStore, entry: bytes
) -> None:
    await storage.feeds.put(SESSION)
    await storage.redis.client.set(keys.feed_session(SESSION.id), entry)
    assert await elsewhere.get(SESSION.id) == (None, {})


async def test_clearing_the_caches_leaves_sessions(storage: Storage) -> None:
    await storage.feeds.put(SESSION)
    await storage.redis.client.set(keys.record("users", "a" * 24), b"")
    await storage.redis.client.set(keys.related("a" * 24), b"")
    assert await storage.redis.clear(keys.CACHED) == 2
    assert await storage.redis.clear(keys.CACHED) == 0
    assert await storage.feeds.get(SESSION.id) == (SESSION, {})


@pytest.fixture
async def own_storage(own_stores: EmbeddedStores) -> AsyncIterator[Storage]:
    """Storage whose Redis this test may break."""
    storage = Storage(
        Mongo(own_stores.mongo_url, database="own"), Redis(own_stores.redis_url, deadline_ms=50)
    )
    yield storage
    await storage.close()


@pytest.mark.parametrize("how", ["kill", "pause"])
async def test_without_redis_a_feed_has_no_session(
    own_stores: EmbeddedStores, own_storage: Storage, how: str
) -> None:
    feeds, slot = own_storage.feeds, make_slot(1, 3)
    await feeds.put(SESSION)
    getattr(own_stores.redis, how)()
    nothing: tuple[FeedSession | None, dict[int, None]] = (None, {})
    for _ in range(3):
        assert await feeds.get(SESSION.id) == nothing
        assert await feeds.latest(SESSION.viewer_key) == nothing
        assert await feeds.decide(SESSION.id, {3: slot, 5: None}) == {3: slot, 5: None}
        await feeds.put(SESSION)
