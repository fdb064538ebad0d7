"""The variables of an operation, where nothing about them needs graphql-core.

Nearly all variables are scalars, enums or lists of them, and nearly all values are right. Those are
taken here, in a tenth of the time. Whatever else comes goes to graphql-core as it came: so what is
accepted, and what is said of the rest, is the same.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from math import isfinite
from typing import Any, Final

from graphql import (
    GraphQLBoolean,
    GraphQLError,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputType,
    GraphQLInt,
    GraphQLLeafType,
    GraphQLSchema,
    GraphQLString,
    Undefined,
    VariableDefinitionNode,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.execution.get_variable_signature import get_variable_signature
from graphql.execution.values import VariableValues, VariableValueSource, get_variable_values
from graphql.type.scalars import GRAPHQL_MAX_INT, GRAPHQL_MIN_INT

_Coerce = Callable[[Any], Any]
"""The value of an input; `Undefined` for whatever graphql-core must look at."""

_PLAIN: Final[dict[GraphQLLeafType, type]] = {
    GraphQLString: str,
    GraphQLID: str,
    GraphQLBoolean: bool,
}
"""Scalars, with the one Python type whose values are taken as they are."""

_UNCHANGING: Final = (str, int, float, bool, Enum, type(None))
"""What defaults can be that all requests share."""


class PlainVariables:
    """The variables of one operation, as far as all of them are plain."""

    def __init__(self, schema: GraphQLSchema, nodes: Sequence[VariableDefinitionNode]) -> None:
        variables = [_plain(schema, node) for node in nodes]
        self._variables = [each for each in variables if each is not None]
        self._are_all_plain = len(self._variables) == len(nodes)

    def take(self, given: dict[str, Any]) -> VariableValues | None:
        """The variables with these inputs; None for what graphql-core must look at."""
        if not self._are_all_plain:
            return None
        sources: dict[str, VariableValueSource] = {}
        coerced: dict[str, Any] = {}
        for each in self._variables:
            value = given.get(each.name, Undefined)
            if value is not Undefined:
                sources[each.name] = VariableValueSource(each.signature, value)
                value = each.coerce(value)
            elif each.is_optional:
                sources[each.name] = each.absent
                value = each.default
                if value is Undefined:
                    continue
            if value is Undefined:
                return None
            coerced[each.name] = value
        return VariableValues(sources, coerced)


class _Plain:
    """One variable. An `is_optional` one may be left out, and is then its `default`, if any."""

    __slots__ = ("absent", "coerce", "default", "is_optional", "name", "signature")

    def __init__(
        self, source: VariableValueSource, coerce: _Coerce, default: object, *, is_optional: bool
    ) -> None:
        self.name = source.signature.name
        self.signature = source.signature
        self.absent = source
        self.coerce = coerce
        self.default = default
        self.is_optional = is_optional


def _plain(schema: GraphQLSchema, node: VariableDefinitionNode) -> _Plain | None:
    signature = get_variable_signature(schema, node)
    if isinstance(signature, GraphQLError):
        return None
    coerce = _coercion(signature.type)
    if coerce is None:
        return None
    default: object = Undefined
    is_optional = not is_non_null_type(signature.type)
    if node.default_value is not None:
        values = get_variable_values(schema, [node], {})
        default = (
            Undefined if isinstance(values, list) else values.coerced.get(signature.name, Undefined)
        )
        is_optional = isinstance(default, _UNCHANGING)
    return _Plain(VariableValueSource(signature), coerce, default, is_optional=is_optional)


def _coercion(type_: GraphQLInputType) -> _Coerce | None:
    """How values of a type are taken; None for types that are not plain."""
    if is_non_null_type(type_):
        return _nullable_coercion(type_.of_type)
    inner = _nullable_coercion(type_)
    if inner is None:
        return None
    return lambda value: None if value is None else inner(value)


def _nullable_coercion(type_: GraphQLInputType) -> _Coerce | None:
    """The same for values that are not null."""
    if is_list_type(type_):
        item = _coercion(type_.of_type)
        return None if item is None else _list_coercion(item, get_nullable_type(type_.of_type))
    if not is_leaf_type(type_):
        return None
    if type_ is GraphQLInt:
        return _int
    if type_ is GraphQLFloat:
        return _float
    plain = _PLAIN.get(type_)
    if plain is not None:
        return lambda value: value if type(value) is plain else Undefined
    return _leaf_coercion(type_)


def _list_coercion(item: _Coerce, item_type: GraphQLInputType) -> _Coerce:
    is_text = item_type in (GraphQLString, GraphQLID)

    def coerce(value: Any) -> Any:
        if type(value) is not list:
            return Undefined  # one item may stand for a list of it
        if is_text and set(map(type, value)) == {str}:
            return value.copy()
        items = [item(each) for each in value]
        # Equality would ask each item, and items may be of any kind.
        return Undefined if any(each is Undefined for each in items) else items

    return coerce


def _leaf_coercion(type_: GraphQLLeafType) -> _Coerce:
    """Enums, and scalars of our own: as graphql-core does, but for the walk to their type."""

    def coerce(value: Any) -> Any:
        if value is None:
            return Undefined
        try:
            return type_.coerce_input_value(value)
        except Exception:  # graphql-core says what is wrong
            return Undefined

    return coerce


def _float(value: Any) -> Any:
    return value if type(value) is float and isfinite(value) else Undefined


def _int(value: Any) -> Any:
    is_int = type(value) is int and GRAPHQL_MIN_INT <= value <= GRAPHQL_MAX_INT
    return value if is_int else Undefined
