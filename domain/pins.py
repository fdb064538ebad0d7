"""Pins. A save is a pin of its own: a copy that remembers its parent and its root (DOMAIN a.4)."""

from datetime import datetime
from enum import StrEnum
from math import log, log2

import msgspec

from domain.boards import BoardPrivacy
from domain.media import CreativeType, PinMedia
from domain.record import Id, Record


class ReactionType(StrEnum):
    """The five reactions; a user has at most one a pin."""

    GOOD_IDEA = "GOOD_IDEA"
    LOVE = "LOVE"
    THANKS = "THANKS"
    WOW = "WOW"
    HAHA = "HAHA"


class Engagement(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What viewers did with a pin in the last 30 days (DOMAIN e.2)."""

    saves: int = 0
    outbound_clicks: int = 0
    comments: int = 0
    closeups: int = 0
    hides: int = 0

    @property
    def weight(self) -> int:
        """E of DOMAIN e.2: 4·saves + 3·clicks + 2·comments + closeups - 20·hides, at least 0."""
        return max(
            0,
            4 * self.saves
            + 3 * self.outbound_clicks
            + 2 * self.comments
            + self.closeups
            - 20 * self.hides,
        )


class PinRecord(Record, frozen=True, kw_only=True):
    """A pin on one board of one owner (INV-1).

    `root_id` is the first pin of the save tree, which for a root is the pin itself; `creator_id` is
    the user who made that root. `is_repin` stays true when the parent is gone (INV-4). `privacy`
    repeats the board's, so that lists of pins can skip the secret ones by index; whether a viewer
    sees a pin is decided by the board itself. `trend` orders by popularity and age, see `trend`.
    """

    owner_id: Id
    creator_id: Id
    board_id: Id
    root_id: Id
    created_at: datetime
    section_id: Id | None = None
    parent_id: Id | None = None
    is_repin: bool = False
    privacy: BoardPrivacy = BoardPrivacy.PUBLIC
    title: str | None = None
    description: str | None = None
    alt_text: str | None = None
    link: str | None = None
    domain: str | None = None
    dominant_color: str | None = None
    creative_type: CreativeType | None = CreativeType.REGULAR
    media: PinMedia | None = None
    topic_ids: tuple[Id, ...] = ()
    note: str | None = None
    position: str = ""
    engagement: Engagement = Engagement()
    trend: float = 0.0
    save_count: int = 0
    comment_count: int = 0
    reaction_counts: dict[ReactionType, int] = msgspec.field(default_factory=dict)
    aggregated_save_count: int = 0
    has_been_promoted: bool = False
    revision: int = 1


class ReactionRecord(Record, frozen=True, kw_only=True):
    """One user's reaction to one pin. `created_at` is that of the first one given."""

    user_id: Id
    pin_id: Id
    type: ReactionType
    created_at: datetime | None = None


MAX_REPLIES = 500
"""Replies that a comment may have: so that it can be deleted with all of them at once."""


class CommentRecord(Record, frozen=True, kw_only=True):
    """A comment on a pin, or a reply to one (`parent_id`)."""

    pin_id: Id
    author_id: Id
    text: str
    created_at: datetime
    parent_id: Id | None = None
    edited_at: datetime | None = None
    reply_count: int = 0
    reaction_count: int = 0


TREND_HALF_LIFE_HOURS = 720.0
"""The age at which a trending pin has half its weight: h of topic and related (DOMAIN e.2)."""


def trend(engagement: Engagement, created_at: datetime) -> float:
    """The stored key by which pins are ordered as TRENDING.

    DOMAIN e.2 scores a pin `(1 + ln(1 + E)) · 2^(-age/h)`. Its base-2 logarithm is
    `log2(1 + ln(1 + E)) + created/h - now/h`, whose last term is the same for every pin: so the
    order at any time is that of the first two, which an index can hold.
    """
    hours = created_at.timestamp() / 3600
    return log2(1 + log(1 + engagement.weight)) + hours / TREND_HALF_LIFE_HOURS
