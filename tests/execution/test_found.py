"""Faults of plans that searching found, each in its smallest form."""

from collections.abc import AsyncIterator, Iterator
from functools import wraps
from typing import Any

import pytest
import strawberry
from graphql import ExecutionResult, build_schema, parse
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from tests.execution.conftest import ALONE, DROPPED
from tests.execution.differential import Operation, compiled, difference, told

pytestmark = [ALONE, DROPPED, pytest.mark.usefixtures("dropped")]


def operation(sdl: str, query: str, root: object, *, writes_source: bool = True) -> Operation:
    """An operation over a schema without resolvers."""
    schema = build_schema(sdl)
    return Operation(schema, parse(query), {}, lambda: root, writes_source=writes_source)


def broken_off(*values: object) -> Iterator[object]:
    """Some values, and then an error."""
    yield from values
    raise ValueError("no more")


async def broken_off_later(*values: object) -> AsyncIterator[object]:
    """The same, asynchronous."""
    for value in values:
        yield value
    raise ValueError("no more")


@pytest.mark.parametrize("writes_source", [True, False])
async def test_a_list_that_breaks_off_tells_the_errors_of_its_items(writes_source: bool) -> None:
    root = {"values": lambda _info: broken_off(1, "one", 2)}
    made = operation("type Query { values: [Int] }", "{ values }", root)
    assert await difference(made, is_sync=True) is None
    result = await compiled(made, is_sync=True)
    assert result.data == {"values": None}
    assert _paths(result) == [["values", 1], ["values"]]


async def test_an_item_takes_a_list_away_before_it_breaks_off() -> None:
    root = {"values": lambda _info: broken_off(1, None, 2)}
    made = operation("type Query { values: [Int!] }", "{ values }", root)
    assert await difference(made, is_sync=True) is None
    assert _paths(await compiled(made, is_sync=True)) == [["values", 1]]


async def test_the_same_goes_for_a_list_that_comes_later() -> None:
    root = {"values": lambda _info: broken_off_later(1, None, 2)}
    made = operation("type Query { values: [Int!] }", "{ values }", root)
    result = await compiled(made)
    assert [(message, path) for message, path, _ in told(result)] == [
        ("Cannot return null for non-nullable field Query.values.", ("values", 1))
    ]


async def test_fields_that_come_later_in_a_list_that_broke_off_are_let_end() -> None:
    ran = 0

    async def name(_info: object) -> str:
        nonlocal ran
        ran += 1
        return "later"

    root = {"values": lambda _info: broken_off({"name": name}, {"name": name})}
    sdl = "type Query { values: [Value] } type Value { name: String! }"
    made = operation(sdl, "{ values { name } }", root)
    assert await difference(made, is_sync=False) is None
    ran = 0
    assert (await compiled(made)).data == {"values": None}
    assert ran == 2


async def test_a_mutation_that_selects_nothing_has_data() -> None:
    sdl = "type Query { a: Int } type Mutation { a: Int }"
    for query in ("mutation { a @skip(if: true) }", "mutation { unknown }"):
        made = operation(sdl, query, {})
        assert await difference(made, is_sync=True) is None
        assert (await compiled(made)).data == {}


async def test_mutations_end_with_the_one_that_leaves_no_data() -> None:
    ran: list[str] = []

    def field(name: str, value: object) -> Any:
        async def resolve(_info: object) -> object:
            ran.append(name)
            return value

        return resolve

    root = {"a": field("a", 1), "b": field("b", None), "c": field("c", 3)}
    sdl = "type Query { a: Int } type Mutation { a: Int b: Int! c: Int }"
    result = await compiled(operation(sdl, "mutation { a b c }", root))
    assert (result.data, _paths(result), ran) == (None, [["b"]], ["a", "b"])


def _paths(result: ExecutionResult) -> list[list[str | int] | None]:
    return [error.path for error in result.errors or ()]


async def test_a_resolver_that_was_wrapped_is_called_wrapped() -> None:
    @strawberry.type
    class Query:
        value: int | None

    schema = strawberry.Schema(Query)._schema
    assert schema.query_type is not None
    field = schema.query_type.fields["value"]
    resolve = field.resolve
    assert resolve is not None

    @wraps(resolve)
    def wrapped(*args: Any, **kwargs: object) -> object:
        return resolve(*args, **kwargs) + 1

    field.resolve = wrapped
    made = Operation(
        schema,
        parse("{ value }"),
        {},
        lambda: Query(value=1),
        executor_class=StrawberryGraphQLCoreExecutionContext,
    )
    assert (await compiled(made, is_sync=True)).data == {"value": 2}
