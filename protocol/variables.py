"""What an operation leaves to its variables: how long its lists are, and what is left out of it.

Variables are looked at as they came, before they are coerced. One of a wrong type says nothing
here; it is refused when the operation is executed.
"""

from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

import msgspec
from graphql import (
    BooleanValueNode,
    FieldNode,
    GraphQLArgument,
    GraphQLField,
    IntValueNode,
    ListValueNode,
    NullValueNode,
    OperationDefinitionNode,
    SelectionNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_nullable_type,
    is_list_type,
)

from protocol.strict_json import Json

Variables: TypeAlias = Mapping[str, Json]

Condition: TypeAlias = frozenset[tuple[str, bool]]
"""Variables, and what each must be for a selection to count."""

ALWAYS: Final[Condition] = frozenset()
"""The condition of what depends on no variable."""

_MOST_DIGITS: Final = 20
"""What an Int has are fewer; Python takes quadratic time for very many."""

LARGEST_PAGE: Final = 100
"""No page is longer: a field refuses to be asked for more, and gives nothing."""


def defaults_of(operation: OperationDefinitionNode) -> dict[str, Json]:
    """The defaults that an operation gives its variables; only lengths are kept of lists."""
    return {
        definition.variable.name.value: _plain(definition.default_value)
        for definition in operation.variable_definitions or ()
        if definition.default_value is not None
    }


def narrowed(condition: Condition, selection: SelectionNode) -> Condition | None:
    """A condition together with a selection's own `@skip` and `@include`; None for never."""
    for directive in selection.directives or ():
        wanted = {"include": True, "skip": False}.get(directive.name.value)
        if wanted is None:
            continue
        for argument in directive.arguments or ():
            match argument.value:
                case BooleanValueNode(value=value) if value is not wanted:
                    return None
                case VariableNode(name=name):
                    condition |= {(name.value, wanted)}
    return condition


def holds(condition: Condition, variables: Variables) -> bool:
    """Whether nothing in the variables is against it."""
    return not condition or all(
        variables.get(name) is not (not wanted) for name, wanted in condition
    )


class Size(msgspec.Struct, frozen=True):
    """How many items a field is asked for: the largest of what its arguments say, or `assumed`."""

    assumed: int
    said: tuple["Said", ...] = ()

    @classmethod
    def asked(
        cls, node: FieldNode, element: GraphQLField, assumed: int, arguments: Iterable[str]
    ) -> "Size":
        """The size that the named arguments of a field say; one it does not have says nothing."""
        given = {argument.name.value: argument.value for argument in node.arguments or ()}
        said = (
            Said.by(element.args[name], given.get(name))
            for name in arguments
            if name in element.args
        )
        return cls(assumed, tuple(each for each in said if each != NOTHING))

    @property
    def is_known(self) -> bool:
        """Whether no variable has a say."""
        return all(each.variable is None for each in self.said)

    def count(self, variables: Variables) -> int:
        """The size with these variables; never more than `LARGEST_PAGE` unless it is assumed."""
        if not self.said:
            return self.assumed
        counts = [count for each in self.said if (count := each.count(variables)) is not None]
        return min(max(0, *counts), LARGEST_PAGE) if counts else self.assumed


class Said(msgspec.Struct, frozen=True):
    """What one argument says of a size: the value of `variable`, or without that `value`."""

    value: Json = None
    variable: str | None = None
    is_list: bool = False

    @classmethod
    def by(cls, argument: GraphQLArgument, node: ValueNode | None) -> "Said":
        """What an argument says with a value, or without any by its default."""
        is_list = is_list_type(get_nullable_type(argument.type))
        default = None if argument.default_value is Undefined else argument.default_value
        match node:
            case None:
                said = cls(default, None, is_list)
            case VariableNode(name=name):
                said = cls(default, name.value, is_list)
            case _:
                said = cls(_plain(node), None, is_list)
        return said if said.variable or said.value is not None else NOTHING

    def count(self, variables: Variables) -> int | None:
        """The size that it says; None if it says nothing, or nothing of the right type."""
        value = self.value if self.variable is None else variables.get(self.variable, self.value)
        if value is None:
            return None
        if self.is_list:  # what is no list is taken as a list of one
            return len(value) if isinstance(value, list) else 1
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if type(value) is int else None


NOTHING: Final = Said()
"""What an argument says that is null, or not given and without a default."""


def _plain(node: ValueNode) -> Json:
    """A literal as a size or a condition needs it."""
    match node:
        case NullValueNode():
            return None
        case BooleanValueNode(value=is_true):
            return is_true
        case IntValueNode(value=digits):
            return int(digits[:_MOST_DIGITS])
        case ListValueNode(values=values):
            return [None] * len(values)
    return ""
