"""The parts of a schema by their coordinates, and which of them clients know to be gone by now."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from typing import TypeAlias

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLEnumValue,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_introspection_type,
)

from schema.deprecation import Deprecation, DeprecationError

Part: TypeAlias = GraphQLField | GraphQLArgument | GraphQLInputField | GraphQLEnumValue
"""What can be deprecated. Types cannot: they leave with the last of their fields."""


def parts(schema: GraphQLSchema) -> dict[str, Part]:
    """All fields, arguments, input fields and enum values, by their schema coordinates."""
    found: dict[str, Part] = {}
    for type_ in schema.type_map.values():
        if not is_introspection_type(type_):
            found |= _members(type_)
    for directive in schema.directives:
        found |= {f"@{directive.name}({name}:)": each for name, each in directive.args.items()}
    return found


def _members(type_: GraphQLNamedType) -> dict[str, Part]:
    """The parts of one type: its members, and their arguments."""
    found: dict[str, Part] = {}
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            found[f"{type_.name}.{name}"] = field
            for argument, each in field.args.items():
                found[f"{type_.name}.{name}({argument}:)"] = each
    elif isinstance(type_, GraphQLInputObjectType):
        found |= {f"{type_.name}.{name}": field for name, field in type_.fields.items()}
    elif isinstance(type_, GraphQLEnumType):
        found |= {f"{type_.name}.{name}": value for name, value in type_.values.items()}
    return found


def removable(schema: GraphQLSchema, today: date) -> dict[str, date]:
    """What clients know to be gone by a day (UTC): coordinates, each with the day of its removal.

    With a field its arguments go. A type goes with the last of its own fields, or with the last
    place that refers to it; then its fields go with it, and what only they refer to.
    """
    everything = parts(schema)
    due = {path: day for path, part in everything.items() if (day := _due(part, today))}
    holds = _holds(everything)
    refers = _refers(schema, everything)
    grows = True
    while grows:
        known = len(due)
        for name in schema.type_map.keys() - due.keys():
            for places in (holds[name], refers[name]):
                days = [_gone(path, due) for path in places]
                if days and None not in days:
                    due[name] = max(day for day in days if day)
        grows = len(due) > known
    return due | {path: day for path in everything if (day := _gone(path, due))}


def _due(part: Part, today: date) -> date | None:
    try:
        deprecation = Deprecation.parse(part.deprecation_reason or "")
    except DeprecationError:
        return None
    return deprecation.removal if deprecation.is_due(today) else None


def _gone(path: str, due: Mapping[str, date]) -> date | None:
    """The day on which a part goes: by itself, or with its field or its type."""
    field = path.partition("(")[0]
    type_ = field.partition(".")[0]
    return due.get(path) or due.get(field) or due.get(type_)


def _holds(everything: Mapping[str, Part]) -> defaultdict[str, set[str]]:
    """For each type the coordinates of its parts."""
    holds = defaultdict(set)
    for path in everything:
        holds[path.partition(".")[0]].add(path)
    return holds


def _refers(schema: GraphQLSchema, everything: Mapping[str, Part]) -> defaultdict[str, set[str]]:
    """For each type the coordinates of what refers to it."""
    refers = defaultdict(set)
    for path, part in everything.items():
        if not isinstance(part, GraphQLEnumValue):
            refers[get_named_type(part.type).name].add(path)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLUnionType):
            for member in type_.types:
                refers[member.name].add(type_.name)
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for interface in type_.interfaces:
                refers[type_.name].add(interface.name)
    return refers
