from datetime import timedelta

import pytest

from domain.ad_candidates import AdCandidate, ad_candidate
from domain.boards import BoardPrivacy, BoardRecord
from domain.campaigns import (
    AdAccountRecord,
    AdGroupRecord,
    AdRecord,
    AdReviewStatus,
    BillableEvent,
    CampaignRecord,
    EntityStatus,
    PlacementGroup,
    TargetingSpec,
)
from domain.eligibility import ELIGIBILITY, Step, eligible, refusal
from domain.images import image_key
from domain.media import cover_image
from domain.targeting import Audience, Surface
from tests.domain.builders import NOW, entity_id, make_ad, make_pin

VIEWER = Audience(viewer_id=entity_id(9))
SECOND = timedelta(seconds=1)


def test_a_plain_ad_is_eligible() -> None:
    assert refusal(make_ad(), VIEWER, NOW) is None
    assert eligible(make_ad(), Audience(), NOW)


REFUSED: list[tuple[str, AdCandidate, Audience]] = [
    ("ACCOUNT_ACTIVE", make_ad(account_status=EntityStatus.PAUSED), VIEWER),
    ("ACCOUNT_BILLING", make_ad(has_billing=False), VIEWER),
    ("CAMPAIGN_ACTIVE", make_ad(campaign_status=EntityStatus.PAUSED), VIEWER),
    ("AD_GROUP_ACTIVE", make_ad(ad_group_status=EntityStatus.ARCHIVED), VIEWER),
    ("AD_ACTIVE", make_ad(ad_status=EntityStatus.DRAFT), VIEWER),
    ("AD_APPROVED", make_ad(review_status=AdReviewStatus.PENDING), VIEWER),
    ("SCHEDULE", make_ad(starts_at=NOW + SECOND), VIEWER),
    ("SCHEDULE", make_ad(ends_at=NOW), VIEWER),
    ("PIN_EXISTS", make_ad(pin_owner_id=None), VIEWER),
    ("PIN_OWNER", make_ad(pin_owner_id=entity_id(7)), VIEWER),
    ("BOARD", make_ad(board_privacy=None), VIEWER),
    ("BOARD", make_ad(board_privacy=BoardPrivacy.SECRET), VIEWER),
    ("BOARD", make_ad(board_privacy=BoardPrivacy.SECRET, is_ads_only=True), VIEWER),
    ("BOARD", make_ad(board_privacy=BoardPrivacy.PROTECTED), VIEWER),
    ("LINK", make_ad(destination_url=None), VIEWER),
    ("LINK", make_ad(destination_url="javascript:alert(1)"), VIEWER),
    ("SURFACE", make_ad(placement_group=PlacementGroup.SEARCH), VIEWER),
    ("SURFACE", make_ad(placement_group=PlacementGroup.OTHER), VIEWER),
    ("SURFACE", make_ad(placement_group=PlacementGroup.BROWSE), Audience(surface=Surface.SEARCH)),
    ("TARGETING", make_ad(targeting=TargetingSpec(countries=("US",))), VIEWER),
    ("NOT_OWN_AD", make_ad(1), Audience(viewer_id=make_ad(1).advertiser_id)),
    ("NOT_BLOCKED", make_ad(1), Audience(blocked_user_ids=frozenset({make_ad(1).advertiser_id}))),
    ("NOT_HIDDEN", make_ad(1), Audience(hidden_ad_ids=frozenset({make_ad(1).ad_id}))),
    (
        "NOT_HIDDEN",
        make_ad(1),
        Audience(hidden_advertiser_ids=frozenset({make_ad(1).advertiser_id})),
    ),
    (
        "PERSONALISATION",
        make_ad(targeting=TargetingSpec(genders=("male",))),
        Audience(gender="male", allows_personalised_ads=False),
    ),
    ("BID_FLOOR", make_ad(bid_micros=1_999_999, bid_floor_micros=2_000_000), VIEWER),
]


@pytest.mark.parametrize(("step", "ad", "audience"), REFUSED)
def test_each_step_refuses_by_its_name(step: str, ad: AdCandidate, audience: Audience) -> None:
    assert refusal(ad, audience, NOW) == step
    assert not eligible(ad, audience, NOW)


def test_every_step_has_a_case_above() -> None:
    assert {step for step, _, _ in REFUSED} == {step.name for step in ELIGIBILITY}


