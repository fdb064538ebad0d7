"""A pin as an edge: on the board it is on, and as the copy of another."""

from collections.abc import Sequence
from datetime import datetime

from domain.pins import PinRecord
from loaders.boards import BoardByIdLoader
from loaders.users import UserByIdLoader
from resolvers import pins
from resolvers.connections import Edge
from resolvers.context import Info
from resolvers.declared import batch, from_loader

board = from_loader(BoardByIdLoader, "row.board_id")
user = from_loader(UserByIdLoader, "row.owner_id")


def saved_at(edge: Edge[PinRecord]) -> datetime:
    """When the pin came to its board."""
    return edge.row.created_at


def position(edge: Edge[PinRecord]) -> str:
    """The pin's place in the board's own order."""
    return edge.row.position


@batch
async def note(edges: Sequence[Edge[PinRecord]], info: Info) -> list[str | None]:
    """The pins' private notes, for those who may read them."""
    return await pins.readable_notes([edge.row for edge in edges], info)
