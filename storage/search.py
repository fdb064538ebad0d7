"""Full-text search over MongoDB's text indexes: relevance, then id.

Relevance is computed while the index is read, so no index can give its order: these are the only
queries that sort, a top-k sort of ids and scores that holds `limit` rows at a time.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from domain.record import Id
from storage.codec import Document, object_id
from storage.mongo import Mongo
from storage.pins import PUBLIC_ROOTS


class SearchKind(StrEnum):
    """What can be searched."""

    PIN = "PIN"
    BOARD = "BOARD"
    USER = "USER"
    TOPIC = "TOPIC"


class Hit(msgspec.Struct, frozen=True):
    """One result: what it is, and how well it fits (MongoDB's text score)."""

    kind: SearchKind
    id: Id
    score: float


_SCOPES: Mapping[SearchKind, tuple[str, Document]] = {
    SearchKind.PIN: ("pins", PUBLIC_ROOTS),
    SearchKind.BOARD: ("boards", {"privacy": "PUBLIC"}),
    SearchKind.USER: ("users", {"status": "ACTIVE"}),
    SearchKind.TOPIC: ("topics", {}),
}


class SearchStore:
    """Searches one kind at a time; the kinds of one request run side by side."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def find(
        self, kind: SearchKind, query: str, limit: int, after: Hit | None = None
    ) -> list[Hit]:
        """The `limit` best hits beyond `after`, best first; `after` may be of another kind."""
        collection, scope = _SCOPES[kind]
        stages: list[dict[str, Any]] = [
            {"$match": {"$text": {"$search": query}} | scope},
            {"$project": {"score": {"$meta": "textScore"}}},
        ]
        if after is not None:
            stages.append({"$match": _beyond(kind, after)})
        stages += [{"$sort": {"score": -1, "_id": -1}}, {"$limit": limit}]
        found = await self._mongo.aggregate(f"search.{kind.lower()}s", collection, stages)
        return [Hit(kind, document["_id"], document["score"]) for document in found]


def rank(hit: Hit) -> tuple[float, str, str]:
    """The sort key of merged hits, ascending in reverse: score, then kind, then id."""
    return (hit.score, hit.kind, hit.id)


def _beyond(kind: SearchKind, after: Hit) -> Document:
    """What `rank` puts behind `after`, for rows of one kind."""
    lower = {"score": {"$lt": after.score}}
    if kind > after.kind:
        return lower
    if kind < after.kind:
        return {"score": {"$lte": after.score}}
    return {"$or": [lower, {"score": after.score, "_id": {"$lt": object_id(after.id)}}]}
