"""Inputs: how things are named, and how lists are ordered."""

import strawberry

from domain.orders import (
    BoardOrderField,
    BoardPinOrderField,
    CreatedAtOrderField,
    OrderDirection,
    TopicPinOrderField,
)
from schema.fields import input_type

_FIELD = "What to order by."
_DIRECTION = "Which end comes first; when absent, the natural one of the field."


@input_type(one_of=True, description="Names a user: give exactly one field.")
class UserBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The global id."
    )
    username: str | None = strawberry.field(
        default=strawberry.UNSET, description="The username; case does not matter."
    )
    entity_id: str | None = strawberry.field(
        default=strawberry.UNSET, description="The stored id: 24 hex digits."
    )


@input_type(description="Names a board by its address: `/username/slug`.")
class BoardSlug:
    username: str = strawberry.field(description="The owner's username; case does not matter.")
    slug: str = strawberry.field(description="The board's slug, unique among its owner's boards.")


@input_type(one_of=True, description="Names a board: give exactly one field.")
class BoardBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The global id."
    )
    slug: BoardSlug | None = strawberry.field(
        default=strawberry.UNSET, description="The owner's username and the board's slug."
    )


@input_type(one_of=True, description="Names a topic: give exactly one field.")
class TopicBy:
    id: strawberry.ID | None = strawberry.field(
        default=strawberry.UNSET, description="The global id."
    )
    key: str | None = strawberry.field(
        default=strawberry.UNSET, description="The topic's key, such as `street-food`."
    )


@input_type(description="How to order the boards of a user.")
class BoardOrder:
    field: BoardOrderField = strawberry.field(description=_FIELD)
    direction: OrderDirection | None = strawberry.field(default=None, description=_DIRECTION)


@input_type(description="How to order the pins of a board.")
class BoardPinOrder:
    field: BoardPinOrderField = strawberry.field(description=_FIELD)
    direction: OrderDirection | None = strawberry.field(default=None, description=_DIRECTION)


@input_type(description="How to order the pins of a topic.")
class TopicPinOrder:
    field: TopicPinOrderField = strawberry.field(description=_FIELD)
    direction: OrderDirection | None = strawberry.field(default=None, description=_DIRECTION)


@input_type(description="How to order the comments on a pin.")
class CommentOrder:
    field: CreatedAtOrderField = strawberry.field(description=_FIELD)
    direction: OrderDirection | None = strawberry.field(default=None, description=_DIRECTION)
