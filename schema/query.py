"""The root of every query."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.caching import CacheHint
from protocol.cost import Cost, ListSize
from resolvers import boards, nodes, pins, rate_limits, search, topics, users, viewers
from schema.fields import PRIVATE, argument, field, object_type
from schema.inputs import BoardBy, TopicBy, UserBy
from schema.node import PAGED_FORWARD, Node
from storage.search import SearchKind

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin import Pin
    from schema.rate_limit import RateLimit
    from schema.search import SearchConnection
    from schema.topic import Topic
    from schema.user import User
    from schema.viewer import Viewer

_IDS = argument("ids", list[strawberry.ID], "The global ids; at most 100.", ...)

_BY_IDS = Cost(size=ListSize(nodes.MAX_NODES, ("ids",)))
"""What things cost that are asked for by their ids."""


@object_type(description="Everything that can be read. What the viewer may not see is null.")
class Query:
    viewer: Viewer | None = field(
        viewers.viewer, "The signed-in viewer; null when nobody is.", cache=PRIVATE
    )
    node: Node | None = field(
        nodes.node,
        "What an id names; null when it names nothing that the viewer may see.",
        argument("id", strawberry.ID, "The global id.", ...),
    )
    nodes: list[Node | None] | None = field(
        nodes.nodes,
        "What ids name: in their order, null for each that names nothing visible.",
        _IDS,
        cost=_BY_IDS,
    )
    user: User | None = field(users.user, "A user.", argument("by", UserBy, "Which user.", ...))
    users: list[User | None] | None = field(
        users.users,
        "Users: in the order of their ids, null for each that is not visible.",
        _IDS,
        cost=_BY_IDS,
    )
    pin: Pin | None = field(
        pins.pin, "A pin.", argument("id", strawberry.ID, "The pin's global id.", ...)
    )
    pins: list[Pin | None] | None = field(
        pins.pins,
        "Pins: in the order of their ids, null for each that is not visible.",
        _IDS,
        cost=_BY_IDS,
    )
    board: Board | None = field(
        boards.board, "A board.", argument("by", BoardBy, "Which board.", ...)
    )
    boards: list[Board | None] | None = field(
        boards.boards,
        "Boards: in the order of their ids, null for each that is not visible.",
        _IDS,
        cost=_BY_IDS,
    )
    topic: Topic | None = field(
        topics.topic, "A topic.", argument("by", TopicBy, "Which topic.", ...)
    )
    search: SearchConnection | None = field(
        search.search,
        "Searches words in pins, boards, users and topics; best first, then by id. Words in double "
        "quotes are searched as a phrase, and a word after `-` is left out.",
        argument("query", str, "The words; 1–200 characters.", ...),
        argument("types", list[SearchKind] | None, "What to search; by default everything."),
        argument("first", int | None, "How many to return: 0–100, by default 25."),
        argument("after", str | None, "Return what follows this cursor."),
        cost=PAGED_FORWARD,
        cache=CacheHint(max_age_s=30),
    )
    rate_limit: RateLimit | None = field(
        rate_limits.rate_limit,
        "What this operation costs and what is left to use; null when nothing is limited.",
        argument(
            "dry_run",
            bool | None,
            "Ask for the price alone: all other fields beside this one are null, and nothing is "
            "charged.",
            False,
        ),
        cost=Cost(weight=0),
        cache=PRIVATE,
    )
