"""Ads, as far as a viewer needs to know of them."""

from collections.abc import Mapping, Sequence

from domain.campaigns import AdRecord
from domain.record import Id
from loaders.base import BatchLoader


class AdByIdLoader(BatchLoader[Id, AdRecord]):
    """The ad behind a served slot."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, AdRecord]:
        """The ads among the keys."""
        return await self.storage.ads.get_many(keys)
