"""Which classes of Python decide a GraphQL type by themselves, so that no object is asked.

`node_type(PinRecord)` says that a `PinRecord` is served as one type and as no other. Everything
else is asked object by object: its `is_type_of`, or the `resolve_type` of an interface or a union.
"""

from typing import Any, Final
from weakref import WeakKeyDictionary

from graphql import (
    GraphQLAbstractType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
)
from strawberry.types.base import StrawberryObjectDefinition

_BACKREF: Final = "strawberry-definition"

_known: WeakKeyDictionary[GraphQLSchema, dict[type, GraphQLObjectType]] = WeakKeyDictionary()


def record_types(schema: GraphQLSchema) -> dict[type, GraphQLObjectType]:
    """The type that each class of record is served as, for classes that are served as one."""
    known = _known.get(schema)
    if known is None:
        known = _known[schema] = _record_types(schema)
    return known


def is_decided(type: GraphQLObjectType, cls: type) -> bool:
    """Whether all objects of a class are of a type, if one of them is."""
    return type.is_type_of is None or _record_type(type) is cls


def asks_types(type: GraphQLAbstractType) -> bool:
    """Whether an interface or a union finds the type of an object by asking each of its types."""
    module = getattr(type.resolve_type, "__module__", "")
    if not module.startswith("strawberry."):
        return False
    definition = _definition(type)
    return not isinstance(type, GraphQLInterfaceType) or (
        isinstance(definition, StrawberryObjectDefinition) and definition.resolve_type is None
    )


def _record_types(schema: GraphQLSchema) -> dict[type, GraphQLObjectType]:
    found: dict[type, list[GraphQLObjectType]] = {}
    for each in schema.type_map.values():
        if isinstance(each, GraphQLObjectType) and (cls := _record_type(each)) is not None:
            found.setdefault(cls, []).append(each)
    return {cls: types[0] for cls, types in found.items() if len(types) == 1}


def _record_type(type: GraphQLObjectType) -> type[Any] | None:
    definition = _definition(type)
    if not isinstance(definition, StrawberryObjectDefinition):
        return None
    is_its_own = type.is_type_of == definition.is_type_of
    return vars(definition.origin).get("__record_type__") if is_its_own else None


def _definition(type: GraphQLNamedType) -> object:
    return (type.extensions or {}).get(_BACKREF)
