from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.record import Id
from domain.related import (
    BoardSample,
    RelatedPolicy,
    RootFacts,
    board_weight,
    rank_by_topic,
    rank_related,
    together,
)

X, A, B, C, D = (Id(name) for name in "xabcd")


def facts(*rows: RootFacts) -> dict[Id, RootFacts]:
    return {row.root_id: row for row in rows}


def test_a_small_board_counts_more_than_a_large_one() -> None:
    assert board_weight(2) == 500_000
    assert board_weight(14) == 250_000
    assert board_weight(1022) == 100_000


def test_what_shares_boards_is_summed() -> None:
    boards = [BoardSample(2, (X, A)), BoardSample(14, (X, A, B)), BoardSample(14, (C, X))]
    assert together(X, boards, 10) == {A: 750_000, B: 250_000, C: 250_000}


def test_a_sample_counts_with_the_size_of_its_board() -> None:
    assert together(X, [BoardSample(1022, (X, A))], 10) == {A: 100_000}


def test_a_root_twice_on_a_board_counts_once() -> None:
    assert together(X, [BoardSample(2, (A, A, X))], 10) == {A: 500_000}


def test_the_strongest_are_kept_in_order_and_ties_go_by_id() -> None:
    boards = [BoardSample(14, (X, C, B)), BoardSample(14, (X, D, C))]
    assert list(together(X, boards, 2).items()) == [(C, 500_000), (B, 250_000)]
    assert list(together(X, boards, 9)) == [C, B, D]


def test_boards_alone_decide_between_equals() -> None:
    weights = together(X, [BoardSample(2, (X, B)), BoardSample(14, (X, A))], 10)
    ranked = rank_related(RootFacts(X), weights, facts(RootFacts(A), RootFacts(B)), 10)
    assert [pin.root_id for pin in ranked] == [B, A]


def test_the_whole_formula() -> None:
    root = RootFacts(X, 0, frozenset({"food", "soup"}))
    other = RootFacts(A, saves=22, topic_ids=frozenset({"soup", "winter"}))
    [pin] = rank_related(root, {A: 750_000}, facts(other), 10)
    assert pin.root_id == A
    # 0.75 · (1 + 1/3) / 32^0.4, and 32^0.4 = 4
    assert pin.score == pytest.approx(0.25)


def test_popularity_is_held_against_a_pin() -> None:
    # What everybody has saved must share more boards: 5 to 1 are not enough, 10 to 1 are.
    known = facts(RootFacts(A, saves=1), RootFacts(B, saves=2000))
    root = RootFacts(X)
    five = rank_related(root, {A: 100_000, B: 500_000}, known, 10)
    assert [pin.root_id for pin in five] == [A, B]
    ten = rank_related(root, {A: 100_000, B: 1_000_000}, known, 10)
    assert [pin.root_id for pin in ten] == [B, A]
    by_popularity = RelatedPolicy(popularity_exponent=0)
    plain = rank_related(root, {A: 100_000, B: 500_000}, known, 10, by_popularity)
    assert [pin.root_id for pin in plain] == [B, A]


def test_a_common_topic_lifts_a_pin() -> None:
    root = RootFacts(X, topic_ids=frozenset({"soup"}))
    known = facts(RootFacts(A), RootFacts(B, topic_ids=frozenset({"soup"})))
    ranked = rank_related(root, {A: 190_000, B: 100_000}, known, 10)
    assert [pin.root_id for pin in ranked] == [B, A]
    no_topics = RelatedPolicy(topic_weight=0)
    plain = rank_related(root, {A: 190_000, B: 100_000}, known, 10, no_topics)
    assert [pin.root_id for pin in plain] == [A, B]


def test_a_root_that_is_gone_is_left_out() -> None:
    assert rank_related(RootFacts(X), {A: 1, B: 1}, facts(RootFacts(B)), 10)[0].root_id == B


def test_ties_go_by_id_and_the_list_ends_at_its_limit() -> None:
    known = facts(*(RootFacts(root) for root in (D, C, B, A)))
    ranked = rank_related(RootFacts(X), dict.fromkeys((D, B, C, A), 5), known, 3)
    assert [pin.root_id for pin in ranked] == [A, B, C]


def test_the_fallback_goes_by_common_topics_then_saves_then_id() -> None:
    root = RootFacts(X, topic_ids=frozenset({"food", "soup"}))
    candidates = [
        RootFacts(X, 99, frozenset({"food", "soup"})),
        RootFacts(D, 1, frozenset({"food"})),
        RootFacts(C, 7, frozenset({"food"})),
        RootFacts(B, 7, frozenset({"soup"})),
        RootFacts(A, 0, frozenset({"food", "soup"})),
        RootFacts(Id("e"), 50, frozenset({"art"})),
    ]
    ranked = rank_by_topic(root, candidates, 10)
    assert ranked == [(A, 1.0), (B, 0.5), (C, 0.5), (D, 0.5)]
    assert rank_by_topic(root, candidates, 10, exclude={A, C}) == [(B, 0.5), (D, 0.5)]
    assert rank_by_topic(root, candidates, 1) == [(A, 1.0)]
    assert rank_by_topic(root, [*candidates, *candidates], 10) == ranked


def test_a_root_without_topics_has_no_fallback() -> None:
    assert rank_by_topic(RootFacts(X), [RootFacts(A, 5, frozenset({"food"}))], 10) == []


@given(st.lists(st.lists(st.sampled_from("xabcdefgh"), max_size=9), max_size=12), st.data())
def test_the_order_of_boards_and_pins_does_not_matter(
    graph: list[list[str]], data: st.DataObject
) -> None:
    boards = [BoardSample(len(board), tuple(Id(root) for root in board)) for board in graph]
    shuffled = [
        BoardSample(board.size, tuple(data.draw(st.permutations(board.root_ids))))
        for board in data.draw(st.permutations(boards))
    ]
    assert list(together(X, shuffled, 5).items()) == list(together(X, boards, 5).items())


@given(st.integers(1, 10_000))
def test_the_weight_is_the_formula_in_millionths(size: int) -> None:
    assert board_weight(size) == round(1_000_000 / log2(2 + size))
