"""`deletePins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.bulk import ErrorPolicy
from resolvers.mutations import delete_pins as answers
from resolvers.mutations.payloads import deleted_ids
from schema.fields import attribute, field, input_type, object_type
from schema.payload import ERROR_POLICY, UNDO_TOKEN, MutationInput, Payload
from schema.pin_result import BULK

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin_result import PinResult


@input_type(description="Which pins to delete.")
class DeletePinsInput(MutationInput):
    ids: list[strawberry.ID] = strawberry.field(description="The pins; at most 50.")
    error_policy: ErrorPolicy = strawberry.field(
        default=ErrorPolicy.REJECT_EVERYTHING, description=ERROR_POLICY
    )


@object_type(answers.DeletePinsPayload, description="What `deletePins` gives.")
class DeletePinsPayload(Payload):
    results: list[PinResult] = attribute(
        "What became of each pin, in the order of the ids.", cost=BULK
    )
    deleted_pin_ids: list[strawberry.ID] = field(deleted_ids("Pin"), "The pins that are gone.")
    boards: list[Board] = attribute("The boards they were on, with their new counts.", cost=BULK)
    undo_token: str | None = attribute(UNDO_TOKEN)
