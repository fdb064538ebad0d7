from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.ad_candidates import AdCandidate
from domain.ad_slots import charge_micros
from domain.auction import (
    AuctionPolicy,
    Award,
    auction,
    distinct,
    ecpm_micros,
    price_micros,
    score_micros,
)
from domain.campaigns import BillableEvent
from domain.record import Id
from tests.domain.builders import make_ad, make_slot

CLICK, IMPRESSION, VIEW = (
    BillableEvent.CLICKTHROUGH,
    BillableEvent.IMPRESSION,
    BillableEvent.VIDEO_V_50_MRC,
)

# The worked example of DOMAIN c.3.
EXAMPLE = AuctionPolicy(reserve_micros=2_000_000, increment_micros=10_000)
A = make_ad(1, billable_event=CLICK, bid_micros=500_000, pctr_ppm=12_000)
B = make_ad(2, billable_event=IMPRESSION, bid_micros=4_000_000)
C = make_ad(3, billable_event=CLICK, bid_micros=1_000_000, pctr_ppm=3_000)


def prices(awards: list[Award]) -> list[tuple[Id, int]]:
    return [(award.candidate.ad_id, award.price_micros) for award in awards]


def test_the_worked_example() -> None:
    assert [ecpm_micros(ad) for ad in (A, B, C)] == [6_000_000, 4_000_000, 3_000_000]
    awards = auction([C, B, A], 2, EXAMPLE)
    assert prices(awards) == [(A.ad_id, 343_334), (B.ad_id, 3_010_000)]
    assert charge_micros(CLICK, 343_334) == 343_334
    assert charge_micros(IMPRESSION, 3_010_000) == 3_010


def test_the_worked_example_without_c_lets_the_reserve_set_the_price() -> None:
    awards = auction([B, A], 2, EXAMPLE)
    assert prices(awards) == [(A.ad_id, 343_334), (B.ad_id, 2_000_000)]
    assert charge_micros(IMPRESSION, 2_000_000) == 2_000


def test_the_price_of_a_view() -> None:
    video = make_ad(4, billable_event=VIEW, bid_micros=50_000, pview_ppm=130_000)
    assert ecpm_micros(video) == 6_500_000
    # 4,000,000 · 10^9 / (10^6 · 130,000) = 30,769.23…, rounded up, plus the increment
    assert prices(auction([video, B], 1, EXAMPLE)) == [(video.ad_id, 40_770)]


def test_quality_raises_the_rank_and_lowers_the_price() -> None:
    good = make_ad(5, bid_micros=3_000_000, quality_ppm=1_500_000)
    assert (ecpm_micros(good), score_micros(good)) == (3_000_000, 4_500_000)
    # 4,000,000 · 10^6 / 1,500,000 = 2,666,666.67, rounded up, plus the increment
    assert prices(auction([B, good], 1, EXAMPLE)) == [(good.ad_id, 2_676_667)]


def test_the_increment_never_takes_a_price_above_the_bid() -> None:
    close = make_ad(6, bid_micros=3_995_000)
    assert prices(auction([B, close], 2, EXAMPLE)) == [
        (B.ad_id, 4_000_000),
        (close.ad_id, 2_000_000),
    ]


def test_a_bid_floor_lifts_the_price() -> None:
    floored = replace(B, bid_floor_micros=3_500_000)
    assert prices(auction([floored], 1, EXAMPLE)) == [(B.ad_id, 3_500_000)]


@pytest.mark.parametrize(
    "ad",
    [
        make_ad(bid_micros=1_999_999),
        make_ad(billable_event=CLICK, pctr_ppm=0),
        make_ad(bid_micros=3_000_000, bid_floor_micros=3_000_001),
        make_ad(currency="EUR"),
    ],
    ids=["below the reserve", "never clicked", "below its floor", "another currency"],
)
def test_who_does_not_take_part(ad: AdCandidate) -> None:
    assert auction([ad], 1, EXAMPLE) == []


def test_a_score_at_the_reserve_takes_part() -> None:
    ad = make_ad(bid_micros=2_000_000)
    assert prices(auction([ad], 1, EXAMPLE)) == [(ad.ad_id, 2_000_000)]


def test_a_score_of_nothing_never_wins_even_without_a_reserve() -> None:
    nothing = make_ad(billable_event=CLICK, pctr_ppm=0)
    assert auction([nothing], 1, AuctionPolicy(reserve_micros=0)) == []


def test_equal_scores_are_ordered_by_ecpm_and_then_by_id() -> None:
    one, two = make_ad(1), make_ad(2)
    worthier = make_ad(3, bid_micros=8_000_000, quality_ppm=500_000)
    awards = auction([two, one, worthier], 3)
    assert [award.candidate for award in awards] == [worthier, one, two]


def test_scores_that_differ_by_less_than_a_micro_are_not_equal() -> None:
    lower = make_ad(1, billable_event=CLICK, bid_micros=1_000_001, pctr_ppm=1_000)
    higher = make_ad(2, billable_event=CLICK, bid_micros=1_000_001, pctr_ppm=1_000)
    higher = replace(higher, quality_ppm=1_000_001)
    assert ecpm_micros(lower) == ecpm_micros(higher)
    assert auction([lower, higher], 1)[0].candidate == higher


