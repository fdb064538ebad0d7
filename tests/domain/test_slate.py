from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.slate import Quota, SlatePolicy, Traits, compose


def item(
    score: float,
    owner: str = "",
    board: str = "",
    domain: str | None = None,
    topics: str = "",
    source: str = "any",
    number: int = 0,
) -> Traits:
    """An item that resembles no other of another score, except where a test says so."""
    own = f"{score}/{number}"
    return Traits(
        log2(score), owner or own, board or own, domain, frozenset(topics.split()), source
    )


def test_different_items_come_by_score() -> None:
    assert compose([item(9), item(8), item(7)], 10) == [0, 1, 2]
    assert compose([item(9), item(8), item(7)], 2) == [0, 1]
    assert compose([], 10) == []


def test_the_same_owner_is_put_off_for_four_items() -> None:
    # After 100, the second of Ana counts 49.5 for four items.
    ranked = [item(100, "ana"), item(99, "ana"), item(90), item(80), item(70), item(60), item(50)]
    assert compose(ranked, 7) == [0, 2, 3, 4, 5, 1, 6]
    worth_it = [item(100, "ana"), item(99, "ana"), item(49)]
    assert compose(worth_it, 3) == [0, 1, 2]


def test_the_same_board_is_put_off_for_eight_items() -> None:
    ranked = [item(100, board="b"), item(99, board="b"), *(item(90 - n) for n in range(9))]
    assert compose(ranked, 11) == [0, 2, 3, 4, 5, 6, 7, 8, 9, 1, 10]


def test_the_same_domain_is_put_off_for_six_items() -> None:
    ranked = [item(100, domain="d"), item(99, domain="d"), *(item(90 - n) for n in range(7))]
    assert compose(ranked, 9) == [0, 2, 3, 4, 5, 6, 7, 1, 8]


def test_pins_without_a_domain_do_not_resemble_each_other() -> None:
    assert compose([item(100), item(99), item(90, domain="d")], 3) == [0, 1, 2]


def test_a_topic_runs_for_three_items_at_most() -> None:
    ranked = [item(100 - n, topics=f"food t{n}") for n in range(4)] + [item(80, topics="art")]
    assert compose(ranked, 5) == [0, 1, 2, 4, 3]
    other = [item(100, topics="food"), item(99, topics="food"), item(98, topics="art"), item(97)]
    assert compose(other, 4) == [0, 1, 2, 3]


def test_penalties_multiply() -> None:
    # 99 · 0.5 · 0.6 = 29.7: less than 30, more than 29.
    twin = [item(100, "ana", "b"), item(99, "ana", "b")]
    assert compose([*twin, item(30)], 3) == [0, 2, 1]
    assert compose([*twin, item(29)], 3) == [0, 1, 2]


def test_equal_scores_keep_their_rank() -> None:
    assert compose([item(5, number=1), item(5, number=2), item(5, number=3)], 3) == [0, 1, 2]


def test_a_quota_is_met_evenly_over_a_page() -> None:
    ranked = [item(1000 - n) for n in range(60)]
    ranked += [item(100 - n, source="following") for n in range(30)]
    order = compose(ranked, 50, quotas=[Quota("following", 8)])
    places = [place for place, index in enumerate(order) if index >= 60]
    assert places == [1, 4, 7, 10, 14, 17, 20, 23, 26, 29, 32, 35, 39, 42, 45, 48]


def test_a_quota_takes_the_best_of_its_source() -> None:
    ranked = [*(item(1000 - n) for n in range(30)), item(9, source="f"), item(8, source="f")]
    order = compose(ranked, 25, quotas=[Quota("f", 1)])
    assert [index for index in order if index >= 30] == [30]


def test_a_quota_ends_with_its_source() -> None:
    ranked = [*(item(1000 - n) for n in range(50)), item(1, source="following")]
    order = compose(ranked, 50, quotas=[Quota("following", 8)])
    assert order.count(50) == 1
    assert len(order) == 50


def test_two_quotas_are_met_together() -> None:
    ranked = [item(1000 - n) for n in range(60)]
    ranked += [item(100 - n, source="following") for n in range(16)]
    ranked += [item(10 - n, source="exploration") for n in range(2)]
    order = compose(ranked, 50, quotas=[Quota("following", 8), Quota("exploration", 1)])
    for page in (order[:25], order[25:]):
        sources = [ranked[index].source for index in page]
        assert sources.count("following") == 8
        assert sources.count("exploration") == 1


def test_looking_ahead_is_bounded() -> None:
    ranked = [*(item(100 - n / 10, "ana") for n in range(9)), item(90)]
    far, near = SlatePolicy(lookahead=10), SlatePolicy(lookahead=8)
    assert compose(ranked, 2, far) == [0, 9]
    assert compose(ranked, 2, near) == [0, 1]


def naive(ranked: list[Traits], limit: int, policy: SlatePolicy) -> list[int]:
    """The rules of DOMAIN e.2.4 word for word, trying every item for every place."""
    slate: list[int] = []

    def score(index: int) -> float:
        item = ranked[index]
        placed = [ranked[other] for other in slate]
        penalty = 1.0
        if item.owner_id in [other.owner_id for other in placed[-4:]]:
            penalty *= policy.owner_penalty
        if item.board_id in [other.board_id for other in placed[-8:]]:
            penalty *= policy.board_penalty
        if item.domain and item.domain in [other.domain for other in placed[-6:]]:
            penalty *= policy.domain_penalty
        if len(placed) >= 3:
            run = frozenset.intersection(*(other.topic_ids for other in placed[-3:]))
            if run & item.topic_ids:
                penalty *= policy.topic_penalty
        return float(2**item.log_score * penalty)

    while len(slate) < min(limit, len(ranked)):
        left = [index for index in range(len(ranked)) if index not in slate]
        slate.append(max(left, key=lambda index: (score(index), -index)))
    return slate


TRAITS = st.builds(
    lambda score, owner, board, domain, topics: Traits(
        score, f"o{owner}", f"b{board}", domain, topics, "any"
    ),
    # Scores on a grid that no product of penalties hits: float noise must not decide a test.
    st.integers(0, 400).map(lambda step: step / 97),
    st.integers(0, 4),
    st.integers(0, 6),
    st.sampled_from([None, "d1", "d2", "d3"]),
    st.frozensets(st.sampled_from(["food", "art", "home"]), max_size=2),
)


@given(st.lists(TRAITS, max_size=40))
def test_the_shortcut_changes_nothing(items: list[Traits]) -> None:
    ranked = sorted(items, key=lambda each: -each.log_score)
    assert compose(ranked, 30) == naive(ranked, 30, SlatePolicy())


@pytest.mark.parametrize(
    ("places", "due"), [(1, 0), (2, 1), (4, 1), (5, 2), (23, 7), (24, 8), (25, 8)]
)
def test_when_a_quota_is_due(places: int, due: int) -> None:
    assert Quota("following", 8).due(places, 25) == due
