"""Many runs of one plan at once, and runs that end before their time."""

import asyncio
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInt,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    build_schema,
    parse,
)

from tests.execution.conftest import ALONE, DROPPED
from tests.execution.differential import (
    Operation,
    compiled,
    difference,
    difference_in_kind,
    interpreted,
    text,
)

pytestmark = [ALONE, DROPPED, pytest.mark.usefixtures("dropped")]

RUNS = 400

DECLARED = pytest.mark.parametrize("is_declared", [True, False], ids=["declared", "undeclared"])

QUERY = """
query Things($count: Int!, $from: Int!, $named: Boolean!, $skips: Boolean!, $deep: Boolean!) {
  things(count: $count, from: $from) {
    __typename
    ... on Even { number name @include(if: $named) half @skip(if: $skips) { ...Thing } }
    ... on Odd { number name @include(if: $named) next @include(if: $deep) { ...Thing } }
    ... on Third { number name next { ...Thing } }
  }
  first: things(count: 1, from: $from) @skip(if: $deep) { ...Thing }
}
fragment Thing on Thing {
  ... on Even { number name }
  ... on Odd { number name }
  ... on Third { number name }
}
"""


def things() -> GraphQLSchema:
    """Numbers, of a type each by what divides them; 13 has no name."""
    rng = Random(5)  # noqa: S311  # the same each time, and no secret

    async def wait() -> None:
        await asyncio.sleep(rng.choice((0, 0, 0.001, 0.003)))

    async def name(number: int, _info: object) -> str | None:
        await wait()
        if number % 13 == 0:
            raise ValueError(f"{number} has no name")
        return f"number {number}"

    async def resolve_type(number: int, _info: object, _type: object) -> str:
        await wait()
        return "Third" if number % 3 == 0 else "Odd" if number % 2 else "Even"

    def related(get: Callable[[int], int]) -> GraphQLField:
        async def resolve(number: int, _info: object) -> int:
            await wait()
            return get(number)

        return GraphQLField(union, resolve=resolve)

    def type_(kind: str, **fields: Callable[[], GraphQLField]) -> GraphQLObjectType:
        return GraphQLObjectType(
            kind,
            lambda: {
                "number": GraphQLField(GraphQLInt, resolve=lambda number, _info: number),
                "name": GraphQLField(GraphQLNonNull(GraphQLString), resolve=name),
                **{key: make() for key, make in fields.items()},
            },
        )

    union = GraphQLUnionType(
        "Thing",
        [
            type_("Even", half=lambda: related(lambda number: number // 2)),
            type_("Odd", next=lambda: related(lambda number: number + 1)),
            type_("Third", next=lambda: related(lambda number: number + 1)),
        ],
        resolve_type=resolve_type,
    )

    async def some(_root: object, _info: object, count: int, **page: int) -> list[int]:
        await wait()
        return list(range(page["from"], page["from"] + count))

    arguments = {name: GraphQLArgument(GraphQLNonNull(GraphQLInt)) for name in ("count", "from")}
    field = GraphQLField(GraphQLList(union), args=arguments, resolve=some)
    return GraphQLSchema(GraphQLObjectType("Query", {"things": field}))


async def test_many_runs_of_one_operation_know_nothing_of_each_other() -> None:
    schema, document, rng = things(), parse(QUERY), Random(1)  # noqa: S311  # the same each time, and no secret
    operations = [
        Operation(
            schema,
            document,
            {
                "count": rng.randrange(6),
                "from": rng.randrange(100),
                **{name: rng.random() < 0.5 for name in ("named", "skips", "deep")},
            },
        )
        for _ in range(RUNS)
    ]
    before = asyncio.all_tasks()
    # Nothing was compiled before: types are met, and branches made, while others run.
    answers = await asyncio.gather(*map(compiled, operations))
    assert asyncio.all_tasks() == before
    failed = 0
    for operation, answer in zip(operations, answers, strict=True):
        expected = await interpreted(operation)
        assert text(answer.data) == text(expected.data)
        assert await difference_in_kind(operation, expected, answer) is None
        failed += len(answer.errors or ())
    assert failed > 20


@DECLARED
async def test_a_run_that_takes_too_long_leaves_nothing_running(is_declared: bool) -> None:
    started, ended = 0, 0

    async def wait(_info: object) -> int:
        nonlocal started, ended
        started += 1
        try:
            await asyncio.sleep(0 if is_quick else 60)
        finally:
            ended += 1
        return 1

    sdl = "type Query { a: Int b: Int items: [Item] } type Item { a: Int }"
    root = {"a": wait, "b": wait, "items": [{"a": wait}, {"a": wait}, {"a": wait}]}
    operation = operation_over(sdl, "{ a b items { a } }", root, is_declared=is_declared)
    is_quick, before = False, asyncio.all_tasks()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await compiled(operation)
    await _turns()
    assert asyncio.all_tasks() == before
    assert (started, ended) == (5, 5)

    is_quick = True
    assert await difference(operation, is_sync=False) is None
    answer = await compiled(operation)
    assert answer.data == {"a": 1, "b": 1, "items": [{"a": 1}] * 3}


@DECLARED
async def test_a_run_with_one_field_ends_with_its_request(is_declared: bool) -> None:
    has_ended = False

    async def wait(_info: object) -> int:
        nonlocal has_ended
        try:
            await asyncio.sleep(60)
        finally:
            has_ended = True
        return 1

    sdl = "type Query { a: Int }"
    operation = operation_over(sdl, "{ a }", {"a": wait}, is_declared=is_declared)
    task = asyncio.create_task(compiled(operation))
    await _turns()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert has_ended


@DECLARED
@pytest.mark.parametrize("query", ["{ a }", "{ a b }", "{ items { a } }", "{ items { a b } }"])
async def test_a_resolver_that_is_cancelled_is_an_error_of_its_field(
    query: str, is_declared: bool
) -> None:
    async def cancelled(_info: object) -> int:
        raise asyncio.CancelledError

    async def fine(_info: object) -> int:
        await asyncio.sleep(0)
        return 1

    sdl = "type Query { a: Int b: Int items: [Item] } type Item { a: Int b: Int }"
    item = {"a": cancelled, "b": fine}
    operation = operation_over(
        sdl,
        query,
        {**item, "items": [item, {"a": fine, "b": fine}]},
        is_declared=is_declared,
    )
    answer = await compiled(operation)
    data: Any = answer.data
    holders = data["items"] if "items" in query else [data]
    assert [each["a"] for each in holders] == ([None, 1] if "items" in query else [None])
    assert all(each.get("b", 1) == 1 for each in holders)
    expected = [["items", 0, "a"]] if "items" in query else [["a"]]
    assert [error.path for error in answer.errors or ()] == expected


@DECLARED
async def test_what_a_resolver_starts_ends_with_it(is_declared: bool) -> None:
    """A timeout inside of a resolver is the resolver's, not that of the whole request."""

    async def impatient(_info: object) -> int:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(60)
        return 1

    sdl = "type Query { a: Int b: Int }"
    root = {"a": impatient, "b": 2}
    answer = await compiled(operation_over(sdl, "{ a b }", root, is_declared=is_declared))
    assert answer.data == {"a": None, "b": 2}
    assert [error.path for error in answer.errors or ()] == [["a"]]


def operation_over(sdl: str, query: str, root: object, *, is_declared: bool) -> Operation:
    """An operation whose resolvers are declared `async`, or only turn out to be."""
    schema = build_schema(sdl)
    for type_ in schema.type_map.values():
        if not is_declared or type_.name.startswith("__"):  # which all schemas share
            continue
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                field.resolve = _declared(name)
    return Operation(schema, parse(query), {}, lambda: root)


def _declared(name: str) -> Callable[..., Any]:
    async def resolve(source: dict[str, Any], info: object) -> object:
        value = source[name]
        return await value(info) if callable(value) else value

    return resolve


async def _turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)
