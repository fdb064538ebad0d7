"""Preferences of users, which nobody else reads: they are in no cache."""

from collections.abc import Sequence

from pymongo import IndexModel

from domain.preferences import PreferencesRecord
from domain.record import Id
from storage.codec import object_ids, records
from storage.mongo import Mongo


class PreferencesStore:
    """Reads preferences by the id of their user. What feeds ask of them is in `storage.tastes`."""

    COLLECTION = "preferences"
    INDEXES = (IndexModel([("hidden_advertisers.user_id", 1)]),)

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def get_many(self, user_ids: Sequence[Id]) -> dict[Id, PreferencesRecord]:
        """The preferences of those users who have stated any, by user."""
        found = await self._mongo.find(
            "preferences.get_many",
            self.COLLECTION,
            {"_id": {"$in": object_ids(user_ids)}},
            keys=len(user_ids),
        )
        return {each.id: each for each in records(found, PreferencesRecord)}
