"""`createBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.boards import BoardPrivacy
from resolvers.mutations import create_board as answers
from resolvers.mutations.payloads import board_edge
from schema.fields import attribute, field, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board, BoardEdge
    from schema.user import User


@input_type(description="What the new board is called, and who may see it.")
class CreateBoardInput(MutationInput):
    name: str = strawberry.field(description="The name; 1–180 characters.")
    description: str | None = strawberry.field(
        default=None, description="What the board is about; up to 500 characters."
    )
    privacy: BoardPrivacy = strawberry.field(
        default=BoardPrivacy.PUBLIC, description="Who may see the board: PUBLIC or SECRET."
    )


@object_type(answers.CreateBoardPayload, description="What `createBoard` gives.")
class CreateBoardPayload(Payload):
    board_edge: BoardEdge | None = field(
        board_edge, "The board, as an edge of its owner's boards in their usual order."
    )
    board: Board | None = attribute("The board.")
    owner: User | None = attribute("The viewer, with a new `boardCount`.")
