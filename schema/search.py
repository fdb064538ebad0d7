"""Search."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import strawberry

from resolvers import search
from schema.board import Board
from schema.fields import attribute, field, name_type, object_type
from schema.node import PageInfo
from schema.pin import Pin
from schema.topic import Topic
from schema.user import User
from storage.search import SearchKind

SearchResult: TypeAlias = Annotated[
    Pin | Board | User | Topic,
    strawberry.union("SearchResult", description="What a search can find."),
]
name_type("SearchResult", SearchResult)


@object_type(description="One thing that was found.")
class SearchEdge:
    cursor: str = field(search.cursor, "The place of this edge in the results, for `after`.")
    node: SearchResult | None = field(search.node, "What was found.")
    type: SearchKind = field(search.kind, "What kind of thing it is.")
    score: float = field(search.score, "How well it fits: MongoDB's text score.")


@object_type(
    search.SearchPage,
    description="A page of results, best first. A search reaches 1,000 results deep.",
)
class SearchConnection:
    edges: list[SearchEdge] = attribute("The results and their places.")
    nodes: list[SearchResult | None] = field(search.nodes, "The results.")
    page_info: PageInfo = attribute("Where this page stands in the results.")
    total_count: int | None = attribute("Always null: a search does not count what it found.")
