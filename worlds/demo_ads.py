"""The advertisers of the demo world: each business promotes what is on its own two boards."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.campaigns import (
    AdAccountRecord,
    AdGroupRecord,
    AdRecord,
    AdReviewStatus,
    BillableEvent,
    CallToAction,
    CampaignRecord,
    EntityStatus,
    PlacementGroup,
    TargetingSpec,
)
from worlds.chance import stream
from worlds.demo_people import Person, named_topic
from worlds.demo_pins import DemoPin, is_shop
from worlds.ids import Kind, stable_id

_GROUPS = 4
_UNIT = 1_000_000

AdObject: TypeAlias = AdAccountRecord | CampaignRecord | AdGroupRecord | AdRecord


def demo_ads(seed: int, pins: Sequence[DemoPin], now: datetime) -> Iterator[AdObject]:
    """For each business with wares among `pins`: an account, a campaign, four groups of three ads.

    The groups bid for clicks and for impressions, two of them for people who like the theme. One
    group is paused, and its last ad still waits for review, so that not everything is eligible.
    """
    by_owner: dict[str, list[DemoPin]] = {}
    for pin in pins:
        if is_shop(pin.board):
            by_owner.setdefault(pin.record.owner_id, []).append(pin)
    for wares in by_owner.values():
        yield from _account(seed, wares, now)


def _account(seed: int, pins: Sequence[DemoPin], now: datetime) -> Iterator[AdObject]:
    owner = pins[0].board.owner
    since = now - timedelta(days=60)
    account = AdAccountRecord(
        id=stable_id(Kind.AD_ACCOUNT, f"demo/{owner.user.id}", since),
        owner_id=owner.user.id,
        name=owner.user.full_name,
        currency="USD",
        country="US",
        created_at=since,
    )
    campaign = CampaignRecord(
        id=stable_id(Kind.CAMPAIGN, f"demo/{account.id}", since),
        ad_account_id=account.id,
        name=f"{owner.user.full_name}, always on",
        created_at=since,
        start_at=since,
        end_at=now + timedelta(days=365),
    )
    yield account
    yield campaign
    for number in range(_GROUPS):
        group = _group(seed, owner, campaign, number)
        yield group
        for pin in pins[number::_GROUPS]:
            yield _ad(seed, group, pin)


def _group(seed: int, owner: Person, campaign: CampaignRecord, number: int) -> AdGroupRecord:
    random = stream(seed, f"ad group {campaign.id} {number}")
    by_click = number % 2 == 0
    # A cap counts impressions and needs an end (INV-14), so groups that pay by click have none.
    return AdGroupRecord(
        id=stable_id(Kind.AD_GROUP, f"demo/{campaign.id}/{number}", campaign.created_at),
        ad_account_id=campaign.ad_account_id,
        campaign_id=campaign.id,
        name=f"{owner.themes[0].name}, by {'click' if by_click else 'view'} {number // 2 + 1}",
        created_at=campaign.created_at,
        billable_event=BillableEvent.CLICKTHROUGH if by_click else BillableEvent.IMPRESSION,
        bid_micros=random.randrange(30, 120) * 10_000 * (1 if by_click else 7),
        daily_budget_micros=random.randrange(10, 51) * _UNIT,
        placement_group=PlacementGroup.BROWSE if number == 1 else PlacementGroup.ALL,
        targeting=TargetingSpec(topic_ids=(named_topic(owner.themes[0].name),))
        if number >= _GROUPS // 2
        else TargetingSpec(),
        frequency_cap=None if by_click else 3,
        status=EntityStatus.PAUSED if number == _GROUPS - 1 else EntityStatus.ACTIVE,
        start_at=campaign.start_at,
        end_at=campaign.end_at,
    )


def _ad(seed: int, group: AdGroupRecord, pin: DemoPin) -> AdRecord:
    random = stream(seed, f"ad {pin.record.id}")
    created_at = max(group.created_at, pin.record.created_at)
    is_paused = group.status is EntityStatus.PAUSED
    return AdRecord(
        id=stable_id(Kind.AD, f"demo/{pin.record.id}", created_at),
        ad_account_id=group.ad_account_id,
        campaign_id=group.campaign_id,
        ad_group_id=group.id,
        pin_id=pin.record.id,
        name=(pin.record.title or "Ad")[:100],
        created_at=created_at,
        pctr_ppm=random.randrange(3_000, 20_000),
        quality_ppm=random.randrange(800_000, 1_300_000),
        destination_url=pin.record.link,
        call_to_action=random.choice((CallToAction.SHOP_NOW, CallToAction.LEARN_MORE)),
        review_status=AdReviewStatus.PENDING if is_paused else AdReviewStatus.APPROVED,
    )
