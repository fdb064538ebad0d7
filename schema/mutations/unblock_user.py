"""`unblockUser`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import unblock_user as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.user import User


@input_type(description="Whom to block no longer.")
class UnblockUserInput(MutationInput):
    user_id: strawberry.ID = strawberry.field(description="The user.")


@object_type(answers.UnblockUserPayload, description="What `unblockUser` gives.")
class UnblockUserPayload(Payload):
    user: User | None = attribute("Who was blocked; null while they block the viewer.")
