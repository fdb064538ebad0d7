"""Values that are not the usual ones: awaitables, errors, nulls, types that must be asked.

Generated source completes what it can tell by the class of a value alone. Everything else comes
here, and is done as the specification says and graphql-core does (6.4.3, Value Completion), with
graphql-core's own functions and messages.
"""

from collections.abc import AsyncIterable, Callable, Iterable, Iterator
from types import GeneratorType
from typing import TYPE_CHECKING, Any

from graphql import GraphQLAbstractType, GraphQLError, GraphQLObjectType, Undefined
from graphql.execution.executor import Executor, invalid_return_type_error
from graphql.pyutils import is_iterable

from execution.classes import asks_types, is_decided, record_types
from execution.marks import Failure, Pending
from execution.plan import Branches, FieldPlan, Level, Selection

if TYPE_CHECKING:
    from execution.run import Run

SelectionOf = Callable[[Branches, GraphQLObjectType], Selection]
"""The selection of a concrete type behind an interface or a union, compiled when it is new."""


class Completion:
    """Completes any value of a field, or of an item of its list at some depth.

    `plain` are the classes of leaf values that were met, and are neither awaitable nor an error.
    """

    __slots__ = ("_depth", "_field", "_items", "_level", "_selection_of", "plain")

    def __init__(self, field: FieldPlan, depth: int, selection_of: SelectionOf) -> None:
        self._field = field
        self._depth = depth
        self._level: Level = field.levels[depth]
        self._selection_of = selection_of
        self._items = Completion(field, depth + 1, selection_of) if self._level.is_list else None
        self.plain: set[type] = set()

    @property
    def items(self) -> "Completion":
        """Completes the items of a list."""
        assert self._items is not None  # noqa: S101  # only lists have them
        return self._items

    def __call__(self, value: Any, run: "Run") -> Any:
        """The completed value; a failure or something pending stands for itself."""
        kind = type(value)
        if kind is Failure or kind is Pending:
            return value
        if run.executor.is_awaitable(value):
            return self._wait(value, run, self)
        if isinstance(value, Exception):
            return self._fail(value, run)
        if value is None or value is Undefined:
            return self._fail(self._null(), run) if self._level.is_non_null else None
        return self._complete(value, run)

    def _complete(self, value: Any, run: "Run") -> Any:
        child = self._field.child
        if self._items is not None:
            return self._list(value, run)
        if isinstance(child, Selection):
            return self._object(child, value, run)
        if isinstance(child, Branches):
            return self._abstract(child, value, run)
        return self._leaf(value, run)

    def _leaf(self, value: Any, run: "Run") -> Any:
        try:
            completed = Executor.complete_leaf_value(self._level.type, value)  # type: ignore[arg-type]  # a leaf type
        except Exception as error:
            return self._fail(error, run)
        if type(value) is not GeneratorType:  # some of which are awaitable
            self.plain.add(type(value))
        return completed

    def _list(self, value: Any, run: "Run") -> Any:
        if run.executor.is_async_iterable(value):
            return self._wait(_collect(value), run, self._list)
        items = self.items
        completed: list[Any] = []
        try:
            if not is_iterable(value):
                field = self._field
                raise GraphQLError(
                    "Expected Iterable, but did not find one for field"
                    f" '{field.parent_type}.{field.name}'."
                )
            for each in value:
                if self._field.child is not None:
                    run.take((each,))
                completed.append(items(each, run))
        except Exception as error:
            failure = self._fail(error, run)
            failure.before = completed
            return failure
        return completed

    def _object(self, selection: Selection, value: Any, run: "Run") -> Any:
        is_type_of = selection.type.is_type_of
        if is_type_of is not None:
            try:
                answer = is_type_of(value, run.raw_infos[self._field])
            except Exception as error:
                return self._fail(error, run)
            if run.executor.is_awaitable(answer):
                return self._wait(
                    answer, run, lambda is_one, run: self._build(selection, value, is_one, run)
                )
            if not answer:
                return self._build(selection, value, False, run)
        kind = type(value)
        if is_decided(selection.type, kind):
            selection.accepted.add(kind)
        return selection.build(value, run)

    def _build(self, selection: Selection, value: Any, is_one: Any, run: "Run") -> Any:
        if is_one:
            return selection.build(value, run)
        return self._fail(
            invalid_return_type_error(selection.type, value, self._field.details), run
        )

    def _abstract(self, branches: Branches, value: Any, run: "Run") -> Any:
        resolve = branches.type.resolve_type or run.executor.type_resolver
        try:
            name = resolve(value, run.raw_infos[self._field], branches.type)
        except Exception as error:
            return self._fail(error, run)
        if run.executor.is_awaitable(name):
            return self._wait(
                name, run, lambda name, run: self._concrete(branches, value, name, run)
            )
        return self._concrete(branches, value, name, run)

    def _concrete(self, branches: Branches, value: Any, name: Any, run: "Run") -> Any:
        try:
            type_ = self._runtime_type(branches.type, value, name, run)
            selection = self._selection_of(branches, type_)
        except Exception as error:
            return self._fail(error, run)
        completed = self._object(selection, value, run)
        kind = type(value)
        if record_types(run.plan.schema).get(kind) is type_ and asks_types(branches.type):
            branches.builders[kind] = selection.build
        return completed

    def _runtime_type(
        self, abstract: GraphQLAbstractType, value: Any, name: Any, run: "Run"
    ) -> GraphQLObjectType:
        field = self._field
        return run.executor.ensure_valid_runtime_type(
            name, abstract, field.details, run.raw_infos[field], value
        )

    def _wait(self, awaitable: Any, run: "Run", then: "Callable[[Any, Run], Any]") -> Pending:
        pending = Pending(awaitable, self._field, self._depth, then)
        run.pending.append(pending)
        return pending

    def _fail(self, error: Exception, run: "Run") -> Failure:
        return run.fail(error, self._field, self._depth)

    def _null(self) -> TypeError:
        field = self._field
        return TypeError(
            f"Cannot return null for non-nullable field {field.parent_type}.{field.name}."
        )


async def _collect(values: AsyncIterable[Any]) -> Iterable[Any]:
    collected: list[Any] = []
    try:
        async for each in values:
            collected.append(each)
    except Exception as error:
        return _break_off(collected, error)
    return collected


def _break_off(values: list[Any], error: Exception) -> Iterator[Any]:
    yield from values
    raise error
