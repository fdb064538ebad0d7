"""What the SDL shows of costs, cache hints and scopes.

`@cost`, `@listSize`, `@cacheControl` and `@requiresScope`. Nothing is declared here. A field that
says `cost=`, `cache=` or `scopes=` says it once; what the server enforces and what the SDL prints
are made from the same words.

`@cost` and `@listSize` are those of IBM's cost specification. There a weight is a string, and Hot
Chocolate reads it so; Apollo Router, Hive and Grafbase want an `Int`, and so does whoever counts in
whole points. `requireOneSlicingArgument` is true for everybody who is told nothing, and no field of
ours wants it: it is printed each time. `@cacheControl` is Apollo Server's, without `inheritMaxAge`,
which is how every field without a hint behaves here. `@requiresScope` is ours: the alternatives of
Apollo's `@requiresScopes` are more than any field here has to say.
"""

from collections.abc import Iterator, Sequence

import strawberry
from strawberry.schema_directive import Location

from domain.viewer import Scope
from protocol.caching import CacheHint, CacheScope
from protocol.cost import Cost
from schema.enums import declare_enum

declare_enum(
    CacheScope,
    "Who may keep an answer.",
    {
        "PUBLIC": "Everybody, and caches that many share.",
        "PRIVATE": "Only who asked for it.",
    },
    name="CacheControlScope",
)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="cost",
    description="What a field costs for itself, in points. Without it an object costs 1, a leaf "
    "nothing and a mutation 10.",
)
class CostDirective:
    """`@cost`."""

    weight: int


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="listSize",
    description="How many items a field gives: as many as the largest of its slicing arguments "
    "that are given, else as many as assumed. The sized fields hold the items; without any, the "
    "field itself is the list.",
)
class ListSizeDirective:
    """`@listSize`."""

    assumed_size: int | None = strawberry.UNSET
    slicing_arguments: list[str] | None = strawberry.UNSET
    sized_fields: list[str] | None = strawberry.UNSET
    require_one_slicing_argument: bool | None = True


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.OBJECT, Location.INTERFACE],
    name="cacheControl",
    description="How many seconds the answer to a GET may be kept, and by whom: by the strictest "
    "of all fields that are selected. What is not said is as for the object the field is on.",
)
class CacheControlDirective:
    """`@cacheControl`."""

    max_age: int | None = strawberry.UNSET
    scope: CacheScope | None = strawberry.UNSET


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="requiresScope",
    description="What the bearer token must grant, all of it. On a secret board it must grant as "
    "much of what is secret too: `boards:write_secret` beside `boards:write`, and "
    "`pins:write_secret` beside `pins:write`.",
)
class RequiresScopeDirective:
    """`@requiresScope`."""

    scopes: list[str]


def directives_of(
    *, cost: Cost | None = None, cache: CacheHint | None = None, scopes: Sequence[Scope] = ()
) -> list[object]:
    """The directives that say the same as these words."""
    return [*_of_cost(cost or Cost()), *_of_hint(cache), *_of_scopes(scopes)]


def _of_cost(cost: Cost) -> Iterator[object]:
    if cost.weight is not None:
        yield CostDirective(weight=cost.weight)
    if cost.size is not None:
        yield ListSizeDirective(
            assumed_size=cost.size.assumed,
            slicing_arguments=list(cost.size.arguments) or strawberry.UNSET,
            sized_fields=list(cost.size.fields) or strawberry.UNSET,
            require_one_slicing_argument=False,
        )


def _of_hint(hint: CacheHint | None) -> Iterator[object]:
    if hint is not None:
        yield CacheControlDirective(
            max_age=strawberry.UNSET if hint.max_age_s is None else hint.max_age_s,
            scope=hint.scope or strawberry.UNSET,
        )


def _of_scopes(scopes: Sequence[Scope]) -> Iterator[object]:
    if scopes:
        yield RequiresScopeDirective(scopes=[scope.value for scope in scopes])
