"""Blocks between users."""

from collections.abc import Sequence

from pymongo import IndexModel

from domain.blocks import BlockList, BlockRecord
from domain.record import Id
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, cut, pages_by_parent
from storage.transactions import Transaction
from storage.views import View

NEWEST = Order("blocks_newest")


class BlockStore:
    """Who blocked whom. A block hides both from each other."""

    COLLECTION = "blocks"
    INDEXES = (
        IndexModel([("blocker_id", 1), ("blocked_id", 1)], unique=True),
        IndexModel([("blocked_id", 1), ("blocker_id", 1)]),
        IndexModel([("blocker_id", 1), ("_id", 1)]),
    )

    def __init__(self, mongo: Mongo, lists: View[BlockList]) -> None:
        self._mongo = mongo
        self._lists = lists

    def at_hand(self, user_id: Id) -> BlockList | None:
        """As `of_user`, if it need not be read."""
        return self._lists.at_hand(user_id)

    async def of_user(self, user_id: Id) -> BlockList:
        """All users with whom a block stands, as `between` has it."""
        return await self._lists.get(user_id, self._list)

    async def _list(self, user_id: Id) -> BlockList:
        user = object_id(user_id)
        found = await self._mongo.find(
            "blocks.of_user",
            self.COLLECTION,
            {"$or": [{"blocker_id": user}, {"blocked_id": user}]},
            projection=_ENDS,
            limit=MAX_LISTED + 1,
        )
        return BlockList(None if len(found) > MAX_LISTED else _others(user_id, found))

    async def pages_by_blocker(
        self, blocker_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[BlockRecord]]:
        """A page of the blocks that each user made."""
        found = await pages_by_parent(
            self._mongo,
            "blocks.pages_by_blocker",
            collection=self.COLLECTION,
            parent_field="blocker_id",
            parent_ids=blocker_ids,
            page=page,
        )
        return {user: cut(page, records(rows, BlockRecord)) for user, rows in found.items()}

    async def made(self, tx: Transaction, blocker_id: Id, blocked_id: Id) -> BlockRecord | None:
        """The block that one user made of another."""
        pair = {"blocker_id": object_id(blocker_id), "blocked_id": object_id(blocked_id)}
        found = await tx.find(BlockRecord, pair, limit=1)
        return found[0] if found else None

    async def standing(self, tx: Transaction, user_id: Id, other_ids: Sequence[Id]) -> set[Id]:
        """The users among `other_ids` with whom a block stands now, whoever made it."""
        cursor = tx.collection(self.COLLECTION).find(
            _between(user_id, other_ids), _ENDS, batch_size=1000, session=tx.session
        )
        return set(_others(user_id, await cursor.to_list(None)))

    async def between(self, user_id: Id, other_ids: Sequence[Id]) -> dict[Id, bool]:
        """The users among `other_ids` with whom a block stands; true where `user_id` made it."""
        found = await self._mongo.find(
            "blocks.between",
            self.COLLECTION,
            _between(user_id, other_ids),
            projection=_ENDS,
            keys=len(other_ids),
        )
        return _others(user_id, found)


MAX_LISTED = 5_000
"""Up to here the blocks of one user are read at once."""

_ENDS: Document = {"_id": 0, "blocker_id": 1, "blocked_id": 1}


def _between(user_id: Id, other_ids: Sequence[Id]) -> Document:
    user, others = object_id(user_id), {"$in": object_ids(other_ids)}
    return {
        "$or": [
            {"blocker_id": user, "blocked_id": others},
            {"blocked_id": user, "blocker_id": others},
        ]
    }


def _others(user_id: Id, edges: Sequence[Document]) -> dict[Id, bool]:
    made = {edge["blocked_id"]: True for edge in edges if edge["blocker_id"] == user_id}
    suffered = {edge["blocker_id"]: False for edge in edges if edge["blocked_id"] == user_id}
    return suffered | made
