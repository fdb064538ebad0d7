"""Runs a share of queries on both executors, and reports where their results differ.

graphql-core's result is the answer; the plan's is only looked at. It runs second, in the same
context, so its loaders know already what the first run asked for. Mutations are never run twice.
Neither values nor variables are logged, only where in the answer a difference is.
"""

import asyncio
from copy import copy
from random import random
from typing import Any, Final, cast

import structlog
from graphql import ExecutionResult, GraphQLError, OperationType
from graphql.execution.executor import CollectedErrors
from prometheus_client import Counter
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.executor import compiled_result
from execution.run import Result

log = structlog.get_logger()

shadow_runs: Final = Counter(
    "pinery_shadow_runs", "Queries that ran on both executors, by how they compare", ["outcome"]
)

_PATIENCE_S: Final = 1.0
"""How long an answer waits for its shadow."""


class ShadowExecutor(StrawberryGraphQLCoreExecutionContext):
    """graphql-core's executor, with a shadow for a `share` of queries, from 0 to 1."""

    share = 0.01

    def execute_operation(self, serially: bool | None = None) -> Any:
        """graphql-core's result, after it was compared."""
        result = super().execute_operation(serially)
        is_query = self.operation.operation is OperationType.QUERY
        if not is_query or random() >= self.share:  # noqa: S311  # a sample
            return result
        return self._compared(result, serially)

    async def _compared(self, result: Any, serially: bool | None) -> ExecutionResult:
        settled = cast(
            "ExecutionResult", result if isinstance(result, ExecutionResult) else await result
        )
        try:
            async with asyncio.timeout(_PATIENCE_S):
                shadow = await self._shadow(serially)
        except TimeoutError:
            shadow_runs.labels("late").inc()
        except Exception:
            shadow_runs.labels("failed").inc()
            log.exception("shadow_failed", operation=self._name)
        else:
            if shadow is not None:
                self._report(first_difference(settled, shadow))
        return settled

    async def _shadow(self, serially: bool | None) -> ExecutionResult | None:
        executor = copy(self)
        executor.collected_errors = CollectedErrors()
        result: Result | None = compiled_result(executor, serially)
        if result is None or isinstance(result, ExecutionResult):
            return result
        return await result

    def _report(self, difference: str | None) -> None:
        shadow_runs.labels("same" if difference is None else "different").inc()
        if difference is not None:
            log.error("executors_differ", operation=self._name, where=difference)

    @property
    def _name(self) -> str | None:
        name = self.operation.name
        return name.value if name else None


def first_difference(one: ExecutionResult, other: ExecutionResult) -> str | None:
    """Where two results differ first: a path into the data, or into the errors; None if nowhere."""
    where = _difference(one.data, other.data, "data")
    if where is None and _errors(one) != _errors(other):
        where = "errors"
    return where


def _difference(one: Any, other: Any, path: str) -> str | None:
    if type(one) is not type(other):
        return path
    if isinstance(one, dict):
        if list(one) != list(other):
            return path
        pairs = ((key, value, other[key]) for key, value in one.items())
    elif isinstance(one, list):
        if len(one) != len(other):
            return path
        pairs = ((str(place), *both) for place, both in enumerate(zip(one, other, strict=True)))
    else:
        return None if one == other else path
    return next((found for k, a, b in pairs if (found := _difference(a, b, f"{path}.{k}"))), None)


def _errors(result: ExecutionResult) -> list[tuple[str, str]]:
    """Messages and paths, in any order: who fails first is a matter of time."""

    def name(error: GraphQLError) -> tuple[str, str]:
        return error.message, ".".join(map(str, error.path or ()))

    return sorted(map(name, result.errors or ()))
