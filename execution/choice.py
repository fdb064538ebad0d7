"""Which executor runs the operations of a schema, by its name in the settings."""

from typing import Any, Literal, TypeAlias

from graphql.execution.executor import Executor
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from execution.executor import CompiledExecutor
from execution.shadow import ShadowExecutor

ExecutorName: TypeAlias = Literal["compiled", "core", "shadow"]


def executor_type(
    name: ExecutorName, *, writes_source: bool = True, shadow_share: float = 0.01
) -> type[Executor[Any]]:
    """The class for `execution_context_class`.

    `writes_source` is of the compiled one: without it plans are interpreted, to be debugged.
    `shadow_share` says of how many queries a shadow runs, from 0 to 1.
    """
    match name:
        case "core":
            return StrawberryGraphQLCoreExecutionContext
        case "compiled":
            return type("CompiledExecutor", (CompiledExecutor,), {"writes_source": writes_source})
        case "shadow":
            return type("ShadowExecutor", (ShadowExecutor,), {"share": shadow_share})
