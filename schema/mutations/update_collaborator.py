"""`updateCollaborator`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.boards import BoardRole
from resolvers.mutations import update_collaborator as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@input_type(description="What a member of a board may do.")
class UpdateCollaboratorInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    user_id: strawberry.ID = strawberry.field(description="The member.")
    role: BoardRole | None = strawberry.field(
        default=None, description="EDITOR or VIEWER; null leaves it as it is."
    )
    can_invite: bool | None = strawberry.field(
        default=None, description="Whether they may invite; null leaves it as it is."
    )


@object_type(answers.UpdateCollaboratorPayload, description="What `updateCollaborator` gives.")
class UpdateCollaboratorPayload(Payload):
    board: Board | None = attribute("The board.")
    user: User | None = attribute("The member.")
