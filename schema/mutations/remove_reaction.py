"""`removeReaction`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import remove_reaction as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Pin


@input_type(description="Which pin to take the viewer's reaction from.")
class RemoveReactionInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(description="The pin.")


@object_type(answers.RemoveReactionPayload, description="What `removeReaction` gives.")
class RemoveReactionPayload(Payload):
    pin: Pin | None = attribute("The pin, with its new counts.")
