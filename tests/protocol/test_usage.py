"""Uses are counted in memory, bounded, and reach the store whatever happens to it meanwhile."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from domain.documents import (
    OTHER,
    UNKNOWN,
    DocumentUse,
    NewDocument,
    OperationKind,
    Release,
    sha256_of,
)
from domain.errors import StoreError
from protocol.usage import UsageCounter, uses_pending, uses_written
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.protocol.conftest import Logs

FEED = "query Feed { a }"
HASH = sha256_of(FEED)
USE = DocumentUse(HASH, "ios", "8.1")

NEVER_S = 3_600


async def publish(storage: Storage, versions: int = 0) -> None:
    """A document of ios 8.1, and of so many versions of the web."""
    document = NewDocument(FEED, "Feed", OperationKind.QUERY)
    now = datetime.now(UTC)
    await storage.documents.publish(Release("ios", "8.1", now), [document])
    releases = [{"app": "web", "version": str(n), "pushed_at": now} for n in range(versions)]
    if releases:
        await storage.mongo.collection("documents").update_one(
            {}, {"$push": {"releases": {"$each": releases}}}
        )


async def written(storage: Storage) -> dict[DocumentUse, int]:
    """The uses that are stored."""
    return await storage.document_uses.since(datetime(2020, 1, 1, tzinfo=UTC).date())


async def reaches(storage: Storage, count: int) -> None:
    """Returns when so many uses are stored."""
    while True:
        with suppress(StoreError):  # a store that was started may take a moment
            if (await written(storage)).get(USE) == count:
                return
        await asyncio.sleep(0.01)


@pytest.fixture
def counter(storage: Storage) -> UsageCounter:
    """A counter that writes when it is told to."""
    return UsageCounter(storage.document_uses.count, flush_s=NEVER_S)


async def test_uses_are_counted_until_they_are_written(
    storage: Storage, counter: UsageCounter
) -> None:
    await publish(storage)
    pending, total = uses_pending._value.get(), uses_written._value.get()
    for _ in range(3):
        counter.note(HASH, "ios", "8.1")
    assert counter.pending == {USE: 3}
    assert uses_pending._value.get() == pending + 3
    assert await written(storage) == {}
    await counter.flush()
    assert counter.pending == {}
    assert uses_pending._value.get() == pending
    assert uses_written._value.get() == total + 3
    counter.note(HASH, "ios", "8.1")
    await counter.flush()
    assert await written(storage) == {USE: 4}


async def test_nothing_is_written_of_nothing(counter: UsageCounter, calls: list[str]) -> None:
    await counter.flush()
    assert calls == []


@pytest.mark.parametrize(
    ("app", "version", "counted"),
    [
        ("ios", "8.1", ("ios", "8.1")),
        (None, None, (UNKNOWN, UNKNOWN)),
        ("", "8.1", (UNKNOWN, "8.1")),
        ("ios", "8\n1", ("ios", UNKNOWN)),
        ("a" * 65, "$where", (UNKNOWN, UNKNOWN)),
        ("\x1b[31m", "é", (UNKNOWN, UNKNOWN)),
        (OTHER, OTHER, (UNKNOWN, UNKNOWN)),
    ],
)
def test_clients_name_themselves_in_plain_characters(
    counter: UsageCounter, app: str | None, version: str | None, counted: tuple[str, str]
) -> None:
    counter.note(HASH, app, version)
    assert counter.pending == {DocumentUse(HASH, *counted): 1}


def test_clients_who_make_up_versions_fill_no_memory(storage: Storage) -> None:
    counter = UsageCounter(storage.document_uses.count, flush_s=NEVER_S, most_entries=10)
    for number in range(1_000):
        counter.note(HASH, "ios", str(number))
    counter.note(HASH, "ios", "3")
    assert len(counter.pending) == 11
    assert counter.pending[DocumentUse(HASH, OTHER, OTHER)] == 990
    assert counter.pending[DocumentUse(HASH, "ios", "3")] == 2
    assert sum(counter.pending.values()) == 1_001


async def test_many_uses_are_written_in_batches(
    storage: Storage, counter: UsageCounter, calls: list[str]
) -> None:
    await publish(storage, versions=2_500)
    calls.clear()
    for number in range(2_500):
        counter.note(HASH, "web", str(number))
    await counter.flush()
    assert calls == ["document_uses.count"] * 2 * 3
    assert await written(storage) == {
        DocumentUse(HASH, "web", str(number)): 1 for number in range(2_500)
    }


async def test_the_last_uses_are_written_when_the_server_stops(
    storage: Storage, counter: UsageCounter
) -> None:
    await publish(storage)
    running = asyncio.create_task(counter.run())
    await asyncio.sleep(0)
    counter.note(HASH, "ios", "8.1")
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert await written(storage) == {USE: 1}


async def test_uses_are_written_again_and_again(storage: Storage) -> None:
    await publish(storage)
    counter = UsageCounter(storage.document_uses.count, flush_s=0.01)
    running = asyncio.create_task(counter.run())
    async with asyncio.timeout(30):
        for count in range(1, 4):
            counter.note(HASH, "ios", "8.1")
            await reaches(storage, count)
    running.cancel()
    await asyncio.wait([running])


@pytest.mark.parametrize("steps", range(12))
async def test_a_flush_that_is_cancelled_loses_nothing(
    storage: Storage, counter: UsageCounter, steps: int
) -> None:
    await publish(storage)
    counter.note(HASH, "ios", "8.1")
    flushing = asyncio.create_task(counter.flush())
    for _ in range(steps):
        await asyncio.sleep(0)
    counter.note(HASH, "ios", "8.1")
    flushing.cancel()
    await asyncio.wait([flushing])
    assert counter.pending[USE] >= 1
    await counter.flush()
    # What was cancelled in the middle may have been written, and counts twice then.
    assert (await written(storage))[USE] in (2, 3)


async def test_it_ends_whenever_it_is_cancelled(storage: Storage) -> None:
    """Under Python 3.11 PyMongo loses a cancellation that comes while it sends."""
    await publish(storage)
    for steps in range(100):
        counter = UsageCounter(storage.document_uses.count, flush_s=0)
        running = asyncio.create_task(counter.run())
        for _ in range(steps):
            counter.note(HASH, "ios", "8.1")
            await asyncio.sleep(0)
        running.cancel()
        done, _ = await asyncio.wait([running], timeout=30)
        assert done, steps
        assert counter.pending == {}


async def test_what_a_store_did_not_take_is_written_later(
    own_stores: EmbeddedStores, logs: Logs
) -> None:
    storage = Storage(
        Mongo(own_stores.mongo_url, database="own", deadline_ms=500), Redis(own_stores.redis_url)
    )
    await storage.prepare()
    await publish(storage)
    counter = UsageCounter(storage.document_uses.count, flush_s=0.05, most_entries=2)
    own_stores.mongo.kill()
    counter.note(HASH, "ios", "8.1")
    await counter.flush()
    assert counter.pending == {USE: 1}
    assert [each["event"] for each in logs if each["log_level"] == "warning"] == [
        "uses_not_written"
    ]
    running = asyncio.create_task(counter.run())
    own_stores.mongo.start()
    async with asyncio.timeout(30):
        await reaches(storage, 1)
    running.cancel()
    await asyncio.wait([running])
    await storage.close()
