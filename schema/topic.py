"""Topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.topics import TopicRecord
from protocol.caching import CacheHint
from resolvers import topics
from schema.fields import PAGE, PAGED, PRIVATE, argument, attribute, field, node_type
from schema.inputs import TopicPinOrder
from schema.node import Node

if TYPE_CHECKING:
    from schema.pin import PinConnection


@node_type(TopicRecord, description="What pins are about.", cache=CacheHint(max_age_s=300))
class Topic(Node):
    key: str = attribute("The unique key, such as `street-food`.")
    name: str = attribute("The name as it is shown.")
    follower_count: int = attribute("How many follow the topic. May lag.")
    pin_count: int = attribute("How many public pins are about it, without copies. May lag.")
    viewer_follows: bool = field(
        topics.viewer_follows, "Whether the viewer follows the topic.", cache=PRIVATE
    )
    pins: PinConnection | None = field(
        topics.pins,
        "The public pins about it, without copies.",
        *PAGE,
        argument("order_by", TopicPinOrder | None, "The order; by default trending."),
        cost=PAGED,
    )
