"""Pins: by id, in lists, and what the viewer has to do with them."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence

from domain.orders import BoardPinFilter, UserPinFilter
from domain.pins import PinRecord, ReactionType
from domain.policies import may_view_as_ad, may_view_pin
from domain.record import Id
from loaders.base import BatchLoader, Loaders, PageLoader, visible_slices
from loaders.boards import BoardByIdLoader
from loaders.staff import admit
from loaders.users import UserByIdLoader
from storage.paging import Page, Slice


class PinByIdLoader(BatchLoader[Id, PinRecord]):
    """A pin; None when there is none or the viewer may not see it."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, PinRecord]:
        """The visible pins among the keys."""
        pins = await self.storage.pins.get_many(keys)
        return await visible_pins(self.loaders, pins.values())


class AdvertisedPinByIdLoader(BatchLoader[Id, PinRecord]):
    """The pin of a served ad, which may stand on an ads-only board (INV-9)."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, PinRecord]:
        """The pins among the keys that may be shown as ads."""
        pins = await self.storage.pins.get_many(keys)
        boards, owners = await asyncio.gather(
            self.storage.boards.get_many({pin.board_id for pin in pins.values()}),
            self.loaders(UserByIdLoader).load_mapping(pin.owner_id for pin in pins.values()),
        )
        return await admit(
            self.loaders,
            pins.values(),
            lambda _, pin: may_view_as_ad(boards.get(pin.board_id), owners.get(pin.owner_id)),
            lambda pin: [owners.get(pin.owner_id)],
        )


class PinPageLoader(PageLoader[PinRecord]):
    """A page of pins: what every list of pins shares."""

    async def visible(self, slices: Mapping[Id, Slice[PinRecord]]) -> dict[Id, Slice[PinRecord]]:
        """The slices without hidden pins; the others need not be read again by id."""
        return await visible_slices(slices, self.prime_visible)

    async def prime_visible(self, pins: list[PinRecord]) -> Mapping[Id, PinRecord]:
        """The pins that the viewer may see, by id; they need not be read again."""
        return prime_pins(self.loaders, await visible_pins(self.loaders, pins))


class PinsByBoardLoader(PinPageLoader):
    """A page of a board's pins."""

    def __init__(self, loaders: Loaders, page: Page, only: BoardPinFilter) -> None:
        super().__init__(loaders, page)
        self.only = only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The pages of all boards."""
        return await self.visible(
            await self.storage.pins.pages_by_board(keys, self.page, self.only)
        )


class PinsBySectionLoader(PinPageLoader):
    """A page of a section's pins, by section."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The pages of all sections."""
        return await self.visible(await self.storage.pins.pages_by_section(keys, self.page))


class PinCountByBoardLoader(BatchLoader[Id, int]):
    """How many pins of a board pass the filter."""

    def __init__(self, loaders: Loaders, only: BoardPinFilter) -> None:
        super().__init__(loaders)
        self.only = only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all boards."""
        return await self.storage.pins.counts_by_board(keys, self.only)


class PinsByOwnerLoader(PinPageLoader):
    """A page of the pins that a user created, or saved."""

    def __init__(self, loaders: Loaders, page: Page, only: UserPinFilter) -> None:
        super().__init__(loaders, page)
        self.only = only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The pages of all users."""
        return await self.visible(
            await self.storage.pins.pages_by_owner(keys, self.page, self.only)
        )


class PinCountByOwnerLoader(BatchLoader[Id, int]):
    """How many pins a user created, or saved, that pass the filter."""

    def __init__(self, loaders: Loaders, only: UserPinFilter) -> None:
        super().__init__(loaders)
        self.only = only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all users."""
        return await self.storage.pins.counts_by_owner(keys, self.only)


class PinsByTopicLoader(PinPageLoader):
    """A page of a topic's public root pins."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The pages of all topics."""
        return await self.visible(await self.storage.pins.pages_by_topic(keys, self.page))


class CopiesByPinLoader(PinPageLoader):
    """A page of the public copies that were saved from a pin."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]]:
        """The pages of all pins."""
        return await self.visible(await self.storage.pins.pages_of_copies(keys, self.page))


class CopyCountByPinLoader(BatchLoader[Id, int]):
    """How many public copies were saved from a pin."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all pins."""
        return await self.storage.pins.counts_of_copies(keys)


class SaveCountByRootLoader(BatchLoader[Id, int]):
    """How often a picture was saved, over its whole save tree; also when the root is hidden."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all trees, which stand on their roots."""
        roots = await self.storage.pins.get_many(keys)
        return {root.id: root.aggregated_save_count for root in roots.values()}


class ViewerCopiesByRootLoader(BatchLoader[Id, list[PinRecord]]):
    """The viewer's own newest copies of a save tree, by its root."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, list[PinRecord]]:
        """The copies of all trees; an anonymous viewer has none."""
        if self.viewer.user_id is None:
            return {}
        copies = await self.storage.pins.copies_owned_by(Id(self.viewer.user_id), keys)
        visible = await visible_pins(self.loaders, (pin for row in copies.values() for pin in row))
        return {root: [pin for pin in row if pin.id in visible] for root, row in copies.items()}


class ViewerReactionByPinLoader(BatchLoader[Id, ReactionType]):
    """The viewer's reaction to a pin."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, ReactionType]:
        """The reactions to all pins; an anonymous viewer has none."""
        if self.viewer.user_id is None:
            return {}
        return await self.storage.reactions.of_user(Id(self.viewer.user_id), keys)


async def visible_pins(loaders: Loaders, pins: Iterable[PinRecord]) -> dict[Id, PinRecord]:
    """The pins that the viewer may see, by id: their boards and owners decide."""
    pins = list(pins)
    boards, owners = await asyncio.gather(
        loaders(BoardByIdLoader).load_mapping(pin.board_id for pin in pins),
        loaders(UserByIdLoader).load_mapping(pin.owner_id for pin in pins),
    )
    return await admit(
        loaders,
        pins,
        lambda viewer, pin: may_view_pin(
            viewer, pin, boards.get(pin.board_id), owners.get(pin.owner_id)
        ),
        lambda pin: [boards.get(pin.board_id), owners.get(pin.owner_id)],
    )


def prime_pins(loaders: Loaders, visible: Mapping[Id, PinRecord]) -> Mapping[Id, PinRecord]:
    """Tells the by-id loader of pins that were read and found visible in another way."""
    by_id = loaders(PinByIdLoader)
    for pin in visible.values():
        by_id.prime(pin.id, pin)
    return visible
