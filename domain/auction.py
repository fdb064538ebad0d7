"""A generalised second-price auction with a reserve, in whole numbers (DOMAIN c.3).

An ad's score is `bid × rate × q`: `rate` turns a bid into what a thousand impressions are expected
to bring, `q` is quality. A winner pays the least bid with which it would still have beaten the next
advertiser: that advertiser's score divided by the winner's own `rate × q`, rounded up once.

The formulas of DOMAIN divide by 1,000 and by 1,000,000 on the way. Here scores stay whole, in
thousand-millionths of a micro, so that equal scores are equal and no rounding happens but the one.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from domain.ad_candidates import AdCandidate
from domain.ad_slots import PER_MILLE, AdSlot
from domain.campaigns import BillableEvent

SCORE_SCALE = 1_000_000_000
"""Units of a score in one micro of eCPM."""


class AuctionPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of an auction; money is micros of `currency`.

    `reserve_micros` is R, the least score that may win, as eCPM. `increment_micros` is what a
    winner pays above the next advertiser. Scores of different currencies cannot be compared: an
    auction is held in one, and ads of another do not take part. A page has at most
    `max_per_campaign` ads of one campaign and `max_per_advertiser` of one advertiser, and a session
    at most `max_per_advertiser_in_session`.
    """

    currency: str = "USD"
    reserve_micros: int = 500_000
    increment_micros: int = 10_000
    max_per_campaign: int = 1
    max_per_advertiser: int = 1
    max_per_advertiser_in_session: int = 2


DEFAULT_POLICY = AuctionPolicy()


class Award(NamedTuple):
    """A winner and its price: micros per billable event, for IMPRESSION per 1,000."""

    candidate: AdCandidate
    price_micros: int


def ecpm_micros(candidate: AdCandidate) -> int:
    """What 1,000 impressions are expected to bring at the full bid, in micros, rounded down."""
    return candidate.bid_micros * _rate(candidate) // PER_MILLE


def score_micros(candidate: AdCandidate) -> int:
    """eCPM times quality, in micros, rounded down; for showing. The auction itself is exact."""
    return _score(candidate) // SCORE_SCALE


def auction(
    candidates: Iterable[AdCandidate],
    slots: int,
    policy: AuctionPolicy = DEFAULT_POLICY,
    on_page: Sequence[AdSlot] = (),
    in_session: Sequence[AdSlot] = (),
) -> list[Award]:
    """The winners of up to `slots` places, best first, with their prices.

    The order of `candidates` does not matter: equal scores are ordered by eCPM, then by ad id.
    `on_page` are the ads that the page has already, `in_session` those that the whole session has;
    they count towards the limits.
    """
    if slots <= 0:
        return []
    admitted = [candidate for candidate in candidates if _is_admitted(candidate, policy)]
    ranked = distinct(sorted(admitted, key=_rank), policy, on_page, in_session)
    return [
        Award(winner, price_micros(winner, ranked[place + 1 :], policy))
        for place, winner in enumerate(ranked[:slots])
    ]


def distinct(
    ranked: Iterable[AdCandidate],
    policy: AuctionPolicy,
    on_page: Sequence[AdSlot] = (),
    in_session: Sequence[AdSlot] = (),
) -> list[AdCandidate]:
    """The best ads first: one of each ad group, of each campaign and advertiser no more than the
    policy allows, and no pin, root or picture twice.
    """
    ad_groups = {slot.ad_group_id for slot in on_page}
    campaigns = Counter(slot.campaign_id for slot in on_page)
    advertisers = Counter(slot.advertiser_id for slot in on_page)
    session = Counter(slot.advertiser_id for slot in in_session)
    creatives = set[str]().union(*(slot.creative_keys for slot in on_page))
    kept = []
    for candidate in ranked:
        advertiser = candidate.advertiser_id
        if (
            candidate.ad_group_id in ad_groups
            or campaigns[candidate.campaign_id] >= policy.max_per_campaign
            or advertisers[advertiser] >= policy.max_per_advertiser
            or session[advertiser] >= policy.max_per_advertiser_in_session
            or not creatives.isdisjoint(candidate.creative_keys)
        ):
            continue
        kept.append(candidate)
        ad_groups.add(candidate.ad_group_id)
        campaigns[candidate.campaign_id] += 1
        advertisers[advertiser] += 1
        session[advertiser] += 1
        creatives |= candidate.creative_keys
    return kept


def price_micros(
    winner: AdCandidate, below: Sequence[AdCandidate], policy: AuctionPolicy = DEFAULT_POLICY
) -> int:
    """What a winner pays for its billable event; `below` are the ads ranked after it, in order.

    The next ad of another advertiser sets the price, plus the increment; without one the reserve
    does, and nothing is added. Never above the bid, never below the bid floor.
    """
    rival = next((ad for ad in below if ad.advertiser_id != winner.advertiser_id), None)
    if rival is not None:
        to_beat, increment = _score(rival), policy.increment_micros
    else:
        to_beat, increment = policy.reserve_micros * SCORE_SCALE, 0
    per_bid_micro = _rate(winner) * winner.quality_ppm
    lowest_winning_bid = -(-to_beat // per_bid_micro)
    return max(min(winner.bid_micros, lowest_winning_bid + increment), winner.bid_floor_micros)


def _rate(candidate: AdCandidate) -> int:
    """A bid's factor to eCPM, in thousandths: billable events expected of 1,000,000 impressions.

    A bid for 1,000 impressions is an eCPM already, so its rate is 1,000.
    """
    match candidate.billable_event:
        case BillableEvent.IMPRESSION:
            return PER_MILLE
        case BillableEvent.CLICKTHROUGH:
            return candidate.pctr_ppm
        case BillableEvent.VIDEO_V_50_MRC:
            return candidate.pview_ppm


def _score(candidate: AdCandidate) -> int:
    return candidate.bid_micros * _rate(candidate) * candidate.quality_ppm


def _rank(candidate: AdCandidate) -> tuple[int, int, str]:
    return (
        -_score(candidate),
        -candidate.bid_micros * _rate(candidate),
        candidate.ad_id,
    )


def _is_admitted(candidate: AdCandidate, policy: AuctionPolicy) -> bool:
    """A score of 0 never wins, even without a reserve: it has no price that could be charged."""
    score = _score(candidate)
    return (
        candidate.currency == policy.currency
        and candidate.bid_micros >= candidate.bid_floor_micros
        and score > 0
        and score >= policy.reserve_micros * SCORE_SCALE
    )
