"""Related pins from the pin–board graph: bounded reads, ranked by `domain.related`, kept in Redis.

The work of one call is bounded however many roots it is for: boards are sampled, newest saves
first, and so are the pins on them. What was found is the same for every viewer, and is kept for an
hour.
"""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from itertools import chain
from random import uniform
from typing import Any

import msgspec

from domain.record import Id, Record
from domain.related import BoardSample, RootFacts, rank_by_topic, rank_related, together
from storage import keys
from storage.codec import Document, object_ids
from storage.mongo import Mongo
from storage.paging import Page, pages_by_parent
from storage.pins import NEWEST, PUBLIC_ROOTS
from storage.redis import Redis

LIMIT = 200
"""Related pins that are kept for a root."""

ENOUGH = 50
"""A root with fewer than this from the graph is filled up by topic."""

_BOARDS, _MAX_BOARDS = 600, 40  # boards that one call samples, and those of one root
_PINS_OF_BOARD = 60
_WEIGHED, _MAX_WEIGHED = 3000, 300  # roots whose facts one call reads, and those of one root
_TOPICS, _PINS_OF_TOPIC = 60, 60
_SEEDS, _MAX_SEEDS = 60, 12  # pins that recommendations for boards start from
_TTL_S = 3600
_EMPTY_TTL_S = 60
_WEIGHT = 2  # a list takes twice as much memory for each encoded byte as a record does


class RelatedPin(Record, frozen=True, kw_only=True):
    """A root that is related to another; scores compare within one list."""

    score: float


_Stored = list[tuple[str, float]]
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(_Stored).decode


