"""`followBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import follow_board as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@input_type(description="Which board to follow.")
class FollowBoardInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")


@object_type(answers.FollowBoardPayload, description="What `followBoard` gives.")
class FollowBoardPayload(Payload):
    board: Board | None = attribute("The board, with the new counts.")
    owner: User | None = attribute("Its owner, with the new counts.")
