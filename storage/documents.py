"""Trusted documents: found by any of their ids, published with a release of an app (PROTOCOL 5).

A document is read a thousand times for each time that it is written, so it is read through the
record cache, which also remembers that an id names nothing: whoever guesses ids asks Redis.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from bson import ObjectId
from pymongo import ASCENDING, IndexModel, UpdateOne
from pymongo.errors import BulkWriteError, DuplicateKeyError

from domain.documents import (
    AppVersion,
    DocumentRecord,
    IdTaken,
    NewDocument,
    Published,
    Release,
    canonical_id,
    sha256_of,
)
from domain.errors import StoreUnavailable
from domain.record import Id
from storage.cache import RecordCache
from storage.codec import Document, document, records
from storage.mongo import Mongo
from storage.transactions import Session, in_transaction

PAGE: Final = 500
"""Documents that are read at once where all are read."""

MOST_RELEASES: Final = 1_000
"""Releases that a document remembers: where there are more, it goes on in the latest pushed."""

_ATTEMPTS: Final = 5


class DocumentStore:
    """Reads and publishes trusted documents."""

    COLLECTION = "documents"
    INDEXES = (
        IndexModel([("sha256", ASCENDING)], unique=True),
        # No id can come to name two texts, whoever publishes at the same time.
        IndexModel([("ids", ASCENDING)], unique=True),
        IndexModel([("releases.app", ASCENDING), ("sha256", ASCENDING)]),
    )

    def __init__(self, mongo: Mongo, cache: RecordCache[DocumentRecord]) -> None:
        self._mongo = mongo
        self._cache = cache

    async def get(self, document_id: str) -> DocumentRecord | None:
        """The document that clients know by this id, without its releases.

        Raises `StoreError` when neither Redis nor MongoDB can tell. What can be no id is not looked
        for. A document that was published or deleted by another process shows within seconds, and
        within the cache's time at the latest.
        """
        known = canonical_id(document_id)
        if known is None:
            return None
        found = await self._cache.get_many([Id(known)], self._load)
        return found.get(Id(known))

    async def page(
        self, *, app: str | None = None, after: str = "", limit: int = PAGE
    ) -> list[DocumentRecord]:
        """Some documents in the order of their hashes, from the first one beyond `after`.

        With `app`, only those that any version of it was built with.
        """
        query = {"sha256": {"$gt": after}} | ({} if app is None else {"releases.app": app})
        found = await self._mongo.find(
            "documents.page", self.COLLECTION, query, sort=[("sha256", ASCENDING)], limit=limit
        )
        return records(found, DocumentRecord)

    async def every(self, *, app: str | None = None) -> AsyncIterator[DocumentRecord]:
        """All documents, page by page."""
        after = ""
        while found := await self.page(app=app, after=after):
            for each in found:
                yield each
            after = found[-1].sha256

    async def publish(self, release: Release, documents: Sequence[NewDocument]) -> Published:
        """Stores what a release was built with: all of it, or nothing.

        A text that is there already gains the release, and ids it did not have. To publish again
        what was published only renews the time of the push. Raises `IdTaken` when an id names
        another text, and `StoreError`.
        """
        ids_by_text: dict[str, dict[str, None]] = {}
        for each in documents:
            ids_by_text.setdefault(each.text, {}).update(dict.fromkeys(each.ids))
        new = {
            sha256_of(each.text): document(_record(each, tuple(ids_by_text[each.text]), release))
            for each in documents
        }
        published = await self._publish(release, new)
        await self._forget(each["ids"] for each in new.values())
        return published

    async def retire(self, version: AppVersion) -> int:
        """Forgets a release, whose users are gone; the number of documents that it had.

        The documents stay, for others or until they are deleted.
        """
        release = version._asdict()
        async with self._mongo.calls.call("documents.retire"):
            result = await self._mongo.collection(self.COLLECTION).update_many(
                {"releases": {"$elemMatch": release}}, {"$pull": {"releases": release}}
            )
        return int(result.modified_count)

    async def delete(self, sha256s: Sequence[str], *, pushed_before: datetime) -> int:
        """Deletes documents, but none that a release pushed since then has; how many there were."""
        found = await self._mongo.find(
            "documents.delete",
            self.COLLECTION,
            {"sha256": {"$in": list(sha256s)}},
            projection={"ids": 1},
            keys=len(sha256s),
        )
        async with self._mongo.calls.call("documents.delete", len(sha256s)):
            result = await self._mongo.collection(self.COLLECTION).delete_many(
                {
                    "sha256": {"$in": list(sha256s)},
                    "releases.pushed_at": {"$not": {"$gte": pushed_before}},
                }
            )
        await self._forget(each["ids"] for each in found)
        return int(result.deleted_count)

    async def _load(self, ids: Sequence[Id]) -> dict[Id, DocumentRecord]:
        found = await self._mongo.find(
            "documents.get",
            self.COLLECTION,
            {"ids": {"$in": list(ids)}},
            projection={"releases": 0},
            keys=len(ids),
        )
        by_id = {Id(name): each for each in records(found, DocumentRecord) for name in each.ids}
        return {asked: by_id[asked] for asked in ids if asked in by_id}

    async def _forget(self, ids: Iterable[Iterable[str]]) -> None:
        named = [Id(each) for several in ids for each in several]
        for start in range(0, len(named), PAGE):
            await self._cache.forget(named[start : start + PAGE])

    async def _publish(self, release: Release, new: Mapping[str, Document]) -> Published:
        """Publishes in one transaction, anew as long as somebody else was quicker with an id."""
        for _ in range(_ATTEMPTS):
            async with self._mongo.calls.call("documents.publish", len(new)):
                try:
                    result = await in_transaction(
                        self._mongo, lambda session: self._write(session, release, new)
                    )
                except (DuplicateKeyError, BulkWriteError) as error:
                    if not _is_duplicate(error):
                        raise
                    continue
            if isinstance(result, IdTaken):
                raise result
            return result
        raise StoreUnavailable("Others publish the same documents at this moment.")

    async def _write(
        self, session: Session, release: Release, new: Mapping[str, Document]
    ) -> Published | IdTaken:
        collection = self._mongo.collection(self.COLLECTION)
        wanted = [name for each in new.values() for name in each["ids"]]
        cursor = collection.find(
            {"ids": {"$in": wanted}}, {"sha256": 1, "ids": 1}, batch_size=1000, session=session
        )
        known: dict[str, set[str]] = {
            each["sha256"]: set(each["ids"]) for each in await cursor.to_list(None)
        }
        if (taken := _taken(known, new)) is not None:
            return taken
        added = [each for sha256, each in new.items() if sha256 not in known]
        renamed = [
            UpdateOne({"sha256": sha256}, {"$addToSet": {"ids": {"$each": new[sha256]["ids"]}}})
            for sha256, ids in known.items()
            if not ids.issuperset(new[sha256]["ids"])
        ]
        if added:
            await collection.insert_many(added, session=session)
        if renamed:
            await collection.bulk_write(renamed, session=session)
        if known:
            await collection.update_many(
                {"sha256": {"$in": list(known)}}, _with_release(release), session=session
            )
        return Published(len(added), len(known))


def _record(new: NewDocument, ids: tuple[str, ...], release: Release) -> DocumentRecord:
    return DocumentRecord(
        id=Id(str(ObjectId())),
        sha256=sha256_of(new.text),
        ids=ids,
        text=new.text,
        name=new.name,
        kind=new.kind,
        created_at=datetime.now(UTC),
        releases=(release,),
    )


def _taken(known: Mapping[str, set[str]], new: Mapping[str, Document]) -> IdTaken | None:
    """The first id that would come to name two texts."""
    owners = {name: sha256 for sha256, ids in known.items() for name in ids}
    for sha256, each in new.items():
        for name in each["ids"]:
            owner = owners.setdefault(name, sha256)
            if owner != sha256:
                return IdTaken(name, owner)
    return None


def _with_release(release: Release) -> list[Document]:
    """The update that makes a release the latest one of a document."""
    is_another = {
        "$or": [
            {"$ne": ["$$this.app", {"$literal": release.app}]},
            {"$ne": ["$$this.version", {"$literal": release.version}]},
        ]
    }
    others: Document = {"$filter": {"input": "$releases", "cond": is_another}}
    latest: dict[str, Any] = {
        "app": {"$literal": release.app},
        "version": {"$literal": release.version},
        "pushed_at": release.pushed_at,
    }
    together = {"$concatArrays": [others, [latest]]}
    return [{"$set": {"releases": {"$slice": [together, -MOST_RELEASES]}}}]


def _is_duplicate(error: DuplicateKeyError | BulkWriteError) -> bool:
    if isinstance(error, DuplicateKeyError):
        return True
    failures: list[Document] = (error.details or {}).get("writeErrors", [])
    return bool(failures) and all(each["code"] == 11000 for each in failures)
