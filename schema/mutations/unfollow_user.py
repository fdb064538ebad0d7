"""`unfollowUser`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import unfollow_user as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.user import User


@input_type(description="Which user to follow no longer.")
class UnfollowUserInput(MutationInput):
    user_id: strawberry.ID = strawberry.field(description="The user.")


@object_type(answers.UnfollowUserPayload, description="What `unfollowUser` gives.")
class UnfollowUserPayload(Payload):
    user: User | None = attribute("Who was followed, with the new counts.")
    follower: User | None = attribute("The viewer, with the new counts.")
