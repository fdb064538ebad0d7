"""`reorderBoards`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.cost import Cost, ListSize
from resolvers.arranging import MAX_MOVED
from resolvers.mutations import reorder_boards as answers
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload
from schema.place import PlaceInput

if TYPE_CHECKING:
    from schema.board import BoardEdge
    from schema.user import User


@input_type(description="Which of the viewer's boards to move, and where to.")
class ReorderBoardsInput(MutationInput):
    board_ids: list[strawberry.ID] = strawberry.field(
        description="The boards in the order that they shall have; at most 50."
    )
    place: PlaceInput = strawberry.field(description="Where to, among the viewer's boards.")


@object_type(answers.ReorderBoardsPayload, description="What `reorderBoards` gives.")
class ReorderBoardsPayload(Payload):
    board_edges: list[BoardEdge] = field(
        answers.board_edges,
        "The boards that were moved, as edges of the CUSTOM order.",
        cost=Cost(size=ListSize(MAX_MOVED)),
    )
    owner: User | None = attribute("The viewer.")
