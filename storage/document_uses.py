"""How often each version of an app sent each trusted document, by day."""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from pymongo import ASCENDING, IndexModel, UpdateOne

from domain.documents import OTHER, AppVersion, DocumentUse
from storage.documents import DocumentStore
from storage.mongo import Mongo

KEPT_FOR: Final = timedelta(days=400)
"""How long a day's uses are known; then MongoDB deletes them."""


class DocumentUseStore:
    """Counts uses, and sums them up.

    App and version are what clients say. A pair that no release of the document has is counted
    under `OTHER`, so that strangers cannot make more rows than manifests did.
    """

    COLLECTION = "document_uses"
    INDEXES = (
        IndexModel(
            [
                ("sha256", ASCENDING),
                ("app", ASCENDING),
                ("version", ASCENDING),
                ("day", ASCENDING),
            ],
            unique=True,
        ),
        IndexModel([("day", ASCENDING)], expireAfterSeconds=int(KEPT_FOR.total_seconds())),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def count(self, uses: Mapping[DocumentUse, int], day: date | None = None) -> None:
        """Adds some uses to a day, today if none is named. Those of deleted documents are dropped.

        Safe in many processes at once. Raises `StoreError`.
        """
        released = await self._released(uses)
        totals: Counter[DocumentUse] = Counter()
        for use, count in uses.items():
            if (versions := released.get(use.sha256)) is not None:
                totals[_countable(use, versions)] += count
        if not totals:
            return
        midnight = _midnight(day or datetime.now(UTC).date())
        writes = [
            UpdateOne(use._asdict() | {"day": midnight}, {"$inc": {"count": count}}, upsert=True)
            for use, count in totals.items()
        ]
        async with self._mongo.calls.call("document_uses.count", len(writes)):
            await self._mongo.collection(self.COLLECTION).bulk_write(writes, ordered=False)

    async def since(self, day: date) -> dict[DocumentUse, int]:
        """All uses from a day on, that day's too."""
        found = await self._mongo.aggregate(
            "document_uses.since",
            self.COLLECTION,
            [
                {"$match": {"day": {"$gte": _midnight(day)}}},
                {
                    "$group": {
                        "_id": {"sha256": "$sha256", "app": "$app", "version": "$version"},
                        "count": {"$sum": "$count"},
                    }
                },
            ],
        )
        return {DocumentUse(**each["_id"]): int(each["count"]) for each in found}

    async def _released(self, uses: Mapping[DocumentUse, int]) -> dict[str, set[AppVersion]]:
        """Of each document that is there, the versions that have it, among those asked for.

        So the answer is no larger than the question, however many releases there are.
        """
        hashes = sorted({use.sha256 for use in uses})
        versions = [each._asdict() for each in sorted({use.app_version for use in uses})]
        pairs = {
            "$map": {
                "input": "$releases",
                "in": {"app": "$$this.app", "version": "$$this.version"},
            }
        }
        found = await self._mongo.aggregate(
            "document_uses.count",
            DocumentStore.COLLECTION,
            [
                {"$match": {"sha256": {"$in": hashes}}},
                {
                    "$project": {
                        "sha256": 1,
                        "versions": {"$setIntersection": [pairs, {"$literal": versions}]},
                    }
                },
            ],
            keys=len(hashes),
        )
        return {
            each["sha256"]: {AppVersion(**version) for version in each["versions"]}
            for each in found
        }


def _countable(use: DocumentUse, released: set[AppVersion]) -> DocumentUse:
    return use if use.app_version in released else DocumentUse(use.sha256, OTHER, OTHER)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
