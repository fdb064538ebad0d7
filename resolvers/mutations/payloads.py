"""Fields that several payloads share: the edges that clients add to their lists."""

from collections.abc import Callable, Sequence
from typing import Protocol

from domain.boards import BoardRecord
from domain.ids import to_global_id
from domain.pins import CommentRecord, PinRecord
from domain.record import Id
from resolvers.connections import Edge
from resolvers.placing import PinRow
from storage.boards import LAST_SAVED
from storage.comments import NEWEST as NEWEST_COMMENTS
from storage.comments import OLDEST as OLDEST_COMMENTS
from storage.pins import CUSTOM


class WithPin(Protocol):
    """A payload that has a pin."""

    @property
    def pin(self) -> PinRecord | None:
        """The pin; None when nothing was done."""


def pin_edge(payload: WithPin) -> Edge[PinRecord] | None:
    """The pin as an edge of its board, in the board's own order."""
    return None if payload.pin is None else Edge(payload.pin, CUSTOM)


class WithBoard(Protocol):
    """A payload that has a board."""

    @property
    def board(self) -> BoardRecord | None:
        """The board; None when nothing was done."""


def board_edge(payload: WithBoard) -> Edge[BoardRecord] | None:
    """The board as an edge of its owner's boards, in their usual order."""
    return None if payload.board is None else Edge(payload.board, LAST_SAVED)


class WithComment(Protocol):
    """A payload that has a comment."""

    @property
    def comment(self) -> CommentRecord | None:
        """The comment; None when nothing was done."""


def comment_edge(payload: WithComment) -> Edge[CommentRecord] | None:
    """The comment as an edge of the pin's comments, newest first, or of the replies to another."""
    comment = payload.comment
    if comment is None:
        return None
    return Edge(comment, OLDEST_COMMENTS if comment.parent_id else NEWEST_COMMENTS)


class WithDeletedId(Protocol):
    """A payload that says what is gone."""

    @property
    def deleted_id(self) -> Id | None:
        """The stored id of what was deleted; None when nothing was."""


def deleted_id(type_name: str) -> Callable[[WithDeletedId], str | None]:
    """The global id of what was deleted, which was of this type."""

    def global_id(payload: WithDeletedId) -> str | None:
        deleted = payload.deleted_id
        return None if deleted is None else to_global_id(type_name, deleted)

    return global_id


class WithDeletedIds(Protocol):
    """A payload that says what is gone."""

    @property
    def deleted_ids(self) -> Sequence[Id]:
        """The stored ids of what was deleted."""


def deleted_ids(type_name: str) -> Callable[[WithDeletedIds], list[str]]:
    """The global ids of what was deleted, all of this type."""
    return lambda payload: [to_global_id(type_name, id) for id in payload.deleted_ids]


def row_id(row: PinRow) -> str:
    """The global id that a row is about."""
    return to_global_id("Pin", row.input_id)
