"""No field of our schema that may stand in a list is resolved one object at a time."""

from graphql import build_schema as build_sdl

from execution.review import resolved_one_by_one
from schema.api import build_schema


def test_our_schema_resolves_layers() -> None:
    assert resolved_one_by_one(build_schema()._schema) == []


def test_what_is_found() -> None:
    schema = build_sdl(
        """
        type Query { pins: [Pin!]!  me: User }
        type Pin { id: ID!  board: Board  feed: Item }
        type Board { owner: User }
        union Item = Pin | Ad
        type Ad { pin: Pin  label: String }
        type User { boards: [Board] best: Pin }
        type Alone { pin: Pin }
        """
    )
    # Plain attributes of SDL are resolved by graphql-core's default resolver: one at a time.
    assert resolved_one_by_one(schema) == [
        "Ad.pin",
        "Board.owner",
        "Pin.board",
        "Pin.feed",
        "User.best",
        "User.boards",
    ]
