"""Users by id and by name, and the blocks that hide them."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from domain.blocks import BlockList, BlockRecord
from domain.policies import may_view_user
from domain.record import Id
from domain.users import UserRecord, UserStatus
from domain.viewer import Viewer
from loaders.base import BatchLoader, Loaders, PageLoader, visible_slices, without_gaps
from loaders.staff import admit, admit_at_hand
from storage.paging import Slice


class BlocksByUserLoader(BatchLoader[Id, BlockList]):
    """All blocks of the viewer, whose id is the key."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, BlockList] | None:
        """The viewer's list, if it need not be read."""
        found = {key: self.storage.blocks.at_hand(key) for key in keys}
        return without_gaps(found)

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, BlockList]:
        """One query a request at most, for the one viewer it has."""
        return {key: await self.storage.blocks.of_user(key) for key in keys}


class BlockWithUserLoader(BatchLoader[Id, bool]):
    """Whether a block stands between the viewer and a user: true where the viewer made it."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, bool] | None:
        """From the viewer's list, if that is at hand."""
        listed = _blocks_at_hand(self.loaders)
        return None if listed is None else _among(listed, keys)

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, bool]:
        """From the viewer's list, or, where that is too long, by asking for these users alone."""
        viewer_id = self.viewer.user_id
        if viewer_id is None:
            return {}
        known = await self.loaders(BlocksByUserLoader).load_mapping((Id(viewer_id),))
        listed = known[Id(viewer_id)].others
        if listed is None:
            return await self.storage.blocks.between(Id(viewer_id), keys)
        return _among(listed, keys)


class UserByIdLoader(BatchLoader[Id, UserRecord]):
    """A user; None when there is none, deactivated, or hidden by a block (staff see them all)."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, UserRecord] | None:
        """The visible users, if all that decides is at hand."""
        users = self.storage.users.at_hand(keys)
        return None if users is None else users_at_hand(self.loaders, users.values())

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, UserRecord]:
        """The visible users among the keys."""
        users = await self.storage.users.get_many(keys)
        return await visible_users(self.loaders, users.values())


class BlockedUserByIdLoader(BatchLoader[Id, UserRecord]):
    """A user whom the viewer blocked, so that they can be unblocked; nobody else is found here."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, UserRecord]:
        """The active users among the keys whom the viewer blocked."""
        blocks = await self.loaders(BlockWithUserLoader).load_mapping(keys)
        users = await self.storage.users.get_many(i for i, is_made in blocks.items() if is_made)
        return {u.id: u for u in users.values() if u.status is UserStatus.ACTIVE}


class BlocksMadeLoader(PageLoader[BlockRecord]):
    """A page of the blocks that the viewer, whose id is the key, made."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[BlockRecord]]:
        """One query a request, for the one viewer it has."""
        slices = await self.storage.blocks.pages_by_blocker(keys, self.page)
        return await visible_slices(slices, self._known)

    async def _known(self, blocks: list[BlockRecord]) -> set[Id]:
        users = await self.loaders(BlockedUserByIdLoader).load_mapping(b.blocked_id for b in blocks)
        return {block.id for block in blocks if block.blocked_id in users}


class UserIdByUsernameLoader(BatchLoader[str, Id]):
    """The id of a lower-case username, whether or not the viewer may see the user."""

    def at_hand(self, keys: Sequence[str]) -> Mapping[str, Id] | None:
        """The ids of all names, if the users who bore them are at hand, and still do."""
        return self.storage.users.ids_at_hand(keys)

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, Id]:
        """One query for all names."""
        return await self.storage.users.ids_by_username(keys)


def users_at_hand(loaders: Loaders, users: Collection[UserRecord]) -> dict[Id, UserRecord] | None:
    """As `visible_users`, if all that decides is at hand; else None."""
    blocks = _blocks_at_hand(loaders)
    return None if blocks is None else admit_at_hand(loaders, users, _unless_blocked(blocks))


async def visible_users(loaders: Loaders, users: Iterable[UserRecord]) -> dict[Id, UserRecord]:
    """The users that the viewer may see, by id."""
    users = list(users)
    blocks = await loaders(BlockWithUserLoader).load_mapping(user.id for user in users)
    return await admit(loaders, users, _unless_blocked(blocks))


def _blocks_at_hand(loaders: Loaders) -> Mapping[Id, bool] | None:
    """All blocks of the viewer, if they need not be read, and are not too many for a list."""
    if loaders.viewer.user_id is None:
        return {}
    viewer_id = Id(loaders.viewer.user_id)
    list_of = loaders(BlocksByUserLoader).lookup((viewer_id,))
    blocks = None if list_of is None else list_of(viewer_id)
    return None if blocks is None else blocks.others


def _unless_blocked(blocks: Mapping[Id, bool]) -> Callable[[Viewer, UserRecord], bool]:
    blocked = blocks.keys()
    return lambda viewer, user: may_view_user(viewer, user, blocked)


def _among(listed: Mapping[Id, bool], keys: Iterable[Id]) -> dict[Id, bool]:
    return {key: listed[key] for key in keys if key in listed} if listed else {}
