"""`updateBoard`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from domain.boards import BoardPrivacy
from resolvers.mutations import update_board as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board
    from schema.user import User


@input_type(
    description="Which board, and what is to change. What is omitted stays; null takes away."
)
class UpdateBoardInput(MutationInput):
    id: strawberry.ID = strawberry.field(description="The board.")
    name: str | None = strawberry.field(
        default=strawberry.UNSET,
        description="The name; 1–180 characters. The board's `slug` stays, so that links do.",
    )
    description: str | None = strawberry.field(
        default=strawberry.UNSET, description="What the board is about; up to 500 characters."
    )
    privacy: BoardPrivacy | None = strawberry.field(
        default=strawberry.UNSET,
        description="Who may see the board: PUBLIC or SECRET. A board that becomes secret is "
        "hidden at once, and loses its followers but those who are members.",
    )
    expected_revision: int | None = strawberry.field(
        default=None,
        description="The `revision` that the viewer saw: if the board has another now, nothing is "
        "changed. Without it the last edit wins.",
    )


@object_type(answers.UpdateBoardPayload, description="What `updateBoard` gives.")
class UpdateBoardPayload(Payload):
    board: Board | None = attribute("The board as it is now.")
    owner: User | None = attribute("Its owner, with a new `boardCount`.")
