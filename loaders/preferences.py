"""What the viewer wishes of their feed."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from domain.preferences import PreferencesRecord, Wishes
from domain.record import Id, Record
from domain.users import UserRecord
from loaders.base import BatchLoader, PageLoader, visible_slices, without_gaps
from loaders.users import UserByIdLoader
from storage.paging import Order, Slice, Value, page_of


class WishesLoader(BatchLoader[Id, Wishes]):
    """What the viewer, whose id is the key, wishes of their feed."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, Wishes] | None:
        """The viewer's wishes, if they need not be read."""
        return without_gaps({key: self.storage.tastes.wishes_at_hand(key) for key in keys})

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Wishes]:
        """One query a request at most, for the one viewer it has."""
        return {key: await self.storage.tastes.wishes(key) for key in keys}


class PreferencesLoader(BatchLoader[Id, PreferencesRecord]):
    """The preferences of the viewer, whose id is the key."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, PreferencesRecord]:
        """Theirs as they stated them, or as they are for everybody who has not."""
        stated = await self.storage.preferences.get_many(keys)
        return {key: stated.get(key) or PreferencesRecord(id=key) for key in keys}


class AdvertiserRow(Record, frozen=True, kw_only=True):
    """One line of the list of hidden advertisers; `id` is the user's."""

    hidden_at: datetime


NEWEST = Order("hidden_advertisers", field="hidden_at", value=Value.TIME)


class HiddenAdvertisersLoader(PageLoader[AdvertiserRow]):
    """A page of the advertisers that the viewer, whose id is the key, has hidden."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[AdvertiserRow]]:
        """Without those who are hidden from the viewer by more than their wish."""
        preferences = await self.loaders(PreferencesLoader).load_mapping(keys)
        slices = {key: page_of(self.page, _rows(each)) for key, each in preferences.items()}
        return await visible_slices(slices, self._visible)

    async def _visible(self, rows: list[AdvertiserRow]) -> Mapping[Id, UserRecord]:
        return await self.loaders(UserByIdLoader).load_mapping(row.id for row in rows)


def _rows(preferences: PreferencesRecord) -> list[AdvertiserRow]:
    return [
        AdvertiserRow(id=each.user_id, hidden_at=each.hidden_at)
        for each in preferences.hidden_advertisers
    ]
