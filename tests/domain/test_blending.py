from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ad_slots import AdSlot
from domain.blending import (
    AdEdge,
    AdPolicy,
    BlendedEdge,
    OrganicEdge,
    Stretch,
    blend_first,
    blend_last,
    item_range,
    open_gaps,
    position_before,
    undecided,
)
from tests.domain.builders import make_slot


def stretch(length: int, start: int = 0, hidden: Sequence[int] = ()) -> Stretch:
    """From a position to the end of a session, as a resolver would load it."""
    end = 2 * length
    visible = tuple(index for index in item_range(start, end) if index not in hidden)
    return Stretch(start=start, end=end, visible=visible)


def words(edges: Sequence[BlendedEdge]) -> str:
    """A page in short: "0 1 ad 2" is two items, an ad, and another item."""
    return " ".join("ad" if isinstance(edge, AdEdge) else str(edge.index) for edge in edges)


def filled(*gaps: int) -> dict[int, AdSlot | None]:
    return {gap: make_slot(gap, gap) for gap in gaps}


def test_an_ad_stands_before_the_item_of_its_gap() -> None:
    page = blend_first(stretch(5), filled(3), 25)
    assert page.edges == (
        OrganicEdge(2, 0),
        OrganicEdge(4, 1),
        OrganicEdge(6, 2),
        AdEdge(7, make_slot(3, 3)),
        OrganicEdge(8, 3),
        OrganicEdge(10, 4),
    )
    assert not page.has_more


def test_a_page_has_exactly_first_edges_and_starts_after_its_cursor() -> None:
    decisions = filled(3)
    page = blend_first(stretch(9), decisions, 4)
    assert (words(page.edges), page.has_more) == ("0 1 2 ad", True)
    after_the_ad = blend_first(stretch(9, page.edges[-1].position), decisions, 4)
    assert (words(after_the_ad.edges), after_the_ad.has_more) == ("3 4 5 6", True)
    after_an_item = blend_first(stretch(9, page.edges[2].position), decisions, 2)
    assert words(after_an_item.edges) == "ad 3"


def test_a_page_before_a_cursor_ends_ahead_of_its_edge() -> None:
    decisions = filled(3)
    edges = blend_first(stretch(6), decisions, 25).edges
    for place, edge in enumerate(edges):
        end = position_before(edge.position)
        ahead = Stretch(start=0, end=end, visible=tuple(item_range(0, end)))
        page = blend_last(ahead, decisions, 2)
        assert page.edges == edges[max(0, place - 2) : place]
        assert page.has_more == (place > 2)


def test_the_last_edges_come_in_feed_order() -> None:
    assert words(blend_last(stretch(6), filled(5), 3).edges) == "4 ad 5"
    assert blend_last(stretch(6), {}, 0).edges == ()


def test_hidden_items_are_passed_over_and_the_page_is_topped_up() -> None:
    page = blend_first(stretch(9, hidden=[1, 2]), {}, 4)
    assert words(page.edges) == "0 3 4 5"
    assert [edge.position for edge in page.edges] == [2, 8, 10, 12]


def test_an_ad_stays_when_the_item_behind_it_is_hidden() -> None:
    assert words(blend_first(stretch(6, hidden=[3, 5]), filled(3, 5), 25).edges) == "0 1 2 ad 4 ad"


def test_the_range_of_items_between_positions() -> None:
    assert item_range(0, 10) == range(0, 5)
    assert item_range(6, 7) == range(3, 3)  # only the gap before item 3
    assert item_range(7, 8) == range(3, 4)  # only item 3


def test_undecided_gaps_are_those_of_delivered_items() -> None:
    decisions: dict[int, AdSlot | None] = {0: None, 1: None, **filled(3)}
    page = blend_first(stretch(9, hidden=[2]), decisions, 5)
    assert words(page.edges) == "0 1 ad 3 4"
    assert undecided(page.edges, decisions) == [4]


