"""Values for the fields of a random schema: most are right, some are wrong in every way there is.

A value follows from where it stands alone: the token of its parent, the field and its arguments.
Two executors that ask for the same field of the same parent are so answered the same.
"""

import asyncio
import math
from collections.abc import (
    AsyncIterator,
    Awaitable,
    Callable,
    Coroutine,
    Generator,
    Iterator,
    Mapping,
)
from dataclasses import dataclass
from random import Random
from typing import Any, TypeAlias, cast

from graphql import (
    GraphQLCompositeType,
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLSchema,
    Undefined,
    get_nullable_type,
    is_abstract_type,
)

NULLS = 0.1
"""The share of nullable values that are null."""

LATER = 0.15
"""The share of values that are awaitable, where values may be."""


class Broken(Exception):
    """What a resolver of a random schema raises."""


@dataclass(frozen=True)
class Nature:
    """How a random schema behaves; `trouble` is the share of values that are wrong."""

    seed: int
    is_async: bool
    trouble: float

    def random(self, *where: object) -> Random:
        """Chances that are the same whenever the same is asked at the same place."""
        return Random(f"{self.seed}/{where!r}")  # noqa: S311  # the same each time, and no secret


class Later:
    """An awaitable that is no coroutine; dropped unawaited, it complains to nobody."""

    def __init__(self, ticks: int, value: object) -> None:
        self.ticks = ticks
        self.value = value

    def __await__(self) -> Generator[Any, None, object]:
        """Waits a few turns of the event loop."""
        for _ in range(self.ticks):
            yield
        if isinstance(self.value, Broken):
            raise self.value
        return self.value


class Source:
    """An object of a random schema: a type, a token, and attributes that follow from both."""

    def __init__(self, values: "Values", typename: str, token: str) -> None:
        self.values = values
        self.typename = typename
        self.token = token
        # graphql-core looks for it under the name that Python makes of it.
        self.__typename = typename if values.names_types else None

    def __getattr__(self, name: str) -> object:
        """What graphql-core's default resolver finds."""
        if name.startswith("_"):
            raise AttributeError(name)
        return self.values.attribute(self.typename, self.token, name)


class MappedSource(Mapping[str, object]):
    """The same as a mapping, which the default resolver reads by key."""

    def __init__(self, values: "Values", typename: str, token: str) -> None:
        self._values = values
        self.typename = typename
        self.token = token

    def __getitem__(self, name: str) -> object:
        """The value of a field, or of `__typename` where values name their types."""
        if name == "__typename" and self._values.names_types:
            return self.typename
        return self._values.attribute(self.typename, self.token, name)

    def __iter__(self) -> Iterator[str]:
        """The fields of the type."""
        return iter(self._values.fields(self.typename))

    def __len__(self) -> int:
        """How many fields the type has."""
        return len(self._values.fields(self.typename))


