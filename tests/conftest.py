"""What every test has at hand: real stores, a small world to fill, and a client."""

import gc
from collections.abc import AsyncIterator, Iterator
from inspect import isawaitable
from typing import Any

import hypothesis
import pytest
from pymongo.asynchronous.database import AsyncDatabase

from server import create_app
from storage.calls import StoreCall
from storage.codec import Document
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import PAUSE_MS, Client, serving, settings_of
from tests.commands import CommandRecorder
from tests.world import World

pytest_plugins = ["tests.stores", "tests.ci", "tests.limits"]

# A slow machine would be taken for a failing test, for which hypothesis then looks for minutes.
hypothesis.settings.register_profile("no deadline", hypothesis.settings(deadline=None))
hypothesis.settings.load_profile("no deadline")

# What a suite holds is large and stays: to look through it less often saves a twelfth of its time.
gc.set_threshold(50_000, 50, 100)

LONGEST = {
    *("test_benchmarks", "test_cli", "test_core_suite", "test_failover", "test_import_memory"),
    *("test_import_repeated", "test_killed_server", "test_model", "test_read_your_writes"),
    *("test_reorder", "test_schemathesis", "test_without_redis"),
}
"""Modules with tests that take ten seconds and more."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest come first, so that all workers end at about the same time."""
    items.sort(key=lambda item: item.path.stem not in LONGEST)


def pytest_collection_finish() -> None:
    """What was imported and collected stays to the end: nobody need look through it again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def recorder() -> CommandRecorder:
    """Listens to the driver of `prepared`."""
    return CommandRecorder()


@pytest.fixture
def commands(storage: Storage, recorder: CommandRecorder) -> list[str]:
    """The reads that MongoDB was sent since `storage` was emptied for this test."""
    recorder.started_reads.clear()
    return recorder.started_reads


@pytest.fixture(scope="session")
async def prepared(stores: EmbeddedStores, recorder: CommandRecorder) -> AsyncIterator[Storage]:
    """The stores of this worker with all indexes, through the default driver."""
    storage = Storage(
        Mongo(
            stores.mongo_url,
            database="tests",
            deadline_ms=15_000,  # a slow machine must not open the breaker
            connect_timeout_ms=PAUSE_MS,
            event_listeners=[recorder],
        ),
        Redis(stores.redis_url, deadline_ms=1000),
    )
    await storage.prepare()
    yield storage
    await storage.close()


@pytest.fixture
async def storage(prepared: Storage) -> Storage:
    """The stores, empty."""
    database = prepared.mongo.database
    for name in await _filled(database):
        await database[name].delete_many({})
    await prepared.redis.client.flushdb()
    prepared.ads.live = ()
    return prepared


async def _filled(database: "AsyncDatabase[Document]") -> list[str]:
    """The collections with something in them, asked for at once: most are empty in most tests."""
    first, *others = await database.list_collection_names()
    unions = [{"$unionWith": {"coll": name, "pipeline": _named(name)}} for name in others]
    found: Any = database[first].aggregate([*_named(first), *unions])
    if isawaitable(found):  # Motor's is not
        found = await found
    return [each["_id"] async for each in found]


def _named(name: str) -> list[dict[str, Any]]:
    """Gives the name of a collection that is not empty."""
    return [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}]


@pytest.fixture
def world(storage: Storage) -> World:
    """A world with nothing in it yet."""
    return World(storage)


@pytest.fixture(scope="session")
async def server(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Client]:
    """A server of this worker over the stores of `world`, and a client of it."""
    settings = settings_of(stores)
    async with serving(create_app(settings, prepared)) as url:
        client = Client(url, settings)
        yield client
        await client.http.aclose()


@pytest.fixture
def client(server: Client, storage: Storage) -> Client:
    """Sends operations to a server over the stores of `world`, which are empty at first."""
    return server


@pytest.fixture
def calls(storage: Storage) -> Iterator[list[str]]:
    """The names of the store calls that are made, as they end.

    A server that starts reads its ads, and looks for work, beside whatever else is asked of it.
    """
    names: list[str] = []

    def record(call: StoreCall) -> None:
        if call.name not in {"ads.live", "cascades.claim", "undos.expired"}:
            names.append(call.name)

    observers = [storage.mongo.calls.observers, storage.redis.calls.observers]
    for each in observers:
        each.append(record)
    yield names
    for each in observers:
        each.remove(record)
