"""The home feed: a snapshot is taken once, and pages are cut from it (DOMAIN e, c.7).

    candidates ──> session (Redis) ──> stretch of visible pins ──> ads in its gaps ──> page

With Redis gone every page takes the snapshot anew, as of the time its cursor names: slower, and the
same but for what changed since.
"""

from asyncio import gather
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import uuid4

import msgspec
import structlog

from domain import ads
from domain.ads import AdCandidate, AdSlot, Audience
from domain.blending import (
    Blend,
    Stretch,
    blend_first,
    blend_last,
    position_before,
    undecided,
)
from domain.errors import BadUserInput
from domain.feed import (
    Candidate,
    FeedAudience,
    FeedItem,
    FeedReasonKind,
    FeedSession,
    FeedSource,
    build_feed,
)
from domain.follows import FollowKind, FollowRecord
from domain.pins import PinRecord
from domain.record import Id
from domain.tokens import FeedCursor, read_feed_cursor
from loaders.pins import PinByIdLoader
from loaders.users import BlockWithUserLoader, UserByIdLoader
from resolvers.connections import Window
from resolvers.context import Context
from storage.timelines import MAX_SOURCES, Gathered, Quotas, Sources

log = structlog.get_logger()

RECENT_SAVES = 20
RELATED_PER_SAVE = 10
FEW_SOURCES = 5
"""A viewer who follows fewer users and boards than this is also shown what is trending."""

AUCTIONS = 3
"""How often the ads of a page are chosen anew because an advertiser turned out to be hidden."""

SLACK = 10
"""Items read beyond a page, so that hidden ones can be replaced without reading again."""

Decisions = dict[int, AdSlot | None]


class FeedPage(msgspec.Struct, frozen=True):
    """A page of a session, with the pins of its organic edges."""

    session: FeedSession
    blend: Blend
    pins: dict[Id, PinRecord]
    has_previous: bool
    has_next: bool


async def home_feed_page(
    context: Context, window: Window, *, refresh: bool, include_promoted: bool
) -> FeedPage:
    """The page that a window asks for; raises `InvalidCursor` for a cursor that is not ours."""
    if refresh and window.cursor is not None:
        raise BadUserInput("`refresh` starts a new session; it does not go with a cursor.")
    cursor = (
        None
        if window.cursor is None
        else read_feed_cursor(context.signer, window.cursor, context.viewer_key)
    )
    session, decisions = await _session(context, cursor, refresh)
    # With a session its ads are gone: what was shown where. No rule of theirs could still be kept.
    with_ads = include_promoted and not session.was_rebuilt
    read = _page_before if window.backward else _page_after
    return await read(context, session, decisions if with_ads else None, cursor, window.limit)


async def sources_of(context: Context) -> Sources:
    """What the viewer follows, newest first."""
    viewer_id = Id(context.viewer_key)
    edges = await context.loaders.storage.follows.newest(viewer_id, MAX_SOURCES)
    return _sources(edges)


async def _session(
    context: Context, cursor: FeedCursor | None, refresh: bool
) -> tuple[FeedSession, Decisions]:
    """The session of a cursor, else the viewer's latest, else a new one."""
    feeds = context.loaders.storage.feeds
    session_id = cursor.session_id if cursor else None
    if cursor is None and not refresh:
        session_id = await feeds.current(context.viewer_key)
    if session_id is not None:
        session, decisions = await feeds.get(session_id)
        if session is not None and session.viewer_key == context.viewer_key:
            return session, decisions
    session = await _take_snapshot(context, cursor)
    await feeds.put(session)
    return session, {}


async def _take_snapshot(context: Context, cursor: FeedCursor | None) -> FeedSession:
    """A new session, or, for the cursor of one that is gone, the same one as far as can be."""
    now = datetime.fromtimestamp(cursor.created_at / 1000, UTC) if cursor else context.now
    candidates, interests = await _candidates(context)
    audience = FeedAudience(viewer_id=context.viewer_key)
    known = (c for c in candidates if cursor is None or c.pin.created_at <= now)
    return FeedSession(
        id=cursor.session_id if cursor else uuid4().hex,
        viewer_key=context.viewer_key,
        created_at=now,
        items=build_feed(known, audience, now),
        was_rebuilt=cursor is not None,
        interest_ids=interests,
    )


async def _candidates(context: Context) -> tuple[list[Candidate], tuple[Id, ...]]:
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


MAX_INTERESTS = 50


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


async def _page_after(
    context: Context,
    session: FeedSession,
    decisions: Decisions | None,
    cursor: FeedCursor | None,
    first: int,
) -> FeedPage:
    """The page that begins after a cursor, or at the start; without decisions it has no ads."""
    start = 0 if cursor is None else cursor.position
    seen = frozenset(cursor.seen_ids) if cursor and session.was_rebuilt else frozenset()
    stretch, pins = await _stretch_after(context, session, start, first, seen)
    if decisions is not None:
        decisions = await _decide(context, session, stretch, decisions, first)
    blend = blend_first(stretch, decisions or {}, first)
    return FeedPage(session, blend, pins, has_previous=cursor is not None, has_next=blend.has_more)


