"""Plans without source: the same functions, which look at the plan each time.

Several times slower, and simple: to find out whether a fault is in the generated source or in what
it is made from. `PINERY_EXECUTOR_SOURCE=false` chooses it.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from graphql import GraphQLSchema

from execution.completion import Completion, SelectionOf
from execution.fields import How
from execution.plan import FieldPlan, Place, Selection

if TYPE_CHECKING:
    from execution.run import Run


class Interpreter:
    """Does with closures what `SourceWriter` does with source."""

    def __init__(self, schema: GraphQLSchema, name: str, selection_of: SelectionOf) -> None:
        self._selection_of = selection_of

    def selection(self, selection: Selection) -> None:
        """Gives a selection and the fields of its layer their functions."""
        completions = {field: self._completion(field) for field in selection.fields}

        def build(value: Any, run: "Run") -> dict[str, Any]:
            result = {
                field.key: self._value(selection, field, completions, value, run)
                for field in selection.fields
            }
            if selection.jobs:
                objects, results = run.queues[selection]
                objects.append(value)
                results.append(result)
            return result

        selection.build = build
        for _, field in selection.jobs:
            self._layer(field, completions[field])

    def _completion(self, field: FieldPlan) -> Completion:
        return Completion(field, 0, self._selection_of)

    def _value(
        self,
        selection: Selection,
        field: FieldPlan,
        completions: dict[FieldPlan, Completion],
        value: Any,
        run: "Run",
    ) -> Any:
        if field.place is Place.CONSTANT:
            return selection.type.name
        if field.place is Place.IN_LAYER:
            return None
        try:
            raw = _call(field, value, run)
        except Exception as error:
            return run.fail(error, field)
        return completions[field](raw, run)

    def _layer(self, field: FieldPlan, completion: Completion) -> None:
        def complete(values: Sequence[Any], results: Sequence[dict[str, Any]], run: "Run") -> None:
            for value, result in zip(values, results, strict=True):
                result[field.key] = completion(value, run)

        field.complete_layer = complete


def _call(field: FieldPlan, value: Any, run: "Run") -> Any:
    resolution = field.resolution
    if resolution.how is How.ATTRIBUTE:
        return getattr(value, resolution.attribute)
    arguments = run.arguments[field]
    call = resolution.call
    if resolution.how is How.RESOLVER:
        info = run.raw_infos[field]
        return (call or run.executor.field_resolver)(value, info, **arguments)
    assert call is not None  # noqa: S101  # only a resolver may be the default one
    if resolution.takes_info:
        return call(value, info=run.infos[field], **arguments)
    return call(value, **arguments)
