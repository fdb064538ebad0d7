"""Pins: by id, in lists, and what the viewer has to do with them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from domain.boards import BoardRecord
from domain.orders import BoardPinFilter, UserPinFilter
from domain.pins import PinRecord, ReactionType
from domain.policies import may_view_as_ad, may_view_pin
from domain.record import Id
from domain.users import UserRecord
from domain.viewer import Viewer
from loaders.base import (
    BatchLoader,
    Loaders,
    PageLoader,
    rows_of,
    slices_within,
    visible_slices,
)
from loaders.boards import BoardByIdLoader
from loaders.staff import admit, admit_at_hand
from loaders.users import UserByIdLoader
from storage.paging import Page, Slice


class PinByIdLoader(BatchLoader[Id, PinRecord]):
    """A pin; None when there is none or the viewer may not see it."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, PinRecord] | None:
        """The visible pins, if all that decides is at hand."""
        pins = self.storage.pins.at_hand(keys)
        return None if pins is None else pins_at_hand(self.loaders, pins.values())

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, PinRecord]:
        """The visible pins among the keys."""
        pins = await self.storage.pins.get_many(keys)
        return await visible_pins(self.loaders, pins.values())


class AdvertisedPinByIdLoader(BatchLoader[Id, PinRecord]):
    """The pin of a served ad, which may stand on an ads-only board (INV-9)."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, PinRecord]:
        """The pins among the keys that may be shown as ads."""
        pins = await self.storage.pins.get_many(keys)
        on_their_way = self.loaders(UserByIdLoader).load_mapping(p.owner_id for p in pins.values())
        boards = await self.storage.boards.get_many({pin.board_id for pin in pins.values()})
        owners = await on_their_way
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

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, Slice[PinRecord]] | None:
        """The pages of all boards, if they and all that decides are at hand."""
        slices = self.storage.pins.pages_at_hand(keys, self.page, self.only)
        if slices is None:
            return None
        visible = pins_at_hand(self.loaders, rows_of(slices))
        if visible is None:
            return None
        return slices_within(slices, prime_pins(self.loaders, visible))

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

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, int] | None:
        """The counts, if all roots are at hand."""
        roots = self.storage.pins.at_hand(keys)
        return None if roots is None else {r.id: r.aggregated_save_count for r in roots.values()}

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


def pins_at_hand(loaders: Loaders, pins: Collection[PinRecord]) -> dict[Id, PinRecord] | None:
    """As `visible_pins`, if all that decides is at hand; else None."""
    owner_of = loaders(UserByIdLoader).lookup(pin.owner_id for pin in pins)
    board_of = loaders(BoardByIdLoader).lookup(pin.board_id for pin in pins)
    if owner_of is None or board_of is None:
        return None
    return admit_at_hand(loaders, pins, _on_boards(board_of, owner_of))


async def visible_pins(loaders: Loaders, pins: Iterable[PinRecord]) -> dict[Id, PinRecord]:
    """The pins that the viewer may see, by id: their boards and owners decide."""
    pins = list(pins)
    on_their_way = loaders(BoardByIdLoader).load_mapping(pin.board_id for pin in pins)
    owners = await loaders(UserByIdLoader).load_mapping(pin.owner_id for pin in pins)
    boards = await on_their_way
    return await admit(
        loaders,
        pins,
        _on_boards(boards.get, owners.get),
        lambda pin: [boards.get(pin.board_id), owners.get(pin.owner_id)],
    )


def _on_boards(
    board_of: Callable[[Id], BoardRecord | None], owner_of: Callable[[Id], UserRecord | None]
) -> Callable[[Viewer, PinRecord], bool]:
    return lambda viewer, pin: may_view_pin(
        viewer, pin, board_of(pin.board_id), owner_of(pin.owner_id)
    )


def prime_pins(loaders: Loaders, visible: Mapping[Id, PinRecord]) -> Mapping[Id, PinRecord]:
    """Tells the by-id loader of pins that were read and found visible in another way."""
    by_id = loaders(PinByIdLoader)
    for pin in visible.values():
        by_id.prime(pin.id, pin)
    return visible
