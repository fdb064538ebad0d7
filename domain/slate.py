"""A slate: scored items in an order where neighbours differ and sources mix (DOMAIN e.2.4).

Greedy: each place takes the item whose score, times the penalties it would have there, is best.
An item's penalties depend on what was placed before, so in principle every item has to be looked
at for every place. Two things make it cheap:

- Penalties only lower a score. Going down the ranking, once an item's plain score is not above the
  best penalised score found, nothing further down can win. This changes no result.
- At most `lookahead` items are looked at for a place. This is an approximation, and bounds the
  work where all items deserve the same penalty, say all from one site. It means that the best item
  left is never passed over for one that is `lookahead` or more behind it in the ranking.

Quotas are met evenly over a page, not at its end: of 8 in 25, the first is due by the second
place, the next by the fifth, and so on.
"""

from bisect import bisect_left
from collections import Counter, deque
from collections.abc import Sequence
from math import inf, log2
from typing import NamedTuple

import msgspec


class SlatePolicy(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of a slate; distances are in items, penalties are factors of the score."""

    owner_distance: int = 4
    owner_penalty: float = 0.5
    board_distance: int = 8
    board_penalty: float = 0.6
    domain_distance: int = 6
    domain_penalty: float = 0.7
    topic_run: int = 3
    topic_penalty: float = 0.7
    page_size: int = 25
    lookahead: int = 64


DEFAULT_POLICY = SlatePolicy()


class Traits(NamedTuple):
    """What decides where an item is placed; `log_score` is the base-2 logarithm of its score."""

    log_score: float
    owner_id: str
    board_id: str
    domain: str | None
    topic_ids: frozenset[str]
    source: str


class Quota(NamedTuple):
    """At least `minimum` items of every page come from `source`, while it has some."""

    source: str
    minimum: int

    def due(self, places: int, page_size: int) -> int:
        """How many the first `places` of a page must have: in proportion, rounded half up."""
        return (2 * self.minimum * places + page_size) // (2 * page_size)


def compose(
    ranked: Sequence[Traits],
    limit: int,
    policy: SlatePolicy = DEFAULT_POLICY,
    quotas: Sequence[Quota] = (),
) -> list[int]:
    """The order of a slate: up to `limit` indexes of `ranked`, whose items come best first."""
    everything = list(range(len(ranked)))
    pools = {
        quota.source: [index for index in everything if ranked[index].source == quota.source]
        for quota in quotas
    }
    neighbours = _Neighbours(policy)
    on_page: Counter[str] = Counter()
    slate: list[int] = []
    while everything and len(slate) < limit:
        place_on_page = len(slate) % policy.page_size
        if place_on_page == 0:
            on_page.clear()
        pool = everything
        for quota in quotas:
            is_due = on_page[quota.source] < quota.due(place_on_page + 1, policy.page_size)
            if is_due and pools[quota.source]:
                pool = pools[quota.source]
                break
        chosen = _best(pool, ranked, neighbours, policy.lookahead)
        item = ranked[chosen]
        _remove(everything, chosen)
        if item.source in pools:
            _remove(pools[item.source], chosen)
        on_page[item.source] += 1
        neighbours.add(item)
        slate.append(chosen)
    return slate


class _Neighbours:
    """The items placed last, as far as they lower the score of the next."""

    def __init__(self, policy: SlatePolicy) -> None:
        self._owner_distance = policy.owner_distance
        self._board_distance = policy.board_distance
        self._domain_distance = policy.domain_distance
        self._owner_penalty = log2(policy.owner_penalty)
        self._board_penalty = log2(policy.board_penalty)
        self._domain_penalty = log2(policy.domain_penalty)
        self._topic_penalty = log2(policy.topic_penalty)
        self._place = 0
        self._owners: dict[str, int] = {}
        self._boards: dict[str, int] = {}
        self._domains: dict[str | None, int] = {}
        self._topics: deque[frozenset[str]] = deque(maxlen=policy.topic_run)
        self._shared_topics: frozenset[str] = frozenset()

    def penalty(self, item: Traits) -> float:
        """What is added to the item's log score in the next place: 0 or less."""
        place = self._place
        penalty = 0.0
        if place - self._owners.get(item.owner_id, _LONG_AGO) <= self._owner_distance:
            penalty += self._owner_penalty
        if place - self._boards.get(item.board_id, _LONG_AGO) <= self._board_distance:
            penalty += self._board_penalty
        if place - self._domains.get(item.domain, _LONG_AGO) <= self._domain_distance:
            penalty += self._domain_penalty
        if self._shared_topics and not self._shared_topics.isdisjoint(item.topic_ids):
            penalty += self._topic_penalty
        return penalty

    def add(self, item: Traits) -> None:
        """Put the item in the next place."""
        self._owners[item.owner_id] = self._place
        self._boards[item.board_id] = self._place
        if item.domain is not None:
            self._domains[item.domain] = self._place
        self._topics.append(item.topic_ids)
        is_run = len(self._topics) == self._topics.maxlen
        self._shared_topics = frozenset.intersection(*self._topics) if is_run else frozenset()
        self._place += 1


_LONG_AGO = -1_000_000


def _best(
    pool: Sequence[int], ranked: Sequence[Traits], neighbours: _Neighbours, lookahead: int
) -> int:
    """The index with the best penalised score; of equal ones the one that ranks first."""
    best, best_score = pool[0], -inf
    for index in pool[:lookahead]:
        item = ranked[index]
        if item.log_score <= best_score:
            break
        score = item.log_score + neighbours.penalty(item)
        if score > best_score:
            best, best_score = index, score
    return best


def _remove(indexes: list[int], index: int) -> None:
    """Take an index out of an ascending list."""
    del indexes[bisect_left(indexes, index)]
