"""`movePins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.bulk import ErrorPolicy
from resolvers.mutations import move_pins as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import ERROR_POLICY, UNDO_TOKEN, MutationInput, Payload
from schema.pin_result import BULK

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin_result import PinResult


@input_type(description="Which pins to move, and where to.")
class MovePinsInput(MutationInput):
    ids: list[strawberry.ID] = strawberry.field(description="The pins; at most 50.")
    board_id: strawberry.ID = strawberry.field(description="The board to move them to.")
    section_id: strawberry.ID | None = strawberry.field(
        default=None, description="The section of the board; without it they are in none."
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_EVERYTHING, description=ERROR_POLICY
    )


@object_type(answers.MovePinsPayload, description="What `movePins` gives.")
class MovePinsPayload(Payload):
    results: list[PinResult] = attribute(
        "What became of each pin, in the order of the ids.", cost=BULK
    )
    board: Board | None = attribute("The board they are on, with its new counts.")
    previous_boards: list[Board] = attribute("The other boards they were on.", cost=BULK)
    undo_token: str | None = attribute(UNDO_TOKEN)
