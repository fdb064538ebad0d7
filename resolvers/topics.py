"""Topics."""

from typing import Protocol

from domain.follows import FollowKind
from domain.orders import TopicPinOrderField
from domain.pins import PinRecord
from domain.topics import TopicRecord
from loaders.follows import ViewerFollowsLoader
from loaders.pins import PinsByTopicLoader
from loaders.topics import TopicByIdLoader, TopicIdByKeyLoader
from resolvers.connections import Connection, Window
from resolvers.context import Info
from resolvers.declared import from_loader
from resolvers.nodes import typed_id
from resolvers.ordering import OrderBy, order_of
from storage import pins as pin_orders

PIN_ORDERS = {
    TopicPinOrderField.TRENDING: pin_orders.TRENDING,
    TopicPinOrderField.CREATED_AT: pin_orders.NEWEST,
}

viewer_follows = from_loader(ViewerFollowsLoader, "id", FollowKind.TOPIC, default=False)


class TopicBy(Protocol):
    """A topic by one of two names; the other is unset, which is no string."""

    id: str | None
    key: str | None


async def topic(_root: None, info: Info, by: TopicBy) -> TopicRecord | None:
    """The topic with an id or a key."""
    loaders = info.context.loaders
    if isinstance(by.key, str):
        topic_id = await loaders(TopicIdByKeyLoader).load(by.key.lower())
        return None if topic_id is None else await loaders(TopicByIdLoader).load(topic_id)
    return await loaders(TopicByIdLoader).load(typed_id("Topic", "id", by.id or ""))


def pins(
    topic: TopicRecord, info: Info, window: Window, order_by: OrderBy[TopicPinOrderField] | None
) -> Connection[PinRecord]:
    """The public pins about a topic."""
    page = window.page(order_of(order_by, PIN_ORDERS, TopicPinOrderField.TRENDING))
    pages = info.context.loaders(PinsByTopicLoader, page)
    return Connection(topic.id, page, pages, topic.pin_count)