@pytest.mark.parametrize(
    ("first", "length", "gaps"),
    [
        (25, 100, [3, 9, 15]),  # a fourth, before item 21, would be the 25th edge
        (26, 100, [3, 9, 15, 21]),
        (10, 100, [3]),
        (12, 100, [3, 9]),  # edges 3 and 10
        (11, 100, [3]),  # edge 10 would be the last
        (5, 100, [3]),
        (4, 100, []),  # the ad would be the last of the page
        (1, 100, []),
        (25, 4, [3]),  # one in five
        (25, 3, []),
        (0, 100, []),
    ],
)
def test_where_the_first_page_may_have_ads(first: int, length: int, gaps: list[int]) -> None:
    assert open_gaps(stretch(length), {}, first, length) == gaps


def test_a_short_page_keeps_the_share() -> None:
    # Three items and an ad would make a quarter; with a fourth item it is a fifth.
    assert open_gaps(stretch(40, hidden=range(4, 40)), {}, 25, 40) == [3]
    policy = AdPolicy(max_share_percent=19)
    assert open_gaps(stretch(40, hidden=range(4, 40)), {}, 25, 40, policy) == []


def test_a_feed_of_a_few_items_has_no_ads() -> None:
    policy = AdPolicy(first_index=0, max_share_percent=100)
    assert open_gaps(stretch(3), {}, 25, 3, policy) == []
    assert open_gaps(stretch(4), {}, 25, 4, policy) == [0]


def test_spacing_goes_on_across_pages() -> None:
    decisions: dict[int, AdSlot | None] = {**dict.fromkeys(range(9)), **filled(3)}
    second = stretch(100, start=18)
    assert open_gaps(second, decisions, 10, 100) == [9, 15]
    decisions = {**dict.fromkeys(range(13)), **filled(8)}
    assert open_gaps(stretch(100, start=26), decisions, 10, 100) == [14, 20]


def test_hidden_items_do_not_count_as_space() -> None:
    assert open_gaps(stretch(100, hidden=[4, 5]), {}, 20, 100) == [3, 11, 17]


def test_a_decided_gap_stays_as_it_is() -> None:
    decisions: dict[int, AdSlot | None] = {3: None, 4: None}
    assert open_gaps(stretch(100), decisions, 25, 100) == [5, 11, 17]


def test_an_ad_further_on_keeps_its_distance_too() -> None:
    assert open_gaps(stretch(100), filled(8), 12, 100) == []


def test_the_gap_behind_a_cursor_is_closed() -> None:
    policy = AdPolicy(first_index=0)
    assert open_gaps(stretch(100, start=1), {}, 10, 100, policy)[0] == 1
    assert open_gaps(stretch(100, start=0), {}, 10, 100, policy)[0] == 0


def test_no_window_of_edges_has_too_many_ads() -> None:
    policy = AdPolicy(items_between=1, max_share_percent=100, max_per_window=2, window=10)
    # Edges 3, 5, then 13 and 15: two of any ten.
    assert open_gaps(stretch(100), {}, 20, 100, policy) == [3, 4, 11, 12]


def test_the_share_of_a_session_is_kept_over_pages() -> None:
    policy = AdPolicy(items_between=1, max_per_window=25, max_share_percent=10)
    decisions: dict[int, AdSlot | None] = {}
    position = 0
    for page_number in range(1, 6):
        here = stretch(100, position)
        for gap in open_gaps(here, decisions, 10, 100, policy):
            decisions[gap] = make_slot(gap, gap)
        page = blend_first(here, decisions, 10)
        decisions |= dict.fromkeys(undecided(page.edges, decisions))
        position = page.edges[-1].position
        ads = sum(slot is not None for slot in decisions.values())
        assert ads == page_number


