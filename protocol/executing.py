"""Executes valid operations with whatever executor a schema has.

An executor class may do in advance what follows from the document alone: then it has `prepare`
(`Preparing`). Its operations then run without graphql-core's executor being built for each request;
what they answer is the same.
"""

from collections.abc import Awaitable
from inspect import isawaitable
from typing import Any, Protocol, TypeAlias, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    MiddlewareManager,
    OperationDefinitionNode,
)
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable

from domain.errors import ErrorCode
from protocol.errors import InvalidOperation
from protocol.limits import Limits
from protocol.request import GraphQLRequest
from protocol.status import Condition

Result: TypeAlias = ExecutionResult | Awaitable[ExecutionResult]


class Prepared(Protocol):
    """An operation that an executor has prepared."""

    def coerce(
        self, variables: dict[str, Any], *, most_errors: int, hides_suggestions: bool
    ) -> VariableValues | list[GraphQLError]:
        """The variables as the operation declares them, or what is wrong with them."""

    def run(
        self,
        variables: VariableValues,
        context: object,
        make_executor: "MakeExecutor",
        *,
        hides_suggestions: bool,
    ) -> Result | None:
        """The result; None when graphql-core's executor has to run this one."""


class MakeExecutor(Protocol):
    """Makes graphql-core's executor of the same request."""

    def __call__(self) -> Executor[Any]:
        """The executor."""


class Preparing(Protocol):
    """A class of executors that prepares operations."""

    def prepare(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> Prepared | None:
        """The operation; None for one that gains nothing."""


class Execution:
    """One operation of a document, ready to be run; one that is not `is_kept` is run once."""

    def __init__(
        self,
        schema: Schema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        limits: Limits,
        *,
        hints: bool,
        is_kept: bool = True,
    ) -> None:
        self._schema = schema
        self._document = document
        self._name = operation.name.value if operation.name else None
        self._most_errors = limits.request_errors - 1  # graphql-core says that there are more
        self._hides_suggestions = not hints
        preparing = cast("Preparing", schema.execution_context_class)
        self._prepared = (
            preparing.prepare(schema._schema, document, operation)
            if is_kept and hasattr(preparing, "prepare")
            else None
        )

    async def run(
        self,
        asked: GraphQLRequest,
        context: object,
        *,
        middleware: MiddlewareManager | None = None,
    ) -> ExecutionResult:
        """The result. Raises `InvalidOperation` for variables that are wrong."""
        result: object = None if middleware else self._run_prepared(asked, context)
        if result is None:
            result = self._executor(asked, context, middleware).execute_operation()
        if isawaitable(result):
            result = await result
        return cast("ExecutionResult", result)  # in parts only with what the runner refuses

    def _run_prepared(self, asked: GraphQLRequest, context: object) -> Result | None:
        if self._prepared is None:
            return None
        variables = self._prepared.coerce(
            asked.variables or {},
            most_errors=self._most_errors,
            hides_suggestions=self._hides_suggestions,
        )
        if isinstance(variables, list):
            raise _wrong(variables)
        return self._prepared.run(
            variables,
            context,
            lambda: self._executor(asked, context, None),
            hides_suggestions=self._hides_suggestions,
        )

    def _executor(
        self, asked: GraphQLRequest, context: object, middleware: MiddlewareManager | None
    ) -> Executor[Any]:
        executor = self._schema.execution_context_class.build(
            self._schema._schema,
            self._document,
            context_value=context,
            raw_variable_values=asked.variables,
            operation_name=self._name,
            max_coercion_errors=self._most_errors,
            middleware=middleware,
            # It is the guard that graphql-core asks for, and declared as less.
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            hide_suggestions=self._hides_suggestions,
            operation_extensions=asked.extensions,
        )
        if isinstance(executor, list):
            raise _wrong(executor)
        return executor


def _wrong(errors: list[GraphQLError]) -> InvalidOperation:
    return InvalidOperation(Condition.UNEXECUTABLE, errors, ErrorCode.BAD_USER_INPUT)
