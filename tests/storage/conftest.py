"""The tests of the stores run through both drivers (DESIGN 7): `storage` and `world` come twice."""

from collections.abc import AsyncIterator, Iterator
from typing import NamedTuple

import pytest

from storage.calls import StoreCall
from storage.embedded import EmbeddedStores
from storage.mongo import Driver, Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import PAUSE_MS
from tests.storage.crowd import Crowd, make_crowd
from tests.storage.plans import ReadRecorder
from tests.storage.processes import following
from tests.world import World

DRIVERS: tuple[Driver, ...] = ("pymongo", "motor")


@pytest.fixture(scope="session", params=DRIVERS)
async def prepared(
    stores: EmbeddedStores, request: pytest.FixtureRequest
) -> AsyncIterator[Storage]:
    """The stores of this worker with all indexes, through one driver and then the other."""
    storage = Storage(
        Mongo(
            stores.mongo_url,
            database=f"tests_{request.param}",
            driver=request.param,
            connect_timeout_ms=PAUSE_MS,
        ),
        Redis(stores.redis_url, deadline_ms=1000),
    )
    await storage.prepare()
    yield storage
    await storage.close()


@pytest.fixture
async def processes(
    stores: EmbeddedStores, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Storage, Storage]]:
    """Two processes with records at hand; no lease ends here."""
    monkeypatch.setattr("storage.local_records.LEASE_S", 3_600.0)
    here, there = (Redis(stores.redis_url, deadline_ms=1000, local_records_mb=1) for _ in range(2))
    async with following(here, there):
        yield Storage(storage.mongo, here), Storage(storage.mongo, there)
    await here.close()
    await there.close()


class Crowded(NamedTuple):
    """Stores over a crowd, and what their driver sends."""

    storage: Storage
    crowd: Crowd
    recorder: ReadRecorder


@pytest.fixture(scope="session")
async def crowded(stores: EmbeddedStores) -> AsyncIterator[Crowded]:
    """A database of its own, for tests that only read it."""
    recorder = ReadRecorder()
    mongo = Mongo(
        stores.mongo_url,
        database="crowd",
        connect_timeout_ms=PAUSE_MS,
        event_listeners=[recorder],
    )
    storage = Storage(mongo, Redis(stores.redis_url, deadline_ms=1000))
    await storage.prepare()
    yield Crowded(storage, await make_crowd(World(storage)), recorder)
    await storage.close()


@pytest.fixture
def seen(storage: Storage) -> Iterator[list[tuple[str, int]]]:
    """The store calls that are made, and how many things each was asked for."""
    calls: list[tuple[str, int]] = []

    def record(call: StoreCall) -> None:
        calls.append((call.name, call.keys))

    observers = [storage.mongo.calls.observers, storage.redis.calls.observers]
    for each in observers:
        each.append(record)
    yield calls
    for each in observers:
        each.remove(record)
