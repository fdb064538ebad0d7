"""A transaction whose time is up leaves nothing behind: what it wrote is free at once."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from domain.boards import BoardRecord
from domain.errors import StoreTimeout
from storage.codec import object_id
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from storage.transactions import Transaction
from tests.client import PAUSE_MS
from tests.world import World


@pytest.fixture
async def hurried(stores: EmbeddedStores, storage: Storage) -> AsyncIterator[Storage]:
    """Stores whose transactions have one second."""
    mongo = Mongo(
        stores.mongo_url,
        database=storage.mongo.database.name,
        driver=storage.mongo.driver,
        connect_timeout_ms=PAUSE_MS,
        write_deadline_ms=1_000,
    )
    own = Storage(mongo, Redis(stores.redis_url, deadline_ms=1000))
    yield own
    await own.close()


@pytest.mark.parametrize("is_reading", [False, True])
async def test_others_can_write_what_it_wrote(
    hurried: Storage, world: World, is_reading: bool
) -> None:
    """Also when it was reading, where the driver may lose the cancellation.

    MongoDB itself would keep it from them for a minute, which is longer than they wait.
    """
    board = await world.board(await world.user("ana"))

    async def work(tx: Transaction) -> None:
        await tx.change(board, name="Never")
        while is_reading:
            await tx.find(BoardRecord, {})
        await asyncio.sleep(60)

    with pytest.raises(StoreTimeout):
        await hurried.transactions.run("test", work)
    boards = world.storage.mongo.collection("boards")
    await boards.update_one({"_id": object_id(board.id)}, {"$set": {"description": "Free"}})

    stored = await boards.find_one({"_id": object_id(board.id)})
    assert (stored["name"], stored["description"]) == ("Kitchen", "Free")
