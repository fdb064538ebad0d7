"""`unfollowTopic`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import unfollow_topic as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.topic import Topic


@input_type(description="Which topic to follow no longer.")
class UnfollowTopicInput(MutationInput):
    topic_id: strawberry.ID = strawberry.field(description="The topic.")


@object_type(answers.UnfollowTopicPayload, description="What `unfollowTopic` gives.")
class UnfollowTopicPayload(Payload):
    topic: Topic | None = attribute("The topic, with the new count.")
