"""What the viewer wishes of their feed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.preferences import MAX_HOME_TOPICS
from protocol.cost import Cost, ListSize
from resolvers import connections, preferences
from schema.fields import PAGE, PAGED, PRIVATE, attribute, field, object_type
from schema.node import Connection, Edge

if TYPE_CHECKING:
    from schema.topic import Topic
    from schema.user import User


@object_type(
    preferences.FeedPreferences,
    description="What the viewer wishes of their feed. Nobody else sees it.",
    cache=PRIVATE,
)
class FeedPreferences:
    topics: list[Topic] | None = field(
        preferences.topics,
        "The topics that the home feed begins with while the viewer follows none; at most 50.",
        cost=Cost(size=ListSize(MAX_HOME_TOPICS)),
    )
    hidden_advertisers: HiddenAdvertiserConnection | None = field(
        preferences.hidden_advertisers,
        "Whose ads are not shown to the viewer, last hidden first.",
        *PAGE,
        cost=PAGED,
    )
    personalized_ads: bool = attribute(
        "Whether ads may be chosen by the viewer's interests, gender and age."
    )


@object_type(description="A user whose ads the viewer has hidden.")
class HiddenAdvertiserEdge(Edge):
    node: User | None = field(preferences.advertiser, "The user.")
    hidden_at: datetime = field(preferences.hidden_at, "Since when.")


@object_type(description="A page of the users whose ads the viewer has hidden, the last one first.")
class HiddenAdvertiserConnection(Connection):
    edges: list[HiddenAdvertiserEdge] = field(connections.edges, "The users, and since when.")
    nodes: list[User | None] = field(preferences.advertisers, "The users.")
