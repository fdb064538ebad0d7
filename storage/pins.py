"""Pins: by id, and in the lists they stand in."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from pymongo import IndexModel

from domain.boards import BoardPrivacy
from domain.orders import BoardPinFilter, UserPinFilter
from domain.pins import PinRecord
from domain.record import Id
from storage.cache import RecordCache
from storage.codec import Document, object_id, object_ids, records
from storage.lists import FirstPages
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, Value, counts_by_parent, cut, pages_by_parent
from storage.transactions import Transaction

NEWEST = Order("pins_newest")
OLDEST = NEWEST.reversed("pins_oldest")
CUSTOM = Order("pins_custom", descending=False, field="position")
TRENDING = Order("pins_trending", field="trend", value=Value.NUMBER)

SAVED_TO_LIMIT = 5
"""How many of the viewer's copies of one pin are looked up."""

PUBLIC_ROOTS: Document = {"privacy": BoardPrivacy.PUBLIC.value, "is_repin": False}


class PinStore:
    """Reads pins; they are cached by id."""

    COLLECTION = "pins"
    INDEXES = (
        # Lists of a board: its own order, by time, and either within a section.
        IndexModel([("board_id", 1), ("position", 1), ("_id", 1)]),
        IndexModel([("board_id", 1), ("_id", 1), ("root_id", 1)]),
        IndexModel([("section_id", 1), ("position", 1), ("_id", 1)]),
        IndexModel([("section_id", 1), ("_id", 1)]),
        # Lists of a user, and what a feed takes from the people its viewer follows.
        IndexModel([("owner_id", 1), ("is_repin", 1), ("privacy", 1), ("_id", 1)]),
        IndexModel([("owner_id", 1), ("is_repin", 1), ("_id", 1)]),
        IndexModel([("owner_id", 1), ("privacy", 1), ("_id", 1)]),
        IndexModel([("owner_id", 1), ("board_id", 1), ("_id", 1)]),
        # The save tree: copies of a pin, boards that hold a root, the viewer's own copies.
        IndexModel([("parent_id", 1), ("privacy", 1), ("_id", 1)]),
        IndexModel([("root_id", 1), ("privacy", 1), ("_id", 1), ("board_id", 1)]),
        IndexModel([("owner_id", 1), ("root_id", 1), ("_id", 1)]),
        IndexModel([("parent_id", 1), ("board_id", 1), ("owner_id", 1), ("_id", 1)]),
        # Topic pages and what is trending.
        IndexModel([("topic_ids", 1), ("privacy", 1), ("is_repin", 1), ("trend", 1), ("_id", 1)]),
        IndexModel([("topic_ids", 1), ("privacy", 1), ("is_repin", 1), ("_id", 1)]),
        IndexModel([("privacy", 1), ("is_repin", 1), ("trend", 1), ("_id", 1)]),
        IndexModel([("privacy", 1), ("is_repin", 1), ("_id", 1)]),
        IndexModel(
            [("title", "text"), ("description", "text"), ("alt_text", "text")],
            name="search",
            weights={"title": 5, "alt_text": 2, "description": 1},
            partialFilterExpression=PUBLIC_ROOTS,
        ),
    )

    def __init__(
        self, mongo: Mongo, cache: RecordCache[PinRecord], lists: FirstPages[PinRecord]
    ) -> None:
        self._mongo = mongo
        self._cache = cache
        self._lists = lists

    def at_hand(self, ids: Iterable[Id]) -> dict[Id, PinRecord] | None:
        """As `get_many`, if none has to be read; else None."""
        return self._cache.at_hand(ids)

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, PinRecord]:
        """The pins that exist, by id."""
        return await self._cache.get_many(ids, self._load)

    def pages_at_hand(
        self, board_ids: Collection[Id], page: Page, only: BoardPinFilter
    ) -> dict[Id, Slice[PinRecord]] | None:
        """As `pages_by_board`, if nothing has to be read; else None."""
        return self._lists.at_hand(self, board_ids, page, only)

    async def pages_by_board(
        self, board_ids: Sequence[Id], page: Page, only: BoardPinFilter
    ) -> dict[Id, Slice[PinRecord]]:
        """A page of each board's pins."""

        async def read(ids: Sequence[Id]) -> dict[Id, Slice[PinRecord]]:
            return await self._pages("pages_by_board", "board_id", ids, page, _on_board(only))

        return await self._lists.get(self, board_ids, page, only, read)

    async def pages_by_section(
        self, section_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[PinRecord]]:
        """A page of each section's pins."""
        return await self._pages("pages_by_section", "section_id", section_ids, page, {})

    async def counts_by_board(self, board_ids: Sequence[Id], only: BoardPinFilter) -> dict[Id, int]:
        """How many pins each board has that pass the filter."""
        return await self._counts("counts_by_board", "board_id", board_ids, _on_board(only))

    async def pages_by_owner(
        self, owner_ids: Sequence[Id], page: Page, only: UserPinFilter
    ) -> dict[Id, Slice[PinRecord]]:
        """A page of each user's created, or saved, pins."""
        return await self._pages("pages_by_owner", "owner_id", owner_ids, page, _of_user(only))

    async def counts_by_owner(self, owner_ids: Sequence[Id], only: UserPinFilter) -> dict[Id, int]:
        """How many pins each user created, or saved."""
        return await self._counts("counts_by_owner", "owner_id", owner_ids, _of_user(only))

    async def pages_by_topic(
        self, topic_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[PinRecord]]:
        """A page of each topic's public root pins."""
        return await self._pages("pages_by_topic", "topic_ids", topic_ids, page, PUBLIC_ROOTS)

    async def pages_of_copies(
        self, pin_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[PinRecord]]:
        """A page of the public copies saved from each pin."""
        return await self._pages("pages_of_copies", "parent_id", pin_ids, page, _PUBLIC)

    async def counts_of_copies(self, pin_ids: Sequence[Id]) -> dict[Id, int]:
        """How many public copies were saved from each pin."""
        return await self._counts("counts_of_copies", "parent_id", pin_ids, _PUBLIC)

    async def copies_owned_by(
        self, owner_id: Id, root_ids: Sequence[Id]
    ) -> dict[Id, list[PinRecord]]:
        """A user's newest copies of each save tree, at most `SAVED_TO_LIMIT` a tree."""
        found = await pages_by_parent(
            self._mongo,
            "pins.copies_owned_by",
            collection=self.COLLECTION,
            parent_field="root_id",
            parent_ids=root_ids,
            page=Page(SAVED_TO_LIMIT - 1, NEWEST),
            match={"owner_id": object_id(owner_id), "is_repin": True},
        )
        return {root: records(rows, PinRecord) for root, rows in found.items()}

    async def copy_on_board(
        self, tx: Transaction, parent_id: Id, board_id: Id, owner_id: Id
    ) -> PinRecord | None:
        """The first copy of a pin that a user has on a board."""
        found = await tx.find(
            PinRecord,
            {
                "parent_id": object_id(parent_id),
                "board_id": object_id(board_id),
                "owner_id": object_id(owner_id),
            },
            sort=[("_id", 1)],
            limit=1,
        )
        return found[0] if found else None

    async def copies_of(
        self, tx: Transaction, root_id: Id, owner_id: Id, board_id: Id | None, *, limit: int
    ) -> list[PinRecord]:
        """A user's first copies of a save tree, on one board or all."""
        query: Document = {
            "root_id": object_id(root_id),
            "owner_id": object_id(owner_id),
            "is_repin": True,
        }
        if board_id is not None:
            query["board_id"] = object_id(board_id)
        return await tx.find(PinRecord, query, sort=[("_id", 1)], limit=limit)

    async def on_boards_of(
        self, tx: Transaction, owner_id: Id, board_ids: Sequence[Id], limit: int
    ) -> list[PinRecord]:
        """A user's first pins on some boards, board by board."""
        query = {"owner_id": object_id(owner_id), "board_id": {"$in": object_ids(board_ids)}}
        return await tx.find(PinRecord, query, sort=[("board_id", 1), ("_id", 1)], limit=limit)

    async def boards_with(self, tx: Transaction, owner_id: Id, board_ids: Sequence[Id]) -> list[Id]:
        """On which of some boards a user has pins."""
        theirs = {"owner_id": object_id(owner_id), "board_id": {"$in": object_ids(board_ids)}}
        found = await tx.aggregate(
            self.COLLECTION,
            [
                {"$match": theirs},
                {"$sort": {"board_id": 1, "_id": 1}},
                {"$group": {"_id": "$board_id"}},
            ],
        )
        return [row["_id"] for row in found]

    async def newest_saves(self, owner_id: Id, limit: int) -> list[PinRecord]:
        """What a user saved last, on public boards."""
        found = await self._mongo.find(
            "pins.newest_saves",
            self.COLLECTION,
            {"owner_id": object_id(owner_id), "is_repin": True} | _PUBLIC,
            sort=[("_id", -1)],
            limit=limit,
        )
        return records(found, PinRecord)

    async def _load(self, ids: Sequence[Id]) -> dict[Id, PinRecord]:
        found = await self._mongo.find(
            "pins.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {pin.id: pin for pin in records(found, PinRecord)}

    async def _pages(
        self, name: str, field: str, ids: Sequence[Id], page: Page, match: Mapping[str, Any]
    ) -> dict[Id, Slice[PinRecord]]:
        found = await pages_by_parent(
            self._mongo,
            f"pins.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            page=page,
            match=match,
        )
        return {parent: cut(page, records(rows, PinRecord)) for parent, rows in found.items()}

    async def _counts(
        self, name: str, field: str, ids: Sequence[Id], match: Mapping[str, Any]
    ) -> dict[Id, int]:
        return await counts_by_parent(
            self._mongo,
            f"pins.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            match=match,
        )


_PUBLIC: Document = {"privacy": BoardPrivacy.PUBLIC.value}
_EVERYTHING = frozenset(BoardPrivacy)


def _on_board(only: BoardPinFilter) -> Document:
    match: Document = {}
    if only.section_id is not None:
        match["section_id"] = object_id(only.section_id)
    if only.creative_types:
        match["creative_type"] = {"$in": sorted(only.creative_types)}
    if only.added_by is not None:
        # An expression, which no index serves: or else all pins of that owner might be read and
        # sorted, where the board's own order is at hand.
        match["$expr"] = {"$in": ["$owner_id", [object_id(only.added_by)]]}
    return match


def _of_user(only: UserPinFilter) -> Document:
    match: Document = {"is_repin": only.is_repin}
    if only.privacies != _EVERYTHING:
        match["privacy"] = {"$in": sorted(only.privacies)}
    if only.creative_types:
        match["creative_type"] = {"$in": sorted(only.creative_types)}
    if only.promoted_only:
        match["has_been_promoted"] = True
    return match
