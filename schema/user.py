"""Users, and the lists they stand in."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.boards import BoardPrivacy
from domain.media import CreativeType
from domain.users import AccountType, UserRecord
from protocol.caching import CacheHint
from resolvers import connections, follows, users
from schema.fields import PAGE, PAGED, PRIVATE, argument, attribute, field, node_type, object_type
from schema.inputs import BoardOrder
from schema.node import Connection, Edge, Node
from schema.scalars import Url

if TYPE_CHECKING:
    from schema.board import Board, BoardConnection
    from schema.media import Image
    from schema.pin import PinConnection
    from schema.topic import Topic

CREATIVE_TYPES = argument(
    "creative_types", list[CreativeType] | None, "Only pins of one of these forms."
)


@node_type(
    UserRecord,
    description="A person or business that pins. Null wherever a block stands between them and the "
    "viewer, and for accounts that are deactivated.",
    cache=CacheHint(max_age_s=60),
)
class User(Node):
    username: str = attribute("The unique name: 3–30 of `a-z`, `0-9` and `_`.")
    full_name: str = attribute("The name as it is shown.")
    about: str | None = attribute("What they say about themselves; at most 500 characters.")
    website_url: Url | None = attribute("Their website.")
    avatar: Image | None = attribute("Their picture.")
    account_type: AccountType = attribute("Person or business.")
    business_name: str | None = attribute("The name of a business.")
    is_verified_merchant: bool = attribute("Whether we verified them as a merchant.")
    verified_website: Url | None = attribute("The website that they proved to be theirs.")
    follower_count: int | None = attribute("How many follow them. May lag.")
    following_count: int | None = attribute("How many users they follow. May lag.")
    board_count: int | None = attribute("How many public boards they own. May lag.")
    pin_count: int | None = attribute("How many pins, created and saved, are on public boards.")
    monthly_views: int | None = attribute("How often their pins were seen in 30 days.")
    created_at: datetime = attribute("When they joined.")
    revision: int = attribute("Rises with each edit: give it as `expectedRevision` to the next.")
    boards: BoardConnection | None = field(
        users.boards,
        "The boards they own. Those that are not public are listed for themselves only.",
        *PAGE,
        argument("privacy", BoardPrivacy | None, "Only boards of this privacy."),
        argument("include_archived", bool, "Whether archived boards are listed too.", False),
        argument("order_by", BoardOrder | None, "The order; by default last saved to first."),
        cost=PAGED,
    )
    created_pins: PinConnection | None = field(
        users.created_pins,
        "The pins they made, newest first; those on secret boards are listed for themselves only.",
        *PAGE,
        CREATIVE_TYPES,
        argument("promoted_only", bool, "Only pins that have been promoted.", False),
        cost=PAGED,
    )
    saved_pins: PinConnection | None = field(
        users.saved_pins,
        "The pins they saved, newest first; those on secret boards are listed for themselves only.",
        *PAGE,
        CREATIVE_TYPES,
        cost=PAGED,
    )
    followers: FollowerConnection | None = field(
        users.followers, "Who follows them, newest first.", *PAGE, cost=PAGED
    )
    following: FollowingConnection | None = field(
        users.following,
        "Whom they follow, newest first.",
        *PAGE,
        argument("explicit_only", bool, "Leave out users of whom they only follow a board.", False),
        cost=PAGED,
    )
    followed_boards: FollowedBoardConnection | None = field(
        users.followed_boards,
        "The boards they follow, newest first. `totalCount` is for themselves only.",
        *PAGE,
        cost=PAGED,
    )
    followed_topics: FollowedTopicConnection | None = field(
        users.followed_topics, "The topics they follow, newest first.", *PAGE, cost=PAGED
    )
    viewer_follows: bool = field(
        users.viewer_follows, "Whether the viewer follows them.", cache=PRIVATE
    )
    viewer_is_followed_by: bool = field(
        users.viewer_is_followed_by, "Whether they follow the viewer.", cache=PRIVATE
    )
    viewer_has_blocked: bool = field(
        users.viewer_has_blocked, "Whether the viewer blocked them.", cache=PRIVATE
    )
    viewer_is_self: bool = field(
        users.viewer_is_self, "Whether they are the viewer.", cache=PRIVATE
    )


@object_type(description="A follower of somebody or something.")
class FollowerEdge(Edge):
    node: User | None = field(follows.follower, "The follower.")
    followed_at: datetime = field(follows.followed_at, "Since when.")


@object_type(description="A page of followers, newest first.")
class FollowerConnection(Connection):
    edges: list[FollowerEdge] = field(connections.edges, "The followers, and since when.")
    nodes: list[User | None] = field(follows.followers, "The followers.")


@object_type(description="A user whom somebody follows.")
class FollowingEdge(Edge):
    node: User | None = field(follows.followed_user, "The user.")
    followed_at: datetime = field(follows.followed_at, "Since when.")


@object_type(description="A page of followed users, newest first.")
class FollowingConnection(Connection):
    edges: list[FollowingEdge] = field(connections.edges, "The users, and since when.")
    nodes: list[User | None] = field(follows.followed_users, "The users.")


@object_type(description="A board that somebody follows.")
class FollowedBoardEdge(Edge):
    node: Board | None = field(follows.followed_board, "The board.")
    followed_at: datetime = field(follows.followed_at, "Since when.")


@object_type(description="A page of followed boards, newest first.")
class FollowedBoardConnection(Connection):
    edges: list[FollowedBoardEdge] = field(connections.edges, "The boards, and since when.")
    nodes: list[Board | None] = field(follows.followed_boards, "The boards.")


@object_type(description="A topic that somebody follows.")
class FollowedTopicEdge(Edge):
    node: Topic | None = field(follows.followed_topic, "The topic.")
    followed_at: datetime = field(follows.followed_at, "Since when.")


@object_type(description="A page of followed topics, newest first.")
class FollowedTopicConnection(Connection):
    edges: list[FollowedTopicEdge] = field(connections.edges, "The topics, and since when.")
    nodes: list[Topic | None] = field(follows.followed_topics, "The topics.")
