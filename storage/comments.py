"""Comments and replies."""

from collections.abc import Collection, Iterable, Sequence

from pymongo import IndexModel

from domain.pins import CommentRecord
from domain.record import Id
from storage.cache import RecordCache
from storage.codec import Document, object_id, object_ids, records
from storage.lists import FirstPages
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, counts_by_parent, cut, pages_by_parent
from storage.transactions import Transaction

NEWEST = Order("comments_newest")
OLDEST = NEWEST.reversed("comments_oldest")


class CommentStore:
    """Reads comments; they are cached by id.

    A reply has a parent; a pin's list holds only what has none.
    """

    COLLECTION = "comments"
    INDEXES = (
        IndexModel([("pin_id", 1), ("parent_id", 1), ("_id", 1)]),
        IndexModel([("parent_id", 1), ("_id", 1)]),
    )

    def __init__(
        self, mongo: Mongo, cache: RecordCache[CommentRecord], lists: FirstPages[CommentRecord]
    ) -> None:
        self._mongo = mongo
        self._cache = cache
        self._lists = lists

    def at_hand(self, ids: Iterable[Id]) -> dict[Id, CommentRecord] | None:
        """As `get_many`, if none has to be read; else None."""
        return self._cache.at_hand(ids)

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, CommentRecord]:
        """The comments that exist, by id."""
        return await self._cache.get_many(ids, self._load)

    def pages_at_hand(
        self, pin_ids: Collection[Id], page: Page
    ) -> dict[Id, Slice[CommentRecord]] | None:
        """As `pages_by_pin`, if nothing has to be read; else None."""
        return self._lists.at_hand(self, pin_ids, page, None)

    async def pages_by_pin(
        self, pin_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[CommentRecord]]:
        """A page of each pin's comments, without replies."""

        async def read(ids: Sequence[Id]) -> dict[Id, Slice[CommentRecord]]:
            return await self._pages("pages_by_pin", "pin_id", ids, page)

        return await self._lists.get(self, pin_ids, page, None, read)

    async def counts_by_pin(self, pin_ids: Sequence[Id]) -> dict[Id, int]:
        """How many comments each pin has, without replies."""
        return await counts_by_parent(
            self._mongo,
            "comments.counts_by_pin",
            collection=self.COLLECTION,
            parent_field="pin_id",
            parent_ids=pin_ids,
            match=_TOP_LEVEL,
        )

    async def pages_of_replies(
        self, comment_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[CommentRecord]]:
        """A page of each comment's replies."""
        return await self._pages("pages_of_replies", "parent_id", comment_ids, page)

    async def replies_to(self, tx: Transaction, comment_id: Id, limit: int) -> list[CommentRecord]:
        """The first replies to a comment."""
        return await tx.find(
            CommentRecord, {"parent_id": object_id(comment_id)}, sort=[("_id", 1)], limit=limit
        )

    async def _load(self, ids: Sequence[Id]) -> dict[Id, CommentRecord]:
        found = await self._mongo.find(
            "comments.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {comment.id: comment for comment in records(found, CommentRecord)}

    async def _pages(
        self, name: str, field: str, ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[CommentRecord]]:
        found = await pages_by_parent(
            self._mongo,
            f"comments.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            page=page,
            match=_TOP_LEVEL if field == "pin_id" else None,
        )
        return {parent: cut(page, records(rows, CommentRecord)) for parent, rows in found.items()}


# Not `None`, for which an index is read at two places and the rows are merged: that costs twice as
# much, and then the planner may walk `_id` through the whole collection instead.
_TOP_LEVEL: Document = {"parent_id": {"$type": "null"}}
