"""The home feed: a snapshot is taken once, and pages are cut from it (DOMAIN e, c.7).

    candidates ──> session (Redis) ──> stretch of visible pins ──> ads in its gaps ──> page

With Redis gone every page takes the snapshot anew, as of the time its cursor names: slower, and the
same but for what changed since.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from domain.blending import (
    Blend,
    Stretch,
    blend_first,
    blend_last,
    position_before,
    undecided,
)
from domain.errors import BadUserInput
from domain.feed import FeedAudience, FeedItem, FeedSession, build_feed
from domain.pins import PinRecord
from domain.record import Id
from domain.tokens import FeedCursor, read_feed_cursor
from loaders.pins import PinByIdLoader
from resolvers.connections import Window
from resolvers.context import Context
from resolvers.feed_ads import decide_gaps
from resolvers.feed_candidates import gather_candidates, wishes_of
from storage.feeds import Decisions

SLACK = 10
"""Items read beyond a page, so that hidden ones can be replaced without reading again.

Where that is not enough, each further read is twice as long: six of them cover a session."""


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
    session, decisions = await _session(
        context, cursor, refresh=refresh, with_decisions=include_promoted
    )
    # With a session its ads are gone: what was shown where. No rule of theirs could still be kept.
    with_ads = include_promoted and not session.was_rebuilt
    read = _page_before if window.backward else _page_after
    return await read(context, session, decisions if with_ads else None, cursor, window.limit)


async def _session(
    context: Context, cursor: FeedCursor | None, *, refresh: bool, with_decisions: bool
) -> tuple[FeedSession, Decisions]:
    """The session of a cursor, else the viewer's latest, else a new one."""
    feeds = context.loaders.storage.feeds
    session: FeedSession | None = None
    decisions: Decisions = {}
    if cursor is not None:
        session, decisions = await feeds.get(cursor.session_id)
    elif not refresh:
        session, decisions = await feeds.latest(context.viewer_key, with_decisions=with_decisions)
    if session is not None and session.viewer_key == context.viewer_key:
        return session, decisions
    session = await _take_snapshot(context, cursor)
    await feeds.put(session)
    return session, {}


async def _take_snapshot(context: Context, cursor: FeedCursor | None) -> FeedSession:
    """A new session, or, for the cursor of one that is gone, the same one as far as can be."""
    now = datetime.fromtimestamp(cursor.created_at / 1000, UTC) if cursor else context.now
    candidates, interests = await gather_candidates(context)
    wishes = await wishes_of(context)
    audience = FeedAudience(viewer_id=context.viewer_key, hidden_ids=wishes.hidden_root_ids)
    known = (c for c in candidates if cursor is None or c.pin.created_at <= now)
    return FeedSession(
        id=cursor.session_id if cursor else uuid4().hex,
        viewer_key=context.viewer_key,
        created_at=now,
        items=build_feed(known, audience, now),
        was_rebuilt=cursor is not None,
        interest_ids=interests,
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
        decisions = await decide_gaps(context, session, stretch, decisions, first)
    blend = blend_first(stretch, decisions or {}, first)
    return FeedPage(session, blend, pins, has_previous=cursor is not None, has_next=blend.has_more)


async def _stretch_after(
    context: Context, session: FeedSession, start: int, first: int, seen: frozenset[str]
) -> tuple[Stretch, dict[Id, PinRecord]]:
    """The positions from `start` on that hold one visible item more than `first`, if there are."""
    items, index, size = session.items, start // 2, first + SLACK
    visible: list[int] = []
    pins: dict[Id, PinRecord] = {}
    while index < len(items) and len(visible) <= first:
        chunk = range(index, min(len(items), index + size))
        pins |= await _visible(context, [items[i] for i in chunk])
        visible += [i for i in chunk if items[i].pin_id in pins and items[i].pin_id not in seen]
        index, size = chunk.stop, 2 * size
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
    items, size = session.items, last + SLACK
    index = min(end // 2, len(items))
    visible: list[int] = []
    pins: dict[Id, PinRecord] = {}
    while index > 0 and len(visible) <= last:
        chunk = range(max(0, index - size), index)
        pins |= await _visible(context, [items[i] for i in chunk])
        visible = [i for i in chunk if items[i].pin_id in pins] + visible
        index, size = chunk.start, 2 * size
    return Stretch(start=2 * index, end=end, visible=tuple(visible)), pins


async def _visible(context: Context, items: Sequence[FeedItem]) -> dict[Id, PinRecord]:
    """The pins that the viewer may see, and has not hidden since the snapshot (e.4)."""
    hidden = (await wishes_of(context)).hidden_root_ids
    shown = (item.pin_id for item in items if item.root_id not in hidden)
    return await context.loaders(PinByIdLoader).load_mapping(shown)