class RelatedStore:
    """Finds what is related to roots, many at a time."""

    def __init__(self, mongo: Mongo, redis: Redis) -> None:
        self._mongo = mongo
        self._redis = redis
        self._local = redis.local.kind(keys.RELATED_KIND)

    def at_hand(self, root_ids: Sequence[Id]) -> dict[Id, list[RelatedPin]] | None:
        """As `get_many`, if none has to be read; else None."""
        found = self._find(root_ids)
        return found if len(found) == len(set(root_ids)) else None

    async def get_many(self, root_ids: Sequence[Id]) -> dict[Id, list[RelatedPin]]:
        """The related roots of each root, best first; of equal ones the newer first."""
        found = self._find(root_ids)
        unknown = [root for root in dict.fromkeys(root_ids) if root not in found]
        return found | await self._get(unknown) if unknown else found

    def _find(self, root_ids: Sequence[Id]) -> dict[Id, list[RelatedPin]]:
        """What is at hand, as records are."""
        if self._redis.evictions.are_doubtful:
            return {}
        return self._local.find(root_ids)[0]

    async def _get(self, roots: list[Id]) -> dict[Id, list[RelatedPin]]:
        """What Redis has, and what it lacks computed."""
        kept = await self._read(roots)
        found = kept or {}
        missing = [root for root in roots if root not in found]
        if missing:
            computed = await self._compute(missing)
            if kept is not None:
                await self._write(computed)
            found |= {root: _best_first(related) for root, related in computed.items()}
        return found

    async def for_boards(self, board_ids: Sequence[Id]) -> dict[Id, list[RelatedPin]]:
        """What fits each board and is not on it, best first: related to its newest pins."""
        on_boards = await self._newest_roots(board_ids)
        seeds = _share(_SEEDS, _MAX_SEEDS, len(board_ids))
        related = await self.get_many(
            list(chain.from_iterable(roots[:seeds] for roots in on_boards.values()))
        )
        return {
            board: _together_best((related.get(root, []) for root in roots[:seeds]), set(roots))
            for board, roots in on_boards.items()
        }

    async def _compute(self, roots: list[Id]) -> dict[Id, list[RelatedPin]]:
        samples = await self._neighbourhoods(roots)
        limit = _share(_WEIGHED, _MAX_WEIGHED, len(roots))
        weights = {root: together(root, samples.get(root, ()), limit) for root in roots}
        facts = await self._facts({*roots, *chain.from_iterable(weights.values())})
        ranked = {
            root: rank_related(facts[root], weights[root], facts, LIMIT) if root in facts else []
            for root in roots
        }
        related = {root: [_related(*each) for each in found] for root, found in ranked.items()}
        await self._fill_up(related, facts)
        return related

    async def _fill_up(
        self, related: dict[Id, list[RelatedPin]], facts: dict[Id, RootFacts]
    ) -> None:
        """Adds pins on the same topics, behind everything that the graph knows."""
        lacking = [root for root, found in related.items() if len(found) < ENOUGH and root in facts]
        topics = list(dict.fromkeys(t for root in lacking for t in sorted(facts[root].topic_ids)))
        if not topics:
            return
        on_topics = await self._on_topics([Id(topic) for topic in topics[:_TOPICS]])
        for root in lacking:
            found = related[root]
            known = {each.id for each in found}
            floor = found[-1].score if found else 1.0
            # Of its own topics alone: what is kept must not depend on which roots were asked for.
            own = {c.root_id: c for t in facts[root].topic_ids for c in on_topics.get(t, ())}
            alike = rank_by_topic(facts[root], own.values(), ENOUGH - len(found), known)
            # Ever so slightly less from one to the next: a page sorts equal scores by id.
            related[root] = found + [
                _related(each.root_id, each.score * floor * (0.999 - place * 1e-6))
                for place, each in enumerate(alike)
            ]

    async def _neighbourhoods(self, roots: Sequence[Id]) -> dict[Id, list[BoardSample]]:
        """For each root, public boards that hold it, and newest pins on them: one round trip."""
        boards = _share(_BOARDS, _MAX_BOARDS, len(roots))
        stages: list[Document] = [
            {"$documents": [{"_id": root} for root in object_ids(roots)]},
            _lookup(
                "pins",
                "_id",
                "root_id",
                [
                    {"$match": {"privacy": "PUBLIC"}},
                    {"$sort": {"_id": -1}},
                    {"$limit": boards},
                    {"$project": {"_id": 0, "board_id": 1}},
                ],
                "holders",
            ),
            {"$project": {"board_id": {"$setUnion": ["$holders.board_id", []]}}},
            {"$unwind": "$board_id"},
            _lookup("boards", "board_id", "_id", [{"$project": {"pin_count": 1}}], "board"),
            _lookup(
                "pins",
                "board_id",
                "board_id",
                [
                    {"$sort": {"_id": -1}},
                    {"$limit": _PINS_OF_BOARD},
                    {"$project": {"_id": 0, "root_id": 1}},
                ],
                "mates",
            ),
            {"$project": {"size": {"$first": "$board.pin_count"}, "root_ids": "$mates.root_id"}},
        ]
        found = await self._mongo.aggregate("related.neighbourhoods", None, stages, keys=len(roots))
        samples: dict[Id, list[BoardSample]] = {}
        for row in found:
            sample = BoardSample(row.get("size") or 0, tuple(row["root_ids"]))
            samples.setdefault(row["_id"], []).append(sample)
        return samples

    async def _facts(self, roots: Collection[Id]) -> dict[Id, RootFacts]:
        found = await self._mongo.find(
            "related.facts",
            "pins",
            {"_id": {"$in": object_ids(roots)}, "privacy": "PUBLIC"},
            projection=_FACTS,
            keys=len(roots),
        )
        return {row["_id"]: _root_facts(row) for row in found}

    async def _on_topics(self, topic_ids: Sequence[Id]) -> dict[str, list[RootFacts]]:
        """What is trending on each topic: one round trip."""
        stages: list[Document] = [
            {"$documents": [{"_id": topic} for topic in object_ids(topic_ids)]},
            _lookup(
                "pins",
                "_id",
                "topic_ids",
                [
                    {"$match": PUBLIC_ROOTS},
                    {"$sort": {"trend": -1, "_id": -1}},
                    {"$limit": _PINS_OF_TOPIC},
                    {"$project": _FACTS},
                ],
                "rows",
            ),
        ]
        found = await self._mongo.aggregate("related.on_topics", None, stages, keys=len(topic_ids))
        return {topic["_id"]: [*map(_root_facts, topic["rows"])] for topic in found}

    async def _newest_roots(self, board_ids: Sequence[Id]) -> dict[Id, list[Id]]:
        found = await pages_by_parent(
            self._mongo,
            "related.newest_roots",
            collection="pins",
            parent_field="board_id",
            parent_ids=board_ids,
            page=Page(LIMIT, NEWEST),
            projection={"_id": 0, "root_id": 1},
        )
        return {
            board: list(dict.fromkeys(row["root_id"] for row in rows))
            for board, rows in found.items()
        }

    async def _read(self, roots: list[Id]) -> dict[Id, list[RelatedPin]] | None:
        """What is kept of some roots; None when Redis does not answer."""
        names = [keys.related(root) for root in roots]
        nothing: list[bytes | None] | None = None
        marks = self._local.mark(roots)
        try:
            stored = await self._redis.attempt(
                "related.cached",
                lambda client: client.mget(names),
                fallback=nothing,
                keys=len(roots),
            )
            if stored is None:
                return None
            found: dict[Id, list[RelatedPin]] = {}
            for root, value in zip(roots, stored, strict=True):
                if value is not None:
                    with suppress(msgspec.DecodeError):  # written by another version
                        found[root] = _decoded(value)
                        self._local.keep(marks, root, found[root], _WEIGHT * len(value))
            return found
        finally:
            self._local.unmark(marks)

    async def _write(self, computed: dict[Id, list[RelatedPin]]) -> None:
        async def fill(client: Any) -> None:
            pipeline = client.pipeline(transaction=False)
            for root, related in computed.items():
                ttl = (_TTL_S if related else _EMPTY_TTL_S) * uniform(0.9, 1.1)  # noqa: S311  # jitter
                value = _encode([(each.id, each.score) for each in related])
                # Of several who found a list at once the first is right, so that all say the same.
                pipeline.set(keys.related(root), value, px=int(ttl * 1000), nx=True)
            await pipeline.execute()

        await self._redis.attempt("related.fill", fill, fallback=None, keys=len(computed))


