"""Processes that read and write the same records, one slower than the other."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from domain.record import Id
from domain.topics import TopicRecord
from storage.cache import RecordCache
from storage.codec import object_id, object_ids, records
from storage.mongo import Mongo
from storage.redis import Redis
from tests.storage.loads import Tally

PATIENCE_S = 30


@asynccontextmanager
async def following(*processes: Redis) -> AsyncIterator[None]:
    """Lets Redis tell some processes of changes, as the lifespan of a server does."""
    tasks = [asyncio.create_task(each.tracking.run()) for each in processes]
    try:
        for each in processes:
            await until_tracked(each)
        yield
    finally:
        for task in tasks:
            task.cancel()
        _, going_on = await asyncio.wait(tasks, timeout=PATIENCE_S)
        assert not going_on


async def until_tracked(process: Redis) -> None:
    """Returns when Redis tells a process of changes."""
    async with asyncio.timeout(PATIENCE_S):
        while not process.local.is_tracked:  # noqa: ASYNC110  # it has no event for it
            await asyncio.sleep(0.001)


class Process:
    """One of several that share MongoDB and Redis: it reads topics, and writes their names.

    What it has read from MongoDB comes in once `gate` is open; `has_read` counts it.
    """

    def __init__(self, mongo: Mongo, redis: Redis) -> None:
        self.cache = RecordCache(redis, TopicRecord, "topics", 100)
        self.gate = asyncio.Event()
        self.gate.set()
        self.has_read = Tally()
        self._topics = mongo.collection("topics")
        self._mongo = mongo

    async def read(self, topic_id: Id) -> str | None:
        """The name of a topic, None when there is none."""
        return (await self.read_all([topic_id])).get(topic_id)

    async def read_all(self, topic_ids: Sequence[Id]) -> dict[Id, str]:
        """The names of the topics that there are."""
        found = await self.cache.get_many(topic_ids, self._load)
        return {topic_id: topic.name for topic_id, topic in found.items()}

    async def read_slowly(self, topic_id: Id) -> "asyncio.Task[str | None]":
        """A reader who has read from MongoDB, and waits for the gate, which is closed."""
        self.gate.clear()
        before = self.has_read.count
        reader = asyncio.create_task(self.read(topic_id))
        await self.has_read.reach(before + 1)
        return reader

    async def write(self, topic_id: Id, name: str) -> None:
        """Names a topic, which is made if there is none."""
        await self._topics.update_one(
            {"_id": object_id(topic_id)}, {"$set": {"key": "key", "name": name}}, upsert=True
        )
        await self.cache.forget([topic_id])

    async def delete(self, topic_id: Id) -> None:
        """Deletes a topic."""
        await self._topics.delete_one({"_id": object_id(topic_id)})
        await self.cache.forget([topic_id])

    async def _load(self, ids: Sequence[Id]) -> dict[Id, TopicRecord]:
        found = await self._mongo.find(
            "topics.get_many", "topics", {"_id": {"$in": object_ids(ids)}}
        )
        gate = self.gate
        self.has_read.add()
        await gate.wait()
        return {topic.id: topic for topic in records(found, TopicRecord)}