class Values:
    """Answers for the resolvers and the attributes of one random schema."""

    def __init__(self, nature: Nature) -> None:
        self.nature = nature
        self.names_types = nature.random("names types").random() < 0.7
        self.schema: GraphQLSchema

    def fields(self, typename: str) -> Mapping[str, Any]:
        """The fields of an object type; none for a name that is not one."""
        type_ = self.schema.get_type(typename)
        return type_.fields if isinstance(type_, GraphQLObjectType) else {}

    def attribute(self, typename: str, token: str, name: str) -> object:
        """What stands at an attribute; sometimes a method of it. Raises as resolvers do."""
        field = self.fields(typename).get(name)
        if field is None:
            raise AttributeError(name)
        rng = self.nature.random("attribute", token, name)
        if field.args or rng.random() < 0.2:
            return lambda info, **args: self.resolve(field.type, token, name, args)
        return self.resolve(field.type, token, name, {})

    def resolve(
        self, type_: GraphQLOutputType, token: str, name: str, args: Mapping[str, object]
    ) -> object:
        """The value of a field. Raises `Broken` or `GraphQLError`, or returns one of them."""
        place = f"{token}.{name}{sorted(args.items(), key=str)!r}"
        rng = self.nature.random("value", place)
        if rng.random() < self.nature.trouble:
            return self._error(rng, place, may_raise=True)
        return self.value(rng, type_, place)

    async def resolve_later(
        self, type_: GraphQLOutputType, token: str, name: str, args: Mapping[str, object]
    ) -> object:
        """The same after a few turns of the event loop."""
        for _ in range(self.nature.random("ticks", token, name).randrange(4)):
            await asyncio.sleep(0)
        value = self.resolve(type_, token, name, args)
        # What a coroutine returns is awaited once, here and there.
        return await value if isinstance(value, Awaitable) else value

    def value(self, rng: Random, type_: GraphQLOutputType, place: str) -> object:
        """A value of a type, or what is wrong in its place."""
        is_later = self.nature.is_async and rng.random() < LATER
        value = self._value_now(rng, type_, place)
        if not is_later:
            return value
        ticks = rng.randrange(4)
        if rng.random() < 0.5 and not isinstance(value, Exception):
            return _future(ticks, value)
        return Later(ticks, value)

    def _value_now(self, rng: Random, type_: GraphQLOutputType, place: str) -> object:
        trouble = self.nature.trouble
        if not isinstance(type_, GraphQLNonNull) and rng.random() < NULLS:
            return None
        inner = get_nullable_type(type_)
        if rng.random() < trouble:
            return self._wrong(rng, place)
        if isinstance(inner, GraphQLList):
            return self._items(rng, inner.of_type, place)
        if isinstance(inner, (GraphQLScalarType, GraphQLEnumType)):
            return leaf(rng, inner, trouble)
        return self._object(rng, cast("GraphQLCompositeType", inner), place)

    def _error(self, rng: Random, place: str, *, may_raise: bool) -> object:
        kinds: list[Exception] = [
            Broken(f"broken at {place}"),
            GraphQLError(f"told at {place}", extensions={"code": "TOLD"}),
        ]
        error = rng.choice(kinds)
        if may_raise and rng.random() < 0.6:
            raise error
        return error

    def _wrong(self, rng: Random, place: str) -> object:
        """Something that fits few types, null most often."""
        kinds: list[Callable[[], object]] = [
            lambda: None,
            lambda: None,
            lambda: Undefined,
            lambda: self._error(rng, place, may_raise=False),
            lambda: {"a": 1},
            lambda: ["x"],
            lambda: "text",
            lambda: 2**40,
            lambda: True,
            lambda: math.nan,
        ]
        return rng.choice(kinds)()

    def _object(self, rng: Random, type_: GraphQLCompositeType, place: str) -> object:
        if is_abstract_type(type_):
            possible: Any = self.schema.get_possible_types(type_)
            # Wrong is what belongs to another abstract type.
            wrong = [t.name for t in self.schema.type_map.values() if t.name.startswith("O")]
            names = [each.name for each in possible]
            name = rng.choice(wrong if rng.random() < self.nature.trouble / 2 else names)
        else:
            name = type_.name
        token = f"{place}:{name}"
        return (MappedSource if rng.random() < 0.3 else Source)(self, name, token)

    def _items(self, rng: Random, type_: GraphQLOutputType, place: str) -> object:
        items = [
            self.value(self.nature.random("item", place, i), type_, f"{place}[{i}]")
            for i in range(rng.choice((0, 1, 2, 2, 3, 4)))
        ]
        fails = rng.random() < self.nature.trouble / 2
        kind = rng.randrange(8 if self.nature.is_async else 7)
        if kind < 4:
            return items
        if kind == 4:
            return tuple(items)
        if kind == 5:
            return dict(enumerate(items)).values()
        error = Broken(f"no more at {place}") if fails else None
        return _generate(items, error) if kind == 6 else _generate_later(items, error)


def leaf(rng: Random, type_: GraphQLScalarType | GraphQLEnumType, trouble: float = 0) -> object:
    """A value of a scalar or an enum, as resolvers return it."""
    if isinstance(type_, GraphQLEnumType):
        return rng.choice([each.value for each in type_.values.values()])
    kinds: dict[str, list[object]] = {
        "Int": [0, 7, -3, 2**31 - 1, 5.0, "12", True],
        "Float": [1.5, 0, -2, "3.25", True],
        "String": ["", "a text", 'with "quotes"', 5, True, 1.5],
        "Boolean": [True, False, 1, 0],
        "ID": ["id-1", 17],
    }
    custom = [1, 2.5, "odd"]
    if rng.random() < trouble:
        custom = [*"!?*"]
    return rng.choice(kinds.get(type_.name, custom))


def serialize_odd(value: object) -> object:
    """The custom scalar: the number or text in brackets, and three ways to fail."""
    match value:
        case "!":
            raise Broken("not to be serialized")
        case "?":
            return None
        case "*":
            return Undefined
        case _:
            return f"<{value}>"


def _generate(items: list[object], error: Exception | None) -> Iterator[object]:
    yield from items
    if error is not None:
        raise error


async def _generate_later(items: list[object], error: Exception | None) -> AsyncIterator[object]:
    for item in items:
        await asyncio.sleep(0)
        yield item
    if error is not None:
        raise error


def _future(ticks: int, value: object) -> "asyncio.Future[object]":
    loop = asyncio.get_running_loop()
    future: asyncio.Future[object] = loop.create_future()

    def count_down(left: int) -> None:
        if future.done():
            return
        if left:
            loop.call_soon(count_down, left - 1)
        else:
            future.set_result(value)

    count_down(ticks)
    return future


Resolved: TypeAlias = object | Coroutine[Any, Any, object]
"""What a resolver may return."""
