"""Sections of boards."""

from collections.abc import Iterable, Sequence

from pymongo import ASCENDING, IndexModel

from domain.boards import MAX_SECTIONS, SectionRecord
from domain.record import Id
from storage.bulk import bulk_call
from storage.cache import RecordCache
from storage.codec import object_ids, records
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, cut, pages_by_parent

POSITION = Order("sections_custom", descending=False, field="position")

_ALL = Page(MAX_SECTIONS, POSITION)
_PLACE_AS_POSITION = {
    "$concat": [
        {"$substrBytes": [{"$toString": {"$add": [1_000_001, {"$toInt": "$position"}]}}, 1, 6]},
        "000000",
    ]
}
"""What `domain.positions.at_place` gives for a stored number."""


class SectionStore:
    """Reads sections; they are cached by id."""

    COLLECTION = "sections"
    INDEXES = (IndexModel([("board_id", ASCENDING), ("position", ASCENDING), ("_id", ASCENDING)]),)

    def __init__(self, mongo: Mongo, cache: RecordCache[SectionRecord]) -> None:
        self._mongo = mongo
        self._cache = cache

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, SectionRecord]:
        """The sections that exist, by id."""
        return await self._cache.get_many(ids, self._load)

    async def pages_by_board(
        self, board_ids: Sequence[Id], page: Page
    ) -> dict[Id, Slice[SectionRecord]]:
        """A page of each board's sections."""
        found = await pages_by_parent(
            self._mongo,
            "sections.pages_by_board",
            collection=self.COLLECTION,
            parent_field="board_id",
            parent_ids=board_ids,
            page=page,
        )
        return {board: cut(page, records(rows, SectionRecord)) for board, rows in found.items()}

    async def ids_by_board(self, board_ids: Sequence[Id]) -> dict[Id, list[Id]]:
        """The ids of each board's sections, in their places: the first `MAX_SECTIONS`."""
        found = await pages_by_parent(
            self._mongo,
            "sections.ids_by_board",
            collection=self.COLLECTION,
            parent_field="board_id",
            parent_ids=board_ids,
            page=_ALL,
            projection={"_id": 1},
        )
        return {board: [row["_id"] for row in rows[:MAX_SECTIONS]] for board, rows in found.items()}

    async def convert_places(self) -> None:
        """Makes positions of the numbers, counted from 0, that sections were first stored with.

        May be run again, by any number of processes at once: what is converted stays as it is.
        """
        sections = self._mongo.collection(self.COLLECTION)
        change = [{"$set": {"position": _PLACE_AS_POSITION}}]
        await bulk_call(lambda: sections.update_many({"position": {"$type": "number"}}, change))

    async def _load(self, ids: Sequence[Id]) -> dict[Id, SectionRecord]:
        found = await self._mongo.find(
            "sections.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {section.id: section for section in records(found, SectionRecord)}
