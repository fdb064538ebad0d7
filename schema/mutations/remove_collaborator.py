"""`removeCollaborator`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import remove_collaborator as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board


@input_type(description="Whose share in a board ends.")
class RemoveCollaboratorInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    user_id: strawberry.ID = strawberry.field(description="The member, or who is invited.")


@object_type(answers.RemoveCollaboratorPayload, description="What `removeCollaborator` gives.")
class RemoveCollaboratorPayload(Payload):
    board: Board | None = attribute("The board.")
    removed_user_id: strawberry.ID | None = field(deleted_id("User"), "Who was removed.")