@pytest.mark.parametrize(
    "shared",
    ["ad_group_id", "campaign_id", "advertiser_id", "pin_id", "root_id", "image_key"],
)
def test_a_page_shows_one_of_each(shared: str) -> None:
    best, other = make_ad(1, image_key="a"), make_ad(2, bid_micros=3_000_000, image_key="b")
    other = replace(other, **{shared: getattr(best, shared)})
    assert [award.candidate for award in auction([other, best], 2)] == [best]


def test_what_the_page_has_already_counts() -> None:
    assert [award.candidate for award in auction([A, B], 2, EXAMPLE, [make_slot(1)])] == [B]


def test_an_advertiser_has_at_most_two_ads_in_a_session() -> None:
    same = [make_ad(n, advertiser_id=make_ad(1).advertiser_id) for n in (1, 2, 3)]
    earlier = [make_slot(1, gap=3)]
    assert len(auction(same, 2, in_session=earlier)) == 1
    assert auction(same, 2, in_session=[*earlier, make_slot(1, gap=30)]) == []


def test_the_limits_of_a_page_are_settings() -> None:
    same = [make_ad(n, advertiser_id=make_ad(1).advertiser_id) for n in (1, 2, 3)]
    policy = AuctionPolicy(max_per_advertiser=2, reserve_micros=1_000_000)
    # The other ads of the same advertiser do not set its price: nobody bids against oneself.
    assert [award.price_micros for award in auction(same, 3, policy)] == [1_000_000, 1_000_000]


def test_no_slots_no_winners() -> None:
    assert auction([A, B], 0) == []


def ads(most: int = 8) -> st.SearchStrategy[list[AdCandidate]]:
    one = st.builds(
        lambda event, bid, floor, pctr, pview, quality, campaign, advertiser: make_ad(
            billable_event=event,
            bid_micros=bid,
            bid_floor_micros=min(bid, floor),
            pctr_ppm=pctr,
            pview_ppm=pview,
            quality_ppm=quality,
            campaign_id=Id(f"campaign {campaign}"),
            advertiser_id=Id(f"advertiser {advertiser}"),
        ),
        st.sampled_from(BillableEvent),
        st.integers(1, 10_000_000),
        st.integers(0, 10_000_000),
        st.integers(0, 1_000_000),
        st.integers(0, 1_000_000),
        st.integers(200_000, 2_000_000),
        st.integers(0, 5),
        st.integers(0, 3),
    )

    def numbered(made: list[AdCandidate]) -> list[AdCandidate]:
        names = ("ad_id", "ad_group_id", "pin_id", "root_id")
        return [
            replace(ad, **{name: f"{name} {number}" for name in names})
            for number, ad in enumerate(made)
        ]

    return st.lists(one, min_size=1, max_size=most).map(numbered)


@given(ads(), st.integers(0, 8), st.integers(0, 3_000_000))
def test_a_price_lies_between_the_floor_and_the_bid(
    candidates: list[AdCandidate], slots: int, reserve: int
) -> None:
    policy = AuctionPolicy(reserve_micros=reserve)
    awards = auction(candidates, slots, policy)
    assert len(awards) <= slots
    for winner, price in awards:
        assert winner.bid_floor_micros <= price <= winner.bid_micros
        assert price > 0
        # Whoever pays the price as a bid still reaches the reserve.
        assert score_micros(replace(winner, bid_micros=price)) >= reserve


@given(ads(), st.integers(0, 8))
def test_a_price_as_a_bid_still_beats_the_next_advertiser(
    candidates: list[AdCandidate], slots: int
) -> None:
    policy = AuctionPolicy(increment_micros=0)
    ranked = distinct([award.candidate for award in auction(candidates, 99, policy)], policy)
    for place, winner in enumerate(ranked[:slots]):
        price = price_micros(winner, ranked[place + 1 :], policy)
        paid = score_micros(replace(winner, bid_micros=price))
        assert all(paid >= score_micros(loser) for loser in ranked[place + 1 :])


@given(ads(), st.integers(0, 8), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(
    candidates: list[AdCandidate], slots: int, random: Random
) -> None:
    shuffled = random.sample(candidates, len(candidates))
    assert auction(shuffled, slots) == auction(candidates, slots)


@given(ads(), st.integers(1, 5_000_000), st.data())
def test_raising_a_bid_never_lowers_a_rank(
    candidates: list[AdCandidate], more: int, data: st.DataObject
) -> None:
    raised = data.draw(st.sampled_from(candidates))

    def rank(bid_micros: int) -> int:
        field = [
            replace(ad, bid_micros=bid_micros) if ad.ad_id == raised.ad_id else ad
            for ad in candidates
        ]
        winners = [award.candidate.ad_id for award in auction(field, 99)]
        return winners.index(raised.ad_id) if raised.ad_id in winners else 99

    assert rank(raised.bid_micros + more) <= rank(raised.bid_micros)


@given(ads())
def test_limits_hold_for_any_field(candidates: list[AdCandidate]) -> None:
    winners = [award.candidate for award in auction(candidates, 99)]
    assert len({ad.campaign_id for ad in winners}) == len(winners)
    assert len({ad.advertiser_id for ad in winners}) == len(winners)
