"""Where the compiled execution plugs into graphql-core: `execution_context_class` of a schema.

graphql-core coerces the variables and builds an executor; this one runs a plan in place of walking
the operation. What plans do not cover runs on graphql-core, and is counted by its reason.
"""

from typing import Any, Final

from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, OperationType
from graphql.execution.executor import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.compiling import Unsupported
from execution.metrics import compiled_total, interpreted_total
from execution.operations import CompiledOperation
from execution.prepared import PreparedOperation
from execution.run import Result, Run

MOST_ERRORS: Final = 100
"""Errors of fields that one answer tells; what is beyond is null all the same."""


_KEPT: Final = "_pinery_compiled"
"""The attribute of an operation's node that has what it was compiled to, and so lives as long."""


class _Kept:
    """What one operation was compiled to, by schema. A copy of its node is another operation."""

    def __init__(self, operation: OperationDefinitionNode) -> None:
        self.operation = operation
        self._compiled: dict[
            tuple[int, bool], tuple[GraphQLSchema, CompiledOperation | Unsupported]
        ] = {}

    def get(self, executor: Executor[Any], *, writes_source: bool) -> CompiledOperation:
        """The operation, compiled. Raises `Unsupported`, each time alike."""
        key = (id(executor.schema), writes_source)
        if key not in self._compiled:
            compiled = _compile(executor, writes_source=writes_source)
            self._compiled[key] = (executor.schema, compiled)
        _, compiled = self._compiled[key]
        if isinstance(compiled, Unsupported):
            raise compiled
        return compiled


def _kept(operation: OperationDefinitionNode) -> _Kept:
    attributes = vars(operation)
    kept: _Kept | None = attributes.get(_KEPT)
    if kept is None or kept.operation is not operation:
        kept = attributes[_KEPT] = _Kept(operation)
    return kept


def _compile(executor: Executor[Any], *, writes_source: bool) -> CompiledOperation | Unsupported:
    try:
        return CompiledOperation(
            executor.schema, executor.operation, executor.fragments, writes_source=writes_source
        )
    except Unsupported as unsupported:
        return unsupported


def compiled_result(
    executor: Executor[Any],
    serially: bool | None = None,
    *,
    writes_source: bool = True,
    most_errors: int | None = None,
) -> Result | None:
    """The result of an executor's operation, run on a plan; None where graphql-core must do it."""
    try:
        _check(executor)
        operation = _kept(executor.operation).get(executor, writes_source=writes_source)
        is_mutation = executor.operation.operation is OperationType.MUTATION
        plan = operation.plan(
            executor.variable_values, is_serial=is_mutation if serially is None else serially
        )
    except Unsupported as unsupported:
        interpreted_total.labels(unsupported.reason).inc()
        return None
    compiled_total.inc()
    return Run(
        plan,
        executor.variable_values,
        executor.context_value,
        executor.root_value,
        lambda: executor,
        hides_suggestions=executor.hide_suggestions,
        most_errors=most_errors,
    ).execute()


def _check(executor: Executor[Any]) -> None:
    """Raises `Unsupported` for what an execution asks beyond its operation."""
    if executor.abort_signal is not None:
        raise Unsupported("abort_signal")
    if executor.hooks is not None:
        raise Unsupported("hooks")
    if executor.middleware_manager and executor.middleware_manager.middlewares:
        raise Unsupported("middleware")


class CompiledExecutor(StrawberryGraphQLCoreExecutionContext):
    """Runs operations on plans: queries, mutations, and each event of a subscription."""

    writes_source = True

    def execute_operation(self, serially: bool | None = None) -> Any:
        """The result, or what gives it when it is awaited, as graphql-core has it."""
        result = compiled_result(
            self, serially, writes_source=self.writes_source, most_errors=MOST_ERRORS
        )
        return super().execute_operation(serially) if result is None else result

    @classmethod
    def prepare(
        cls, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
    ) -> PreparedOperation | None:
        """An operation to be run often; None for one that graphql-core must run."""
        try:
            return PreparedOperation(
                schema,
                document,
                operation,
                writes_source=cls.writes_source,
                most_errors=MOST_ERRORS,
            )
        except Unsupported:
            return None
