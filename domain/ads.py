"""Promoted pins of a feed: from candidates to slots (DOMAIN c.2, c.3, c.7, c.8).

    from domain.ads import choose_ads

`choose_ads` puts the rules together; each has a module of its own: `targeting` and `eligibility`
say who may see an ad, `auction` who wins and for how much, `blending` where ads stand.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.ad_candidates import AdCandidate, ad_candidate
from domain.ad_slots import AdSlot, ad_slot, charge_micros
from domain.auction import auction
from domain.blending import (
    DEFAULT_POLICY,
    AdPolicy,
    Decisions,
    Stretch,
    blend_first,
    item_range,
    open_gaps,
    undecided,
)
from domain.eligibility import eligible
from domain.feed import FeedItem, FeedSession
from domain.targeting import AdReason, Audience, Surface, TargetingKey, reasons
from domain.users import UserRecord

__all__ = [
    "AdCandidate",
    "AdPolicy",
    "AdReason",
    "AdSlot",
    "Audience",
    "Surface",
    "TargetingKey",
    "ad_candidate",
    "advertiser_name",
    "charge_micros",
    "choose_ads",
    "disclosure_label",
]


def choose_ads(
    session: FeedSession,
    stretch: Stretch,
    decisions: Decisions,
    *,
    first: int,
    candidates: Iterable[AdCandidate],
    audience: Audience,
    now: datetime,
    policy: AdPolicy = DEFAULT_POLICY,
) -> dict[int, AdSlot | None]:
    """The new decisions of a page: for every gap it delivers that had none, an ad or None.

    The page is the first `first` edges of `stretch`. Store what is returned before it is shown;
    where another request was faster, the stored decision counts. Without candidates every gap is
    organic, which is how ads fail open.
    """
    gaps = open_gaps(stretch, decisions, first, len(session.items), policy)
    chosen: dict[int, AdSlot | None] = {}
    if gaps:
        shown = _creatives_near(session.items, stretch, decisions, policy.repeat_distance)
        contenders = [
            candidate
            for candidate in candidates
            if shown.isdisjoint(candidate.creative_keys) and eligible(candidate, audience, now)
        ]
        in_session = [slot for slot in decisions.values() if slot is not None]
        on_page = [slot for slot in in_session if stretch.start <= 2 * slot.gap < stretch.end]
        awards = auction(contenders, len(gaps), policy.auction, on_page, in_session)
        served_at = int(now.timestamp() * 1000)
        for gap, (winner, price) in zip(gaps, awards, strict=False):
            why = reasons(winner.targeting, audience)
            chosen[gap] = ad_slot(winner, price, session.id, gap, served_at, why)
    return chosen | organic_gaps(stretch, {**decisions, **chosen}, first)


def organic_gaps(stretch: Stretch, decisions: Decisions, first: int) -> dict[int, None]:
    """None for each gap that the page delivers undecided: from now on it has no ad."""
    page = blend_first(stretch, decisions, first)
    return dict.fromkeys(undecided(page.edges, decisions))


def advertiser_name(advertiser: UserRecord) -> str:
    """The name that an ad shows: the business's, else the person's, else the account's."""
    return advertiser.business_name or advertiser.full_name or advertiser.username


def disclosure_label(advertiser: UserRecord | None) -> str | None:
    """The words that mark an ad (c.8). None without an advertiser: such an ad is not shown."""
    return f"Promoted by {advertiser_name(advertiser)}" if advertiser else None


def _creatives_near(
    items: Sequence[FeedItem], stretch: Stretch, decisions: Decisions, distance: int
) -> set[str]:
    """Pins, roots and pictures within `distance` organic items of a stretch.

    Items still ahead count too: they are known, and nobody should pay for what comes for free.
    """
    indexes = item_range(stretch.start, stretch.end)
    near = range(max(0, indexes.start - distance), indexes.stop + distance)
    creatives: set[str] = set()
    for item in items[near.start : near.stop]:
        creatives.update((item.pin_id, item.root_id))
        if item.image_key is not None:
            creatives.add(item.image_key)
    for gap, slot in decisions.items():
        if slot is not None and gap in near:
            creatives |= slot.creative_keys
    return creatives
