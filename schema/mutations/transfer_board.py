"""`transferBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from resolvers.mutations import transfer_board as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@input_type(description="Which board to give away, and to whom.")
class TransferBoardInput(MutationInput):
    board_id: strawberry.ID = strawberry.field(description="The board.")
    user_id: strawberry.ID = strawberry.field(description="One of its editors.")


@object_type(answers.TransferBoardPayload, description="What `transferBoard` gives.")
class TransferBoardPayload(Payload):
    board: Board | None = attribute("The board. Its address may be another now.")
    owner: User | None = attribute("Who owns it now, with the new counts.")
    previous_owner: User | None = attribute("Who owned it, with the new counts.")
