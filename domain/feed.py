"""The home feed: which pins, in which order (DOMAIN e.1, e.2, e.4).

    candidates ── rank ──> filters ──> slate ──> FeedSession.items

Sources offer candidates; `rank` orders them by score; each filter is one small rule; `compose`
lays out the slate, where neighbours differ and sources mix. Every tie is broken by pin id, so the
same candidates give the same feed, in whatever order they come.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from math import log, log2
from typing import NamedTuple

import msgspec

from domain.boards import BoardPrivacy
from domain.images import image_key
from domain.media import cover_image
from domain.pins import PinRecord
from domain.record import Id
from domain.slate import Quota, SlatePolicy, Traits, compose


class FeedSource(StrEnum):
    """Where a candidate came from. TRENDING fills the feed of a viewer who follows nothing."""

    FOLLOWING = "FOLLOWING"
    RELATED = "RELATED"
    TOPIC = "TOPIC"
    EXPLORATION = "EXPLORATION"
    TRENDING = "TRENDING"


class FeedReasonKind(StrEnum):
    """Why a pin is in the feed, and what the reason's id names.

    A user, board or topic that the viewer follows; a board of the viewer's own that holds a related
    pin; for the last two, nothing.
    """

    FOLLOWS_USER = "FOLLOWS_USER"
    FOLLOWS_BOARD = "FOLLOWS_BOARD"
    FOLLOWS_TOPIC = "FOLLOWS_TOPIC"
    RELATED_TO_BOARD = "RELATED_TO_BOARD"
    PICKED_FOR_YOU = "PICKED_FOR_YOU"
    TRENDING = "TRENDING"


class SourcePolicy(msgspec.Struct, frozen=True):
    """How a source counts: its weight w, its half-life h in hours, and its share of candidates."""

    weight: float
    half_life_hours: float
    limit: int

    def __post_init__(self) -> None:
        """Raises `ValueError` for a weight or half-life that has no logarithm or quotient."""
        if self.weight <= 0 or self.half_life_hours <= 0:
            raise ValueError("A source's weight and half-life must be above 0.")


class FeedPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of the feed; the defaults are those of DOMAIN e.2, trending's are ours.

    `following` takes the 400 of followed timelines and the 200 of celebrities together, since in
    a pulled feed they are one query.
    """

    following: SourcePolicy = SourcePolicy(1.0, 72.0, 600)
    related: SourcePolicy = SourcePolicy(0.8, 720.0, 200)
    topic: SourcePolicy = SourcePolicy(0.7, 720.0, 200)
    exploration: SourcePolicy = SourcePolicy(0.5, 24.0, 50)
    trending: SourcePolicy = SourcePolicy(0.6, 720.0, 200)
    max_candidates: int = 1000
    max_items: int = 500
    following_percent: int = 30
    explorations_per_page: int = 1
    slate: SlatePolicy = SlatePolicy()

    def of(self, source: FeedSource) -> SourcePolicy:
        """The settings of one source."""
        match source:
            case FeedSource.FOLLOWING:
                return self.following
            case FeedSource.RELATED:
                return self.related
            case FeedSource.TOPIC:
                return self.topic
            case FeedSource.EXPLORATION:
                return self.exploration
            case FeedSource.TRENDING:
                return self.trending


DEFAULT_POLICY = FeedPolicy()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A pin that a source offers, and why.

    `affinity` is A of e.2.3, see `affinity`; its time is the pin's, for a save the time of saving.
    """

    pin: PinRecord
    source: FeedSource
    reason: FeedReasonKind
    reason_id: Id | None = None
    affinity: float = 1.0


class FeedItem(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One place of a snapshot. Stored 500 at a time, so as a short array; fields only join at the
    end. `image_key` as in `domain.images`.
    """

    pin_id: Id
    root_id: Id
    source: FeedSource
    reason: FeedReasonKind
    reason_id: Id | None = None
    image_key: str | None = None


class FeedSession(msgspec.Struct, frozen=True, kw_only=True):
    """A snapshot of one viewer's feed, from which all of its pages are cut (e.4).

    `viewer_key` is the user or the device it was made for. `was_rebuilt` is true when it replaces
    a session that was gone. `interest_ids` are topics that the viewer cares about, for ads.
    """

    id: str
    viewer_key: str
    created_at: datetime
    items: tuple[FeedItem, ...]
    was_rebuilt: bool = False
    interest_ids: tuple[Id, ...] = ()


class FeedAudience(msgspec.Struct, frozen=True, kw_only=True):
    """What the filters know of the viewer.

    `blocked_user_ids` holds blocks in both directions. `seen_ids` are pins or roots: of a root that
    was seen no copy is shown. `hidden_ids` are the pins, or roots, that the viewer hid.
    """

    viewer_id: str | None = None
    blocked_user_ids: frozenset[str] = frozenset()
    seen_ids: frozenset[str] = frozenset()
    hidden_ids: frozenset[str] = frozenset()


class Ranked(NamedTuple):
    """A candidate with the base-2 logarithm of its score."""

    log_score: float
    candidate: Candidate


Filter = Callable[[Sequence[Ranked], FeedAudience], list[Ranked]]
"""A rule: takes candidates best first, and gives those that stay, in the same order."""


