"""`unsavePin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.cost import Cost, ListSize
from resolvers.mutations import unsave_pin as answers
from resolvers.mutations.payloads import deleted_ids
from schema.fields import attribute, field, input_type, object_type
from schema.payload import UNDO_TOKEN, MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin import Pin


@input_type(description="Which pin not to keep any more.")
class UnsavePinInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(
        description="A copy of the viewer's, which is deleted; or any other pin, of which all the "
        "viewer's copies are."
    )
    board_id: strawberry.ID | None = strawberry.field(
        default=None, description="Only copies on this board."
    )


@object_type(answers.UnsavePinPayload, description="What `unsavePin` gives.")
class UnsavePinPayload(Payload):
    deleted_pin_ids: list[strawberry.ID] = field(
        deleted_ids("Pin"), "The copies that are gone; none if there were none."
    )
    saved_pin: Pin | None = attribute("The pin that had been saved, with its new counts.")
    boards: list[Board] = attribute(
        "The boards the copies were on, with their new counts.",
        cost=Cost(size=ListSize(answers.MAX_COPIES)),
    )
    undo_token: str | None = attribute(UNDO_TOKEN)
