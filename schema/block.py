"""Users whom the viewer blocked."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from resolvers import blocks, connections
from schema.fields import field, object_type
from schema.node import Connection, Edge

if TYPE_CHECKING:
    from schema.user import User


@object_type(description="A user whom the viewer blocked.")
class BlockedUserEdge(Edge):
    node: User | None = field(blocks.blocked_user, "The user.")
    blocked_at: datetime | None = field(blocks.blocked_at, "When they were blocked.")


@object_type(description="A page of the users whom the viewer blocked, newest block first.")
class BlockedUserConnection(Connection):
    edges: list[BlockedUserEdge] = field(connections.edges, "The users, and since when.")
    nodes: list[User | None] = field(blocks.blocked_users, "The users.")
