"""The following feed."""

from collections.abc import Mapping, Sequence

from domain.pins import PinRecord
from domain.record import Id
from loaders.base import Loaders
from loaders.pins import PinPageLoader
from storage.paging import Page, Slice, cut
from storage.timelines import Sources


class FollowingFeedLoader(PinPageLoader):
    """A page of what the viewer's sources added, newest first; the key is the viewer's id."""

    def __init__(self, loaders: Loaders, page: Page, sources: Sources) -> None:
        super().__init__(loaders, page)
        self.sources = sources

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The page, without hidden pins."""
        before = None if self.page.bound is None else self.page.bound.id
        timelines = self.storage.timelines
        pins = await timelines.newest(self.sources, self.page.limit + 1, before)
        return await self.visible(dict.fromkeys(keys, cut(self.page, pins)))
