"""Feeds, as the schema shows them."""

from collections.abc import Sequence
from functools import partial

import msgspec
import structlog

from domain.ad_slots import AdSlot
from domain.blending import AdEdge, BlendedEdge, OrganicEdge
from domain.feed import FeedItem, FeedReasonKind, FeedSession
from domain.pins import PinRecord
from domain.record import Id
from domain.targeting import Surface
from domain.tokens import MAX_SEEN, feed_cursor, item_token, slot_token
from domain.viewer import Viewer
from loaders.boards import BoardByIdLoader
from loaders.feeds import FollowingFeedLoader
from loaders.pins import AdvertisedPinByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from resolvers.connections import Connection, PageInfo, Window, window
from resolvers.context import Info
from resolvers.declared import batch, from_loader
from resolvers.feed_candidates import sources_of, wishes_of
from resolvers.home_feed import FeedPage, home_feed_page
from resolvers.promoted import PromotedPinRecord
from storage import pins as pin_orders

log = structlog.get_logger()

MAX_NEW_ITEMS = 100


class FeedEdge(msgspec.Struct, frozen=True):
    """One edge of a page; `is_last` edges carry what a lost session is resumed from."""

    page: FeedPage
    blended: BlendedEdge
    is_last: bool

    @property
    def position(self) -> int:
        """The place of the edge in its session, from 0."""
        return self.blended.position - 1

    @property
    def item(self) -> FeedItem | None:
        """The snapshot's item, of an organic edge."""
        if isinstance(self.blended, AdEdge):
            return None
        return self.page.session.items[self.blended.index]

    @property
    def reason(self) -> "FeedReason | None":
        """Why the item is here."""
        item = self.item
        return None if item is None else FeedReason(item.reason, item.reason_id)


class FeedReason(msgspec.Struct, frozen=True):
    """Why something is in the feed, and the id that the reason names."""

    kind: FeedReasonKind
    id: Id | None

    def _id_of(self, *kinds: FeedReasonKind) -> Id | None:
        return self.id if self.kind in kinds else None

    @property
    def user_id(self) -> Id | None:
        """The followed user."""
        return self._id_of(FeedReasonKind.FOLLOWS_USER)

    @property
    def board_id(self) -> Id | None:
        """The followed board, or the viewer's own that something is related to."""
        return self._id_of(FeedReasonKind.FOLLOWS_BOARD, FeedReasonKind.RELATED_TO_BOARD)

    @property
    def topic_id(self) -> Id | None:
        """The followed topic."""
        return self._id_of(FeedReasonKind.FOLLOWS_TOPIC)


reason_user = from_loader(UserByIdLoader, "user_id")
reason_board = from_loader(BoardByIdLoader, "board_id")
reason_topic = from_loader(TopicByIdLoader, "topic_id")


async def home_feed(
    _viewer: Viewer, info: Info, window: Window, refresh: bool, include_promoted: bool
) -> FeedPage:
    """A page of the home feed."""
    return await home_feed_page(
        info.context, window, refresh=refresh, include_promoted=include_promoted
    )


def edges(page: FeedPage) -> list[FeedEdge]:
    """The edges of a page."""
    blended = page.blend.edges
    return [FeedEdge(page, edge, edge is blended[-1]) for edge in blended]


def session(page: FeedPage) -> FeedSession:
    """The snapshot that a page is from."""
    return page.session


def page_info(page: FeedPage, info: Info) -> PageInfo[FeedEdge]:
    """Where a page stands in its session."""
    listed = edges(page)
    return PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        ends=(listed[0], listed[-1]) if listed else None,
        cursor_of=partial(cursor, info=info),
    )


def cursor(edge: FeedEdge, info: Info) -> str:
    """The signed place of an edge. The last of a page carries what was delivered before it."""
    session = edge.page.session
    delivered = session.items[: edge.blended.position // 2][-MAX_SEEN:] if edge.is_last else ()
    return feed_cursor(
        info.context.signer,
        session.id,
        info.context.viewer_key,
        int(session.created_at.timestamp() * 1000),
        edge.blended.position,
        [item.pin_id for item in delivered],
    )


def tracking_token(edge: FeedEdge, info: Info) -> str:
    """What a client sends back with events about the edge."""
    context, item = info.context, edge.item
    if isinstance(edge.blended, AdEdge):
        return slot_token(
            context.signer,
            edge.blended.slot,
            context.viewer_key,
            Surface.HOME_FEED,
            edge.position,
        )
    pin_id = item.pin_id if item else ""
    return item_token(
        context.signer, edge.page.session.id, context.viewer_key, edge.position, pin_id
    )


async def shown_nodes(
    edges: Sequence[FeedEdge], info: Info
) -> list[PinRecord | PromotedPinRecord | None]:
    """What each edge shows. An ad whose advertiser or pin is hidden shows nothing.

    So an ad that is hidden is gone also where it was delivered before.
    """
    promoted = [edge.blended.slot for edge in edges if isinstance(edge.blended, AdEdge)]
    visible = await _visible_slots(promoted, info)

    def shown(edge: FeedEdge) -> PinRecord | PromotedPinRecord | None:
        if isinstance(edge.blended, OrganicEdge):
            item = edge.page.session.items[edge.blended.index]
            return edge.page.pins.get(item.pin_id)
        slot = edge.blended.slot
        if slot.slot_id not in visible:
            return None
        return PromotedPinRecord(slot, edge.position, Surface.HOME_FEED)

    return [shown(edge) for edge in edges]


async def _visible_slots(slots: Sequence[AdSlot], info: Info) -> set[str]:
    """The ids of the slots whose pin and advertiser are visible. Ads fail open (DOMAIN c.7)."""
    loaders = info.context.loaders
    try:
        on_their_way = loaders(AdvertisedPinByIdLoader).load_mapping(slot.pin_id for slot in slots)
        advertisers = loaders(UserByIdLoader).load_mapping(slot.advertiser_id for slot in slots)
        wishes = await wishes_of(info.context)
        pins, users = await on_their_way, await advertisers
    except Exception:
        log.exception("ads_not_shown")
        return set()
    return {
        slot.slot_id
        for slot in slots
        if slot.pin_id in pins
        and slot.advertiser_id in users
        and slot.root_id not in wishes.hidden_root_ids
        and slot.advertiser_id not in wishes.hidden_advertiser_ids
    }


node = batch(shown_nodes)


async def nodes(page: FeedPage, info: Info) -> list[PinRecord | PromotedPinRecord | None]:
    """What the edges of a page show."""
    return await shown_nodes(edges(page), info)


async def new_item_count(page: FeedPage, info: Info) -> int:
    """How many pins came since the snapshot from what the viewer follows."""
    sources = await sources_of(info.context)
    timelines = info.context.loaders.storage.timelines
    return await timelines.count_since(sources, page.session.created_at, MAX_NEW_ITEMS)


async def following_feed(
    viewer: Viewer, info: Info, first: int | None, after: str | None
) -> Connection[PinRecord]:
    """What followed users and boards added, newest first."""
    page = window(first, after, None, None).page(pin_orders.NEWEST)
    sources = await sources_of(info.context)
    pages = info.context.loaders(FollowingFeedLoader, page, sources)
    return Connection(Id(info.context.viewer_key), page, pages)
