"""Where a feed takes its candidates from, gathered at read time (pull).

This is the seam for fan-out: a later store of timelines reads what was pushed to each follower,
and its callers do not change.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from bson import ObjectId

from domain.boards import BoardPrivacy
from domain.pins import PinRecord
from domain.record import Id
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.pins import PUBLIC_ROOTS

SCANS = 190
"""Index scans that one branch may merge: above 200 MongoDB sorts in memory instead."""

MAX_SOURCES = 10 * SCANS
"""Followed users, and followed boards, that one feed reads from."""


class Sources(msgspec.Struct, frozen=True):
    """What a feed's viewer follows, each list newest first and at most `MAX_SOURCES` long."""

    user_ids: tuple[Id, ...] = ()
    board_ids: tuple[Id, ...] = ()
    topic_ids: tuple[Id, ...] = ()
    unfollowed_board_ids: tuple[Id, ...] = ()


class Quotas(msgspec.Struct, frozen=True):
    """How many candidates to take from each kind of source (DOMAIN e.2.1)."""

    following: int = 400
    topics: int = 200
    trending: int = 200
    fresh: int = 50


class Gathered(msgspec.Struct, frozen=True):
    """Candidates by where they came from; a pin may stand in several lists."""

    following: list[PinRecord]
    topics: list[PinRecord]
    trending: list[PinRecord]
    fresh: list[PinRecord]


class TimelineStore:
    """Gathers pins for feeds: one aggregation, each branch of it a bounded index scan."""

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def gather(self, sources: Sources, quotas: Quotas) -> Gathered:
        """Candidates from every source, in one round trip."""
        branches = [("following", branch) for branch in _following(sources, quotas.following, None)]
        if sources.topic_ids and quotas.topics:
            in_topics = {"topic_ids": {"$in": object_ids(sources.topic_ids[:SCANS])}}
            branches.append(("topics", _trending(in_topics, quotas.topics)))
        if quotas.trending:
            branches.append(("trending", _trending({}, quotas.trending)))
        branches.append(("fresh", _newest(PUBLIC_ROOTS, quotas.fresh, None)))
        found = await self._union("timelines.gather", branches)
        return Gathered(
            following=_merge(found["following"], quotas.following),
            topics=found["topics"],
            trending=found["trending"],
            fresh=found["fresh"],
        )

    async def newest(self, sources: Sources, limit: int, before: Id | None) -> list[PinRecord]:
        """The `limit` newest pins of followed users and boards that are older than `before`."""
        branches = [("following", branch) for branch in _following(sources, limit, before)]
        if not branches:
            return []
        found = await self._union("timelines.newest", branches)
        return _merge(found["following"], limit)

    async def count_since(self, sources: Sources, since: datetime, limit: int) -> int:
        """How many pins followed users and boards added since then; counts up to `limit`."""
        newer = {"_id": {"$gte": ObjectId.from_datetime(since + timedelta(seconds=1))}}
        branches = [
            [{"$match": branch[0]["$match"] | newer}, {"$limit": limit}, {"$project": {"_id": 1}}]
            for branch in _following(sources, limit, None)
        ]
        if not branches:
            return 0
        stages: list[Document] = list(branches[0])
        stages += [{"$unionWith": {"coll": "pins", "pipeline": b}} for b in branches[1:]]
        stages += [{"$group": {"_id": "$_id"}}, {"$limit": limit}, {"$count": "count"}]
        found = await self._mongo.aggregate("timelines.count_since", "pins", stages)
        return sum(row["count"] for row in found)

    async def _union(
        self, name: str, branches: Sequence[tuple[str, list[Document]]]
    ) -> dict[str, list[PinRecord]]:
        stages: list[Document] = []
        for source, branch in branches:
            marked = [*branch, {"$set": {"source": source}}]
            stages += (
                marked if not stages else [{"$unionWith": {"coll": "pins", "pipeline": marked}}]
            )
        found: dict[str, list[Document]] = {
            source: [] for source in ("following", "topics", "trending", "fresh")
        }
        for document in await self._mongo.aggregate(name, "pins", stages, keys=len(branches)):
            found[document["source"]].append(document)
        return {source: records(rows, PinRecord) for source, rows in found.items()}


def _following(sources: Sources, limit: int, before: Id | None) -> list[list[Document]]:
    public = {"privacy": BoardPrivacy.PUBLIC.value}
    unfollowed = object_ids(sources.unfollowed_board_ids)
    by_users = public | ({"board_id": {"$nin": unfollowed}} if unfollowed else {})
    return [
        _newest({"owner_id": {"$in": object_ids(chunk)}} | by_users, limit, before)
        for chunk in _chunks(sources.user_ids)
    ] + [
        _newest({"board_id": {"$in": object_ids(chunk)}} | public, limit, before)
        for chunk in _chunks(sources.board_ids)
    ]


def _chunks(ids: Sequence[Id]) -> list[Sequence[Id]]:
    bounded = ids[:MAX_SOURCES]
    return [bounded[start : start + SCANS] for start in range(0, len(bounded), SCANS)]


def _newest(match: Document, limit: int, before: Id | None) -> list[Document]:
    older: Document = {} if before is None else {"_id": {"$lt": object_id(before)}}
    return [{"$match": match | older}, {"$sort": {"_id": -1}}, {"$limit": limit}]


def _trending(match: Document, limit: int) -> list[Document]:
    return [
        {"$match": match | PUBLIC_ROOTS},
        {"$sort": {"trend": -1, "_id": -1}},
        {"$limit": limit},
    ]


def _merge(pins: list[PinRecord], limit: int) -> list[PinRecord]:
    """The newest of several branches; a pin of a followed user on a followed board comes twice."""
    unique = {pin.id: pin for pin in pins}
    return sorted(unique.values(), key=lambda pin: pin.id, reverse=True)[:limit]
