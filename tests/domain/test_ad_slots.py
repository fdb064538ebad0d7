from uuid import RFC_4122, UUID

import pytest

from domain.ad_slots import AdSlot, ad_slot, charge_micros, slot_id
from domain.campaigns import BillableEvent
from domain.targeting import AdReason, TargetingKey
from tests.domain.builders import NOW_MS, make_ad


def test_a_slot_id_is_a_uuid_of_version_7_with_its_time() -> None:
    uuid = UUID(slot_id("s1", 3, NOW_MS))
    assert (uuid.version, uuid.variant) == (7, RFC_4122)
    assert uuid.int >> 80 == NOW_MS


def test_a_slot_id_depends_on_session_gap_and_time_alone() -> None:
    same = slot_id("s1", 3, NOW_MS)
    assert slot_id("s1", 3, NOW_MS) == same
    others = {slot_id("s2", 3, NOW_MS), slot_id("s1", 4, NOW_MS), slot_id("s1", 3, NOW_MS + 1)}
    assert len(others | {same}) == 4


def test_a_later_slot_sorts_after_an_earlier_one() -> None:
    assert slot_id("s1", 9, NOW_MS) < slot_id("s1", 3, NOW_MS + 1)


def test_a_slot_keeps_what_the_auction_decided() -> None:
    ad = make_ad(1, image_key="picture", currency="EUR")
    why = (AdReason(TargetingKey.COUNTRY, "FR"),)
    assert ad_slot(ad, 2_500_000, "s1", 3, NOW_MS, why) == AdSlot(
        slot_id=slot_id("s1", 3, NOW_MS),
        gap=3,
        ad_id=ad.ad_id,
        ad_group_id=ad.ad_group_id,
        campaign_id=ad.campaign_id,
        ad_account_id=ad.ad_account_id,
        advertiser_id=ad.advertiser_id,
        pin_id=ad.pin_id,
        root_id=ad.root_id,
        billable_event=BillableEvent.IMPRESSION,
        price_micros=2_500_000,
        currency="EUR",
        served_at=NOW_MS,
        image_key="picture",
        why=why,
    )


@pytest.mark.parametrize(
    ("event", "price", "charge"),
    [
        (BillableEvent.IMPRESSION, 3_010_000, 3_010),
        (BillableEvent.IMPRESSION, 3_010_001, 3_011),
        (BillableEvent.IMPRESSION, 1, 1),
        (BillableEvent.CLICKTHROUGH, 343_334, 343_334),
        (BillableEvent.VIDEO_V_50_MRC, 40_770, 40_770),
    ],
)
def test_an_impression_costs_a_thousandth_rounded_up(
    event: BillableEvent, price: int, charge: int
) -> None:
    assert charge_micros(event, price) == charge
