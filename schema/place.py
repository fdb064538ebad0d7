"""Where things go in a list that is arranged by hand."""

from __future__ import annotations

import strawberry

from domain.orders import ListEnd
from schema.fields import input_type

_UNSET = strawberry.UNSET


@input_type(
    one_of=True,
    description="A place in a list that is arranged by hand: give exactly one field. What is named "
    "is in the same list, and does not move itself.",
)
class PlaceInput:
    after_id: strawberry.ID | None = strawberry.field(
        default=_UNSET, description="Right behind this one."
    )
    before_id: strawberry.ID | None = strawberry.field(
        default=_UNSET, description="Right ahead of this one."
    )
    at: ListEnd | None = strawberry.field(default=_UNSET, description="At an end of the list.")
