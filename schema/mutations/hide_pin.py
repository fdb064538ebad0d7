"""`hidePin`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.hides import HideReason
from resolvers.mutations import hide_pin as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.pin import Pin


@input_type(description="Which pin to hide, and why.")
class HidePinInput(MutationInput):
    pin_id: strawberry.ID = strawberry.field(description="The pin.")
    reason: HideReason = strawberry.field(description="Why the viewer does not want it.")


@object_type(answers.HidePinPayload, description="What `hidePin` gives.")
class HidePinPayload(Payload):
    pin: Pin | None = attribute("The pin; null for one that the viewer sees as an ad only.")
    hidden_pin_id: strawberry.ID | None = field(
        deleted_id("Pin"), "The id of the pin, for feeds that it leaves."
    )
