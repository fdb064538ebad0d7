"""`leaveBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import leave_board as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board


@input_type(description="Which board to leave.")
class LeaveBoardInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")


@object_type(answers.LeaveBoardPayload, description="What `leaveBoard` gives.")
class LeaveBoardPayload(Payload):
    board: Board | None = attribute("The board; null if it is secret.")
    left_board_id: strawberry.ID | None = field(deleted_id("Board"), "Which board was left.")
