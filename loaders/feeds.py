"""The following feed."""

from collections.abc import Mapping, Sequence

from domain.pins import PinRecord
from domain.record import Id
from loaders.base import Loaders, visible_slices
from loaders.pins import PinPageLoader
from loaders.preferences import WishesLoader
from storage.paging import Page, Slice, cut
from storage.timelines import Sources


class FollowingFeedLoader(PinPageLoader):
    """A page of what the viewer's sources added, newest first; the key is the viewer's id."""

    def __init__(self, loaders: Loaders, page: Page, sources: Sources) -> None:
        super().__init__(loaders, page)
        self.sources = sources

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The page, without pins that the viewer may not see, or does not want to."""
        before = None if self.page.bound is None else self.page.bound.id
        timelines = self.storage.timelines
        pins = await timelines.newest(self.sources, self.page.limit + 1, before)
        slices = dict.fromkeys(keys, cut(self.page, pins))
        wishes = await self.loaders(WishesLoader).load_mapping(keys)

        async def shown(pins: list[PinRecord]) -> set[Id]:
            hidden = {root for each in wishes.values() for root in each.hidden_root_ids}
            visible = await self.prime_visible(pins)
            return {pin.id for pin in visible.values() if pin.root_id not in hidden}

        return await visible_slices(slices, shown)
