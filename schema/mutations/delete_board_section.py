"""`deleteBoardSection`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.boards import PinDisposition
from resolvers.mutations import delete_board_section as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import UNDO_TOKEN, MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board


@input_type(description="Which section to delete, and what becomes of its pins.")
class DeleteBoardSectionInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The section.")
    pin_disposition: PinDisposition = strawberry.field(
        default=PinDisposition.MOVE_TO_BOARD,
        description="What becomes of its pins. Only the board's owner may DELETE them.",
    )


@object_type(answers.DeleteBoardSectionPayload, description="What `deleteBoardSection` gives.")
class DeleteBoardSectionPayload(Payload):
    deleted_section_id: strawberry.ID | None = field(
        deleted_id("BoardSection"), "The id of the section, which names nothing any more."
    )
    board: Board | None = attribute(
        "The board, with new counts. That of pins may lag, if more than 500 were deleted."
    )
    undo_token: str | None = attribute(UNDO_TOKEN)
