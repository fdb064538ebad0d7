"""Chance that can be repeated: random streams by name, and long-tailed choice."""

from collections.abc import Sequence
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def stream(seed: int, name: str) -> Random:
    """A stream of random numbers of its own: what one stage draws does not move another's."""
    return Random(f"{seed}/{name}")  # noqa: S311  # a world must be repeatable, not secret


def zipf_weights(random: Random, count: int, exponent: float) -> list[float]:
    """Zipf's weights 1 / rank^exponent, dealt out at random: few are large, most are small."""
    weights = [1 / rank**exponent for rank in range(1, count + 1)]
    random.shuffle(weights)
    return weights


class Weighted(Generic[T]):
    """Draws items in proportion to their weights. It must have one of a weight above 0."""

    def __init__(self, items: Sequence[T], weights: Sequence[float]) -> None:
        self._items = items
        self._cumulative = list(accumulate(weights))

    def draw(self, random: Random) -> T:
        """One item."""
        return random.choices(self._items, cum_weights=self._cumulative)[0]
