from datetime import UTC, datetime, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.positions import (
    MAX_POSITION,
    NoRoom,
    at_bottom,
    at_place,
    at_top,
    between,
    make_room,
    spread,
)
from domain.record import Id

NOW = datetime(2026, 11, 21, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)
TIMES = st.datetimes(datetime(1970, 1, 2), datetime(2106, 1, 1), timezones=st.just(UTC))
COUNTS = st.integers(0, 0xFFFFFF)


def made(counter: int) -> Id:
    return Id(f"{'a' * 18}{counter:06x}")


def rises(positions: list[str]) -> bool:
    return all(a.encode() < b.encode() for a, b in pairwise(positions))


def test_what_is_new_is_above_or_below_by_its_time() -> None:
    assert at_top(NOW) == "fe5e0498e800"
    assert at_top(NOW + MILLISECOND) == "fe5e0498e7ff"
    assert at_bottom(NOW) == "01a1fb671800"
    assert at_bottom(NOW + MILLISECOND) == "01a1fb671801"
    assert at_top(NOW, made(0)) == "fe5e0498e8001000000"
    assert at_top(NOW, made(0xFFFFFF)) == "fe5e0498e8000000001"
    assert at_bottom(NOW, made(0)) == "01a1fb6718000000001"
    assert at_bottom(NOW, made(0xFFFFFF)) == "01a1fb6718001000000"


def test_what_is_of_an_unknown_time_is_the_oldest() -> None:
    unknown = datetime(1970, 1, 1, tzinfo=UTC)
    assert at_top(unknown) == "ffffffffffff"
    assert at_top(unknown + 2 * MILLISECOND) < at_top(unknown)
    assert at_bottom(unknown) == "000000000000"


def test_places_that_are_known_have_room_around_them() -> None:
    places = [at_place(place) for place in range(500)]
    assert places[:2] == ["000001000000", "000002000000"]
    assert rises([between(None, places[0]), *places, at_bottom(NOW)])
    assert rises([places[0], *spread(500, places[0], places[1]), places[1]])
    assert at_place(9_999) < at_bottom(NOW)


@given(TIMES, COUNTS, TIMES, COUNTS)
def test_new_things_stand_in_the_order_of_their_making(
    at: datetime, counter: int, other_at: datetime, other_counter: int
) -> None:
    def milliseconds(moment: datetime) -> int:
        return int(moment.timestamp() * 1000)

    one = (milliseconds(at), counter)
    other = (milliseconds(other_at), other_counter)
    tops = at_top(at, made(counter)), at_top(other_at, made(other_counter))
    bottoms = at_bottom(at, made(counter)), at_bottom(other_at, made(other_counter))
    assert (tops[0] > tops[1]) is (one < other)
    assert (bottoms[0] < bottoms[1]) is (one < other)
    assert (one == other) is (tops[0] == tops[1]) is (bottoms[0] == bottoms[1])


@pytest.mark.parametrize(
    ("before", "after", "position"),
    [
        (None, None, "Uzzzzzzzzzzz"),
        (None, "fe5e0498e800", "fe5e0498e7zz"),
        ("fe5e0498e800", None, "fe5e0498e801"),
        ("fe5e0498e800", "fe5e0498e802", "fe5e0498e801"),
        ("fe5e0498e800", "fe5e0498e801", "fe5e0498e800V"),
        ("fe5e0498e8000000001", "fe5e0498e8001000000", "fe5e0498e8000V"),
        ("fe5e0498e7zz", "fe5e0498e800", "fe5e0498e7zzV"),
        ("1", "2", "1V0000000000"),
        (None, "000000000001", "000000000000z"),
        (None, "000000000000z", "000000000000y"),
        ("zzzzzzzzzzzz", None, "zzzzzzzzzzzz1"),
        ("", "1", "0V0000000000"),
    ],
)
def test_a_position_between_two(before: str | None, after: str | None, position: str) -> None:
    assert between(before, after) == position


@pytest.mark.parametrize(
    ("before", "after"),
    [("a", "a"), ("1", "10"), ("1", "1" + "0" * 70 + "1"), ("b", "a"), (None, ""), (None, "000")],
)
def test_where_no_room_is(before: str | None, after: str | None) -> None:
    with pytest.raises(NoRoom, match="is no room for 1"):
        between(before, after)


def test_what_is_no_position() -> None:
    with pytest.raises(ValueError, match="there was '-'"):
        between("a-", "b")


