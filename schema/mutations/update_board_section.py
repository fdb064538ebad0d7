"""`updateBoardSection`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import update_board_section as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import BoardSection


@input_type(description="Which section to change, and what it is called.")
class UpdateBoardSectionInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The section.")
    title: str = strawberry.field(description="The new title; 1–180 characters.")


@object_type(answers.UpdateBoardSectionPayload, description="What `updateBoardSection` gives.")
class UpdateBoardSectionPayload(Payload):
    section: BoardSection | None = attribute("The section.")
