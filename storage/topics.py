"""Topics."""

from collections.abc import Iterable, Sequence

from pymongo import ASCENDING, IndexModel

from domain.record import Id
from domain.topics import TopicRecord
from storage.cache import RecordCache
from storage.codec import object_ids, records
from storage.mongo import Mongo


class TopicStore:
    """Reads topics; they are cached by id."""

    COLLECTION = "topics"
    INDEXES = (
        IndexModel([("key", ASCENDING)], unique=True),
        IndexModel([("name", "text")], name="search"),
    )

    def __init__(self, mongo: Mongo, cache: RecordCache[TopicRecord]) -> None:
        self._mongo = mongo
        self._cache = cache

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, TopicRecord]:
        """The topics that exist, by id."""
        return await self._cache.get_many(ids, self._load)

    async def ids_by_key(self, topic_keys: Sequence[str]) -> dict[str, Id]:
        """The ids of topics named by key."""
        found = await self._mongo.find(
            "topics.ids_by_key",
            self.COLLECTION,
            {"key": {"$in": list(topic_keys)}},
            projection={"key": 1},
            keys=len(topic_keys),
        )
        return {document["key"]: document["_id"] for document in found}

    async def _load(self, ids: Sequence[Id]) -> dict[Id, TopicRecord]:
        found = await self._mongo.find(
            "topics.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {topic.id: topic for topic in records(found, TopicRecord)}
