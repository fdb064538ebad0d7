"""`deleteBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import delete_board as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import UNDO_TOKEN, MutationInput, Payload

if TYPE_CHECKING:
    from schema.user import User


@input_type(description="Which board to delete, with its sections and all pins on it.")
class DeleteBoardInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The board.")


@object_type(answers.DeleteBoardPayload, description="What `deleteBoard` gives.")
class DeleteBoardPayload(Payload):
    deleted_board_id: strawberry.ID | None = field(
        deleted_id("Board"), "The id of the board, which names nothing any more."
    )
    owner: User | None = attribute(
        "The viewer, with new counts. That of pins may lag, if there were more than 500."
    )
    undo_token: str | None = attribute(UNDO_TOKEN)
