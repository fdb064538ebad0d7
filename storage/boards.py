"""Boards."""

from collections.abc import Collection, Iterable, Sequence

from pymongo import ASCENDING, DESCENDING, IndexModel

from domain.boards import MAX_BOARDS, BoardPrivacy, BoardRecord, InviteStatus
from domain.orders import UserBoardFilter
from domain.record import Id
from domain.slugs import free_slug
from domain.users import UserRecord
from storage.cache import RecordCache
from storage.codec import Document, object_id, object_ids, records
from storage.lists import FirstPages
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, Value, counts_by_parent, cut, pages_by_parent
from storage.transactions import Transaction

LAST_SAVED = Order("boards_last_saved", field="pins_modified_at", value=Value.TIME)
ALPHABETICAL = Order("boards_alphabetical", descending=False, field="slug")
NEWEST = Order("boards_newest")
CUSTOM = Order("boards_custom", descending=False, field="position")


async def board_ids_of(tx: Transaction, owner_id: Id) -> list[Id]:
    """The ids of a user's boards."""
    cursor = tx.collection("boards").find(
        {"owner_id": object_id(owner_id)},
        {"_id": 1},
        limit=MAX_BOARDS,
        batch_size=MAX_BOARDS,
        session=tx.session,
    )
    return [Id(row["_id"]) for row in await cursor.to_list(None)]


