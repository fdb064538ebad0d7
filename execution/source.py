"""Plans as Python source: a function for each selection, and one for each field of a layer.

What can be told by the exact class of a value is written out; anything else is a call of
`Completion`. Into the text go response keys as literals, attribute names of the schema, and
numbers; everything else is a constant of the function's globals. The text is in `linecache`, so
tracebacks show its lines and a debugger steps through them.

    def build_3(o, run):  # Pin
        try: v0 = o.title
        except Exception as error: v0 = run.fail(error, F7)
        else: v0 = v0 if v0 is None or type(v0) is str else C7_0(v0, run)
        objects, results = run.queues[S3]
        d = {'__typename': 'Pin', 'title': v0, 'creator': None}
        objects.append(o); results.append(d)
        return d

    def complete_9(values, results, run):  # Pin.creator
        for v, d in zip(values, results):
            d['creator'] = B4(v, run) if type(v) in A4 else C9_0(v, run)
"""

import linecache
from collections.abc import Callable
from enum import Enum
from itertools import count
from typing import Any, Final
from weakref import finalize

from graphql import (
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLFloat,
    GraphQLID,
    GraphQLInt,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
)
from strawberry.schema.schema_converter import CustomGraphQLEnumType

from domain.record import Record
from execution.classes import record_types
from execution.completion import Completion, SelectionOf
from execution.fields import How
from execution.fragments import may_vary, remembering
from execution.plan import Branches, Build, FieldPlan, Place, Selection

_IS_USUAL: Final = {
    GraphQLString.name: "type({v}) is str",
    GraphQLID.name: "type({v}) is str",
    GraphQLBoolean.name: "type({v}) is bool",
    GraphQLInt.name: "(type({v}) is int and -2147483648 <= {v} <= 2147483647)",
    GraphQLFloat.name: "(type({v}) is float and {v} - {v} == 0.0)",
}
"""What a value is that stands in the answer as it is: of its very class, in range, and finite."""

_BUILT_IN: Final = {
    each.name: each for each in (GraphQLString, GraphQLID, GraphQLBoolean, GraphQLInt, GraphQLFloat)
}

_serial = count()


