"""Runs one request through a Strawberry schema: prepared document, extensions, executor.

`Schema.execute` does the same and parses, validates and logs on its own terms; this keeps its order
of hooks (`on_operation`, `on_parse`, `on_validate`, `on_execute`), so that any extension works, and
its `execution_context_class`, so that any executor does.
"""

from collections.abc import Sequence
from inspect import isawaitable
from typing import cast

import structlog
from graphql import ExecutionResult, MiddlewareManager, OperationDefinitionNode, specified_rules
from graphql import OperationType as Kind
from strawberry import Schema
from strawberry.execution import optimized_is_awaitable
from strawberry.extensions import SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types.execution import ExecutionContext
from strawberry.types.graphql import OperationType

from domain.errors import ErrorCode
from protocol.documents import Document, DocumentCache
from protocol.errors import InvalidOperation, RequestError, format_field_errors
from protocol.limits import Limits
from protocol.request import GraphQLRequest
from protocol.responses import GraphQLResponse
from protocol.status import Condition


class OperationRunner:
    """Runs the operations of one schema. `introspection` and `hints` are as for `DocumentCache`."""

    def __init__(self, schema: Schema, limits: Limits, *, introspection: bool, hints: bool) -> None:
        if schema.config.enable_experimental_incremental_execution:
            raise ValueError("@defer and @stream have answers in parts; this sends them whole.")
        self._schema = schema
        self._limits = limits
        self._hints = hints
        self._documents = DocumentCache(
            schema._schema, limits, introspection=introspection, hints=hints
        )

    async def run(
        self, asked: GraphQLRequest, context: object, *, may_write: bool
    ) -> GraphQLResponse:
        """The answer to a request whose operation was executed, if with errors.

        Raises `RequestError` when nothing was executed, and what an extension raises.
        """
        execution = self._execution_context(asked, context)
        extensions = self._schema.get_extensions()
        for extension in extensions:
            extension.execution_context = execution
        runner = self._schema.create_extensions_runner(execution, extensions)
        refusal = Refusal()
        async with runner.operation():
            with refusal:
                document = await self._prepare(asked, execution, runner)
                _require_runnable(document.operation(asked.operation_name), may_write=may_write)
                async with runner.executing():
                    with refusal:
                        if execution.result is None:
                            execution.result = await self._execute(
                                document, asked, context, _middleware(extensions)
                            )
        refusal.raise_again()
        return self._answer(execution, await runner.get_extensions_results(execution))

    async def _prepare(
        self, asked: GraphQLRequest, execution: ExecutionContext, runner: SchemaExtensionsRunner
    ) -> Document:
        refusal = Refusal()
        async with runner.parsing():
            with refusal:
                document = self._documents.parse(asked.query)
                execution.graphql_document = document.ast
        refusal.raise_again()
        async with runner.validation():
            with refusal:
                self._documents.validate(document)
                # Rules of extensions may be made for the request, so what they say is not kept.
                if added := set(execution.validation_rules).difference(specified_rules):
                    self._documents.check(document, added)
        refusal.raise_again()
        return document

    async def _execute(
        self,
        document: Document,
        asked: GraphQLRequest,
        context: object,
        middleware: MiddlewareManager | None,
    ) -> ExecutionResult:
        executor = self._schema.execution_context_class.build(
            self._schema._schema,
            document.ast,
            context_value=context,
            raw_variable_values=asked.variables,
            operation_name=asked.operation_name,
            max_coercion_errors=self._limits.request_errors - 1,
            middleware=middleware,
            # It is the guard that graphql-core asks for, and declared as less.
            is_awaitable=optimized_is_awaitable,  # type: ignore[arg-type]
            hide_suggestions=not self._hints,
            operation_extensions=asked.extensions,
        )
        if isinstance(executor, list):
            raise InvalidOperation(
                Condition.UNEXECUTABLE,
                executor,
                ErrorCode.BAD_USER_INPUT,
            )
        result = executor.execute_operation()
        if isawaitable(result):
            result = await result
        return cast("ExecutionResult", result)  # in parts only with what __init__ refuses

    def _answer(
        self, execution: ExecutionContext, extensions: dict[str, object]
    ) -> GraphQLResponse:
        result = execution.result
        if result is None:
            raise RuntimeError("An extension took the result away.")
        answer = GraphQLResponse(data=result.data)
        if result.errors:
            answer["errors"] = format_field_errors(result.errors)
        if extensions:
            answer["extensions"] = extensions
        return answer

    def _execution_context(self, asked: GraphQLRequest, context: object) -> ExecutionContext:
        return ExecutionContext(
            query=asked.query,
            schema=self._schema,
            allowed_operations=OperationType,
            context=context,
            variables=asked.variables,
            provided_operation_name=asked.operation_name,
            operation_extensions=asked.extensions,
        )


class Refusal:
    """Keeps a `RequestError` until the hooks around it have ended.

    Hooks of extensions are generators, and most go on after their `yield` without a `finally`: as
    in `Schema.execute`, a request that is refused must not end them with an exception.
    """

    def __init__(self) -> None:
        self._error: RequestError | None = None

    def __enter__(self) -> None:
        """Nothing to prepare."""

    def __exit__(self, _type: object, error: BaseException | None, _traceback: object) -> bool:
        """Keeps a `RequestError`; anything else passes."""
        if isinstance(error, RequestError):
            self._error = error
        return self._error is error and error is not None

    def raise_again(self) -> None:
        """Raises what was kept, if anything was."""
        if self._error is not None:
            raise self._error


def _require_runnable(operation: OperationDefinitionNode, *, may_write: bool) -> None:
    """Refuses what this transport must not or cannot run; names the operation in the logs."""
    structlog.contextvars.bind_contextvars(
        operation=operation.name.value if operation.name else None
    )
    if operation.operation is Kind.SUBSCRIPTION:
        raise RequestError(
            Condition.MALFORMED, "A subscription has many answers; this connection carries one."
        )
    if operation.operation is Kind.MUTATION and not may_write:
        raise RequestError(
            Condition.METHOD_NOT_ALLOWED,
            "A mutation must be sent by POST.",
            headers={"Allow": "POST"},
        )


def _middleware(extensions: Sequence[SchemaExtension]) -> MiddlewareManager | None:
    """What wraps every resolver; None costs nothing, an empty one does."""
    wrapping = [each for each in extensions if type(each).resolve is not SchemaExtension.resolve]
    return MiddlewareManager(*wrapping) if wrapping else None
