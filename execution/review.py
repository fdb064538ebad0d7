"""Which fields are resolved one object at a time where there may be many (EXECUTION 5.9).

A coroutine for each object is a task for each. That is right for a root field, and a mistake in
what stands in lists: there a loader or a batch function does all of a layer at once.
"""

from collections.abc import Iterator

from graphql import (
    GraphQLField,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
    is_object_type,
)

from execution.fields import How, resolution_of

_ONE_BY_ONE = frozenset({How.COROUTINE, How.RESOLVER, How.ASYNC_RESOLVER})


def resolved_one_by_one(schema: GraphQLSchema) -> list[str]:
    """The fields, as `Type.field`, that give objects and belong to types of which lists have many.

    Such is also what is only reached through the items of a list.
    """
    return sorted(
        f"{type.name}.{name}"
        for type in _in_lists(schema)
        for name, field in type.fields.items()
        if is_composite_type(get_named_type(field.type))
        and resolution_of(name, field).how in _ONE_BY_ONE
    )


def _in_lists(schema: GraphQLSchema) -> set[GraphQLObjectType]:
    """The object types that items of lists are, or lead to."""
    found: set[GraphQLObjectType] = set()
    remaining = [
        get_named_type(field.type)
        for type in schema.type_map.values()
        if is_object_type(type) and not type.name.startswith("__")
        for field in type.fields.values()
        if _is_list(field)
    ]
    while remaining:
        for type in _concrete(schema, remaining.pop()):
            if type not in found:
                found.add(type)
                remaining += [get_named_type(field.type) for field in type.fields.values()]
    return found


def _is_list(field: GraphQLField) -> bool:
    type = field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type
    return isinstance(type, GraphQLList)


def _concrete(schema: GraphQLSchema, type: GraphQLNamedType) -> Iterator[GraphQLObjectType]:
    if is_object_type(type):
        yield type
    elif is_abstract_type(type):
        yield from schema.get_possible_types(type)
