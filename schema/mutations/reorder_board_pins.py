"""`reorderBoardPins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.cost import Cost, ListSize
from resolvers.arranging import MAX_MOVED
from resolvers.mutations import reorder_board_pins as answers
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload
from schema.place import PlaceInput

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin import BoardPinEdge


@input_type(description="Which pins of a board to move, and where to.")
class ReorderBoardPinsInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    pin_ids: list[strawberry.ID] = strawberry.field(
        description="The pins in the order that they shall have; at most 50."
    )
    place: PlaceInput = strawberry.field(
        description="Where to, among the pins of the board. A section has the order of its board."
    )


@object_type(answers.ReorderBoardPinsPayload, description="What `reorderBoardPins` gives.")
class ReorderBoardPinsPayload(Payload):
    pin_edges: list[BoardPinEdge] = field(
        answers.pin_edges,
        "The pins that were moved, in their order, with their new positions.",
        cost=Cost(size=ListSize(MAX_MOVED)),
    )
    board: Board | None = attribute("The board.")
