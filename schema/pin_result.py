"""One row of a mutation of many pins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.bulk import ErrorPolicy
from protocol.cost import Cost, ListSize
from resolvers import placing
from resolvers.mutations.payloads import row_id
from resolvers.placing import MAX_BULK
from schema.enums import declare_enum
from schema.fields import attribute, field, object_type

if TYPE_CHECKING:
    from schema.payload import UserError
    from schema.pin import Pin

declare_enum(
    ErrorPolicy,
    "What happens to the others when one of many cannot be done.",
    {
        "REJECT_EVERYTHING": "Nothing is done: `userErrors` say what is wrong with which.",
        "REJECT_FAILED_ROWS": "The others are done: each result has its own errors.",
    },
)


BULK = Cost(size=ListSize(MAX_BULK))
"""What a list costs that has at most as many items as a mutation takes at once."""


@object_type(placing.PinRow, description="What became of one pin of many.")
class PinResult:
    input_id: strawberry.ID = field(row_id, "The id that was given.")
    pin: Pin | None = attribute("The pin as it is now; null if it is gone or nothing was done.")
    user_errors: list[UserError] = attribute(
        "Why nothing was done with it; empty if it was.", cost=Cost(size=ListSize(1))
    )
