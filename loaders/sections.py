"""Sections of boards."""

from collections.abc import Iterable, Mapping, Sequence

from domain.boards import SectionRecord
from domain.record import Id
from loaders.base import BatchLoader, Loaders, PageLoader, visible_slices
from loaders.boards import BoardByIdLoader
from storage.paging import Slice


class SectionByIdLoader(BatchLoader[Id, SectionRecord]):
    """A section; None when there is none or the viewer may not see its board."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, SectionRecord]:
        """The visible sections among the keys."""
        sections = await self.storage.sections.get_many(keys)
        return await visible_sections(self.loaders, sections.values())


class SectionPlacesByBoardLoader(BatchLoader[Id, Mapping[Id, int]]):
    """The place of each section of a board, counted from 0, by the section's id."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Mapping[Id, int]]:
        """One query for the sections of all boards."""
        found = await self.storage.sections.ids_by_board(keys)
        return {
            board: {section: place for place, section in enumerate(sections)}
            for board, sections in found.items()
        }


class SectionsByBoardLoader(PageLoader[SectionRecord]):
    """A page of a board's sections."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[SectionRecord]]:
        """The pages of all boards."""
        slices = await self.storage.sections.pages_by_board(keys, self.page)
        return await visible_slices(slices, lambda rows: visible_sections(self.loaders, rows))


async def visible_sections(
    loaders: Loaders, sections: Iterable[SectionRecord]
) -> dict[Id, SectionRecord]:
    """The sections of boards that the viewer may see, by id."""
    sections = list(sections)
    boards = await loaders(BoardByIdLoader).load_mapping(s.board_id for s in sections)
    return {section.id: section for section in sections if section.board_id in boards}
