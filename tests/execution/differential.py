"""Runs an operation on graphql-core and compiled, and says where the answers differ.

Without anything asynchronous both give the same, errors and their order included. Else graphql-core
drops what is slower than the error that nulls it, so its errors are a matter of time. Then both
must null the same positions, and each error of the compiled answer must be one that graphql-core
has where errors null nothing but their own field: there it drops none.
"""

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

from graphql import (
    DirectiveNode,
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLSchema,
    NameNode,
    OperationDefinitionNode,
)
from graphql.execution import Executor

from execution.executor import compiled_result

Told = tuple[str, tuple[str | int, ...], tuple[tuple[int, int], ...]]
"""An error: its message, path, and locations."""

PATIENCE_S = 30


@dataclass(frozen=True)
class Operation:
    """What is run; `context` and `root` make what each run has of its own.

    Drivers of stores have tasks of their own: `owns_tasks` says that there are none.
    """

    schema: GraphQLSchema
    document: DocumentNode
    variables: Mapping[str, object]
    root: Callable[[], object] = lambda: None
    context: Callable[[], object] = lambda: None
    executor_class: type[Executor[Any]] = Executor
    writes_source: bool = True
    owns_tasks: bool = True

    def executor(self, document: DocumentNode | None = None) -> Executor[Any] | None:
        """An executor for one run; None where variables are refused, which both leave to it."""
        built = self.executor_class.build(
            self.schema,
            document or self.document,
            root_value=self.root(),
            context_value=self.context(),
            raw_variable_values=dict(self.variables),
        )
        return None if isinstance(built, list) else built


class Unsupported(Exception):
    """The compiler leaves this operation to graphql-core."""


async def difference(operation: Operation, *, is_sync: bool) -> str | None:
    """How the compiled answer differs, in words; None if it does not.

    Raises `Unsupported` if there is no compiled answer.
    """
    executor = operation.executor()
    if executor is None:
        return None
    expected = await _settled(executor)
    before = asyncio.all_tasks()
    got = await compiled(operation, is_sync=is_sync)
    if operation.owns_tasks and (left := asyncio.all_tasks() - before):
        return f"tasks go on: {left}"
    if text(expected.data) != text(got.data):
        return f"data: expected {text(expected.data)}\n           got {text(got.data)}"
    if is_sync:
        return _difference_of_lists(told(expected), told(got))
    return await difference_in_kind(operation, expected, got)


async def interpreted(operation: Operation) -> ExecutionResult:
    """The answer of graphql-core, for an operation whose variables are not refused."""
    executor = operation.executor()
    assert executor is not None
    return await _settled(executor)


async def compiled(operation: Operation, *, is_sync: bool = False) -> ExecutionResult:
    """The compiled answer; an operation without anything asynchronous must have it at once."""
    executor = operation.executor()
    assert executor is not None
    result = compiled_result(executor, writes_source=operation.writes_source)
    if result is None:
        raise Unsupported
    if is_sync:
        assert isinstance(result, ExecutionResult), f"not at once: {result}"
        return result
    answer = await result if isawaitable(result) else result
    # What nobody needs any more is not waited for: graphql-core knows it, and lets it end.
    if executor.background_futures:
        await asyncio.wait(executor.background_futures)
    return answer


def told(result: ExecutionResult) -> list[Told]:
    """The errors of a result in a form that compares and sorts."""
    return [_told(error) for error in result.errors or ()]


def text(data: object) -> str:
    """Data as they are sent: the order of keys counts, and so does 1.0 for 1."""
    return json.dumps(data, default=repr)


def nulled(data: object, path: Iterable[str | int]) -> tuple[str | int, ...]:
    """The position that an error nulls: the place on its path where there is no more."""
    position: list[str | int] = []
    for key in path:
        if data is None:
            break
        position.append(key)
        data = cast("Any", data)[key]
    return tuple(position)


async def difference_in_kind(
    operation: Operation, expected: ExecutionResult, got: ExecutionResult
) -> str | None:
    """How the errors differ beyond what is a matter of time."""
    ours = [nulled(got.data, path) for _, path, _ in told(got)]
    theirs = {nulled(expected.data, path) for _, path, _ in told(expected)}
    if set(ours) != theirs:
        return f"nulled: expected {sorted(theirs, key=str)}\n             got {ours}"
    possible = await _possible_errors(operation)
    made_up = [each for each in told(got) if each not in possible]
    if made_up:
        return f"errors that nothing raised: {made_up}\n  of {sorted(possible, key=str)}"
    if len(set(told(got))) < len(ours):
        return f"errors told twice: {told(got)}"
    return None


async def _possible_errors(operation: Operation) -> set[Told]:
    """Every error there is: those of a run in which an error nulls only its own field."""
    executor = operation.executor(without_propagation(operation.document))
    assert executor is not None
    return set(told(await _settled(executor)))


def without_propagation(document: DocumentNode) -> DocumentNode:
    """The document with the directive by which graphql-core lets no null rise."""
    directive = DirectiveNode(name=NameNode(value="experimental_disableErrorPropagation"))
    definitions = [
        OperationDefinitionNode(
            **{key: getattr(each, key) for key in each.keys if key != "directives"},
            directives=(*(each.directives or ()), directive),
        )
        if isinstance(each, OperationDefinitionNode)
        else each
        for each in document.definitions
    ]
    return DocumentNode(definitions=tuple(definitions))


async def _settled(executor: Executor[Any]) -> ExecutionResult:
    """The result of graphql-core, once all that it left running has ended too."""
    before = asyncio.all_tasks()
    result = executor.execute_operation()
    answer = await result if isawaitable(result) else result
    while left := asyncio.all_tasks() - before:
        _, going_on = await asyncio.wait(left, timeout=PATIENCE_S)
        assert not going_on, f"left running: {going_on}"
    return cast("ExecutionResult", answer)


def _difference_of_lists(expected: Sequence[Told], got: Sequence[Told]) -> str | None:
    if list(expected) == list(got):
        return None
    lines = [
        "errors: " + ("in another order" if sorted(expected) == sorted(got) else ""),
        *(f"  expected {each}" for each in expected),
        *(f"       got {each}" for each in got),
    ]
    return "\n".join(lines)


def _told(error: GraphQLError) -> Told:
    locations = tuple((each.line, each.column) for each in error.locations or ())
    return (error.message, tuple(error.path or ()), locations)
