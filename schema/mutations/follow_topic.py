"""`followTopic`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import follow_topic as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.topic import Topic


@input_type(description="Which topic to follow.")
class FollowTopicInput(MutationInput):
    topic_id: strawberry.ID = strawberry.field(description="The topic.")


@object_type(answers.FollowTopicPayload, description="What `followTopic` gives.")
class FollowTopicPayload(Payload):
    topic: Topic | None = attribute("The topic, with the new count.")
