"""Blocks between users."""

from collections.abc import Sequence

from pymongo import IndexModel

from domain.record import Id
from storage.codec import Document, object_id, object_ids
from storage.mongo import Mongo


class BlockStore:
    """Reads who blocked whom. A block hides both from each other."""

    COLLECTION = "blocks"
    INDEXES = (
        IndexModel([("blocker_id", 1), ("blocked_id", 1)], unique=True),
        IndexModel([("blocked_id", 1), ("blocker_id", 1)]),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def of_user(self, user_id: Id) -> dict[Id, bool] | None:
        """All users with whom a block stands, as `between` has it; None when they are too many."""
        user = object_id(user_id)
        found = await self._mongo.find(
            "blocks.of_user",
            self.COLLECTION,
            {"$or": [{"blocker_id": user}, {"blocked_id": user}]},
            projection=_ENDS,
            limit=MAX_LISTED + 1,
        )
        return None if len(found) > MAX_LISTED else _others(user_id, found)

    async def between(self, user_id: Id, other_ids: Sequence[Id]) -> dict[Id, bool]:
        """The users among `other_ids` with whom a block stands; true where `user_id` made it."""
        user, others = object_id(user_id), {"$in": object_ids(other_ids)}
        found = await self._mongo.find(
            "blocks.between",
            self.COLLECTION,
            {
                "$or": [
                    {"blocker_id": user, "blocked_id": others},
                    {"blocked_id": user, "blocker_id": others},
                ]
            },
            projection=_ENDS,
            keys=len(other_ids),
        )
        return _others(user_id, found)


MAX_LISTED = 5_000
"""Up to here the blocks of one user are read at once."""

_ENDS: Document = {"_id": 0, "blocker_id": 1, "blocked_id": 1}


def _others(user_id: Id, edges: Sequence[Document]) -> dict[Id, bool]:
    made = {edge["blocked_id"]: True for edge in edges if edge["blocker_id"] == user_id}
    suffered = {edge["blocker_id"]: False for edge in edges if edge["blocked_id"] == user_id}
    return suffered | made
