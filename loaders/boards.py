"""Boards, by id, by slug and by owner."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime

from domain.boards import BoardRecord, Collaborator, InviteStatus, role_of
from domain.orders import UserBoardFilter
from domain.policies import may_view_board
from domain.record import Id, Record
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
from loaders.staff import admit, admit_at_hand
from loaders.users import UserByIdLoader
from storage.paging import Order, Page, Slice, Value, page_of


class BoardByIdLoader(BatchLoader[Id, BoardRecord]):
    """A board; None when there is none or the viewer may not see it."""

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, BoardRecord] | None:
        """The visible boards, if all that decides is at hand."""
        boards = self.storage.boards.at_hand(keys)
        return None if boards is None else boards_at_hand(self.loaders, boards.values())

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, BoardRecord]:
        """The visible boards among the keys."""
        boards = await self.storage.boards.get_many(keys)
        return await visible_boards(self.loaders, boards.values())


class BoardIdBySlugLoader(BatchLoader[tuple[Id, str], Id]):
    """The id of a board named by owner and slug, whether or not the viewer may see it."""

    async def fetch(self, keys: Sequence[tuple[Id, str]]) -> Mapping[tuple[Id, str], Id]:
        """One query for all names."""
        return await self.storage.boards.ids_by_slug(keys)


class BoardsByOwnerLoader(PageLoader[BoardRecord]):
    """A page of a user's boards."""

    def __init__(self, loaders: Loaders, page: Page, only: UserBoardFilter) -> None:
        super().__init__(loaders, page)
        self.only = only

    def at_hand(self, keys: Sequence[Id]) -> Mapping[Id, Slice[BoardRecord]] | None:
        """The pages of all owners, if they and all that decides are at hand."""
        slices = self.storage.boards.pages_at_hand(keys, self.page, self.only)
        if slices is None:
            return None
        visible = boards_at_hand(self.loaders, rows_of(slices))
        return None if visible is None else slices_within(slices, self._prime(visible))

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[BoardRecord]]:
        """The pages of all owners; their boards need not be read again by id."""
        slices = await self.storage.boards.pages_by_owner(keys, self.page, self.only)
        return await visible_slices(slices, self._prime_visible)

    async def _prime_visible(self, boards: list[BoardRecord]) -> Mapping[Id, BoardRecord]:
        return self._prime(await visible_boards(self.loaders, boards))

    def _prime(self, visible: Mapping[Id, BoardRecord]) -> Mapping[Id, BoardRecord]:
        by_id = self.loaders(BoardByIdLoader)
        for board in visible.values():
            by_id.prime(board.id, board)
        return visible


class BoardCountByOwnerLoader(BatchLoader[Id, int]):
    """How many boards a user has that pass the filter."""

    def __init__(self, loaders: Loaders, only: UserBoardFilter) -> None:
        super().__init__(loaders)
        self.only = only

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, int]:
        """The counts of all owners."""
        return await self.storage.boards.counts_by_owner(keys, self.only)


MAX_INVITES = 100
"""Open invitations that one user is shown."""


class BoardsInvitingLoader(BatchLoader[Id, list[BoardRecord]]):
    """The boards that the viewer, whose id is the key, is invited to, by owners whom they see.

    They may be secret: who is invited is shown that there is an invitation, and whose.
    """

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, list[BoardRecord]]:
        """One query a request, for the one viewer it has."""
        inviting = {key: await self.storage.boards.inviting(key, MAX_INVITES) for key in keys}
        owners = await self.loaders(UserByIdLoader).load_mapping(
            board.owner_id for boards in inviting.values() for board in boards
        )
        return {
            key: [board for board in boards if board.owner_id in owners]
            for key, boards in inviting.items()
        }


class MemberRow(Record, frozen=True, kw_only=True):
    """One line of a board's member list; `id` is the member's user id."""

    member: Collaborator
    joined_at: datetime


JOINED = Order("members_joined", descending=False, field="joined_at", value=Value.TIME)


class CollaboratorsByBoardLoader(PageLoader[MemberRow]):
    """A page of a board's people: they are stored in the board, so no query is needed."""

    async def fetch(self, keys: Sequence[Id]) -> Mapping[Id, Slice[MemberRow]]:
        """The pages of all boards; invitations are the members' own business."""
        boards = await self.loaders(BoardByIdLoader).load_mapping(keys)
        slices = {b.id: page_of(self.page, self._rows(b)) for b in boards.values()}
        return await visible_slices(slices, self._visible)

    def _rows(self, board: BoardRecord) -> list[MemberRow]:
        is_member = role_of(board, self.viewer.user_id) is not None
        return [
            MemberRow(id=c.user_id, member=c, joined_at=c.joined_at or board.created_at)
            for c in board.collaborators
            if c.status is InviteStatus.ACCEPTED or is_member
        ]

    async def _visible(self, rows: list[MemberRow]) -> Mapping[Id, UserRecord]:
        return await self.loaders(UserByIdLoader).load_mapping(row.id for row in rows)


def boards_at_hand(
    loaders: Loaders, boards: Collection[BoardRecord]
) -> dict[Id, BoardRecord] | None:
    """As `visible_boards`, if all that decides is at hand; else None."""
    owner_of = loaders(UserByIdLoader).lookup(board.owner_id for board in boards)
    return None if owner_of is None else admit_at_hand(loaders, boards, _with_owners(owner_of))


async def visible_boards(loaders: Loaders, boards: Iterable[BoardRecord]) -> dict[Id, BoardRecord]:
    """The boards that the viewer may see, by id."""
    boards = list(boards)
    owners = await loaders(UserByIdLoader).load_mapping(board.owner_id for board in boards)
    return await admit(
        loaders, boards, _with_owners(owners.get), lambda board: [owners.get(board.owner_id)]
    )


def _with_owners(
    owner_of: Callable[[Id], UserRecord | None],
) -> Callable[[Viewer, BoardRecord], bool]:
    return lambda viewer, board: may_view_board(viewer, board, owner_of(board.owner_id))
