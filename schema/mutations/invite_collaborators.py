"""`inviteCollaborators`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.boards import BoardRole
from protocol.cost import Cost, ListSize
from resolvers.mutations import invite_collaborators as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@input_type(description="Whom to invite to a board.")
class InviteCollaboratorsInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    user_ids: list[strawberry.ID] = strawberry.field(description="Whom to invite; at most 20.")
    role: BoardRole = strawberry.field(
        default=BoardRole.EDITOR, description="What they may do: EDITOR or VIEWER."
    )
    can_invite: bool = strawberry.field(
        default=False, description="Whether they may invite others; for the owner to say."
    )


@object_type(answers.InviteCollaboratorsPayload, description="What `inviteCollaborators` gives.")
class InviteCollaboratorsPayload(Payload):
    board: Board | None = attribute("The board.")
    invited: list[User] = attribute(
        "Who is invited now. Members stay as they are, and are not among them.",
        cost=Cost(size=ListSize(answers.MAX_INVITED)),
    )
