"""Places in a hand-sorted list (CUSTOM order): strings that sort, with room between any two.

A position is a fraction written in base 62, whose digits sort as MongoDB compares strings: byte by
byte. An item moves by getting a position between those of its new neighbours; nobody else's
changes, so two who sort one list at once do not undo each other's work.

Positions of new items are twelve digits of time and need no look at the list: `at_top` where the
newest comes first, `at_bottom` where it comes last. What is moved to an end goes a millisecond
beyond the last one there at most, so that what is made later still gets beyond it.

Room runs out where hundreds of items were put into one gap, and there never was any among equal
positions, which lists had that were imported. `make_room` then also moves neighbours.
"""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from domain.record import Id

MAX_POSITION = 64
"""The most characters of a position: in one gap, at least 250 items find room one by one."""

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_VALUES = {digit: value for value, digit in enumerate(_DIGITS)}
_BASE = len(_DIGITS)
_LENGTH = 12  # of what is not squeezed in: never shorter, for "1" and "10" are one fraction
_ROOMY = 24  # of what is moved to make room: as much again as it needs

_LAST_MS = (1 << 48) - 1  # what twelve hex digits hold; later than any date this software will see
_SERIAL = 0x1000000  # the numbers that the last three bytes of an id count through


class NoRoom(Exception):
    """Between two positions is no room, or not enough: `make_room` gets some."""


class Room(NamedTuple):
    """The positions of what is put into a list, and those of its neighbours that must change.

    `moved` has them by their index in the list.
    """

    positions: list[str]
    moved: dict[int, str]


def at_top(created_at: datetime, id: Id | None = None) -> str:
    """The position of something new in a list with the newest first: above all made before it.

    It is the time, counted backwards. Things made in one millisecond have one position, unless each
    has the `id` that was made for it: ids count up.
    """
    position = f"{_LAST_MS - _milliseconds(created_at) + 1:012x}"
    if len(position) > _LENGTH:  # of 1970, when the time is not known
        position = "f" * _LENGTH
    return position if id is None else f"{position}{_SERIAL - _serial(id):07x}"


def at_bottom(created_at: datetime, id: Id | None = None) -> str:
    """The position of something new in a list with the oldest first: below all made before it.

    Things made in one millisecond have one position, unless each has the `id` made for it.
    """
    position = f"{_milliseconds(created_at):012x}"
    return position if id is None else f"{position}{_serial(id) + 1:07x}"


def at_place(place: int) -> str:
    """The position of a place, counted from 0, in a list that begins in a given order.

    There is room before and between them. Up to place 9,999 they are above all of `at_bottom`.
    """
    return f"{place + 1:06}000000"


def between(before: str | None, after: str | None) -> str:
    """A position strictly between two; None stands for the end of the list.

    Raises `NoRoom` if they are equal or too close, and `ValueError` if they are no positions.
    """
    return spread(1, before, after)[0]


def spread(
    count: int, before: str | None, after: str | None, *, longest: int = MAX_POSITION
) -> list[str]:
    """`count` rising positions strictly between two; None stands for the end of the list.

    They are even between two items, and side by side at an end. No one has more characters than
    `longest`. Raises as `between` does.
    """
    lengths = () if before == after is not None else range(_LENGTH, longest + 1)
    for length in lengths:
        low, high = _below(before, length), _above(after, length)
        if high - low > count:
            return [_text(value, length) for value in _steps(count, before, after, low, high)]
    raise NoRoom(f"Between {before!r} and {after!r} is no room for {count}.")


def make_room(
    positions: Sequence[str],
    index: int,
    count: int = 1,
    *,
    before: str | None = None,
    after: str | None = None,
) -> Room:
    """The positions of `count` items that are put ahead of the item at `index`.

    `positions` is the list in its order, (position, id), or the part of it around `index` between
    the positions `before` and `after`. Neighbours are moved only if they must be, the closest ones,
    and stay in their order. Raises `NoRoom` if the whole part has none, as within a long run of
    equal positions. Such a run gets room from its end: `spread(n, run, after it)` is for its last n
    items, then the n before them; whenever that stops, the order is what it was.
    """
    bounds = [before, *positions, after]
    for longest in (_ROOMY, MAX_POSITION):
        for width in _widths(max(index, len(positions) - index)):
            start, end = max(index - width, 0), min(index + width, len(positions))
            limit = longest if width else MAX_POSITION
            with suppress(NoRoom):
                made = spread(end - start + count, bounds[start], bounds[end + 1], longest=limit)
                own = slice(index - start, index - start + count)
                kept = made[: own.start] + made[own.stop :]
                return Room(made[own], dict(zip(range(start, end), kept, strict=True)))
    raise NoRoom(f"Among {len(positions)} positions from {before!r} to {after!r} is no room.")


def _widths(widest: int) -> Iterator[int]:
    """How many neighbours on each side to move: none, then twice as many each time."""
    width = 0
    while width < widest:
        yield width
        width = 2 * width or 1
    yield widest


def _steps(
    count: int, before: str | None, after: str | None, low: int, high: int
) -> range | list[int]:
    """`count` of the numbers between two: at an end of the list those closest to the others."""
    if before is None and after is None:
        middle = (low + high - count) // 2
        return range(middle, middle + count)
    if before is None:
        return range(high - count, high)
    if after is None:
        return range(low + 1, low + 1 + count)
    return [low + (high - low) * step // (count + 1) for step in range(1, count + 1)]


def _below(position: str | None, length: int) -> int:
    """The greatest number of `length` digits that is not above a position."""
    return 0 if position is None else _number(position[:length].ljust(length, "0"))


def _above(position: str | None, length: int) -> int:
    """The least number of `length` digits that is not below a position."""
    if position is None:
        return int(_BASE**length)
    return _below(position, length) + bool(position[length:].strip("0"))


def _number(digits: str) -> int:
    value = 0
    for digit in digits:
        if digit not in _VALUES:
            raise ValueError(f"A position has digits and letters only; there was {digit!r}.")
        value = value * _BASE + _VALUES[digit]
    return value


def _text(value: int, length: int) -> str:
    digits = []
    for _ in range(length):
        value, digit = divmod(value, _BASE)
        digits.append(_DIGITS[digit])
    return "".join(reversed(digits))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _serial(id: Id) -> int:
    return int(id[-6:], 16)
