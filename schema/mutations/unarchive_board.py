"""`unarchiveBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import unarchive_board as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board


@input_type(description="Which board to put among the others again.")
class UnarchiveBoardInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The board.")


@object_type(answers.UnarchiveBoardPayload, description="What `unarchiveBoard` gives.")
class UnarchiveBoardPayload(Payload):
    board: Board | None = attribute("The board.")
