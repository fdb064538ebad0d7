"""A shadow is compared and never answered with; of a difference only its place is told."""

import pytest
import strawberry
import structlog
from graphql import ExecutionResult, GraphQLError
from prometheus_client import REGISTRY
from strawberry import Schema

from execution.choice import executor_type
from execution.executor import CompiledExecutor
from execution.shadow import first_difference


def _runs(outcome: str) -> float:
    return REGISTRY.get_sample_value("pinery_shadow_runs_total", {"outcome": outcome}) or 0.0


@strawberry.type
class Query:
    """Two fields: one always says the same, the other counts how often it was asked."""

    @strawberry.field
    async def same(self) -> str:
        """Always the same."""
        return "secret"

    @strawberry.field
    async def different(self) -> int:
        """Never the same."""
        Counting.asked += 1
        return Counting.asked


class Counting:
    """How often something was asked."""

    asked = 0


@strawberry.type
class Mutation:
    """One field that counts."""

    @strawberry.mutation
    async def count(self) -> int:
        """Once more."""
        Counting.asked += 1
        return Counting.asked


SCHEMA = Schema(Query, Mutation, execution_context_class=executor_type("shadow", shadow_share=1.0))


async def test_equal_results_are_counted_and_not_told() -> None:
    before = _runs("same")
    with structlog.testing.capture_logs() as logs:
        result = await SCHEMA.execute("{ same }")
    assert result.data == {"same": "secret"}
    assert (_runs("same"), logs) == (before + 1, [])


async def test_different_results_are_told_by_their_place_and_graphql_core_answers() -> None:
    Counting.asked = 0
    before = _runs("different")
    with structlog.testing.capture_logs() as logs:
        result = await SCHEMA.execute("query Two { same different }")
    assert result.data == {"same": "secret", "different": 1}
    assert Counting.asked == 2
    assert _runs("different") == before + 1
    assert logs == [
        {
            "event": "executors_differ",
            "log_level": "error",
            "operation": "Two",
            "where": "data.different",
        }
    ]


async def test_a_mutation_has_no_shadow() -> None:
    Counting.asked = 0
    result = await SCHEMA.execute("mutation { count }")
    assert (result.data, Counting.asked) == ({"count": 1}, 1)


async def test_who_has_no_share_has_no_shadow() -> None:
    schema = Schema(Query, execution_context_class=executor_type("shadow", shadow_share=0.0))
    Counting.asked = 0
    await schema.execute("{ different }")
    assert Counting.asked == 1


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 2}]}, None),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "data.a.1.b"),
        ({"a": [1]}, {"a": [1, 2]}, "data.a"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, "data"),
        ({"a": 1}, {"a": True}, "data.a"),
        ({"a": 1}, None, "data"),
    ],
)
def test_where_data_differs(one: object, other: object, where: str | None) -> None:
    assert first_difference(_result(one), _result(other)) == where


def test_errors_differ_by_message_and_path_in_any_order() -> None:
    one, two = GraphQLError("one", path=["a"]), GraphQLError("two", path=["b"])
    both, turned = ExecutionResult(None, [one, two]), ExecutionResult(None, [two, one])
    assert first_difference(both, turned) is None
    assert first_difference(both, ExecutionResult(None, [one])) == "errors"


def test_the_names_of_the_settings() -> None:
    compiled = executor_type("compiled", writes_source=False)
    assert issubclass(compiled, CompiledExecutor)
    assert not compiled.writes_source
    assert not issubclass(executor_type("core"), CompiledExecutor)


def _result(data: object) -> ExecutionResult:
    return ExecutionResult(data, None)  # type: ignore[arg-type]  # any data
