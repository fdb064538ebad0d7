"""The schema itself: all types, put together."""

from typing import Any

import strawberry
from graphql.execution.executor import Executor
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig

from execution.executor import CompiledExecutor
from protocol.idempotency import declare_idempotent
from schema import (  # noqa: F401  # they declare types
    block,
    board_invite,
    enums,
    feed,
    feed_preferences,
    media,
    media_upload,
    notification,
    pin_media,
    pin_result,
    rate_limit,
    search,
    topic,
    viewer,
)
from schema.fields import link
from schema.mutation import Mutation
from schema.query import Query
from schema.scalars import SCALARS

_ONLY_BEHIND_ABSTRACT_TYPES = ("CarouselImage", "CarouselVideo", "InputError", "ConflictError")


def build_schema(
    *,
    extensions: tuple[type[SchemaExtension], ...] = (),
    suggestions: bool = True,
    executor: type[Executor[Any]] = CompiledExecutor,
) -> strawberry.Schema:
    """The schema that clients see, and what executes its operations.

    Without `suggestions`, no message says "Did you mean".
    """
    types = link()
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        types=[types[name] for name in _ONLY_BEHIND_ABSTRACT_TYPES],
        extensions=extensions,
        execution_context_class=executor,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggestions),
    )
    declare_idempotent(schema._schema)
    return schema


def print_schema() -> str:
    """The schema as SDL, as `schema.graphql` holds it."""
    return build_schema().as_str().rstrip() + "\n"