def build_feed(
    candidates: Iterable[Candidate],
    audience: FeedAudience,
    now: datetime,
    policy: FeedPolicy = DEFAULT_POLICY,
) -> tuple[FeedItem, ...]:
    """The snapshot of a new session: at most `max_items`, the order of `candidates` no matter."""
    ranked = rank(candidates, now, policy)
    for keep in FILTERS:
        ranked = keep(ranked, audience)
    traits = [_traits(entry) for entry in ranked[: policy.max_candidates]]
    order = compose(traits, policy.max_items, policy.slate, _quotas(policy))
    return tuple(_item(ranked[place].candidate) for place in order)


def rank(
    candidates: Iterable[Candidate], now: datetime, policy: FeedPolicy = DEFAULT_POLICY
) -> list[Ranked]:
    """Candidates by score, best first; ties by pin id, then by source and reason."""
    ranked = [Ranked(log_score(candidate, now, policy), candidate) for candidate in candidates]
    return sorted(ranked, key=_rank)


def log_score(candidate: Candidate, now: datetime, policy: FeedPolicy = DEFAULT_POLICY) -> float:
    """log2 of S = w · (1 + ln(1 + E)) · 2^(-age/h) · A (e.2.3).

    A logarithm, because a pin of a few years has a score that no float can tell from 0. A pin from
    the future counts as new.
    """
    source = policy.of(candidate.source)
    pin = candidate.pin
    age_hours = max(0.0, (now - pin.created_at).total_seconds() / 3600)
    engagement = 1 + log(1 + pin.engagement.weight)
    return (
        log2(source.weight * engagement * candidate.affinity) - age_hours / source.half_life_hours
    )


AFFINITY_SCALE = 8
"""Interactions that take affinity to the square root of 2 [ours]."""


def affinity(interactions: int) -> float:
    """A of e.2.3: how much a viewer cares for a board, user or topic, by their last 90 days.

    Ours: `2 ^ (n / (8 + |n|))`. No interaction is 1, many approach 2; a negative number, more
    hides than engagement, approaches 0.5.
    """
    return float(2 ** (interactions / (AFFINITY_SCALE + abs(interactions))))


def drop_undistributed(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """Pins of secret and protected boards, which are in nobody's feed (INV-6, INV-9)."""
    return [entry for entry in ranked if entry.candidate.pin.privacy is BoardPrivacy.PUBLIC]


def drop_own(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """The viewer's own pins."""
    return [entry for entry in ranked if entry.candidate.pin.owner_id != audience.viewer_id]


def drop_blocked(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """Pins of users with whom there is a block, either way."""
    blocked = audience.blocked_user_ids
    return [entry for entry in ranked if entry.candidate.pin.owner_id not in blocked]


def drop_seen(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """Pins that the viewer saw, and copies of roots that the viewer saw."""
    return _without(ranked, audience.seen_ids)


def drop_hidden(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """Pins that the viewer hid, and copies of roots that the viewer hid."""
    return _without(ranked, audience.hidden_ids)


def one_of_each_root(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """The best copy of each root."""
    roots: set[str] = set()
    kept = []
    for entry in ranked:
        root = entry.candidate.pin.root_id
        if root not in roots:
            roots.add(root)
            kept.append(entry)
    return kept


def one_of_each_picture(ranked: Sequence[Ranked], audience: FeedAudience) -> list[Ranked]:
    """The best of the pins that show the same picture; those without one all stay (c.7)."""
    pictures: set[str] = set()
    kept = []
    for entry in ranked:
        cover = cover_image(entry.candidate.pin.media)
        if cover is None:
            kept.append(entry)
        elif cover.source_url not in pictures:
            pictures.add(cover.source_url)
            kept.append(entry)
    return kept


FILTERS: tuple[Filter, ...] = (
    drop_undistributed,
    drop_own,
    drop_blocked,
    drop_seen,
    drop_hidden,
    one_of_each_root,
    one_of_each_picture,
)
"""The rules in order. Whether a viewer may see a pin's board is decided anew on every page."""


def _without(ranked: Sequence[Ranked], ids: frozenset[str]) -> list[Ranked]:
    if not ids:
        return list(ranked)
    return [
        entry
        for entry in ranked
        if entry.candidate.pin.id not in ids and entry.candidate.pin.root_id not in ids
    ]


def _rank(entry: Ranked) -> tuple[float, str, FeedSource, FeedReasonKind, str]:
    candidate = entry.candidate
    return (
        -entry.log_score,
        candidate.pin.id,
        candidate.source,
        candidate.reason,
        candidate.reason_id or "",
    )


def _quotas(policy: FeedPolicy) -> tuple[Quota, ...]:
    following = -(-policy.following_percent * policy.slate.page_size // 100)
    return (
        Quota(FeedSource.FOLLOWING, following),
        Quota(FeedSource.EXPLORATION, policy.explorations_per_page),
    )


def _traits(entry: Ranked) -> Traits:
    pin = entry.candidate.pin
    return Traits(
        log_score=entry.log_score,
        owner_id=pin.owner_id,
        board_id=pin.board_id,
        domain=pin.domain,
        topic_ids=frozenset(pin.topic_ids),
        source=entry.candidate.source,
    )


def _item(candidate: Candidate) -> FeedItem:
    pin = candidate.pin
    return FeedItem(
        pin.id,
        pin.root_id,
        candidate.source,
        candidate.reason,
        candidate.reason_id,
        image_key(cover_image(pin.media)),
    )
