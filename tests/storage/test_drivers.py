"""Both drivers give the same answers (DESIGN 7)."""

from collections.abc import AsyncIterator

import pytest

from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.storage.conftest import Crowded
from tests.storage.reading import Read
from tests.storage.reads import READS


@pytest.fixture(scope="module")
async def through_motor(stores: EmbeddedStores, crowded: Crowded) -> AsyncIterator[Storage]:
    """The crowd's stores through the other driver."""
    name = crowded.storage.mongo.database.name
    mongo = Mongo(stores.mongo_url, database=name, driver="motor")
    storage = Storage(mongo, Redis(stores.redis_url, deadline_ms=1000))
    yield storage
    await storage.close()


@pytest.mark.parametrize("read", READS, ids=str)
async def test_the_answers_are_the_same(
    crowded: Crowded, through_motor: Storage, read: Read
) -> None:
    answers = []
    for storage in (crowded.storage, through_motor):
        await storage.redis.client.flushdb()
        answers.append(await read.call(storage, crowded.crowd))
    assert answers[0] == answers[1]
    assert answers[0] or not read.finds
