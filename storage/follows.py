"""The follow graph, both ways."""

from collections.abc import Sequence

from pymongo import IndexModel

from domain.follows import FollowKind, FollowRecord
from domain.record import Id
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, counts_by_parent, cut, pages_by_parent

NEWEST = Order("follows_newest")


class FollowStore:
    """Reads edges of the follow graph. `_id` is their order in time."""

    COLLECTION = "follows"
    INDEXES = (
        IndexModel([("follower_id", 1), ("kind", 1), ("target_id", 1)], unique=True),
        # The last key is for a filter: implicit edges need not be fetched to be left out.
        IndexModel([("follower_id", 1), ("kind", 1), ("_id", 1), ("is_explicit", 1)]),
        IndexModel([("target_id", 1), ("kind", 1), ("_id", 1)]),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def targets(self, follower_id: Id, kind: FollowKind, target_ids: Sequence[Id]) -> set[Id]:
        """Which of some targets a user follows explicitly."""
        found = await self._mongo.find(
            f"follows.targets_{kind.lower()}",
            self.COLLECTION,
            {
                "follower_id": object_id(follower_id),
                "kind": kind.value,
                "target_id": {"$in": object_ids(target_ids)},
                "is_explicit": True,
            },
            projection={"target_id": 1},
            keys=len(target_ids),
        )
        return {document["target_id"] for document in found}

    async def followers_of(self, target_id: Id, follower_ids: Sequence[Id]) -> set[Id]:
        """Which of some users follow one user explicitly."""
        found = await self._mongo.find(
            "follows.followers_of",
            self.COLLECTION,
            {
                "follower_id": {"$in": object_ids(follower_ids)},
                "kind": FollowKind.USER.value,
                "target_id": object_id(target_id),
                "is_explicit": True,
            },
            projection={"follower_id": 1},
            keys=len(follower_ids),
        )
        return {document["follower_id"] for document in found}

    async def newest(self, follower_id: Id, limit: int) -> list[FollowRecord]:
        """A user's newest edges of each kind, at most `limit` a kind: what a feed is made from."""
        branches = [_newest(follower_id, kind, limit) for kind in FollowKind]
        pipeline: list[Document] = list(branches[0])
        for branch in branches[1:]:
            pipeline.append({"$unionWith": {"coll": self.COLLECTION, "pipeline": branch}})
        found = await self._mongo.aggregate("follows.newest", self.COLLECTION, pipeline)
        return records(found, FollowRecord)

    async def pages_of_followers(
        self, target_ids: Sequence[Id], kind: FollowKind, page: Page
    ) -> dict[Id, Slice[FollowRecord]]:
        """A page of the edges that point to each target."""
        return await self._pages(
            "pages_of_followers", "target_id", target_ids, {"kind": kind}, page
        )

    async def pages_of_following(
        self, follower_ids: Sequence[Id], kind: FollowKind, explicit_only: bool, page: Page
    ) -> dict[Id, Slice[FollowRecord]]:
        """A page of the edges that leave each follower."""
        match = _of_kind(kind, explicit_only)
        return await self._pages("pages_of_following", "follower_id", follower_ids, match, page)

    async def counts_of_following(
        self, follower_ids: Sequence[Id], kind: FollowKind, explicit_only: bool
    ) -> dict[Id, int]:
        """How many edges leave each follower."""
        match = _of_kind(kind, explicit_only)
        return await self._counts("counts_of_following", "follower_id", follower_ids, match)

    async def _pages(
        self, name: str, field: str, ids: Sequence[Id], match: Document, page: Page
    ) -> dict[Id, Slice[FollowRecord]]:
        found = await pages_by_parent(
            self._mongo,
            f"follows.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            page=page,
            match=match,
        )
        return {parent: cut(page, records(rows, FollowRecord)) for parent, rows in found.items()}

    async def _counts(
        self, name: str, field: str, ids: Sequence[Id], match: Document
    ) -> dict[Id, int]:
        return await counts_by_parent(
            self._mongo,
            f"follows.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            match=match,
        )


def _of_kind(kind: FollowKind, explicit_only: bool) -> Document:
    match: Document = {"kind": kind.value}
    return match | {"is_explicit": True} if explicit_only else match


def _newest(follower_id: Id, kind: FollowKind, limit: int) -> list[Document]:
    return [
        {"$match": {"follower_id": object_id(follower_id), "kind": kind.value}},
        {"$sort": {"_id": -1}},
        {"$limit": limit},
    ]