@settings(max_examples=20, deadline=None)
@given(st.integers(), st.sampled_from(["anywhere", "top", "bottom", "either end"]))
def test_two_thousand_inserts_keep_a_strict_order(seed: int, where: str) -> None:
    random = Random(seed)  # noqa: S311  # nothing secret
    positions = [at_top(NOW)]
    for _ in range(2000):
        end = len(positions)
        index = {
            "anywhere": random.randrange(end + 1),
            "top": 0,
            "bottom": end,
            "either end": random.choice((0, end)),
        }[where]
        before = positions[index - 1] if index else None
        after = positions[index] if index < end else None
        positions.insert(index, between(before, after))
    assert rises(positions)
    assert max(map(len, positions)) <= (18 if where == "anywhere" else 12)


@pytest.mark.parametrize("is_above", [True, False])
def test_one_gap_takes_hundreds(is_above: bool) -> None:
    low, high = "fe5e0498e800", "fe5e0498e801"
    for _ in range(250):
        new = between(low, high)
        assert low < new < high
        low, high = (low, new) if is_above else (new, high)
        assert len(new) <= MAX_POSITION
    with pytest.raises(NoRoom):
        for _ in range(100):
            new = between(low, high)
            low, high = (low, new) if is_above else (new, high)


def test_what_is_new_gets_above_what_was_moved_to_the_top() -> None:
    first = at_top(NOW)
    moved = spread(20, None, first)
    assert rises([at_top(NOW + MILLISECOND), *moved, first])


def test_what_is_new_gets_below_what_was_moved_to_the_bottom() -> None:
    last = at_bottom(NOW)
    assert rises([last, between(last, None), at_bottom(NOW + 2 * MILLISECOND)])


@given(st.integers(1, 60), st.text("019afz", max_size=20), st.text("019afz", max_size=20))
def test_many_at_once(count: int, one: str, other: str) -> None:
    low, high = sorted((f"f{one}1", f"f{other}1"))
    for before, after in ((None, high), (low, None), (None, None), (low, high)):
        if before == after is not None:
            continue
        made = spread(count, before, after)
        assert len(made) == count
        assert rises([before or "", *made, after or "~"])
        assert min(map(len, made)) >= 12


def inserted(positions: list[str], index: int, count: int) -> list[str]:
    """The list after `make_room`, in the order that items were given in."""
    room = make_room(positions, index, count)
    assert len(room.positions) == count
    after = [room.moved.get(place, position) for place, position in enumerate(positions)]
    return after[:index] + room.positions + after[index:]


@given(st.data(), st.lists(st.sampled_from(["a", "b", "ba", "ba1", "c"]), max_size=12))
def test_room_is_made_among_equal_positions(data: st.DataObject, positions: list[str]) -> None:
    """What was in the order (position, id) is in that order after it, and the new is in its place.

    What did not move may still be equal to its neighbour, where it was before.
    """
    positions.sort()
    index = data.draw(st.integers(0, len(positions)))
    count = data.draw(st.integers(1, 3))
    after = inserted(positions, index, count)
    assert after == sorted(after)
    assert rises(after[max(index - 1, 0) : index + count + 1])


def test_neighbours_move_only_if_they_must() -> None:
    assert make_room(["a", "b", "b", "c"], 1).moved == {}
    assert make_room(["a", "b", "b", "c"], 3).moved == {}
    assert make_room(["a", "b", "b", "c"], 2).moved.keys() == {1, 2}
    assert make_room(["a", *["b"] * 9, "c"], 3).moved.keys() == {1, 2, 3, 4}
    assert make_room(["a", *["b"] * 9, "c"], 8).moved.keys() == {6, 7, 8, 9}


def test_a_full_gap_gets_room_for_as_many_again() -> None:
    low, high = "fe5e0498e800", "fe5e0498e801"
    positions = [high]
    with pytest.raises(NoRoom):
        while True:
            positions.insert(0, between(low, positions[0]))
    assert len(positions) > 250
    room = make_room(positions, 0, before=low)
    after = [room.moved.get(place, position) for place, position in enumerate(positions)]
    assert rises([low, *room.positions, *after])
    assert max(map(len, [*room.positions, *after])) <= 24


def test_a_part_of_a_list_stays_between_its_ends() -> None:
    room = make_room(["b", "b", "b", "b"], 2, 50, before="a", after="b")
    first, second, third, fourth = (room.moved[place] for place in range(4))
    assert rises(["a", first, second, *room.positions, third, fourth, "b"])


def test_a_part_within_one_run_has_no_room_until_the_run_gets_it_from_its_end() -> None:
    run = ["b"] * 10
    with pytest.raises(NoRoom, match="Among 4 positions from 'b' to 'b'"):
        make_room(run[3:7], 2, before="b", after="b")
    run[6:] = spread(4, "b", "c")
    assert run == sorted(run)
    run[2:6] = spread(4, "b", run[6])
    assert run == sorted(run)
    assert rises([*run[1:], "c"])
    assert make_room(run[3:7], 2, before=run[2], after=run[7]).moved == {}
