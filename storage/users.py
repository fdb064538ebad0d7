"""Users."""

from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Final

from pymongo import ASCENDING, IndexModel

from domain.record import Id
from domain.users import UserRecord
from storage.cache import RecordCache
from storage.codec import object_ids, records
from storage.mongo import Mongo
from storage.transactions import Transaction

_MOST_BEARERS: Final = 10_000
"""Names of which a process remembers who bore them: 3 MB. The oldest are forgotten first."""


class UserStore:
    """Reads users; they are cached by id."""

    COLLECTION = "users"
    INDEXES = (
        IndexModel([("username", ASCENDING)], unique=True),
        IndexModel(
            [("username", "text"), ("full_name", "text"), ("business_name", "text")],
            name="search",
            weights={"username": 4, "full_name": 3, "business_name": 3},
            partialFilterExpression={"status": "ACTIVE"},
        ),
    )

    def __init__(self, mongo: Mongo, cache: RecordCache[UserRecord]) -> None:
        self._mongo = mongo
        self._cache = cache
        self._bearers: dict[str, Id] = {}

    def at_hand(self, ids: Iterable[Id]) -> dict[Id, UserRecord] | None:
        """As `get_many`, if none has to be read; else None."""
        return self._cache.at_hand(ids)

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, UserRecord]:
        """The users that exist, by id."""
        return await self._cache.get_many(ids, self._load)

    def ids_at_hand(self, usernames: Collection[str]) -> dict[str, Id] | None:
        """As `ids_by_username`, if nothing has to be read; else None.

        Who bore a name when it was last looked up still does if their record says so: no two users
        have the same.
        """
        bearers = self._bearers
        try:
            ids = [bearers[name] for name in usernames]
        except KeyError:
            return None
        users = self._cache.at_hand(ids)
        if users is None:
            return None
        borne = {user.username: user.id for user in users.values()}
        return borne if borne.keys() == set(usernames) else None

    async def ids_by_username(self, usernames: Sequence[str]) -> dict[str, Id]:
        """The ids of usernames, which are lower-case."""
        found = await self._read_ids(usernames)
        self._bearers |= found
        for name in list(islice(self._bearers, max(0, len(self._bearers) - _MOST_BEARERS))):
            del self._bearers[name]
        return found

    async def _read_ids(self, usernames: Sequence[str]) -> dict[str, Id]:
        found = await self._mongo.find(
            "users.ids_by_username",
            self.COLLECTION,
            {"username": {"$in": list(usernames)}},
            projection={"username": 1},
            keys=len(usernames),
        )
        return {document["username"]: document["_id"] for document in found}

    async def has_other(self, tx: Transaction, username: str, user_id: Id) -> bool:
        """Whether a lower-case username is somebody else's than `user_id`'s, active or not.

        Two users who take the same free one at once clash: the index lets one of them have it.
        """
        found = await tx.find(UserRecord, {"username": username}, limit=1)
        return bool(found) and found[0].id != user_id

    async def _load(self, ids: Sequence[Id]) -> dict[Id, UserRecord]:
        found = await self._mongo.find(
            "users.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {user.id: user for user in records(found, UserRecord)}
