from collections import Counter
from datetime import timedelta
from math import log2
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from domain.boards import BoardPrivacy
from domain.feed import (
    Candidate,
    FeedAudience,
    FeedItem,
    FeedPolicy,
    FeedReasonKind,
    FeedSource,
    SourcePolicy,
    affinity,
    build_feed,
    log_score,
    rank,
)
from domain.images import image_key
from domain.media import Image, ImageMedia, cover_image
from domain.pins import Engagement
from domain.record import Id
from tests.domain.builders import NOW, entity_id, make_candidate, make_pin

FOLLOWING, RELATED, TOPIC = FeedSource.FOLLOWING, FeedSource.RELATED, FeedSource.TOPIC
EXPLORATION, TRENDING = FeedSource.EXPLORATION, FeedSource.TRENDING
ANYONE = FeedAudience()


def order(*candidates: Candidate, audience: FeedAudience = ANYONE) -> list[str]:
    return [item.pin_id for item in build_feed(candidates, audience, NOW)]


def hours_ago(hours: float) -> object:
    return NOW - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("source", "score"),
    [(FOLLOWING, 1.0), (RELATED, 0.8), (TOPIC, 0.7), (TRENDING, 0.6), (EXPLORATION, 0.5)],
)
def test_a_new_pin_scores_the_weight_of_its_source(source: FeedSource, score: float) -> None:
    assert 2 ** log_score(make_candidate(1, source), NOW) == pytest.approx(score)


@pytest.mark.parametrize(
    ("source", "half_life"),
    [(FOLLOWING, 72), (RELATED, 720), (TOPIC, 720), (TRENDING, 720), (EXPLORATION, 24)],
)
def test_a_score_halves_in_its_half_life(source: FeedSource, half_life: int) -> None:
    new = log_score(make_candidate(1, source), NOW)
    old = log_score(make_candidate(1, source, created_at=hours_ago(half_life)), NOW)
    assert new - old == pytest.approx(1)


def test_the_whole_formula() -> None:
    engagement = Engagement(saves=5, outbound_clicks=4, comments=3, closeups=2, hides=1)
    assert engagement.weight == 20
    candidate = replace(
        make_candidate(1, RELATED, engagement=engagement, created_at=hours_ago(1440)), affinity=1.5
    )
    # 0.8 · (1 + ln 21) · 2^-2 · 1.5
    assert 2 ** log_score(candidate, NOW) == pytest.approx(0.8 * 4.044522437723423 / 4 * 1.5)


def test_very_old_pins_still_differ() -> None:
    old = make_candidate(1, created_at=hours_ago(100_000))
    older = make_candidate(2, created_at=hours_ago(200_000))
    assert order(older, old) == [entity_id(1), entity_id(2)]


def test_a_pin_from_the_future_counts_as_new() -> None:
    assert log_score(make_candidate(1, created_at=hours_ago(-5)), NOW) == 0


@pytest.mark.parametrize("policy", [(0.0, 72.0), (1.0, 0.0)])
def test_a_source_without_weight_or_time_is_refused(policy: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="above 0"):
        SourcePolicy(*policy, 100)


def test_affinity_grows_smoothly_from_a_half_to_two() -> None:
    assert affinity(0) == 1
    assert affinity(8) == pytest.approx(2**0.5)
    assert affinity(-8) == pytest.approx(0.5**0.5)
    values = [affinity(count) for count in range(-1000, 1001)]
    assert values == sorted(set(values))
    assert 0.5 < values[0] < 0.51
    assert 1.98 < values[-1] < 2


def test_best_first_not_newest_first() -> None:
    fresh = make_candidate(1)
    loved = make_candidate(2, created_at=hours_ago(72), engagement=Engagement(saves=100))
    assert order(fresh, loved) == [entity_id(2), entity_id(1)]


def test_ties_are_broken_by_pin_id() -> None:
    assert order(*(make_candidate(n) for n in (3, 1, 2))) == [entity_id(n) for n in (1, 2, 3)]


def test_one_pin_from_two_sources_keeps_the_better() -> None:
    twice = [make_candidate(1, TOPIC), make_candidate(1, FOLLOWING)]
    [item] = build_feed(twice, ANYONE, NOW)
    assert item.source is FOLLOWING


def test_of_a_root_the_best_copy_stays() -> None:
    copy = make_candidate(2, root_id=entity_id(1), engagement=Engagement(saves=9))
    assert order(make_candidate(1), copy) == [entity_id(2)]


def test_of_a_picture_the_best_pin_stays() -> None:
    same = make_pin(1).media
    again = make_candidate(2, media=same, created_at=hours_ago(1))
    assert order(make_candidate(1), again) == [entity_id(1)]
    bare = [make_candidate(n, media=None) for n in (3, 4)]
    assert order(*bare) == [entity_id(3), entity_id(4)]


@pytest.mark.parametrize(
    ("audience", "left"),
    [
        (FeedAudience(viewer_id=make_pin(1).owner_id), [2]),
        (FeedAudience(blocked_user_ids=frozenset({make_pin(2).owner_id})), [1]),
        (FeedAudience(seen_ids=frozenset({entity_id(1)})), [2]),
        (FeedAudience(seen_ids=frozenset({entity_id(99)})), [1]),
        (FeedAudience(hidden_ids=frozenset({entity_id(2)})), [1]),
        (FeedAudience(hidden_ids=frozenset({entity_id(99)})), [1]),
        (FeedAudience(viewer_id=entity_id(7)), [1, 2]),
    ],
    ids=["own", "blocked", "seen", "root seen", "hidden", "root hidden", "none"],
)
def test_what_a_viewer_does_not_get(audience: FeedAudience, left: list[int]) -> None:
    pins = make_candidate(1), make_candidate(2, root_id=entity_id(99))
    assert order(*pins, audience=audience) == [entity_id(number) for number in left]