@pytest.mark.parametrize(
    ("ad", "audience"),
    [
        (make_ad(starts_at=NOW, ends_at=NOW + SECOND), VIEWER),
        (make_ad(board_privacy=BoardPrivacy.PROTECTED, is_ads_only=True), VIEWER),
        (make_ad(placement_group=PlacementGroup.SEARCH), Audience(surface=Surface.SEARCH)),
        (make_ad(), Audience(allows_personalised_ads=False)),
        (make_ad(bid_micros=2_000_000, bid_floor_micros=2_000_000), VIEWER),
    ],
)
def test_the_edges_are_eligible(ad: AdCandidate, audience: Audience) -> None:
    assert refusal(ad, audience, NOW) is None


def test_the_first_failing_step_is_named() -> None:
    ad = make_ad(destination_url=None, ad_status=EntityStatus.PAUSED)
    assert refusal(ad, VIEWER, NOW) == "AD_ACTIVE"


def test_steps_can_be_added() -> None:
    never = Step("BUDGET", lambda ad, audience, now: False)
    assert refusal(make_ad(), VIEWER, NOW, (*ELIGIBILITY, never)) == "BUDGET"


ACCOUNT = AdAccountRecord(
    id=entity_id(1),
    owner_id=entity_id(2),
    name="Shop",
    currency="EUR",
    country="FR",
    created_at=NOW,
)
CAMPAIGN = CampaignRecord(
    id=entity_id(3),
    ad_account_id=entity_id(1),
    name="Spring",
    created_at=NOW,
    start_at=NOW,
    end_at=NOW + timedelta(days=9),
)
AD_GROUP = AdGroupRecord(
    id=entity_id(4),
    ad_account_id=entity_id(1),
    campaign_id=entity_id(3),
    name="Cooks",
    created_at=NOW,
    billable_event=BillableEvent.CLICKTHROUGH,
    bid_micros=500_000,
    bid_floor_micros=100_000,
    targeting=TargetingSpec(countries=("FR",)),
    placement_group=PlacementGroup.BROWSE,
    start_at=NOW + timedelta(days=1),
    end_at=NOW + timedelta(days=20),
)
AD = AdRecord(
    id=entity_id(5),
    ad_account_id=entity_id(1),
    campaign_id=entity_id(3),
    ad_group_id=entity_id(4),
    pin_id=entity_id(6),
    name="Pan",
    created_at=NOW,
    pctr_ppm=12_000,
    quality_ppm=3_000_000,
)
PIN = make_pin(6, owner_id=entity_id(2), root_id=entity_id(8), link="https://shop.example/pan")
BOARD = BoardRecord(
    id=PIN.board_id,
    owner_id=entity_id(2),
    name="Pans",
    slug="pans",
    created_at=NOW,
    pins_modified_at=NOW,
)


def test_a_candidate_is_its_records_flattened() -> None:
    assert ad_candidate(ACCOUNT, CAMPAIGN, AD_GROUP, AD, PIN, BOARD) == AdCandidate(
        ad_id=entity_id(5),
        ad_group_id=entity_id(4),
        campaign_id=entity_id(3),
        ad_account_id=entity_id(1),
        advertiser_id=entity_id(2),
        pin_id=entity_id(6),
        root_id=entity_id(8),
        billable_event=BillableEvent.CLICKTHROUGH,
        bid_micros=500_000,
        currency="EUR",
        bid_floor_micros=100_000,
        pctr_ppm=12_000,
        quality_ppm=2_000_000,
        targeting=TargetingSpec(countries=("FR",)),
        placement_group=PlacementGroup.BROWSE,
        starts_at=NOW + timedelta(days=1),
        ends_at=NOW + timedelta(days=9),
        destination_url="https://shop.example/pan",
        image_key=image_key(cover_image(PIN.media)),
        pin_owner_id=entity_id(2),
        board_privacy=BoardPrivacy.PUBLIC,
    )


def test_an_ad_whose_pin_is_gone_is_a_candidate_that_no_one_sees() -> None:
    ad = ad_candidate(ACCOUNT, CAMPAIGN, AD_GROUP, AD, None, None)
    assert (ad.root_id, ad.image_key, ad.destination_url) == (entity_id(6), None, None)
    later = NOW + timedelta(days=2)
    assert refusal(ad, Audience(country="FR"), later) == "PIN_EXISTS"
