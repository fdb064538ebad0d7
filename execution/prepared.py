"""An operation that is ready to be run: what follows from the document alone was done before.

`Executor.build` of graphql-core looks through the document for each request. Here a request is its
variables, a context and a plan.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
)
from graphql.execution.collect_fields import FragmentDetails
from graphql.execution.executor import Executor
from graphql.execution.values import VariableValues, get_variable_values

from execution.compiling import Unsupported
from execution.metrics import compiled_total, interpreted_total
from execution.operations import CompiledOperation
from execution.run import Result, Run
from execution.variables import PlainVariables

MakeExecutor: TypeAlias = Callable[[], Executor[Any]]
"""Makes graphql-core's executor of the same request, for whatever a plan leaves to it."""


class PreparedOperation:
    """One operation of a document, for one schema.

    Raises `Unsupported` for what graphql-core must run.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        *,
        writes_source: bool,
        most_errors: int | None = None,
    ) -> None:
        definitions = [d for d in document.definitions if isinstance(d, FragmentDefinitionNode)]
        if any(each.variable_definitions for each in definitions):
            raise Unsupported("fragment_variables")
        fragments = {each.name.value: FragmentDetails(each) for each in definitions}
        self._schema = schema
        self._operation = operation
        self._plain_variables = PlainVariables(schema, operation.variable_definitions or ())
        self._most_errors = most_errors
        self._is_mutation = operation.operation is OperationType.MUTATION
        self._compiled = CompiledOperation(
            schema, operation, fragments, writes_source=writes_source
        )

    def coerce(
        self, variables: dict[str, Any], *, most_errors: int, hides_suggestions: bool
    ) -> VariableValues | list[GraphQLError]:
        """The variables as the operation declares them, or what is wrong with them."""
        taken = self._plain_variables.take(variables)
        if taken is not None:
            return taken
        return get_variable_values(
            self._schema,
            self._operation.variable_definitions or (),
            variables,
            max_errors=most_errors,
            hide_suggestions=hides_suggestions,
        )

    def run(
        self,
        variables: VariableValues,
        context: Any,
        make_executor: MakeExecutor,
        *,
        hides_suggestions: bool,
    ) -> Result | None:
        """The result, at once where nothing takes longer; None for what graphql-core must run.

        Its data are for orjson: they may hold fragments.
        """
        try:
            plan = self._compiled.plan(variables, is_serial=self._is_mutation)
        except Unsupported as unsupported:
            interpreted_total.labels(unsupported.reason).inc()
            return None
        compiled_total.inc()
        return Run(
            plan,
            variables,
            context,
            None,
            make_executor,
            hides_suggestions=hides_suggestions,
            takes_fragments=True,
            most_errors=self._most_errors,
        ).execute()
