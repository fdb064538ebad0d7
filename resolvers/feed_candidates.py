"""What the home feed chooses from: everything that a viewer's sources offer (DOMAIN e.2.1).

Candidates are gathered when a session starts, in a handful of reads however much a viewer follows.
"""

from asyncio import gather
from collections.abc import Iterable, Sequence

import msgspec

from domain.feed import Candidate, FeedReasonKind, FeedSource
from domain.follows import FollowKind, FollowRecord
from domain.pins import PinRecord
from domain.preferences import NO_WISHES, Wishes
from domain.record import Id
from loaders.preferences import WishesLoader
from loaders.users import UserByIdLoader
from resolvers.context import Context
from storage.timelines import MAX_SOURCES, Gathered, Quotas, Sources

RECENT_SAVES = 20
RELATED_PER_SAVE = 10
MAX_INTERESTS = 50
FEW_SOURCES = 5
"""A viewer who follows fewer users and boards than this is also shown what is trending."""


async def sources_of(context: Context) -> Sources:
    """What the viewer follows, newest first."""
    viewer_id = Id(context.viewer_key)
    tastes = await context.loaders.storage.tastes.of_user(viewer_id, MAX_SOURCES)
    context.loaders(WishesLoader).prime(viewer_id, tastes.wishes)
    return _sources(tastes.follows)


async def wishes_of(context: Context) -> Wishes:
    """What the viewer wishes of their feed; nothing is read for it after `sources_of`."""
    return await context.loaders(WishesLoader).load(Id(context.viewer_key)) or NO_WISHES


async def gather_candidates(context: Context) -> tuple[list[Candidate], tuple[Id, ...]]:
    """What all sources offer, and the topics that the viewer cares about."""
    storage, viewer_id = context.loaders.storage, Id(context.viewer_key)
    sources, saves, user = await gather(
        sources_of(context),
        storage.pins.newest_saves(viewer_id, RECENT_SAVES),
        context.loaders(UserByIdLoader).load(viewer_id),
    )
    topic_ids = sources.topic_ids or (user.home_topic_ids if user else ())
    is_cold = len(sources.user_ids) + len(sources.board_ids) < FEW_SOURCES
    sources = msgspec.structs.replace(sources, topic_ids=topic_ids)
    quotas = Quotas() if is_cold else Quotas(trending=0)
    gathered, related = await gather(
        storage.timelines.gather(sources, quotas), _related(context, saves)
    )
    interests = dict.fromkeys([*topic_ids, *(i for pin in saves for i in pin.topic_ids)])
    return [*_offered(gathered, sources), *related], tuple(interests)[:MAX_INTERESTS]


async def _related(context: Context, saves: Sequence[PinRecord]) -> list[Candidate]:
    """What is related to the viewer's latest saves, the best of each."""
    storage = context.loaders.storage
    boards = {pin.root_id: pin.board_id for pin in reversed(saves)}
    related = await storage.related.get_many(list(boards))
    reasons = {
        each.id: boards[root]
        for root, ranked in related.items()
        for each in ranked[:RELATED_PER_SAVE]
        if each.id not in boards
    }
    pins = await storage.pins.get_many(reasons)
    return [
        Candidate(
            pin=pin,
            source=FeedSource.RELATED,
            reason=FeedReasonKind.RELATED_TO_BOARD,
            reason_id=reasons[pin.id],
        )
        for pin in pins.values()
    ]


def _offered(gathered: Gathered, sources: Sources) -> list[Candidate]:
    """Gathered pins as candidates, each with its reason."""
    boards, topics = frozenset(sources.board_ids), frozenset(sources.topic_ids)

    def followed(pin: PinRecord) -> Candidate:
        by_board = pin.board_id in boards
        return Candidate(
            pin=pin,
            source=FeedSource.FOLLOWING,
            reason=FeedReasonKind.FOLLOWS_BOARD if by_board else FeedReasonKind.FOLLOWS_USER,
            reason_id=pin.board_id if by_board else pin.owner_id,
        )

    def on_topic(pin: PinRecord) -> Candidate:
        topic_id = next((i for i in pin.topic_ids if i in topics), None)
        return Candidate(
            pin=pin,
            source=FeedSource.TOPIC,
            reason=FeedReasonKind.FOLLOWS_TOPIC,
            reason_id=topic_id,
        )

    return [
        *map(followed, gathered.following),
        *map(on_topic, gathered.topics),
        *(_picked(pin, FeedSource.TRENDING) for pin in gathered.trending),
        *(_picked(pin, FeedSource.EXPLORATION) for pin in gathered.fresh),
    ]


def _picked(pin: PinRecord, source: FeedSource) -> Candidate:
    is_trending = source is FeedSource.TRENDING
    reason = FeedReasonKind.TRENDING if is_trending else FeedReasonKind.PICKED_FOR_YOU
    return Candidate(pin=pin, source=source, reason=reason)


def _sources(edges: Iterable[FollowRecord]) -> Sources:
    """Edges by kind. An implicit edge to a user stands for a followed board, and adds nothing."""
    by_kind: dict[FollowKind, list[Id]] = {kind: [] for kind in FollowKind}
    for edge in edges:
        if edge.is_explicit:
            by_kind[edge.kind].append(edge.target_id)
    return Sources(
        user_ids=tuple(by_kind[FollowKind.USER]),
        board_ids=tuple(by_kind[FollowKind.BOARD]),
        topic_ids=tuple(by_kind[FollowKind.TOPIC]),
        unfollowed_board_ids=tuple(by_kind[FollowKind.UNFOLLOWED_BOARD]),
    )