class BoardStore:
    """Reads boards; they are cached by id."""

    COLLECTION = "boards"
    INDEXES = (
        IndexModel([("owner_id", ASCENDING), ("slug", ASCENDING)], unique=True),
        # Each order of a user's boards, without the archived ones and with them.
        *(
            IndexModel([("owner_id", 1), ("privacy", 1), *archived, *key, ("_id", 1)])
            for archived in ([("archived_at", 1)], [])
            for key in ([("pins_modified_at", 1)], [("slug", 1)], [("position", 1)], [])
        ),
        IndexModel([("collaborators.user_id", ASCENDING), ("_id", DESCENDING)]),
        IndexModel(
            [("name", "text"), ("description", "text")],
            name="search",
            weights={"name": 5, "description": 1},
            partialFilterExpression={"privacy": "PUBLIC"},
        ),
    )

    def __init__(
        self, mongo: Mongo, cache: RecordCache[BoardRecord], lists: FirstPages[BoardRecord]
    ) -> None:
        self._mongo = mongo
        self._cache = cache
        self._lists = lists

    def at_hand(self, ids: Iterable[Id]) -> dict[Id, BoardRecord] | None:
        """As `get_many`, if none has to be read; else None."""
        return self._cache.at_hand(ids)

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, BoardRecord]:
        """The boards that exist, by id."""
        return await self._cache.get_many(ids, self._load)

    async def ids_by_slug(self, keys: Sequence[tuple[Id, str]]) -> dict[tuple[Id, str], Id]:
        """The ids of boards named by owner and slug."""
        if not keys:
            return {}
        found = await self._mongo.find(
            "boards.ids_by_slug",
            self.COLLECTION,
            {"$or": [{"owner_id": object_id(owner), "slug": slug} for owner, slug in keys]},
            projection={"owner_id": 1, "slug": 1},
            keys=len(keys),
        )
        return {(document["owner_id"], document["slug"]): document["_id"] for document in found}

    def pages_at_hand(
        self, owner_ids: Collection[Id], page: Page, only: UserBoardFilter
    ) -> dict[Id, Slice[BoardRecord]] | None:
        """As `pages_by_owner`, if nothing has to be read; else None."""
        return self._lists.at_hand(self, owner_ids, page, only)

    async def pages_by_owner(
        self, owner_ids: Sequence[Id], page: Page, only: UserBoardFilter
    ) -> dict[Id, Slice[BoardRecord]]:
        """A page of each owner's boards."""

        async def read(ids: Sequence[Id]) -> dict[Id, Slice[BoardRecord]]:
            return await self._read_pages(ids, page, only)

        return await self._lists.get(self, owner_ids, page, only, read)

    async def _read_pages(
        self, owner_ids: Sequence[Id], page: Page, only: UserBoardFilter
    ) -> dict[Id, Slice[BoardRecord]]:
        found = await pages_by_parent(
            self._mongo,
            "boards.pages_by_owner",
            collection=self.COLLECTION,
            parent_field="owner_id",
            parent_ids=owner_ids,
            page=page,
            match=_match(only),
        )
        return {owner: cut(page, records(rows, BoardRecord)) for owner, rows in found.items()}

    async def counts_by_owner(
        self, owner_ids: Sequence[Id], only: UserBoardFilter
    ) -> dict[Id, int]:
        """How many boards each owner has."""
        return await counts_by_parent(
            self._mongo,
            "boards.counts_by_owner",
            collection=self.COLLECTION,
            parent_field="owner_id",
            parent_ids=owner_ids,
            match=_match(only),
        )

    async def owned_by(self, tx: Transaction, owner: UserRecord) -> int:
        """How many boards a user owns, archived and secret ones too; counts up to `MAX_BOARDS`."""
        owned: int = await tx.collection(self.COLLECTION).count_documents(
            {"owner_id": object_id(owner.id)}, limit=MAX_BOARDS, session=tx.session
        )
        return owned

    async def claim_slug(self, tx: Transaction, owner: UserRecord, slug: str) -> str:
        """The first of `slug`, `slug-2`, `slug-3` … that none of the owner's boards has.

        Until the transaction ends nobody else is given it, nor does the owner get another board.
        """
        await tx.touch(owner)
        # "." follows "-" in order, and no slug has it: these are `slug` and what begins `slug-`.
        alike = {"owner_id": object_id(owner.id), "slug": {"$gte": slug, "$lt": f"{slug}."}}
        cursor = tx.collection(self.COLLECTION).find(
            alike, {"_id": 0, "slug": 1}, session=tx.session
        )
        taken = {row["slug"] for row in await cursor.to_list(None)}
        return free_slug(slug, lambda each: each not in taken)

    async def inviting(self, user_id: Id, limit: int) -> list[BoardRecord]:
        """The boards that a user is invited to and has not answered, newest boards first."""
        open_to_them = {"user_id": object_id(user_id), "status": InviteStatus.PENDING.value}
        found = await self._mongo.find(
            "boards.inviting",
            self.COLLECTION,
            {
                "collaborators.user_id": object_id(user_id),
                "collaborators": {"$elemMatch": open_to_them},
            },
            sort=[("_id", -1)],
            limit=limit,
        )
        return records(found, BoardRecord)

    async def ids_of(self, tx: Transaction, owner_id: Id) -> list[Id]:
        """The ids of a user's boards."""
        return await board_ids_of(tx, owner_id)

    async def saved_to_last(self, tx: Transaction, owner_id: Id) -> BoardRecord | None:
        """A user's own public board, not archived, whose pins changed last."""
        query: Document = {
            "owner_id": object_id(owner_id),
            "privacy": BoardPrivacy.PUBLIC.value,
            "archived_at": None,
        }
        newest = [("pins_modified_at", -1), ("_id", -1)]
        found = await tx.find(BoardRecord, query, sort=newest, limit=1)
        return found[0] if found else None

    async def shared(self, tx: Transaction, owner_id: Id, user_id: Id) -> list[BoardRecord]:
        """A user's boards that another one shares, or is invited to."""
        query = {"collaborators.user_id": object_id(user_id), "owner_id": object_id(owner_id)}
        return await tx.find(BoardRecord, query, limit=MAX_BOARDS)

    async def _load(self, ids: Sequence[Id]) -> dict[Id, BoardRecord]:
        found = await self._mongo.find(
            "boards.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {board.id: board for board in records(found, BoardRecord)}


def _match(only: UserBoardFilter) -> Document:
    match: Document = {"privacy": {"$in": sorted(only.privacies)}}
    return match if only.include_archived else match | {"archived_at": None}
