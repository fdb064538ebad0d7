"""`mergeBoards`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import merge_boards as answers
from resolvers.mutations.payloads import deleted_id
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@input_type(description="Two boards of the viewer's own, of which one is to remain.")
class MergeBoardsInput(MutationInput):
    source_id: strawberry.ID = strawberry.field(
        description="The board whose pins and followers move, and which is deleted. Its sections "
        "are dissolved, and its members do not become members of the other."
    )
    target_id: strawberry.ID = strawberry.field(description="The board that they move to.")


@object_type(answers.MergeBoardsPayload, description="What `mergeBoards` gives.")
class MergeBoardsPayload(Payload):
    deleted_board_id: strawberry.ID | None = field(
        deleted_id("Board"), "The id of the source, which names nothing any more."
    )
    board: Board | None = attribute(
        "The target, with new counts. They may lag, if more than 500 pins or followers moved."
    )
    owner: User | None = attribute("The viewer, with a new `boardCount`.")
