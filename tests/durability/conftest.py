"""A small world in stores that a test may do anything to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import PAUSE_MS
from tests.world import World


@asynccontextmanager
async def world_in(mongo_url: str, redis_url: str) -> AsyncIterator[World]:
    """A world with nothing in it yet, and with all indexes."""
    storage = Storage(
        Mongo(mongo_url, database="tests", deadline_ms=30_000, connect_timeout_ms=PAUSE_MS),
        Redis(redis_url, deadline_ms=1000),
    )
    try:
        await storage.prepare()
        yield World(storage)
    finally:
        await storage.close()


@pytest.fixture
async def own_world(own_stores: EmbeddedStores) -> AsyncIterator[World]:
    """A world in the stores of this test alone."""
    async with world_in(own_stores.mongo_url, own_stores.redis_url) as world:
        yield world
