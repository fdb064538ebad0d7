"""`updatePin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import update_pin as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import EXPECTED_REVISION, MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin import Pin
    from schema.pin_media import CarouselSlotInput


@input_type(description="What is different about a pin: omitted leaves it, null clears it.")
class UpdatePinInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The pin.")
    expected_revision: int | None = strawberry.field(default=None, description=EXPECTED_REVISION)
    title: str | None = strawberry.field(
        default=strawberry.UNSET, description="The title; at most 100 characters."
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="The description; at most 800 characters."
    )
    alt_text: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="What there is to see, for those who do not; at most 500 characters.",
    )
    link: str | None = strawberry.field(
        default=strawberry.UNSET, description="Where it leads: http or https."
    )
    note: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The note for the members of the board; at most 500 characters.",
    )
    board_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The board to move it to."
    )
    section_id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET,
        description="The section to move it to. On another board it has none unless one is given.",
    )
    carousel_slots: list[CarouselSlotInput] | None = strawberry.field(
        default=strawberry.UNSET, description="What the pictures of its carousel say, all of them."
    )


@object_type(answers.UpdatePinPayload, description="What `updatePin` gives.")
class UpdatePinPayload(Payload):
    pin: Pin | None = attribute("The pin.")
    board: Board | None = attribute("The board it is on, with its new counts.")
    previous_board: Board | None = attribute(
        "The board it was on, with its new counts; the same one if it was not moved."
    )
