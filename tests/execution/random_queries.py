"""Random valid operations over a schema, and values for their variables."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any, cast

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    Undefined,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
    parse,
    validate,
)

_ATTEMPTS = 20
_BOOLEAN = GraphQLNonNull(GraphQLBoolean)


@dataclass(frozen=True)
class Query:
    """The text of a valid document with one operation, and some values for its variables."""

    text: str
    variables: Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class _Variable:
    type_: Any
    default: str | None


@dataclass
class _Writer:
    """Writes one operation; whether it is valid is for graphql-core to say."""

    schema: GraphQLSchema
    rng: Random
    has_variables: bool = True
    variables: dict[str, _Variable] = field(default_factory=dict)
    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)

    def operation(self, root: GraphQLObjectType, kind: str) -> str:
        """The whole document."""
        selections = self.selections(root, depth=self.rng.choice((2, 3, 3, 4)), is_root=True)
        parts = [selections] + [
            f"fragment {name} on {type_} {text}" for name, (type_, text) in self.fragments.items()
        ]
        body = "\n".join(parts)
        used = set(re.findall(r"\$(v\d+)", body))
        self.variables = {name: v for name, v in self.variables.items() if name in used}
        declared = ", ".join(
            f"${name}: {each.type_}" + (f" = {each.default}" if each.default is not None else "")
            for name, each in self.variables.items()
        )
        return f"{kind} Random{f'({declared})' if declared else ''} {body}"

    def selections(self, type_: Any, depth: int, *, is_root: bool = False) -> str:
        """A selection set of a composite type; `depth` more levels of objects may follow."""
        fields = getattr(type_, "fields", {})
        names = [n for n, f in fields.items() if depth > 0 or is_leaf_type(get_named_type(f.type))]
        chosen: list[str] = []
        for _ in range(self.rng.randint(1, 3 if is_root else 4)):
            roll = self.rng.random()
            if names and roll < 0.7:
                name = self.rng.choice(names)
                chosen.append(self.field(name, fields[name], depth))
            elif roll < 0.85 and depth > 0:
                chosen.append(self.inline_fragment(type_, depth))
            elif roll < 0.95 and depth > 0:
                chosen.append(self.spread(type_, depth))
            else:
                chosen.append("__typename")
        if chosen and self.rng.random() < 0.15:
            chosen.append(self.rng.choice(chosen))
        return "{ " + " ".join(chosen) + " }"

    def field(self, name: str, definition: GraphQLField, depth: int) -> str:
        """A field, sometimes by another name, with what it needs."""
        key = f"{self.rng.choice('xyz')}{name}" if self.rng.random() < 0.2 else name
        called = name + self.arguments(definition)
        # The same name has one meaning throughout, so that all that share it can be merged.
        while self.meanings.setdefault(key, f"{called} {definition.type}") != (
            f"{called} {definition.type}"
        ):
            kept, _, type_ = self.meanings[key].rpartition(" ")
            if str(definition.type) == type_ and self.rng.random() < 0.5:
                called = kept
            else:
                key = f"n{len(self.meanings)}"
        named = get_named_type(definition.type)
        below = "" if is_leaf_type(named) else " " + self.selections(named, depth - 1)
        alias = "" if key == name else f"{key}: "
        return f"{alias}{called}{self.directives()}{below}"

    def arguments(self, definition: GraphQLField) -> str:
        """The arguments of a field in parentheses; nothing if it is given none."""
        given = [
            f"{name}: {self.argument(each)}"
            for name, each in definition.args.items()
            if is_required_argument(each) or self.rng.random() < 0.6
        ]
        return f"({', '.join(given)})" if given else ""

    def inline_fragment(self, type_: Any, depth: int) -> str:
        """`...`, with or without a type condition."""
        condition = self.condition(type_)
        named = f" on {condition}" if self.rng.random() < 0.8 or condition != type_ else ""
        return f"...{named}{self.directives()} {self.selections(condition, depth - 1)}"

    def spread(self, type_: Any, depth: int) -> str:
        """A spread of a fragment: of one that is there, or of a new one."""
        condition = self.condition(type_)
        fitting = [n for n, (on, _) in self.fragments.items() if on == condition.name]
        if fitting and self.rng.random() < 0.5:
            name = self.rng.choice(fitting)
        else:
            text = self.selections(condition, depth - 1)
            name = f"F{len(self.fragments)}"
            self.fragments[name] = (condition.name, text)
        return f"...{name}{self.directives()}"

    def condition(self, type_: Any) -> Any:
        """A type that something of the given type may be."""
        possible = self._possible(type_)
        others = [
            other
            for other in self.schema.type_map.values()
            if is_abstract_type(other) and possible & self._possible(other)
        ]
        return self.rng.choice(
            [type_, *(self.schema.get_type(n) for n in sorted(possible)), *others]
        )

    def directives(self) -> str:
        """Sometimes `@skip` or `@include` or both, most often told by a variable."""
        written = ""
        for name in ("skip", "include"):
            if self.rng.random() < 0.1:
                variable = self._choice()
                value = variable if self.rng.random() < 0.8 else self.rng.choice(("true", "false"))
                written += f" @{name}(if: {value})"
        return written

    def _choice(self) -> str:
        """A variable that is true or false; with null, graphql-core only has an error."""
        fitting = [name for name, each in self.variables.items() if each.type_ is _BOOLEAN]
        if fitting and self.rng.random() < 0.5:
            return f"${self.rng.choice(fitting)}"
        name = f"v{len(self.variables)}"
        self.variables[name] = _Variable(_BOOLEAN, self.rng.choice((None, None, "true", "false")))
        return f"${name}"

    def argument(self, definition: GraphQLArgument) -> str:
        """A value of an argument: a literal, or a variable."""
        if self.has_variables and self.rng.random() < 0.4:
            has_default = definition.default_value is not Undefined
            return self._variable(definition.type, place_has_default=has_default)
        return self.literal(definition.type)

    def literal(self, type_: Any) -> str:
        """A literal; inside objects and lists there may be variables."""
        if not isinstance(type_, GraphQLNonNull) and self.rng.random() < 0.1:
            return "null"
        inner = get_nullable_type(type_)
        if isinstance(inner, GraphQLList):
            if self.rng.random() < 0.2:
                return self.literal(GraphQLNonNull(get_nullable_type(inner.of_type)))
            count = self.rng.randrange(3)
            return "[" + ", ".join(self._nested(inner.of_type) for _ in range(count)) + "]"
        if isinstance(inner, GraphQLInputObjectType):
            given = {
                name: self._nested(each.type)
                for name, each in inner.fields.items()
                if self.rng.random() < 0.6
            }
            return "{" + ", ".join(f"{name}: {value}" for name, value in given.items()) + "}"
        if isinstance(inner, GraphQLEnumType):
            return str(self.rng.choice(list(inner.values)))
        values = {
            "Int": ["0", "12", "-5"],
            "Float": ["0", "1.5", "-2e3"],
            "String": ['""', '"word"', '"""block"""'],
            "Boolean": ["true", "false"],
            "ID": ['"id"', "7"],
        }
        return self.rng.choice(values.get(inner.name, ["1", '"text"', "[1, 2]", "{a: 1}"]))

    def _nested(self, type_: Any) -> str:
        if self.has_variables and self.rng.random() < 0.25:
            return self._variable(type_)
        return self.literal(type_)

    def _variable(self, type_: Any, *, place_has_default: bool = False) -> str:
        fitting = [name for name, each in self.variables.items() if each.type_ == type_]
        if fitting and self.rng.random() < 0.4:
            return f"${self.rng.choice(fitting)}"
        default = None
        if self.rng.random() < 0.4:
            plain = _Writer(self.schema, self.rng)
            default = plain._constant(type_)
        declared = type_
        if isinstance(type_, GraphQLNonNull) and (default or place_has_default):
            # A default makes room for null: what is sent then is wrong where it is used.
            declared = self.rng.choice((type_, type_.of_type))
        name = f"v{len(self.variables)}"
        self.variables[name] = _Variable(declared, default)
        return f"${name}"

    def _constant(self, type_: Any) -> str | None:
        for _ in range(_ATTEMPTS):
            text = self.literal(type_)
            if "$" not in text:
                return text
            self.variables.clear()
        return None

    def _possible(self, type_: Any) -> set[str]:
        if is_abstract_type(type_):
            return {each.name for each in self.schema.get_possible_types(cast("Any", type_))}
        return {type_.name}


def random_queries(
    schema: GraphQLSchema,
    rng: Random,
    count: int,
    *,
    mutates: bool = True,
    has_variables: bool = True,
) -> Iterator[Query]:
    """Valid operations, at most `count`; what is invalid or too large is left out.

    Without variables, only `@skip` and `@include` have some.
    """
    for _ in range(count):
        is_mutation = mutates and rng.random() < 0.2
        root = schema.mutation_type if is_mutation else schema.query_type
        assert root is not None
        writer = _Writer(schema, rng, has_variables)
        text = writer.operation(root, "mutation" if is_mutation else "query")
        if len(text) < 2_000 and not validate(schema, parse(text)):
            variables = [_values(schema, rng, writer.variables) for _ in range(3)]
            yield Query(text, variables)


def _values(
    schema: GraphQLSchema, rng: Random, variables: Mapping[str, _Variable]
) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, each in variables.items():
        is_required = isinstance(each.type_, GraphQLNonNull) and each.default is None
        if is_required or rng.random() < 0.75:
            values[name] = _value(rng, each.type_)
    return values


def _value(rng: Random, type_: Any) -> object:
    """A value of an input type as JSON has it."""
    if not isinstance(type_, GraphQLNonNull) and rng.random() < 0.2:
        return None
    inner = get_nullable_type(type_)
    if isinstance(inner, GraphQLList):
        return [_value(rng, inner.of_type) for _ in range(rng.randrange(3))]
    if isinstance(inner, GraphQLInputObjectType):
        return {
            name: _value(rng, each.type)
            for name, each in inner.fields.items()
            if rng.random() < 0.6
        }
    if isinstance(inner, GraphQLEnumType):
        return rng.choice(list(inner.values))
    kinds: dict[str, list[object]] = {
        "Int": [0, 12, -5],
        "Float": [0, 1.5, -2000],
        "String": ["", "word"],
        "Boolean": [True, False],
        "ID": ["id", 7],
    }
    return rng.choice(kinds.get(inner.name, [1, "text", [1, 2], {"a": 1}]))
