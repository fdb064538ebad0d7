"""Reactions: at most one a user and pin."""

from collections.abc import Sequence

from pymongo import IndexModel

from domain.pins import ReactionRecord, ReactionType
from domain.record import Id
from storage.codec import object_id, object_ids
from storage.mongo import Mongo
from storage.transactions import Transaction


class ReactionStore:
    """Who reacted; the counts stand on the pin."""

    COLLECTION = "reactions"
    INDEXES = (
        IndexModel([("user_id", 1), ("pin_id", 1)], unique=True),
        IndexModel([("pin_id", 1), ("_id", 1)]),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def given(self, tx: Transaction, user_id: Id, pin_id: Id) -> ReactionRecord | None:
        """A user's reaction to a pin."""
        pair = {"user_id": object_id(user_id), "pin_id": object_id(pin_id)}
        found = await tx.find(ReactionRecord, pair, limit=1)
        return found[0] if found else None

    async def of_user(self, user_id: Id, pin_ids: Sequence[Id]) -> dict[Id, ReactionType]:
        """A user's reactions to some pins, by pin."""
        found = await self._mongo.find(
            "reactions.of_user",
            self.COLLECTION,
            {"user_id": object_id(user_id), "pin_id": {"$in": object_ids(pin_ids)}},
            projection={"pin_id": 1, "type": 1},
            keys=len(pin_ids),
        )
        return {document["pin_id"]: ReactionType(document["type"]) for document in found}
