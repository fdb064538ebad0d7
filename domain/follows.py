"""The follow graph (INV-11)."""

from datetime import datetime
from enum import StrEnum

from domain.record import Id, Record


class FollowKind(StrEnum):
    """What an edge points to. UNFOLLOWED_BOARD is the stored exception to a followed user."""

    USER = "USER"
    BOARD = "BOARD"
    TOPIC = "TOPIC"
    UNFOLLOWED_BOARD = "UNFOLLOWED_BOARD"


MAX_FOLLOWED = 50_000
"""Edges that may leave one user, of all kinds together: a feed begins with its newest ones."""


class FollowRecord(Record, frozen=True, kw_only=True):
    """One edge of the graph.

    Following a board makes a USER edge to its owner with `is_explicit` false: it shows in lists,
    and brings no other board of that user into the feed.
    """

    follower_id: Id
    kind: FollowKind
    target_id: Id
    created_at: datetime
    is_explicit: bool = True


def sees(*, follows_board: bool, follows_owner: bool, unfollowed_board: bool) -> bool:
    """Whether a follower's feed takes pins from a board: the formula of INV-11."""
    return follows_board or (follows_owner and not unfollowed_board)
