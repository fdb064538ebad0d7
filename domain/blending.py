"""Where ads stand between the organic items of a feed (DOMAIN c.7, e.4).

A session is a snapshot of organic items 0..n-1. Before each is a gap, which an ad may fill. Both
have a position: gap i has 2i, item i has 2i+1. A cursor carries the position after its edge, one
more than the edge's own; so a page `after` a cursor starts at its position, and a page `before` it
ends ahead of the position less one. Positions depend on the snapshot alone: an item that became
invisible is passed over, and no other edge moves.

A gap is decided when the item behind it is first delivered, to an ad or to None, and never again.
The decisions of a session are therefore also the record of what was delivered, which is what
spacing across pages is measured on.
"""

from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence

import msgspec

from domain.ad_slots import AdSlot
from domain.auction import AuctionPolicy

Decisions = Mapping[int, AdSlot | None]
"""What each delivered gap holds, by the index of the organic item behind it."""


class AdPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How many ads a feed has, and where (c.7); the defaults are ours.

    `first_index` edges come before the first ad, `items_between` organic items between two. Of
    `window` edges in a row at most `max_per_window` are ads, and of a session's edges up to the
    end of a page at most `max_share_percent`. A feed of fewer than `min_items` has none. A pin,
    root or picture is not shown twice within `repeat_distance` organic items.
    """

    first_index: int = 3
    items_between: int = 6
    max_per_window: int = 4
    window: int = 25
    max_share_percent: int = 20
    min_items: int = 4
    repeat_distance: int = 200
    auction: AuctionPolicy = AuctionPolicy()


DEFAULT_POLICY = AdPolicy()


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """The positions [start, end) of a session, and which of its organic items can be seen.

    `visible` are indexes of the snapshot, ascending. Items of the stretch that are not in it are
    passed over; so a stretch must not reach past the items whose visibility is known.
    """

    start: int
    end: int
    visible: tuple[int, ...]


class OrganicEdge(msgspec.Struct, frozen=True):
    """Item `index` of the snapshot; `position` is what its cursor carries."""

    position: int
    index: int


class AdEdge(msgspec.Struct, frozen=True):
    """An ad; `position` is what its cursor carries."""

    position: int
    slot: AdSlot


BlendedEdge = OrganicEdge | AdEdge


class Blend(msgspec.Struct, frozen=True):
    """The edges of a page in order, and whether the stretch has more on its other side."""

    edges: tuple[BlendedEdge, ...]
    has_more: bool


def position_before(cursor_position: int) -> int:
    """Where a page `before` a cursor ends: at the edge that carries it, excluding it."""
    return cursor_position - 1


def item_range(start: int, end: int) -> range:
    """The snapshot indexes of the organic items at positions [start, end)."""
    return range(start // 2, end // 2)


def blend_first(stretch: Stretch, decisions: Decisions, first: int) -> Blend:
    """The first edges of a stretch. `has_more` is true when the stretch goes on after them."""
    edges = _edges(stretch, decisions)
    return Blend(tuple(edges[:first]), len(edges) > first)


def blend_last(stretch: Stretch, decisions: Decisions, last: int) -> Blend:
    """The last edges of a stretch, in feed order. `has_more` is true when some come before them."""
    edges = _edges(stretch, decisions)
    cut = max(0, len(edges) - last)
    return Blend(tuple(edges[cut:]), cut > 0)


def undecided(edges: Sequence[BlendedEdge], decisions: Decisions) -> list[int]:
    """The gaps before the organic edges of a page that nothing was decided for."""
    return [
        edge.index
        for edge in edges
        if isinstance(edge, OrganicEdge) and edge.index not in decisions
    ]


def open_gaps(
    stretch: Stretch,
    decisions: Decisions,
    first: int,
    session_length: int,
    policy: AdPolicy = DEFAULT_POLICY,
) -> list[int]:
    """The undecided gaps of the page of the first `first` edges that may each get an ad.

    They are chosen front to back, each as if those before it were filled. All of them together
    keep the rules, and so does any leading part of the list, when there are fewer ads than gaps.

    A gap whose ad would be the last of `first` edges stays organic: an item always follows it in
    the feed, so the page would not be the final one. (An ad decided for a larger page may still
    end a smaller one: decisions do not change.)
    """
    if session_length < policy.min_items:
        return []
    layout = _Layout(stretch, decisions, first, policy)
    chosen: list[int] = []
    delivered = 0
    for edge in _edges(stretch, decisions):
        if isinstance(edge, OrganicEdge):
            gap = edge.index
            is_open = gap not in decisions and 2 * gap >= stretch.start
            if is_open and delivered + 1 < first and layout.allows(gap):
                layout.place(gap)
                chosen.append(gap)
                delivered += 1
        delivered += 1
        if delivered >= first:
            break
    return chosen


class _Layout:
    """The ads of a session and what lies between them, while the gaps of one page are chosen."""

    def __init__(
        self, stretch: Stretch, decisions: Decisions, first: int, policy: AdPolicy
    ) -> None:
        self._policy = policy
        self._first = first
        self._page_items = len(stretch.visible)
        self._ads = sorted(gap for gap, slot in decisions.items() if slot is not None)
        self._items = sorted(decisions.keys() | set(stretch.visible))
        start = stretch.start
        self._edges_before = sum(2 * item + 1 < start for item in decisions)
        self._ads_before = sum(2 * gap < start for gap in self._ads)
        self._edges_before += self._ads_before
        self._page_ads = sum(start <= 2 * gap < stretch.end for gap in self._ads)

    def place(self, gap: int) -> None:
        """Take a gap for an ad."""
        insort(self._ads, gap)
        self._page_ads += 1

    def allows(self, gap: int) -> bool:
        """Whether one more ad, in this gap, keeps every rule."""
        return (
            self._is_late_enough(gap)
            and self._is_apart(gap)
            and self._keeps_share()
            and self._keeps_windows(gap)
        )

    def _is_late_enough(self, gap: int) -> bool:
        return self._ordinal(gap, bisect_left(self._ads, gap)) >= self._policy.first_index

    def _is_apart(self, gap: int) -> bool:
        """Enough organic items on both sides: ads may have been decided further on."""
        place = bisect_left(self._ads, gap)
        neighbours = self._ads[max(0, place - 1) : place + 1]
        here = bisect_left(self._items, gap)
        return all(
            abs(bisect_left(self._items, other) - here) >= self._policy.items_between
            for other in neighbours
        )

    def _keeps_share(self) -> bool:
        """The share is taken over whole pages, or a first ad at index 3 would be a quarter."""
        page_ads = self._page_ads + 1
        ads = self._ads_before + page_ads
        edges = self._edges_before + min(self._first, self._page_items + page_ads)
        return 100 * ads <= self._policy.max_share_percent * edges

    def _keeps_windows(self, gap: int) -> bool:
        """No `window` edges in a row hold more than `max_per_window` ads."""
        ads = [*self._ads]
        insort(ads, gap)
        ordinals = [self._ordinal(ad, place) for place, ad in enumerate(ads)]
        most = self._policy.max_per_window
        return all(
            later - earlier >= self._policy.window
            for earlier, later in zip(ordinals, ordinals[most:], strict=False)
        )

    def _ordinal(self, gap: int, ads_ahead: int) -> int:
        """How many edges of the session come before an ad in this gap."""
        return bisect_left(self._items, gap) + ads_ahead


def _edges(stretch: Stretch, decisions: Decisions) -> list[BlendedEdge]:
    """All edges of a stretch. An ad whose item became invisible keeps its place."""
    start, end = stretch.start, stretch.end
    visible = set(stretch.visible)
    ads = {gap: slot for gap, slot in decisions.items() if slot is not None}
    edges: list[BlendedEdge] = []
    for index in sorted(visible | ads.keys()):
        slot = ads.get(index)
        if slot is not None and start <= 2 * index < end:
            edges.append(AdEdge(2 * index + 1, slot))
        if index in visible and start <= 2 * index + 1 < end:
            edges.append(OrganicEdge(2 * index + 2, index))
    return edges
