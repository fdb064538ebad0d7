"""What a field is called with: coerced by graphql-core, converted by Strawberry, and remembered.

All objects of a layer share the arguments of a field, so whoever gets them must not change them.
Where they follow from a few small variables, requests that have equal ones share them too.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from graphql import (
    FieldNode,
    GraphQLField,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    Undefined,
    VariableNode,
    Visitor,
    visit,
)
from graphql.execution.values import get_argument_values
from strawberry import ID
from strawberry.types.arguments import convert_arguments
from strawberry.types.base import StrawberryOptional
from strawberry.types.field import StrawberryField

from resolvers.declaration import Declaration

if TYPE_CHECKING:
    from execution.run import Run


class Convert:
    """Makes the keywords of a declared function of what graphql-core coerced.

    `plain` are the arguments that Strawberry takes as they are, by their names in the schema, with
    those in Python; `schema` is Strawberry's.
    """

    def __init__(self, field: StrawberryField, declaration: Declaration, schema: Any) -> None:
        self._arguments = field.arguments
        self._declaration = declaration
        self._config = schema.config
        self._scalars = schema.schema_converter.scalar_registry
        name_of = schema.config.name_converter.get_graphql_name
        self.plain = {
            name_of(each): each.python_name for each in field.arguments if _is_plain(each.type)
        }

    def __call__(self, values: dict[str, Any]) -> dict[str, Any]:
        """The keywords of any arguments."""
        return self.keywords(
            convert_arguments(
                values, self._arguments, scalar_registry=self._scalars, config=self._config
            )
        )

    def keywords(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The keywords of arguments that are converted."""
        return self._declaration.keywords(given)


_MOST_REMEMBERED: Final = 128
_LONGEST_REMEMBERED: Final = 256
"""Characters of a variable: together with the number of entries it bounds what a plan keeps."""

_SMALL: Final = frozenset({"Int", "Boolean", "String", "ID"})
"""Types whose values are small, and equal only if they are the same."""

_ABSENT: Final = object()


class Arguments:
    """The arguments of one field of a plan."""

    __slots__ = ("_convert", "_definition", "_node", "_plain", "_remembered", "_variables")

    def __init__(
        self,
        definition: GraphQLField,
        node: FieldNode,
        operation: OperationDefinitionNode,
        convert: Convert | None,
    ) -> None:
        self._definition = definition
        self._node = node
        self._convert = convert
        self._variables = variables_in(node)
        self._plain = None if convert is None else _plain_variables(definition, node, convert)
        # Who is not declared may change what it is given.
        is_remembered = convert is not None and self._variables <= _small_variables(operation)
        self._remembered: dict[tuple[Any, ...], dict[str, Any]] | None = (
            {} if is_remembered else None
        )

    @property
    def are_constant(self) -> bool:
        """Whether they are the same in every execution."""
        return not self._variables

    def of(self, run: "Run") -> Mapping[str, Any]:
        """The arguments in one execution.

        Raises what is wrong with them, which is the field's error.
        """
        if self._remembered is None:
            return self._coerced(run)
        values = run.variables.coerced
        key = tuple([values.get(name, _ABSENT) for name in self._variables])
        known = self._remembered.get(key)
        if known is None:
            known = self._coerced(run)
            if not any(isinstance(each, str) and len(each) > _LONGEST_REMEMBERED for each in key):
                if len(self._remembered) >= _MOST_REMEMBERED:
                    self._remembered.clear()
                self._remembered[key] = known
        return known

    def _coerced(self, run: "Run") -> dict[str, Any]:
        if self._plain is not None and self._convert is not None:
            given = run.variables.coerced
            plain = {name: given.get(variable) for name, variable in self._plain.items()}
            # What an absent one means, or a null one, graphql-core knows.
            if None not in plain.values():
                return self._convert.keywords(plain)
        values = get_argument_values(
            self._definition, self._node, run.variables, None, run.hides_suggestions
        )
        return values if self._convert is None else self._convert(values)


def _is_plain(type: object) -> bool:
    """Whether values of a type are the same to Strawberry as to graphql-core."""
    if isinstance(type, StrawberryOptional):
        return _is_plain(type.of_type)
    return type in (str, int, bool, float, ID)


def _plain_variables(
    definition: GraphQLField, node: FieldNode, convert: Convert
) -> dict[str, str] | None:
    """The variables that are plain arguments, by the names in Python; None where not all are."""
    variables: dict[str, str] = {}
    for argument in node.arguments or ():
        name, value = argument.name.value, argument.value
        if not isinstance(value, VariableNode) or name not in convert.plain:
            return None
        variables[convert.plain[name]] = value.name.value
    given = {argument.name.value for argument in node.arguments or ()}
    others = [each for name, each in definition.args.items() if name not in given]
    has_defaults = any(
        each.default is not None or each.default_value is not Undefined for each in others
    )
    return None if has_defaults else variables


def variables_in(node: FieldNode) -> frozenset[str]:
    """The variables in a field's arguments."""
    found = _Variables()
    for argument in node.arguments or ():
        visit(argument, found)
    return frozenset(found.names)


class _Variables(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        """Notes a variable."""
        self.names.add(node.name.value)


def _small_variables(operation: OperationDefinitionNode) -> frozenset[str]:
    small = set()
    for definition in operation.variable_definitions or ():
        type = definition.type
        if isinstance(type, NonNullTypeNode):
            type = type.type
        if isinstance(type, NamedTypeNode) and type.name.value in _SMALL:
            small.add(definition.variable.name.value)
    return frozenset(small)
