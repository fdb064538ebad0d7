from datetime import timedelta

from msgspec.structs import replace

from domain.ad_candidates import AdCandidate
from domain.ad_slots import AdSlot, slot_id
from domain.ads import AdPolicy, advertiser_name, choose_ads, disclosure_label, organic_gaps
from domain.blending import Stretch
from domain.campaigns import TargetingSpec
from domain.feed import FeedSession
from domain.targeting import AdReason, Audience, TargetingKey
from domain.users import UserRecord
from tests.domain.builders import NOW, NOW_MS, entity_id, make_ad, make_session, make_slot

VIEWER = Audience(viewer_id=entity_id(1), country="FR")
SESSION = make_session(60)


def page(start: int = 0, session: FeedSession = SESSION) -> Stretch:
    end = 2 * len(session.items)
    return Stretch(start=start, end=end, visible=tuple(range(start // 2, end // 2)))


def choose(
    *ads: AdCandidate,
    decisions: dict[int, AdSlot | None] | None = None,
    start: int = 0,
    first: int = 10,
    session: FeedSession = SESSION,
    policy: AdPolicy | None = None,
) -> dict[int, AdSlot | None]:
    return choose_ads(
        session,
        page(start, session),
        decisions or {},
        first=first,
        candidates=ads,
        audience=VIEWER,
        now=NOW,
        policy=policy or AdPolicy(),
    )


def served(decisions: dict[int, AdSlot | None]) -> dict[int, str]:
    return {gap: slot.ad_id for gap, slot in sorted(decisions.items()) if slot is not None}


def test_every_delivered_gap_is_decided() -> None:
    decisions = choose(make_ad(1))
    # Ten edges: nine items and the ad before item 3.
    assert sorted(decisions) == list(range(9))
    assert served(decisions) == {3: make_ad(1).ad_id}


def test_a_slot_has_price_time_and_reason() -> None:
    ad = make_ad(1, targeting=TargetingSpec(countries=("FR", "BE")))
    slot = choose(ad)[3]
    assert slot is not None
    assert slot.slot_id == slot_id("s1", 3, NOW_MS)
    assert (slot.gap, slot.price_micros, slot.served_at) == (3, 500_000, NOW_MS)
    assert slot.why == (AdReason(TargetingKey.COUNTRY, "FR"),)


def test_the_best_ad_comes_first() -> None:
    lower, higher = make_ad(1, bid_micros=2_000_000), make_ad(2, bid_micros=5_000_000)
    decisions = choose(lower, higher, first=25)
    assert served(decisions) == {3: higher.ad_id, 9: lower.ad_id}
    prices = [slot.price_micros for slot in decisions.values() if slot is not None]
    assert prices == [2_010_000, 500_000]


def test_the_same_page_again_has_nothing_to_decide() -> None:
    decisions = choose(make_ad(1))
    assert choose(make_ad(1), make_ad(2), decisions=decisions) == {}


def test_without_ads_every_gap_is_organic() -> None:
    assert choose(first=5) == dict.fromkeys(range(5))
    assert organic_gaps(page(), {}, 5) == dict.fromkeys(range(5))


def test_only_eligible_ads_take_part() -> None:
    foreign = make_ad(1, targeting=TargetingSpec(countries=("US",)))
    over = make_ad(2, ends_at=NOW - timedelta(days=1))
    assert served(choose(foreign, over)) == {}


def test_an_ad_whose_pin_is_organic_in_the_feed_is_dropped() -> None:
    same_pin = make_ad(1, pin_id=entity_id(50), root_id=entity_id(999))
    same_root = make_ad(2, root_id=entity_id(50))
    items = list(SESSION.items)
    items[49] = replace(items[49], image_key="picture")
    session = replace(SESSION, items=tuple(items))
    same_picture = make_ad(3, image_key="picture")
    assert served(choose(same_pin, same_root, same_picture, session=session)) == {}


def test_what_is_far_away_in_the_feed_does_not_count() -> None:
    ad = make_ad(1, pin_id=entity_id(60), root_id=entity_id(60))
    short = Stretch(start=0, end=40, visible=tuple(range(20)))
    near, far = AdPolicy(repeat_distance=40), AdPolicy(repeat_distance=39)

    def choose_with(policy: AdPolicy) -> dict[int, AdSlot | None]:
        return choose_ads(
            SESSION,
            short,
            {},
            first=10,
            candidates=[ad],
            audience=VIEWER,
            now=NOW,
            policy=policy,
        )

    assert served(choose_with(near)) == {}
    assert served(choose_with(far)) == {3: ad.ad_id}


def test_an_ad_is_not_shown_again_soon() -> None:
    decisions = choose(make_ad(1), first=25)
    second = choose(make_ad(1), make_ad(2), decisions=decisions, start=48, first=10)
    assert served(second) == {24: make_ad(2).ad_id}


def test_an_advertiser_has_one_ad_a_page_and_two_a_session() -> None:
    advertiser = make_ad(1).advertiser_id
    ads = [make_ad(n, advertiser_id=advertiser, pin_owner_id=advertiser) for n in range(1, 6)]
    decisions: dict[int, AdSlot | None] = {}
    counts = []
    start = 0
    for _ in range(3):
        new = choose(*ads, decisions=decisions, start=start, first=15)
        decisions |= new
        counts.append(len(served(new)))
        start = 2 * (max(decisions) + 1)
    assert counts == [1, 1, 0]


def test_the_ads_a_page_has_already_count_towards_its_limits() -> None:
    decisions: dict[int, AdSlot | None] = {**dict.fromkeys(range(9)), 3: make_slot(1, 3)}
    twin = make_ad(2, campaign_id=make_ad(1).campaign_id)
    larger_page = choose(twin, decisions=decisions, first=25)
    assert served(larger_page) == {}
    assert sorted(larger_page) == list(range(9, 24))


def user(**changes: object) -> UserRecord:
    record = UserRecord(id=entity_id(2), username="shop", full_name="Ana Lopez", created_at=NOW)
    return replace(record, **changes)


def test_the_disclosure_names_the_advertiser() -> None:
    assert disclosure_label(user(business_name="Ana's Kitchen")) == "Promoted by Ana's Kitchen"
    assert disclosure_label(user()) == "Promoted by Ana Lopez"
    assert advertiser_name(user(full_name="")) == "shop"


def test_there_is_no_disclosure_without_an_advertiser() -> None:
    assert disclosure_label(None) is None
