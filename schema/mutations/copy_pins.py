"""`copyPins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.bulk import ErrorPolicy
from resolvers.mutations import copy_pins as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import ERROR_POLICY, MutationInput, Payload
from schema.pin_result import BULK

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin_result import PinResult


@input_type(description="Which pins to copy, and where to.")
class CopyPinsInput(MutationInput):
    ids: list[strawberry.ID] = strawberry.field(description="The pins; at most 50.")
    board_id: strawberry.ID = strawberry.field(description="The board to copy them to.")
    section_id: strawberry.ID | None = strawberry.field(
        default=None, description="A section of the board."
    )
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_EVERYTHING, description=ERROR_POLICY
    )


@object_type(answers.CopyPinsPayload, description="What `copyPins` gives.")
class CopyPinsPayload(Payload):
    results: list[PinResult] = attribute(
        "The copy of each pin, in the order of the ids.", cost=BULK
    )
    board: Board | None = attribute("The board, with its new counts.")
