"""`addReaction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.pins import ReactionType
from resolvers.mutations import add_reaction as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Pin


@input_type(description="Which pin to react to, and how.")
class AddReactionInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(description="The pin.")
    type: ReactionType = strawberry.field(description="The reaction.")


@object_type(answers.AddReactionPayload, description="What `addReaction` gives.")
class AddReactionPayload(Payload):
    pin: Pin | None = attribute("The pin, with its new counts.")
