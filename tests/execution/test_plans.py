"""What plans do that no answer shows: layers, limits, fallbacks, tracebacks, and what is kept."""

import gc
import linecache
import traceback
import weakref
from collections.abc import Mapping
from inspect import isawaitable
from typing import Any

import pytest
from graphql import (
    ExecutionResult,
    GraphQLSchema,
    OperationDefinitionNode,
    build_schema,
    parse,
)
from graphql.execution.executor import Executor
from prometheus_client import REGISTRY

from execution import run as running
from execution.executor import MOST_ERRORS, compiled_result

SCHEMA = build_schema(
    """
    interface Node { id: ID! }
    type Pin implements Node {
      id: ID!  title: String  board: Board  bad: Int!  size(of: Int = 1): Int
    }
    type Board implements Node { id: ID!  pins(first: Int = 2): [Pin!] }
    type Query { pin: Pin  pins(first: Int = 2): [Pin]  many: [Pin]  node: Node  hello: String }
    """
)

Root = Mapping[str, Any]


class Pin:
    """A pin of the tests' schema."""

    def __init__(self, number: int) -> None:
        self.id = str(number)
        self.title = f"Pin {number}"

    async def board(self, _info: object) -> "Board":
        """The only board."""
        return Board()

    def bad(self, _info: object) -> int:
        """Always fails."""
        raise ValueError(f"Pin {self.id} is bad.")

    def size(self, _info: object, of: int) -> int:
        """What it is given."""
        return of


class Board:
    """A board of the tests' schema."""

    id = "b"

    def pins(self, _info: object, first: int) -> list[Pin]:
        """As many pins as are asked for."""
        return [Pin(number) for number in range(first)]


def _type(value: object, _info: object, _type: object) -> str:
    return type(value).__name__


def executor_of(
    text: str,
    root: Root,
    variables: dict[str, Any] | None = None,
    schema: GraphQLSchema = SCHEMA,
) -> Executor[Any]:
    """graphql-core's executor of a text."""
    executor = Executor.build(
        schema, parse(text), root, raw_variable_values=variables, type_resolver=_type
    )
    assert isinstance(executor, Executor)
    return executor


async def run_plan(
    text: str, root: Root, variables: dict[str, Any] | None = None, **options: Any
) -> ExecutionResult:
    """The result of a text, which must run on a plan."""
    result = compiled_result(executor_of(text, root, variables), **options)
    assert result is not None
    return result if isinstance(result, ExecutionResult) else await result


def _count(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_what_can_be_had_at_once_needs_no_loop() -> None:
    result = compiled_result(executor_of("{ pin { id size(of: 3) } }", {"pin": Pin(1)}))
    assert result == ExecutionResult({"pin": {"id": "1", "size": 3}}, None)


async def test_keys_stand_in_the_order_of_the_document_whenever_they_come() -> None:
    result = await run_plan("{ pin { board { id } id title } }", {"pin": Pin(1)})
    assert result.data is not None
    assert list(result.data["pin"]) == ["board", "id", "title"]


async def test_an_answer_has_so_many_errors_and_no_more() -> None:
    root = {"many": [Pin(number) for number in range(MOST_ERRORS + 50)]}
    result = await run_plan("{ many { bad } }", root, most_errors=MOST_ERRORS)
    assert result.data == {"many": [None] * (MOST_ERRORS + 50)}
    assert result.errors is not None
    assert [error.path for error in result.errors] == [
        ["many", place, "bad"] for place in range(MOST_ERRORS)
    ]


async def test_an_answer_with_too_many_objects_is_refused_whole(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "MOST_OBJECTS", 10)
    root = {"many": [Pin(number) for number in range(6)], "pins": [Pin(7), Pin(8)]}
    whole = "{ many { id } pins { id } }"
    assert (await run_plan(whole, root)).errors is None
    # The boards of both layers have two pins each: 6 + 2 + 12 + 4.
    result = await run_plan("{ many { board { pins { id } } } pins { id } }", root)
    assert result.data is None
    assert result.errors is not None
    assert result.errors[0].extensions == {"code": "QUERY_TOO_EXPENSIVE"}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ __schema { queryType { name } } }", "introspection"),
        ("{ pin { ... @defer { id } } }", "in_parts"),
        ("query @experimental_disableErrorPropagation { hello }", "error_propagation"),
    ],
)
async def test_what_plans_do_not_cover_is_left_to_graphql_core_and_counted(
    text: str, reason: str
) -> None:
    before = _count("pinery_operations_interpreted_total", reason=reason)
    assert compiled_result(executor_of(text, {})) is None
    assert _count("pinery_operations_interpreted_total", reason=reason) == before + 1


async def test_choices_beyond_any_app_are_left_to_graphql_core() -> None:
    names = [f"v{number}" for number in range(6)]
    declared = ", ".join(f"${name}: Boolean!" for name in names)
    fields = " ".join(f"{name}: hello @include(if: ${name})" for name in names)
    document = parse(f"query ({declared}) {{ {fields} }}")
    compiled = 0
    for chosen in range(64):
        variables = {name: bool(chosen >> place & 1) for place, name in enumerate(names)}
        executor = Executor.build(
            SCHEMA, document, {"hello": "x"}, raw_variable_values=variables, type_resolver=_type
        )
        assert isinstance(executor, Executor)
        result = compiled_result(executor)
        if result is not None:
            compiled += 1
            expected = {name: "x" for name, is_chosen in variables.items() if is_chosen}
            assert result == ExecutionResult(expected, None)
    assert compiled == 32


async def test_a_traceback_shows_the_line_of_the_generated_source() -> None:
    result = await run_plan("query Bad { pin { bad } }", {"pin": Pin(7)})
    assert result.errors is not None
    shown = "".join(traceback.format_exception(result.errors[0].original_error))
    assert "<operation Bad " in shown
    assert "try: v" in shown


async def test_a_plan_lives_as_long_as_its_document() -> None:
    document = parse("query Short { pin { id } }")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    executor = Executor.build(SCHEMA, document, {"pin": Pin(1)}, type_resolver=_type)
    assert isinstance(executor, Executor)
    assert compiled_result(executor) is not None
    lines = [name for name in linecache.cache if name.startswith("<operation Short ")]
    assert len(lines) == 2  # Query and Pin
    alive = weakref.ref(operation)
    del document, operation, executor
    gc.collect()
    assert alive() is None
    assert not [name for name in linecache.cache if name.startswith("<operation Short ")]


async def test_arguments_follow_their_variables() -> None:
    document = parse("query ($n: Int) { pin { size(of: $n) } }")
    for number in (1, 2, 1, None):
        variables = {} if number is None else {"n": number}
        executor = Executor.build(
            SCHEMA, document, {"pin": Pin(1)}, raw_variable_values=variables, type_resolver=_type
        )
        assert isinstance(executor, Executor)
        assert compiled_result(executor) == ExecutionResult({"pin": {"size": number or 1}}, None)


@pytest.mark.parametrize("writes_source", [True, False])
async def test_both_forms_of_a_plan_say_the_same(writes_source: bool) -> None:
    root = {"pins": [Pin(1), None, Pin(2)], "node": Board()}
    text = """{ pins { id board { id pins { title bad } } }
                node { __typename id ... on Board { pins(first: 1) { id } } } }"""
    expected = executor_of(text, root).execute_operation()
    assert isawaitable(expected)
    settled = await expected
    assert await run_plan(text, root, writes_source=writes_source) == settled
