"""`savePin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import save_pin as answers
from resolvers.mutations.payloads import pin_edge
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.pin import BoardPinEdge, Pin


@input_type(description="Which pin to save, and where to.")
class SavePinInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(description="The pin to save.")
    board_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The board to save it to. By default the viewer's own public board that was "
        "saved to last, or a new one called Quick saves.",
    )
    section_id: strawberry.ID | None = strawberry.field(
        default=None, description="A section of the board."
    )
    note: str | None = strawberry.field(
        default=None, description="A private note on the copy; up to 500 characters."
    )
    allow_duplicate: bool = strawberry.field(
        default=False, description="Make another copy where the board has one already."
    )


@object_type(answers.SavePinPayload, description="What `savePin` gives.")
class SavePinPayload(Payload):
    pin_edge: BoardPinEdge | None = field(pin_edge, "The copy, as an edge of the board's pins.")
    board: Board | None = attribute("The board, with its new counts.")
    saved_pin: Pin | None = attribute("The pin that was saved, with its new counts.")
    already_saved: bool = attribute("Whether the copy was there before, and none was made.")
