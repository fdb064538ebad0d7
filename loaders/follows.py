"""The follow graph both ways, and the viewer's place in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.follows import FollowKind, FollowRecord
from domain.record import Id
from loaders.base import BatchLoader, Loaders, PageLoader, visible_slices
from loaders.boards import BoardByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from storage.paging import Page, Slice

_TARGETS: Mapping[FollowKind, type[BatchLoader[Id, Any]]] = {
    FollowKind.USER: UserByIdLoader,
    FollowKind.BOARD: BoardByIdLoader,
    FollowKind.TOPIC: TopicByIdLoader,
}


class ViewerFollowsLoader(BatchLoader[Id, bool]):
    """Whether the viewer follows a target of one kind explicitly."""

    def __init__(self, loaders: Loaders, kind: FollowKind) -> None:
        super().__init__(loaders)
        self.kind = kind

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, bool]:
        """One query for all targets; an anonymous viewer follows nothing."""
        if self.viewer.user_id is None:
            return {}
        followed = await self.storage.follows.targets(Id(self.viewer.user_id), self.kind, keys)
        return dict.fromkeys(followed, True)


class ViewerFollowsBoardLoader(BatchLoader[tuple[Id, Id], bool]):
    """Whether the viewer's feed takes pins from a board, keyed by board and owner (INV-11)."""

    async def fetch(self, keys: Sequence[tuple[Id, Id]]) -> Mapping[tuple[Id, Id], bool]:
        """One query for all boards; an anonymous viewer follows nothing."""
        if self.viewer.user_id is None:
            return {}
        return await self.storage.follows.boards_seen(Id(self.viewer.user_id), keys)


class FollowsViewerLoader(BatchLoader[Id, bool]):
    """Whether a user follows the viewer explicitly."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, bool]:
        """One query for all users; nobody follows an anonymous viewer."""
        if self.viewer.user_id is None:
            return {}
        followers = await self.storage.follows.followers_of(Id(self.viewer.user_id), keys)
        return dict.fromkeys(followers, True)


class FollowersLoader(PageLoader[FollowRecord]):
    """A page of the edges that point to a target, without hidden followers."""

    def __init__(self, loaders: Loaders, page: Page, kind: FollowKind) -> None:
        super().__init__(loaders, page)
        self.kind = kind

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[FollowRecord]]:
        """The pages of all targets."""
        slices = await self.storage.follows.pages_of_followers(keys, self.kind, self.page)
        return await visible_slices(slices, self._visible)

    async def _visible(self, edges: list[FollowRecord]) -> set[Id]:
        users = await self.loaders(UserByIdLoader).load_mapping(e.follower_id for e in edges)
        return {edge.id for edge in edges if edge.follower_id in users}


class FollowingLoader(PageLoader[FollowRecord]):
    """A page of the edges of one kind that leave a user, without hidden targets."""

    def __init__(self, loaders: Loaders, page: Page, kind: FollowKind, explicit_only: bool) -> None:
        super().__init__(loaders, page)
        self.kind = kind
        self.explicit_only = explicit_only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[FollowRecord]]:
        """The pages of all users."""
        slices = await self.storage.follows.pages_of_following(
            keys, self.kind, self.explicit_only, self.page
        )
        return await visible_slices(slices, self._visible)

    async def _visible(self, edges: list[FollowRecord]) -> set[Id]:
        targets = self.loaders(_TARGETS[self.kind])
        visible = await targets.load_mapping(edge.target_id for edge in edges)
        return {edge.id for edge in edges if edge.target_id in visible}


class FollowingCountLoader(BatchLoader[Id, int]):
    """How many edges of one kind leave a user."""

    def __init__(self, loaders: Loaders, kind: FollowKind, explicit_only: bool) -> None:
        super().__init__(loaders)
        self.kind = kind
        self.explicit_only = explicit_only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all users."""
        return await self.storage.follows.counts_of_following(keys, self.kind, self.explicit_only)