@pytest.mark.parametrize("privacy", [BoardPrivacy.SECRET, BoardPrivacy.PROTECTED])
def test_only_public_pins_are_distributed(privacy: BoardPrivacy) -> None:
    assert order(make_candidate(1, privacy=privacy)) == []


def test_an_item_says_why_it_is_there() -> None:
    pin = make_pin(1, root_id=entity_id(5))
    candidate = Candidate(
        pin=pin, source=TOPIC, reason=FeedReasonKind.FOLLOWS_TOPIC, reason_id=entity_id(8)
    )
    assert build_feed([candidate], ANYONE, NOW) == (
        FeedItem(
            entity_id(1),
            entity_id(5),
            TOPIC,
            FeedReasonKind.FOLLOWS_TOPIC,
            entity_id(8),
            image_key(cover_image(pin.media)),
        ),
    )


def test_each_page_has_its_share_of_following_and_an_exploration() -> None:
    topics = [make_candidate(n, TOPIC) for n in range(1, 101)]
    old = hours_ago(5000)
    followed = [make_candidate(n, FOLLOWING, created_at=old) for n in range(201, 217)]
    fresh = [make_candidate(n, EXPLORATION, created_at=old) for n in range(301, 303)]
    feed = build_feed([*topics, *followed, *fresh], ANYONE, NOW)
    pages = [Counter(item.source for item in feed[start : start + 25]) for start in (0, 25, 50)]
    assert pages[0] == {TOPIC: 16, FOLLOWING: 8, EXPLORATION: 1}
    assert pages[1] == {TOPIC: 16, FOLLOWING: 8, EXPLORATION: 1}
    assert pages[2] == {TOPIC: 25}


def test_neighbours_of_one_owner_are_kept_apart() -> None:
    ana = entity_id(0xA)
    same = [make_candidate(n, owner_id=ana) for n in range(1, 4)]
    rest = [make_candidate(n, created_at=hours_ago(24)) for n in range(11, 20)]
    feed = order(*same, *rest)
    assert [place for place, pin_id in enumerate(feed) if pin_id < entity_id(11)] == [0, 5, 10]


def test_a_feed_is_as_long_as_the_policy_says() -> None:
    candidates = [make_candidate(n) for n in range(1, 31)]
    policy = FeedPolicy(max_candidates=20, max_items=10)
    feed = build_feed(candidates, ANYONE, NOW, policy)
    assert [item.pin_id for item in feed] == [entity_id(n) for n in range(1, 11)]
    best = FeedPolicy(max_candidates=5)
    assert len(build_feed(candidates, ANYONE, NOW, best)) == 5


def test_ranking_is_by_score_alone() -> None:
    candidates = [make_candidate(1, TOPIC), make_candidate(2), make_candidate(3, EXPLORATION)]
    ranked = rank(candidates, NOW)
    assert [entry.candidate.pin.id for entry in ranked] == [entity_id(n) for n in (2, 1, 3)]
    assert [entry.log_score for entry in ranked] == pytest.approx([0, log2(0.7), -1])


def worlds() -> st.SearchStrategy[list[Candidate]]:
    def candidate(
        number: int, source: FeedSource, owner: int, root: int, age: int, saves: int
    ) -> Candidate:
        picture = Image(source_url=f"https://p.example/{root % 20}.jpg", width=3, height=4)
        return make_candidate(
            number,
            source,
            owner_id=entity_id(0xB0000 + owner),
            board_id=entity_id(0xD0000 + owner),
            root_id=entity_id(root),
            created_at=hours_ago(age),
            domain=f"site{root % 3}.example",
            topic_ids=(Id(f"topic {owner % 2}"),),
            engagement=Engagement(saves=saves),
            media=ImageMedia(image=picture),
        )

    return st.lists(
        st.builds(
            candidate,
            st.integers(1, 60),
            st.sampled_from(FeedSource),
            st.integers(1, 6),
            st.integers(1, 30),
            st.integers(0, 50),
            st.integers(0, 3),
        ),
        max_size=40,
        # One pin is one pin, whatever source it comes from.
        unique_by=lambda each: each.pin.id,
    )


@settings(deadline=None)
@given(worlds(), st.randoms(use_true_random=False))
def test_the_order_of_candidates_does_not_matter(world: list[Candidate], random: Random) -> None:
    shuffled = random.sample(world, len(world))
    assert build_feed(shuffled, ANYONE, NOW) == build_feed(world, ANYONE, NOW)


@settings(deadline=None)
@given(worlds())
def test_nothing_is_shown_twice_and_no_root_is_lost(world: list[Candidate]) -> None:
    feed = build_feed(world, ANYONE, NOW)
    roots = [item.root_id for item in feed]
    pictures = [item.image_key for item in feed]
    assert len(set(roots)) == len(roots)
    assert len(set(pictures)) == len(pictures)
    shown = {candidate.pin.root_id for candidate in world}
    assert len({int(root, 16) % 20 for root in shown}) == len(feed)
