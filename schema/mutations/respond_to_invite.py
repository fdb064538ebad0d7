"""`respondToInvite`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import respond_to_invite as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board


@input_type(description="The answer to an invitation.")
class RespondToInviteInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(
        description="The board that the viewer is invited to."
    )
    accept: bool = strawberry.field(description="Whether to join the board.")


@object_type(answers.RespondToInvitePayload, description="What `respondToInvite` gives.")
class RespondToInvitePayload(Payload):
    board: Board | None = attribute("The board; null if it is secret and was declined.")
    accepted: bool = attribute("Whether the viewer is a member now.")
