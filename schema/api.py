"""The schema itself: all types, put together."""

import strawberry
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from schema import (  # noqa: F401  # they declare types
    enums,
    feed,
    media,
    rate_limit,
    search,
    topic,
    viewer,
)
from schema.fields import link
from schema.query import Query
from schema.scalars import SCALARS


def build_schema(
    *, extensions: tuple[type[SchemaExtension], ...] = (), suggestions: bool = True
) -> strawberry.Schema:
    """The schema that clients see; without `suggestions`, no message says "Did you mean"."""
    types = link()
    return strawberry.Schema(
        query=Query,
        types=[types["CarouselImage"], types["CarouselVideo"]],
        extensions=extensions,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggestions),
    )


def print_schema() -> str:
    """The schema as SDL, as `schema.graphql` holds it."""
    return build_schema().as_str().rstrip() + "\n"
