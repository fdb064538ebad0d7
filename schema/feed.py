"""Feeds, and the promoted pins in them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, TypeAlias

import strawberry

from domain import targeting
from domain.campaigns import CallToAction, GridClickType
from domain.feed import FeedReasonKind
from domain.targeting import TargetingKey
from protocol.cost import Cost, ListSize
from resolvers import feeds, promoted
from schema.fields import PRIVATE, attribute, field, name_type, object_type
from schema.node import Node, PageInfo
from schema.pin import Pin
from schema.scalars import Url

if TYPE_CHECKING:
    from schema.board import Board
    from schema.topic import Topic
    from schema.user import User


@object_type(
    targeting.AdReason,
    description="One wish of the advertiser that fits the viewer.",
    cache=PRIVATE,
)
class AdReason:
    key: TargetingKey = attribute("What kind of fact it is about.")
    topic: Topic | None = field(promoted.reason_topic, "The viewer's interest, for TOPIC.")
    value: str | None = field(promoted.reason_value, "The viewer's own value, for other keys.")


@object_type(
    promoted.PromotedPinRecord,
    description="An ad as it was served in one place. It is never shown without its label: where "
    "the label cannot be had, the node is null.",
    cache=PRIVATE,
)
class PromotedPin(Node):
    id: strawberry.ID = field(promoted.global_id, "The global id of this place; not refetchable.")
    entity_id: str = field(promoted.entity_id, "The id of this place: a UUID.")
    pin: Pin | None = field(promoted.pin, "The pin that is promoted.")
    advertiser: User | None = field(promoted.advertiser, "Who pays for it.")
    disclosure_label: str = field(promoted.disclosure_label, "`Promoted by` and a name.")
    advertiser_name: str = field(promoted.advertiser_name, "The advertiser's name.")
    destination_url: Url | None = field(promoted.destination_url, "Where a click leads.")
    call_to_action: CallToAction | None = field(promoted.call_to_action, "The words on its button.")
    tracking_token: str = field(
        promoted.tracking_token,
        "To be sent back with events about this place. Opaque.",
        cache=PRIVATE,
    )
    why_this_ad: list[AdReason] = field(
        promoted.why_this_ad,
        "Which of the advertiser's wishes fit the viewer.",
        cost=Cost(size=ListSize(len(TargetingKey))),
    )
    click_behavior: GridClickType = field(promoted.click_behavior, "What a click in the grid does.")


FeedItem: TypeAlias = Annotated[
    Pin | PromotedPin,
    strawberry.union(
        "FeedItem", description="What stands in a feed. Expect more kinds of things here."
    ),
]
name_type("FeedItem", FeedItem)


@object_type(description="Why something is in the feed.", cache=PRIVATE)
class FeedReason:
    kind: FeedReasonKind = attribute("What brought it here.")
    user: User | None = field(feeds.reason_user, "The followed user.")
    board: Board | None = field(feeds.reason_board, "The followed board.")
    topic: Topic | None = field(feeds.reason_topic, "The followed topic.")


@object_type(description="One thing in a feed.", cache=PRIVATE)
class FeedEdge:
    cursor: str = field(feeds.cursor, "The place of this edge in its session, for `after`.")
    node: FeedItem | None = field(feeds.node, "The pin or promoted pin.")
    position: int = attribute("The place in the session; some stay empty.")
    reason: FeedReason | None = attribute("Why it is here; null for a promoted pin.")
    tracking_token: str = field(
        feeds.tracking_token, "To be sent back with events about this edge. Opaque.", cache=PRIVATE
    )


@object_type(description="A snapshot of a feed: its pages never shift.", cache=PRIVATE)
class FeedSession:
    id: str = attribute("The session.")
    created_at: datetime = attribute("When the snapshot was taken.")
    was_rebuilt: bool = attribute(
        "Whether the snapshot had to be taken anew, because it was gone when a page was asked for."
    )


@object_type(description="A page of a feed.", cache=PRIVATE)
class FeedConnection:
    edges: list[FeedEdge] = field(feeds.edges, "The pins and promoted pins, in order.")
    nodes: list[FeedItem | None] = field(feeds.nodes, "The pins and promoted pins.")
    page_info: PageInfo = field(feeds.page_info, "Where this page stands in its session.")
    session: FeedSession | None = field(feeds.session, "The snapshot that this page is from.")
    new_item_count: int = field(
        feeds.new_item_count,
        "How many pins the followed users and boards have added since the snapshot; at most 100.",
    )
