"""Related pins: "more like this", from the pin–board graph."""

from collections.abc import Mapping, Sequence

from domain.record import Id
from loaders.base import PageLoader, rows_of, slices_within, visible_slices
from loaders.pins import PinByIdLoader
from storage.paging import Order, Slice, Value, page_of
from storage.related import RelatedPin

BEST_FIRST = Order("related", field="score", value=Value.NUMBER)


class RelatedByRootLoader(PageLoader[RelatedPin]):
    """A page of what is related to a picture, by the root of its save tree."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, Slice[RelatedPin]] | None:
        """The pages, if the lists and all pins of these are at hand."""
        related = self.storage.related.at_hand(keys)
        if related is None:
            return None
        slices = self._slices(related)
        pins = self.loaders(PinByIdLoader).known(row.id for row in rows_of(slices))
        return None if pins is None else slices_within(slices, pins)

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[RelatedPin]]:
        """The pages of all roots, without hidden pins."""
        related = await self.storage.related.get_many(keys)
        return await visible_slices(self._slices(related), self._visible)

    def _slices(self, related: Mapping[Id, list[RelatedPin]]) -> dict[Id, Slice[RelatedPin]]:
        return {
            root: page_of(self.page, ranked, is_ordered=True) for root, ranked in related.items()
        }

    async def _visible(self, ranked: list[RelatedPin]) -> Mapping[Id, object]:
        return await self.loaders(PinByIdLoader).load_mapping(each.id for each in ranked)


class RecommendedByBoardLoader(PageLoader[RelatedPin]):
    """A page of what fits a board and is not on it."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[RelatedPin]]:
        """The pages of all boards, without hidden pins."""
        recommended = await self.storage.related.for_boards(keys)
        slices = {board: page_of(self.page, ranked) for board, ranked in recommended.items()}
        return await visible_slices(slices, self._visible)

    async def _visible(self, ranked: list[RelatedPin]) -> Mapping[Id, object]:
        return await self.loaders(PinByIdLoader).load_mapping(each.id for each in ranked)
