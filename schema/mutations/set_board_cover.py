"""`setBoardCover`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import set_board_cover as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board


@input_type(description="Which board, and what its cover shows.")
class SetBoardCoverInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    pin_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="A pin on the board, whose picture it is for as long as it stays there; null "
        "for that of whichever pin is first.",
    )


@object_type(answers.SetBoardCoverPayload, description="What `setBoardCover` gives.")
class SetBoardCoverPayload(Payload):
    board: Board | None = attribute("The board.")
