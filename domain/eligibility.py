"""Which ads may be shown to a viewer: named steps in order, cheapest first (DOMAIN c.2).

A step answers for one reason alone, so that counting refusals by step tells an advertiser why an
ad does not serve. Frequency caps, pacing and budgets (c.4, c.5) are further steps: they join
`ELIGIBILITY` with what they need in `Audience` or `AdCandidate`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.ad_candidates import AdCandidate
from domain.boards import BoardPrivacy
from domain.campaigns import AdReviewStatus, EntityStatus, PlacementGroup
from domain.targeting import Audience, matches, needs_personal_data

ACTIVE = EntityStatus.ACTIVE


class Step(NamedTuple):
    """One condition of eligibility. `holds` is a pure function of its arguments."""

    name: str
    holds: Callable[[AdCandidate, Audience, datetime], bool]


def eligible(
    candidate: AdCandidate, audience: Audience, now: datetime, steps: Sequence[Step] | None = None
) -> bool:
    """Whether every step holds; `steps` None means `ELIGIBILITY`."""
    return refusal(candidate, audience, now, steps) is None


def refusal(
    candidate: AdCandidate, audience: Audience, now: datetime, steps: Sequence[Step] | None = None
) -> str | None:
    """The name of the first step that does not hold; None when the ad is eligible."""
    for step in ELIGIBILITY if steps is None else steps:
        if not step.holds(candidate, audience, now):
            return step.name
    return None


def _account_is_active(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.account_status is ACTIVE


def _account_has_billing(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.has_billing


def _campaign_is_active(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.campaign_status is ACTIVE


def _ad_group_is_active(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.ad_group_status is ACTIVE


def _ad_is_active(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.ad_status is ACTIVE


def _ad_is_approved(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.review_status is AdReviewStatus.APPROVED


def _is_scheduled(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    has_started = ad.starts_at is None or ad.starts_at <= now
    return has_started and (ad.ends_at is None or now < ad.ends_at)


def _pin_exists(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.pin_owner_id is not None


def _pin_is_the_advertisers(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    """INV-13."""
    return ad.pin_owner_id == ad.advertiser_id


def _board_is_promotable(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    """A public board or an ads-only one, never a secret one, whatever its flags say."""
    if ad.board_privacy is BoardPrivacy.PROTECTED:
        return ad.is_ads_only
    return ad.board_privacy is BoardPrivacy.PUBLIC


def _has_link(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return (ad.destination_url or "").lower().startswith(("http://", "https://"))


def _suits_the_surface(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.placement_group in (PlacementGroup.ALL, audience.surface.placement_group)


def _matches_targeting(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return matches(ad.targeting, audience)


def _is_someone_elses(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.advertiser_id != audience.viewer_id


def _is_not_blocked(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.advertiser_id not in audience.blocked_user_ids


def _is_not_hidden(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return (
        ad.ad_id not in audience.hidden_ad_ids
        and ad.advertiser_id not in audience.hidden_advertiser_ids
    )


def _respects_privacy(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return audience.allows_personalised_ads or not needs_personal_data(ad.targeting)


def _bid_meets_floor(ad: AdCandidate, audience: Audience, now: datetime) -> bool:
    return ad.bid_micros >= ad.bid_floor_micros


ELIGIBILITY = (
    Step("ACCOUNT_ACTIVE", _account_is_active),
    Step("ACCOUNT_BILLING", _account_has_billing),
    Step("CAMPAIGN_ACTIVE", _campaign_is_active),
    Step("AD_GROUP_ACTIVE", _ad_group_is_active),
    Step("AD_ACTIVE", _ad_is_active),
    Step("AD_APPROVED", _ad_is_approved),
    Step("SCHEDULE", _is_scheduled),
    Step("PIN_EXISTS", _pin_exists),
    Step("PIN_OWNER", _pin_is_the_advertisers),
    Step("BOARD", _board_is_promotable),
    Step("LINK", _has_link),
    Step("SURFACE", _suits_the_surface),
    Step("TARGETING", _matches_targeting),
    Step("NOT_OWN_AD", _is_someone_elses),
    Step("NOT_BLOCKED", _is_not_blocked),
    Step("NOT_HIDDEN", _is_not_hidden),
    Step("PERSONALISATION", _respects_privacy),
    Step("BID_FLOOR", _bid_meets_floor),
)
