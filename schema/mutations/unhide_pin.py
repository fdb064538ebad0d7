"""`unhidePin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import unhide_pin as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Pin


@input_type(description="Which pin to hide no longer.")
class UnhidePinInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(description="The pin.")


@object_type(answers.UnhidePinPayload, description="What `unhidePin` gives.")
class UnhidePinPayload(Payload):
    pin: Pin | None = attribute("The pin; null for one that the viewer sees as an ad only.")
