"""Topics, which everybody may see."""

from collections.abc import Mapping, Sequence

from domain.record import Id
from domain.topics import TopicRecord
from loaders.base import BatchLoader


class TopicByIdLoader(BatchLoader[Id, TopicRecord]):
    """A topic."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, TopicRecord]:
        """The topics among the keys."""
        return await self.storage.topics.get_many(keys)


class TopicIdByKeyLoader(BatchLoader[str, Id]):
    """The id of a topic named by its key."""

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, Id]:
        """One query for all keys."""
        return await self.storage.topics.ids_by_key(keys)
