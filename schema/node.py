"""Things with an id, and lists of them."""

from __future__ import annotations

import strawberry

from protocol.caching import CacheHint
from protocol.cost import Cost, ListSize
from resolvers import connections, nodes
from resolvers.connections import DEFAULT_PAGE
from resolvers.connections import PageInfo as PageInfoRecord
from schema.fields import attribute, field, interface, object_type

PAGED_FORWARD = Cost(size=ListSize(DEFAULT_PAGE, ("first",), ("edges", "nodes")))
"""What a connection costs that has no `last`."""


@interface(
    description="An object with an id that is unique over all types.", cache=CacheHint(max_age_s=60)
)
class Node:
    id: strawberry.ID = field(nodes.global_id, "The global id: opaque, and good for `node(id:)`.")
    entity_id: str = field(nodes.entity_id, "The stored id, unique among objects of this type.")


@object_type(PageInfoRecord, description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = attribute("Whether there is more after this page.")
    has_previous_page: bool = attribute("Whether there is more before this page.")
    start_cursor: str | None = attribute("The cursor of the first edge; null on an empty page.")
    end_cursor: str | None = attribute("The cursor of the last edge; null on an empty page.")


@strawberry.type
class Connection:
    """What every connection has; each adds its own edges."""

    page_info: PageInfo = field(connections.page_info, "Where this page stands in the list.")
    total_count: int | None = field(
        connections.total_count,
        "How many there are in all; null above 10,000, and where it is nobody's business.",
    )
    total_count_is_exact: bool = field(
        connections.total_count_is_exact, "Whether `totalCount` is given."
    )


@strawberry.type
class Edge:
    """What every edge has; each adds its own node."""

    cursor: str = field(connections.cursor, "The place of this edge in the list, for `after`.")