async def _stretch_after(
    context: Context, session: FeedSession, start: int, first: int, seen: frozenset[str]
) -> tuple[Stretch, dict[Id, PinRecord]]:
    """The positions from `start` on that hold one visible item more than `first`, if there are."""
    items, index = session.items, start // 2
    visible: list[int] = []
    pins: dict[Id, PinRecord] = {}
    while index < len(items) and len(visible) <= first:
        chunk = range(index, min(len(items), index + first + SLACK))
        pins |= await _visible(context, [items[i] for i in chunk])
        visible += [i for i in chunk if items[i].pin_id in pins and items[i].pin_id not in seen]
        index = chunk.stop
    return Stretch(start=start, end=2 * index, visible=tuple(visible)), pins


async def _page_before(
    context: Context,
    session: FeedSession,
    decisions: Decisions | None,
    cursor: FeedCursor | None,
    last: int,
) -> FeedPage:
    """The page that ends before a cursor, or at the end of the session.

    It holds no auction: what it delivers undecided is organic from now on.
    """
    end = 2 * len(session.items) if cursor is None else position_before(cursor.position)
    stretch, pins = await _stretch_before(context, session, end, last)
    blend = blend_last(stretch, decisions or {}, last)
    if decisions is not None and (gaps := undecided(blend.edges, decisions)):
        feeds = context.loaders.storage.feeds
        decisions |= await feeds.decide(session.id, dict.fromkeys(gaps))
        blend = blend_last(stretch, decisions, last)
    return FeedPage(session, blend, pins, has_previous=blend.has_more, has_next=cursor is not None)


async def _stretch_before(
    context: Context, session: FeedSession, end: int, last: int
) -> tuple[Stretch, dict[Id, PinRecord]]:
    """The positions up to `end` that hold one visible item more than `last`, if there are."""
    items = session.items
    index = min(end // 2, len(items))
    visible: list[int] = []
    pins: dict[Id, PinRecord] = {}
    while index > 0 and len(visible) <= last:
        chunk = range(max(0, index - last - SLACK), index)
        pins |= await _visible(context, [items[i] for i in chunk])
        visible = [i for i in chunk if items[i].pin_id in pins] + visible
        index = chunk.start
    return Stretch(start=2 * index, end=end, visible=tuple(visible)), pins


async def _visible(context: Context, items: Sequence[FeedItem]) -> dict[Id, PinRecord]:
    return await context.loaders(PinByIdLoader).load_mapping(item.pin_id for item in items)


async def _decide(
    context: Context,
    session: FeedSession,
    stretch: Stretch,
    decisions: Decisions,
    first: int,
) -> Decisions:
    """The decisions of the session with those of this page. Ads fail open (c.7)."""
    try:
        chosen = await _choose(context, session, stretch, decisions, first)
    except Exception:
        log.exception("ads_failed", session=session.id)
        return decisions
    if not chosen:
        return decisions
    return decisions | await context.loaders.storage.feeds.decide(session.id, chosen)


async def _choose(
    context: Context,
    session: FeedSession,
    stretch: Stretch,
    decisions: Decisions,
    first: int,
) -> Decisions:
    """The new decisions of a page.

    Only winners are looked up, since the page shows their names anyway. Where one is hidden, all
    ads of that advertiser leave and the auction is held again.
    """
    candidates: Sequence[AdCandidate] = context.loaders.storage.ads.live
    audience = await _audience(context, session)
    users = context.loaders(UserByIdLoader)

    def choose(candidates: Sequence[AdCandidate]) -> Decisions:
        return ads.choose_ads(
            session,
            stretch,
            decisions,
            first=first,
            candidates=candidates,
            audience=audience,
            now=context.now,
            policy=context.settings.ads,
        )

    for _ in range(AUCTIONS):
        chosen = choose(candidates)
        winners = {slot.advertiser_id for slot in chosen.values() if slot is not None}
        hidden = winners - (await users.load_mapping(winners)).keys()
        if not hidden:
            return chosen
        candidates = [each for each in candidates if each.advertiser_id not in hidden]
    return choose(())


async def _audience(context: Context, session: FeedSession) -> Audience:
    """What ads may know of the viewer: interests, and with whom there is a block."""
    live = context.loaders.storage.ads.live
    blocks = await context.loaders(BlockWithUserLoader).load_mapping(
        candidate.advertiser_id for candidate in live
    )
    return Audience(
        viewer_id=context.viewer_key,
        topic_ids=frozenset(session.interest_ids),
        blocked_user_ids=frozenset(blocks),
    )
