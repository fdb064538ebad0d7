"""A server that has read records before."""

from collections.abc import AsyncIterator

import pytest

from server import create_app
from storage.embedded import EmbeddedStores
from storage.redis import Redis
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.storage.processes import until_tracked


@pytest.fixture
async def at_hand(
    stores: EmbeddedStores, storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Storage]:
    """The stores of `world`, with records at hand; no slow machine lets a lease end."""
    monkeypatch.setattr("storage.local_records.LEASE_S", 3_600.0)
    redis = Redis(stores.redis_url, deadline_ms=1000, local_records_mb=16)
    yield Storage(storage.mongo, redis)
    await redis.close()


@pytest.fixture
async def warm(stores: EmbeddedStores, at_hand: Storage) -> AsyncIterator[Client]:
    """A server that keeps records at hand."""
    settings = settings_of(stores, executor="compiled")
    async with serving(create_app(settings, at_hand)) as url:
        await until_tracked(at_hand.redis)
        client = Client(url, settings)
        yield client
        await client.http.aclose()
