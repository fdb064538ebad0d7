"""Views: what is put together from several records, and kept in the process only.

A view is at hand as records are (`storage.local_records`), and just as new. Redis keeps none: it
only carries the news. Who writes a record that a view is made from touches the view's key there,
which tells every process that has it.

The views of one user are here. First pages of lists are in `storage.lists`.
"""

from collections.abc import (
    Awaitable,
    Callable,
    Collection,
    Hashable,
    Iterable,
    Iterator,
    Mapping,
)
from contextlib import AbstractContextManager
from typing import Any, Final, Generic, TypeVar

import msgspec

from domain.blocks import BlockList, BlockRecord
from domain.boards import BoardRecord
from domain.hides import HideRecord
from domain.pins import CommentRecord, PinRecord
from domain.preferences import PreferencesRecord, Wishes
from domain.record import Id, Record
from storage import keys
from storage.local_records import TTL_S
from storage.redis import Redis

V = TypeVar("V", bound=msgspec.Struct)


class Listed(msgspec.Struct, frozen=True):
    """The ids of a first page, in its order, and whether there are more."""

    ids: tuple[Id, ...]
    has_more: bool


class Lists(msgspec.Struct, frozen=True):
    """The first pages of one parent that were asked for, by their order and filter."""

    pages: Mapping[Hashable, Listed]


class BoardsOfUser(Lists, frozen=True):
    """First pages of a user's boards."""


class PinsOfBoard(Lists, frozen=True):
    """First pages of a board's pins."""


class CommentsOfPin(Lists, frozen=True):
    """First pages of a pin's comments, without replies."""


class Told(Generic[V]):
    """The views of one kind by id, as far as who writes must know them."""

    def __init__(self, redis: Redis, view_type: type[V]) -> None:
        self.record_type = view_type
        self._redis = redis
        self._kind = VIEW_NAMES[view_type]
        self._local = redis.local.kind(self._kind)

    @property
    def longest_s(self) -> float:
        """How long one may be at hand that nobody drops."""
        return TTL_S

    def names(self, ids: Iterable[Id]) -> list[str]:
        """The keys that carry the news of views, in order."""
        return keys.records(self._kind, ids)

    def dropping(self, ids: Collection[Id]) -> AbstractContextManager[None]:
        """Nothing is at hand of these ids from before the body ends, in which Redis is told."""
        return self._local.dropping(ids)


class View(Told[V]):
    """The views of one kind, by user."""

    def __init__(self, redis: Redis, view_type: type[V]) -> None:
        super().__init__(redis, view_type)
        self._encode = msgspec.msgpack.Encoder().encode

    def at_hand(self, user_id: Id) -> V | None:
        """A user's view; None when it has to be read."""
        if self._redis.evictions.are_doubtful:
            return None
        found, _ = self._local.find((user_id,))
        view: V | None = found.get(user_id)
        return view

    async def get(self, user_id: Id, load: Callable[[Id], Awaitable[V]]) -> V:
        """A user's view, through `load` where it is not at hand."""
        known = self.at_hand(user_id)
        if known is not None:
            return known
        marks: dict[Id, Any] = self._local.mark((user_id,))
        try:
            view = await load(user_id)
            if marks:
                self._local.keep(marks, user_id, view, len(self._encode(view)))
        finally:
            self._local.unmark(marks)
        return view


VIEW_NAMES: Final[Mapping[type[msgspec.Struct], str]] = {
    BlockList: keys.view_kind("blocks"),
    Wishes: keys.view_kind("wishes"),
    BoardsOfUser: keys.view_kind("boards_of"),
    PinsOfBoard: keys.view_kind("pins_on"),
    CommentsOfPin: keys.view_kind("comments_on"),
}
"""What each kind of view is called where records are called by their collections."""


def views_of(written: Record) -> Iterator[tuple[type[msgspec.Struct], Id]]:
    """The views that a record is part of, each by its kind and its id.

    A record that changes is part of them as it was before, and as it is then.
    """
    match written:
        case BlockRecord(blocker_id=blocker_id, blocked_id=blocked_id):
            yield BlockList, blocker_id
            yield BlockList, blocked_id
        case HideRecord(user_id=user_id):
            yield Wishes, user_id
        case PreferencesRecord(id=user_id):
            yield Wishes, user_id
        case BoardRecord(owner_id=owner_id):
            yield BoardsOfUser, owner_id
        case PinRecord(board_id=board_id):
            yield PinsOfBoard, board_id
        case CommentRecord(pin_id=pin_id, parent_id=None):
            yield CommentsOfPin, pin_id
