"""`blockUser`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import block_user as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.user import User


@input_type(description="Whom to block.")
class BlockUserInput(MutationInput):
    user_id: strawberry.ID = strawberry.field(description="The user.")


@object_type(answers.BlockUserPayload, description="What `blockUser` gives.")
class BlockUserPayload(Payload):
    user: User | None = attribute("Who is blocked.")
    blocker: User | None = attribute("The viewer, with the new counts.")