class SourceWriter:
    """Writes and compiles the functions of one plan."""

    def __init__(self, schema: GraphQLSchema, name: str, selection_of: SelectionOf) -> None:
        self._name = name
        # Of these, objects are the same from one request to the next; others are made for one.
        self._record_types = frozenset(
            type for cls, type in record_types(schema).items() if issubclass(cls, Record)
        )
        self._selection_of = selection_of
        self._globals: dict[str, Any] = {"LISTS": frozenset({list, tuple})}
        self._filenames: list[str] = []
        # Tracebacks want the text as long as the plan lives, and nobody does after it.
        finalize(self, _forget, self._filenames)

    def selection(self, selection: Selection) -> None:
        """Gives a selection and the fields of its layer their functions; its children have theirs.

        What this adds to the globals belongs to numbers of the plan, so it can come later too.
        """
        number = selection.number
        lines = [f"def build_{number}(o, run):  # {selection.type.name}"]
        pairs = []
        for field in selection.fields:
            if field.place is Place.CONSTANT:
                value = repr(selection.type.name)
            elif field.place is Place.AT_ONCE:
                value = f"v{field.number}"
                lines += self._at_once(field, value)
            else:
                value = "None"
            pairs.append(f"{field.key!r}: {value}")
        built = f"{{{', '.join(pairs)}}}"
        if selection.jobs:
            self._globals[f"S{number}"] = selection
            lines += [
                f"    objects, results = run.queues[S{number}]",
                f"    d = {built}",
                "    objects.append(o); results.append(d)",
                "    return d",
            ]
        else:
            lines.append(f"    return {built}")
        for _, field in selection.jobs:
            lines += self._layer(field)
        varying: list[FieldPlan] = []
        if selection.type in self._record_types:
            varying += filter(may_vary, selection.fields)
        for field in varying:
            lines += self._alone(field)
        functions = self._compile(f"{selection.type.name}_{number}", "\n".join(lines) + "\n")
        selection.build = functions[f"build_{number}"]
        for _, field in selection.jobs:
            field.complete_layer = functions[f"complete_{field.number}"]
        for field in varying:
            field.value = functions[f"value_{field.number}"]
        if selection.type in self._record_types:
            selection.build = remembering(selection, selection.build)

    def _at_once(self, field: FieldPlan, v: str) -> list[str]:
        number = field.number
        self._globals[f"F{number}"] = field
        return [
            f"    try: {v} = {self._call(field)}",
            f"    except Exception as error: {v} = run.fail(error, F{number})",
            f"    else: {v} = {self._completed(field, 0, v)}",
        ]

    def _alone(self, field: FieldPlan) -> list[str]:
        return [
            "",
            f"def value_{field.number}(o, run):  # {field.parent_type.name}.{field.name}",
            *self._at_once(field, "v"),
            "    return v",
        ]

    def _layer(self, field: FieldPlan) -> list[str]:
        return [
            "",
            f"def complete_{field.number}(values, results, run):"
            f"  # {field.parent_type.name}.{field.name}",
            "    for v, d in zip(values, results):",
            f"        d[{field.key!r}] = {self._completed(field, 0, 'v')}",
        ]

    def _call(self, field: FieldPlan) -> str:
        """What gives the raw value of the object `o`."""
        resolution, number = field.resolution, field.number
        if resolution.how is How.ATTRIBUTE:
            return f"o.{resolution.attribute}"
        given = ["o"]
        if resolution.how is How.RESOLVER:
            given.append(f"run.raw_infos[F{number}]")
        elif resolution.takes_info:
            given.append(f"info=run.infos[F{number}]")
        if field.arguments is not None:
            given.append(f"**run.arguments[F{number}]")
        if resolution.call is None:
            return f"run.executor.field_resolver({', '.join(given)})"
        self._globals[f"R{number}"] = resolution.call
        return f"R{number}({', '.join(given)})"

    def _completed(self, field: FieldPlan, depth: int, v: str) -> str:
        """What gives the completed value of a raw one, which has a name."""
        completion = Completion(field, depth, self._selection_of)
        return self._expression(field, depth, v, completion)

    def _expression(self, field: FieldPlan, depth: int, v: str, completion: Completion) -> str:
        level = field.levels[depth]
        otherwise = f"C{field.number}_{depth}"
        self._globals[otherwise] = completion
        if level.is_list:
            item = f"x{depth}"
            items = self._expression(field, depth + 1, item, completion.items)
            source = f"run.take({v})" if field.child is not None else v
            listed = f"[{items} for {item} in {source}]"
            return f"{listed} if type({v}) in LISTS else {otherwise}({v}, run)"
        if isinstance(field.child, Selection):
            return self._object(field.child, v, otherwise)
        if isinstance(field.child, Branches):
            builders = f"D{field.number}"
            self._globals[builders] = field.child.builders.get
            return f"{builders}(type({v}), {otherwise})({v}, run)"
        return self._leaf(field, depth, v, completion, otherwise)

    def _object(self, selection: Selection, v: str, otherwise: str) -> str:
        accepted, build = f"A{selection.number}", f"B{selection.number}"
        self._globals[accepted] = selection.accepted
        self._globals[build] = selection.build
        return f"{build}({v}, run) if type({v}) in {accepted} else {otherwise}({v}, run)"

    def _leaf(
        self, field: FieldPlan, depth: int, v: str, completion: Completion, otherwise: str
    ) -> str:
        level = field.levels[depth]
        named = level.type
        usual = _usual(named)
        if usual is not None:
            test = usual.format(v=v)
            if not level.is_non_null:
                test = f"{v} is None or {test}"
            return f"{v} if {test} else {otherwise}({v}, run)"
        if isinstance(named, CustomGraphQLEnumType):
            names = f"N{field.number}_{depth}"
            self._globals[names] = _names(named).get
            written = f"{names}(id({v})) or {otherwise}({v}, run)"
            return written if level.is_non_null else f"None if {v} is None else {written}"
        assert isinstance(named, GraphQLScalarType | GraphQLEnumType)  # noqa: S101  # what is left
        plain, coerce = f"K{field.number}_{depth}", f"Z{field.number}_{depth}"
        self._globals[plain] = completion.plain
        self._globals[coerce] = _coercion(named.coerce_output_value, completion)
        written = f"{coerce}({v}, run) if type({v}) in {plain} else {otherwise}({v}, run)"
        return written if level.is_non_null else f"None if {v} is None else {written}"

    def _compile(self, name: str, text: str) -> dict[str, Any]:
        filename = f"<operation {self._name} {next(_serial)}: {name}>"
        functions: dict[str, Any] = {}
        exec(compile(text, filename, "exec"), self._globals, functions)  # noqa: S102  # see above
        # Without a time it is never looked for on disk.
        linecache.cache[filename] = (len(text), None, text.splitlines(keepends=True), filename)
        self._filenames.append(filename)
        return functions


def _usual(named: object) -> str | None:
    """The test for a value that stands in the answer as it is; None where there is none."""
    if not isinstance(named, GraphQLScalarType):
        return None
    if named is _BUILT_IN.get(named.name):
        return _IS_USUAL[named.name]
    # A scalar that is written as text, which most of them are.
    return _IS_USUAL["String"] if named.coerce_output_value is str else None


def _names(enum: CustomGraphQLEnumType) -> dict[int, str]:
    """The names of an enum's members, by the identity of each: what is only equal is no member."""
    members: list[Enum] = list(enum.wrapped_cls)
    return {id(member): enum.coerce_output_value(member) for member in members}


def _coercion(coerce: Callable[[Any], Any], completion: Completion) -> Build:
    """Writes a leaf value of a class that was met before."""

    def completed(value: Any, run: Any) -> Any:
        try:
            written = coerce(value)
        except Exception:
            written = None
        # What is wrong is found and told once more, where everything unusual is.
        return completion(value, run) if written is None or written is Undefined else written

    return completed


def _forget(filenames: list[str]) -> None:
    for filename in filenames:
        linecache.cache.pop(filename, None)
