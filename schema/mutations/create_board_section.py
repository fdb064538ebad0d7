"""`createBoardSection`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import create_board_section as answers
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board, BoardSectionEdge


@input_type(description="On which board the new section is, and what it is called.")
class CreateBoardSectionInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    title: str = strawberry.field(description="The title; 1–180 characters.")


@object_type(answers.CreateBoardSectionPayload, description="What `createBoardSection` gives.")
class CreateBoardSectionPayload(Payload):
    section_edge: BoardSectionEdge | None = field(
        answers.section_edge, "The section, as the last edge of its board's sections."
    )
    board: Board | None = attribute("The board, with a new `sectionCount`.")
