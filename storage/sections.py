"""Sections of boards."""

from collections.abc import Iterable, Sequence

from pymongo import ASCENDING, IndexModel

from domain.boards import SectionRecord
from domain.record import Id
from storage.cache import RecordCache
from storage.codec import object_ids, records
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, Value, cut, pages_by_parent

POSITION = Order("sections_position", descending=False, field="position", value=Value.NUMBER)


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

    async def _load(self, ids: Sequence[Id]) -> dict[Id, SectionRecord]:
        found = await self._mongo.find(
            "sections.get_many", self.COLLECTION, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {section.id: section for section in records(found, SectionRecord)}
