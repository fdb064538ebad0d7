"""Users by id and by name, and the blocks that hide them."""

from collections.abc import Iterable, Mapping, Sequence

from domain.policies import may_view_user
from domain.record import Id
from domain.users import UserRecord
from loaders.base import BatchLoader, Loaders


class BlocksByUserLoader(BatchLoader[Id, dict[Id, bool]]):
    """All blocks of the viewer, whose id is the key; None when they are too many to list."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, dict[Id, bool]]:
        """One query a request, for the one viewer it has."""
        blocks = {key: await self.storage.blocks.of_user(key) for key in keys}
        return {key: found for key, found in blocks.items() if found is not None}


class BlockWithUserLoader(BatchLoader[Id, bool]):
    """Whether a block stands between the viewer and a user: true where the viewer made it."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, bool]:
        """From the viewer's list, or, where that is too long, by asking for these users alone."""
        viewer_id = self.viewer.user_id
        if viewer_id is None:
            return {}
        listed = await self.loaders(BlocksByUserLoader).load(Id(viewer_id))
        if listed is None:
            return await self.storage.blocks.between(Id(viewer_id), keys)
        return {key: listed[key] for key in keys if key in listed}


class UserByIdLoader(BatchLoader[Id, UserRecord]):
    """A user; None when there is none, deactivated, or hidden by a block."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, UserRecord]:
        """The visible users among the keys."""
        users = await self.storage.users.get_many(keys)
        return await visible_users(self.loaders, users.values())


class UserIdByUsernameLoader(BatchLoader[str, Id]):
    """The id of a lower-case username, whether or not the viewer may see the user."""

    async def fetch(self, keys: Sequence[str]) -> Mapping[str, Id]:
        """One query for all names."""
        return await self.storage.users.ids_by_username(keys)


async def visible_users(loaders: Loaders, users: Iterable[UserRecord]) -> dict[Id, UserRecord]:
    """The users that the viewer may see, by id."""
    users = list(users)
    blocks = await loaders(BlockWithUserLoader).load_mapping(user.id for user in users)
    return {u.id: u for u in users if may_view_user(loaders.viewer, u, blocks.keys())}