_FACTS: Document = {"aggregated_save_count": 1, "topic_ids": 1}


def _root_facts(row: Document) -> RootFacts:
    return RootFacts(row["_id"], row["aggregated_save_count"], frozenset(row["topic_ids"]))


def _related(root_id: Id, score: float) -> RelatedPin:
    return RelatedPin(id=root_id, score=score)


def _decoded(value: bytes) -> list[RelatedPin]:
    return _best_first(_related(Id(other), score) for other, score in _decode(value))


def _best_first(related: Iterable[RelatedPin]) -> list[RelatedPin]:
    return sorted(related, key=lambda each: (each.score, each.id), reverse=True)


def _share(total: int, most: int, among: int) -> int:
    """What each of `among` gets of a total, at most `most` and at least a few."""
    return max(4, min(most, total // max(1, among)))


def _together_best(lists: Iterable[Sequence[RelatedPin]], exclude: set[Id]) -> list[RelatedPin]:
    """Several lists as one: a pin's scores are added up, after each list is scaled to its best."""
    scores: dict[Id, float] = {}
    for ranked in lists:
        for each in ranked:
            if each.id not in exclude:
                scores[each.id] = scores.get(each.id, 0.0) + each.score / ranked[0].score
    best = sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    return [_related(root_id, score) for root_id, score in best[:LIMIT]]


def _lookup(
    collection: str, local: str, foreign: str, pipeline: list[Document], name: str
) -> Document:
    return {
        "$lookup": {
            "from": collection,
            "localField": local,
            "foreignField": foreign,
            "pipeline": pipeline,
            "as": name,
        }
    }