class Walk:
    """A client that pages through a session, and a server that fills some of the gaps it may."""

    def __init__(self, length: int, hidden: frozenset[int], winners: list[int]) -> None:
        self.length = length
        self.hidden = hidden
        self.winners = winners
        self.decisions: dict[int, AdSlot | None] = {}
        self.edges: list[BlendedEdge] = []

    def page(self, first: int) -> bool:
        """Fetch the next page; whether there is another."""
        here = self.rest(self.edges[-1].position if self.edges else 0)
        gaps = open_gaps(here, self.decisions, first, self.length)
        most = self.winners[len(self.edges) % len(self.winners)]
        new: dict[int, AdSlot | None] = {gap: make_slot(gap, gap) for gap in gaps[:most]}
        page = blend_first(here, self.decisions | new, first)
        new |= dict.fromkeys(undecided(page.edges, self.decisions | new))
        assert not new.keys() & self.decisions.keys()
        self.decisions |= new
        assert blend_first(here, self.decisions, first) == page
        assert len(page.edges) == first or not page.has_more
        if page.has_more:
            assert isinstance(page.edges[-1], OrganicEdge)
        self.edges += page.edges
        ads = sum(isinstance(edge, AdEdge) for edge in self.edges)
        assert 100 * ads <= 20 * len(self.edges)
        return page.has_more

    def rest(self, start: int) -> Stretch:
        return stretch(self.length, start, tuple(self.hidden))


LENGTHS = st.integers(0, 120)
HIDDEN = st.frozensets(st.integers(0, 119), max_size=40)
SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=6)
WINNERS = st.lists(st.integers(0, 6), min_size=1, max_size=3)


@given(LENGTHS, HIDDEN, SIZES, WINNERS)
def test_pages_of_any_sizes_make_one_feed(
    length: int, hidden: frozenset[int], sizes: list[int], winners: list[int]
) -> None:
    walk = Walk(length, hidden, winners)
    number = 0
    while walk.page(sizes[number % len(sizes)]):
        number += 1
    organic = [edge.index for edge in walk.edges if isinstance(edge, OrganicEdge)]
    assert organic == [index for index in range(length) if index not in hidden]
    # The same feed again, in one page and in pages of another size.
    assert list(blend_first(walk.rest(0), walk.decisions, 999).edges) == walk.edges
    again: list[BlendedEdge] = []
    while len(again) < len(walk.edges):
        start = again[-1].position if again else 0
        again += blend_first(walk.rest(start), walk.decisions, 7).edges
    assert again == walk.edges
    assert open_gaps(walk.rest(0), walk.decisions, 25, length) == []


@given(LENGTHS, HIDDEN, SIZES, WINNERS)
def test_the_rules_of_spacing_hold_across_pages(
    length: int, hidden: frozenset[int], sizes: list[int], winners: list[int]
) -> None:
    walk = Walk(length, hidden, winners)
    number = 0
    while walk.page(sizes[number % len(sizes)]):
        number += 1
    places = [place for place, edge in enumerate(walk.edges) if isinstance(edge, AdEdge)]
    assert all(place >= 3 for place in places)
    assert all(later - earlier > 6 for earlier, later in pairwise(places))
    assert all(later - earlier >= 25 for earlier, later in zip(places, places[4:], strict=False))
    if length < 4:
        assert not places


@given(LENGTHS, HIDDEN, SIZES, st.data())
def test_going_back_shows_what_was_shown(
    length: int, hidden: frozenset[int], sizes: list[int], data: st.DataObject
) -> None:
    walk = Walk(length, hidden, [6])
    number = 0
    while walk.page(sizes[number % len(sizes)]):
        number += 1
    if not walk.edges:
        return
    place = data.draw(st.integers(0, len(walk.edges) - 1))
    last = data.draw(st.integers(0, 30))
    end = position_before(walk.edges[place].position)
    visible = tuple(index for index in item_range(0, end) if index not in hidden)
    page = blend_last(Stretch(start=0, end=end, visible=visible), walk.decisions, last)
    assert list(page.edges) == walk.edges[max(0, place - last) : place]
