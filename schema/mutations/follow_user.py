"""`followUser`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import follow_user as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.user import User


@input_type(description="Which user to follow.")
class FollowUserInput(MutationInput):
    user_id: strawberry.ID = strawberry.field(description="The user.")


@object_type(answers.FollowUserPayload, description="What `followUser` gives.")
class FollowUserPayload(Payload):
    user: User | None = attribute("Who is followed, with the new counts.")
    follower: User | None = attribute("The viewer, with the new counts.")
