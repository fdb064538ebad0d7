"""`undo`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import strawberry

from protocol.cost import Cost, ListSize
from resolvers.mutations import undo as answers
from schema.fields import attribute, input_type, object_type
from schema.payload import MutationInput, Payload

if TYPE_CHECKING:
    from schema.board import Board, BoardSection
    from schema.pin import Comment, Pin


_MANY = Cost(size=ListSize(answers.MOST_SHOWN))


@input_type(description="What to take back.")
class UndoInput(MutationInput):
    undo_token: str = strawberry.field(
        description="The token that the mutation gave, at most ten minutes ago. It works once."
    )


@object_type(answers.UndoPayload, description="What `undo` gives: what is there again.")
class UndoPayload(Payload):
    pins: list[Pin] = attribute("The pins, where they were.", cost=_MANY)
    comments: list[Comment] = attribute("The comments.", cost=_MANY)
    sections: list[BoardSection] = attribute(
        "The sections. Their pins follow step by step, if there are more than 500.",
        cost=Cost(size=ListSize(1)),
    )
    boards: list[Board] = attribute("The boards, with their new counts.", cost=_MANY)
