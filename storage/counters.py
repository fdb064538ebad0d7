"""Counters, recounted from what they count (INV-12): the whole of it in one place.

A counter is a number stored beside what it belongs to, so that reading it costs nothing. Writes
keep it by increments; here it is set from the truth. Recounting is idempotent, set-based, and
writes only documents whose stored number is wrong: after a second run nothing has changed, and a
reconciler finds differences with the same pipelines.

What is counted is edges and documents as they are stored:

* what anybody may read of a person or topic counts what anybody may see: `users.pin_count`,
  `users.board_count` and `topics.pin_count` leave out what is not on a PUBLIC board (INV-6), and
  the last counts roots alone, as a topic's page lists them;
* a board's own numbers count all of it, since whoever sees the board sees all of it;
* saves count every copy: those on secret boards are counted, never listed (DOMAIN a.2);
* deactivating an account changes no counter, because it may come back (DOMAIN a.5).
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import msgspec

from domain.boards import BoardPrivacy
from domain.follows import FollowKind
from domain.pins import TREND_HALF_LIFE_HOURS, ReactionType
from storage.bulk import bulk_call
from storage.codec import Document
from storage.mongo import Mongo

_PUBLIC: Final[Document] = {"privacy": BoardPrivacy.PUBLIC.value}
_PUBLIC_ROOTS: Final[Document] = {**_PUBLIC, "is_repin": False}
_MAJORITY: Final[Document] = {"w": "majority"}


class Counter(msgspec.Struct, frozen=True):
    """A number stored in `field` of each document of `target`.

    It counts the documents of `source` that pass `match`, by the value of `by`: the `_id` of the
    document they belong to. With `by_each`, `by` is an array, and each element counts. A `sparse`
    counter is absent where it would be 0.
    """

    target: str
    field: str
    source: str
    by: str
    match: Document = msgspec.field(default_factory=dict)
    by_each: bool = False
    sparse: bool = False


def _follows(target: str, field: str, by: str, kind: FollowKind) -> Counter:
    return Counter(target, field, "follows", by, {"kind": kind.value})


def _not_null(field: str) -> Document:
    return {field: {"$ne": None}}


COUNTERS: Final = (
    _follows("users", "follower_count", "target_id", FollowKind.USER),
    _follows("users", "following_count", "follower_id", FollowKind.USER),
    Counter("users", "board_count", "boards", "owner_id", _PUBLIC),
    Counter("users", "pin_count", "pins", "owner_id", _PUBLIC),
    Counter("boards", "pin_count", "pins", "board_id"),
    Counter("boards", "section_count", "sections", "board_id"),
    _follows("boards", "follower_count", "target_id", FollowKind.BOARD),
    Counter("sections", "pin_count", "pins", "section_id", _not_null("section_id")),
    Counter("topics", "pin_count", "pins", "topic_ids", _PUBLIC_ROOTS, by_each=True),
    _follows("topics", "follower_count", "target_id", FollowKind.TOPIC),
    # A pin's own copies; and on a root, the copies in its whole tree.
    Counter("pins", "save_count", "pins", "parent_id", _not_null("parent_id")),
    Counter("pins", "aggregated_save_count", "pins", "root_id", {"is_repin": True}),
    Counter("pins", "comment_count", "comments", "pin_id"),
    *(
        Counter(
            "pins",
            f"reaction_counts.{kind}",
            "reactions",
            "pin_id",
            {"type": kind.value},
            sparse=True,
        )
        for kind in ReactionType
    ),
    Counter("pins", "engagement.hides", "hides", "pin_id"),
    Counter("comments", "reply_count", "comments", "parent_id", _not_null("parent_id")),
)
"""Every counter there is."""

TARGETS: Final = tuple(dict.fromkeys(counter.target for counter in COUNTERS))
"""The collections that have counters."""


def counters_of(target: str) -> list[Counter]:
    """The counters stored in one collection."""
    return [counter for counter in COUNTERS if counter.target == target]


def differences(target: str, ids: Sequence[Any] | None = None) -> list[Document]:
    """A pipeline over `target`: one document for each of its documents with a wrong counter.

    `actual_0`, `actual_1` … are the true numbers and `stored_0` … the stored ones, in the order of
    `counters_of`. What is counted for a document that is gone is no difference: the comments of a
    deleted pin, say. With `ids`, as BSON has them, only those documents are looked at, by a
    pipeline that may run in a transaction.
    """
    counters = counters_of(target)
    numbers = range(len(counters))
    wrong = {"$or": [{"$ne": [f"$actual_{number}", f"$stored_{number}"]} for number in numbers]}
    if ids is not None:
        return [*_rows_of(ids, counters), {"$match": {"$expr": wrong}}]
    return [*_all_rows(counters), {"$match": {"$expr": wrong}}, *_that_exist(target)]


def _rows_of(ids: Sequence[Any], counters: Sequence[Counter]) -> list[Document]:
    """Stages that count for each of some documents, by index."""
    stored = {f"stored_{n}": {"$sum": f"${each.field}"} for n, each in enumerate(counters)}
    actual = {
        f"actual_{n}": {"$ifNull": [{"$first": f"$actual_{n}.count"}, 0]}
        for n in range(len(counters))
    }
    counts = [
        {
            "$lookup": {
                "from": counter.source,
                "localField": "_id",
                "foreignField": counter.by,
                "pipeline": [{"$match": counter.match}, {"$count": "count"}],
                "as": f"actual_{n}",
            }
        }
        for n, counter in enumerate(counters)
    ]
    return [
        {"$match": {"_id": {"$in": list(ids)}}},
        {"$project": stored},
        *counts,
        {"$set": actual},
    ]


def _all_rows(counters: Sequence[Counter]) -> list[Document]:
    """Stages that read each source once and put together what they found, by document."""
    numbers = range(len(counters))
    columns = [f"{kind}_{number}" for kind in ("actual", "stored") for number in numbers]
    return [
        {"$match": {"$or": [{counter.field: {"$nin": [0, None]}} for counter in counters]}},
        {"$project": {f"stored_{number}": f"${counters[number].field}" for number in numbers}},
        *(_counted(counters[number], f"actual_{number}") for number in numbers),
        {"$group": {"_id": "$_id"} | {column: {"$sum": f"${column}"} for column in columns}},
    ]


def _counted(counter: Counter, column: str) -> Document:
    """A stage that adds a row {_id, column} for each document that something is counted for."""
    pipeline = [
        {"$match": counter.match},
        *([{"$unwind": f"${counter.by}"}] if counter.by_each else []),
        {"$group": {"_id": f"${counter.by}", column: {"$sum": 1}}},
    ]
    return {"$unionWith": {"coll": counter.source, "pipeline": pipeline}}


def _that_exist(target: str) -> list[Document]:
    """Stages that drop rows without a document. They come last: few rows are left to look up."""
    document = {
        "from": target,
        "localField": "_id",
        "foreignField": "_id",
        "pipeline": [{"$project": {"_id": 1}}],
        "as": "document",
    }
    return [
        {"$lookup": document},
        {"$match": {"document": {"$ne": []}}},
        {"$unset": "document"},
    ]


async def recount(mongo: Mongo, target: str) -> None:
    """Sets the counters of one collection right wherever they are wrong."""
    changes: dict[str, Any] = {}
    for number, counter in enumerate(counters_of(target)):
        actual = f"$$new.actual_{number}"
        absent = {"$cond": [{"$eq": [actual, 0]}, "$$REMOVE", actual]}
        changes[counter.field] = absent if counter.sparse else actual
    await _merge(mongo, target, differences(target), target, changes)


async def recount_all(mongo: Mongo) -> None:
    """Sets every counter right, and then what follows from those of pins."""
    await asyncio.gather(*(recount(mongo, target) for target in TARGETS))
    await refresh_trends(mongo)


# The server's logarithms and Python's may differ in the last bit.
_TREND_TOLERANCE = 1e-9


def _trend(saves: str, comments: str) -> Document:
    """`domain.pins.trend` as an expression: log2(1 + ln(1 + E)) + hours / half-life."""
    weighted = [
        {"$multiply": [4, saves]},
        {"$multiply": [3, "$engagement.outbound_clicks"]},
        {"$multiply": [2, comments]},
        "$engagement.closeups",
        {"$multiply": [-20, "$engagement.hides"]},
    ]
    engagement = {"$max": [0, {"$add": weighted}]}
    popularity = {"$log": [{"$add": [1, {"$ln": {"$add": [1, engagement]}}]}, 2]}
    hours = {"$divide": [{"$divide": [{"$toLong": "$created_at"}, 1000]}, 3600]}
    return {"$add": [popularity, {"$divide": [hours, TREND_HALF_LIFE_HOURS]}]}


# Saves and comments of all time stand for those of the last 30 days: the times of imported ones
# say nothing about what is popular now.
_SAVES, _COMMENTS = "$save_count", "$comment_count"
_TREND: Final = _trend(_SAVES, _COMMENTS)
_FOLLOWS_FROM_COUNTERS: Final[Document] = {
    "engagement.saves": _SAVES,
    "engagement.comments": _COMMENTS,
    "trend": _TREND,
}


def after_counting(target: str) -> list[Document]:
    """Stages for an update pipeline, after those that changed a counter of `target`.

    They set what follows from counters: a pin's `engagement` and its `trend`.
    """
    return [{"$set": dict(_FOLLOWS_FROM_COUNTERS)}] if target == "pins" else []


def engagement_and_trend() -> Document:
    """The same as whole values: an expression for each of the two fields."""
    saves_and_comments = {"saves": _SAVES, "comments": _COMMENTS}
    engagement = {"$mergeObjects": ["$engagement", saves_and_comments]}
    return {"engagement": engagement, "trend": _TREND}


def stale_trends() -> Document:
    """A query for the pins whose `engagement` or `trend` is not what their counters say."""
    wrong = [
        {"$ne": ["$engagement.saves", _SAVES]},
        {"$ne": ["$engagement.comments", _COMMENTS]},
        {"$gt": [{"$abs": {"$subtract": ["$trend", _TREND]}}, _TREND_TOLERANCE]},
    ]
    return {"$expr": {"$or": wrong}}


async def refresh_trends(mongo: Mongo) -> None:
    """Sets the engagement that counters tell, and `pins.trend` to `domain.pins.trend` of it."""
    pins = mongo.collection("pins")
    await bulk_call(lambda: pins.update_many(stale_trends(), after_counting("pins")))


async def raise_pins_modified_at(mongo: Mongo) -> None:
    """Moves each board's `pins_modified_at` up to its newest pin's creation, never back."""
    newest: list[Document] = [
        {"$group": {"_id": "$board_id", "newest": {"$max": "$created_at"}}},
        {
            "$unionWith": {
                "coll": "boards",
                "pipeline": [{"$project": {"stored": "$pins_modified_at"}}],
            }
        },
        {"$group": {"_id": "$_id", "newest": {"$max": "$newest"}, "stored": {"$max": "$stored"}}},
        {"$match": {"$expr": {"$gt": ["$newest", "$stored"]}}},
    ]
    await _merge(mongo, "pins", newest, "boards", {"pins_modified_at": "$$new.newest"})


async def mark_promoted(mongo: Mongo) -> None:
    """Sets `has_been_promoted` on every pin that an ad points to."""
    promoted = [{"$group": {"_id": "$pin_id"}}]
    await _merge(mongo, "ads", promoted, "pins", {"has_been_promoted": True})


async def _merge(
    mongo: Mongo,
    source: str,
    pipeline: Sequence[Document],
    target: str,
    changes: dict[str, Any],
) -> None:
    """Runs a pipeline and sets `changes` on the documents of `target` that it gives the ids of."""
    merge = {
        "$merge": {
            "into": target,
            "on": "_id",
            "whenMatched": [{"$set": changes}],
            "whenNotMatched": "discard",
        }
    }
    command = {
        "aggregate": source,
        "pipeline": [*pipeline, merge],
        "cursor": {},
        "allowDiskUse": True,
        "writeConcern": _MAJORITY,
    }
    await bulk_call(lambda: mongo.database.command(command))
