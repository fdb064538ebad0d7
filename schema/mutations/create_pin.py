"""`createPin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import create_pin as answers
from resolvers.mutations.payloads import pin_edge
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin import BoardPinEdge
    from schema.pin_media import PinMediaInput


@input_type(description="A new pin: what it says and shows, and where it goes.")
class CreatePinInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board to put it on.")
    media: PinMediaInput = strawberry.field(description="What it shows.")
    section_id: strawberry.ID | None = strawberry.field(
        default=None, description="A section of the board."
    )
    title: str | None = strawberry.field(
        default=None, description="The title; at most 100 characters."
    )
    description: str | None = strawberry.field(
        default=None, description="The description; at most 800 characters."
    )
    alt_text: str | None = strawberry.field(
        default=None,
        description="What there is to see, for those who do not; at most 500 characters.",
    )
    link: str | None = strawberry.field(
        default=None, description="Where it leads: http or https, at most 2,048 characters."
    )
    note: str | None = strawberry.field(
        default=None,
        description="A note for the members of the board; at most 500 characters.",
    )
    dominant_color: str | None = strawberry.field(
        default=None,
        description="The colour to show first, as `#rrggbb`; by default that of the picture.",
    )


@object_type(answers.CreatePinPayload, description="What `createPin` gives.")
class CreatePinPayload(Payload):
    pin_edge: BoardPinEdge | None = field(pin_edge, "The pin, as an edge of the board's pins.")
    board: Board | None = attribute("The board, with its new counts.")
