"""`reorderSections`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.cost import Cost, ListSize
from resolvers.arranging import MAX_MOVED
from resolvers.mutations import reorder_sections as answers
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload
from schema.place import PlaceInput

if TYPE_CHECKING:
    from schema.board import Board, BoardSectionEdge


@input_type(description="Which sections of a board to move, and where to.")
class ReorderSectionsInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    section_ids: list[strawberry.ID] = strawberry.field(
        description="The sections in the order that they shall have; at most 50."
    )
    place: PlaceInput = strawberry.field(description="Where to, among the board's sections.")


@object_type(answers.ReorderSectionsPayload, description="What `reorderSections` gives.")
class ReorderSectionsPayload(Payload):
    section_edges: list[BoardSectionEdge] = field(
        answers.section_edges,
        "The sections that were moved, in their order.",
        cost=Cost(size=ListSize(MAX_MOVED)),
    )
    board: Board | None = attribute("The board.")
