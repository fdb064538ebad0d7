"""The conventions of DOMAIN g and of Pinterest's GraphQL lint rules, as a walk over the schema."""

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLScalarType,
    get_named_type,
    is_composite_type,
    is_introspection_type,
    is_list_type,
    is_non_null_type,
    is_specified_scalar_type,
)

from resolvers.nodes import TYPE_NAMES
from tests.client import SCHEMA

TYPES: list[GraphQLNamedType] = [
    type_
    for type_ in SCHEMA._schema.type_map.values()
    if not is_introspection_type(type_) and not is_specified_scalar_type(type_)
]
OBJECTS = [t for t in TYPES if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)]
CAMEL_CASE = re.compile(r"_?[a-z0-9][A-Za-z0-9]*")


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Every field of every object and interface, by its full name."""
    for type_ in OBJECTS:
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field


def test_everything_is_described() -> None:
    bare = [type_.name for type_ in TYPES if not type_.description]
    bare += [name for name, field in fields() if not field.description]
    bare += [
        f"{name}({argument}:)"
        for name, field in fields()
        for argument, each in field.args.items()
        if not each.description
    ]
    bare += [
        f"{type_.name}.{name}"
        for type_ in TYPES
        if isinstance(type_, GraphQLInputObjectType)
        for name, field in type_.fields.items()
        if not field.description
    ]
    assert bare == []


def test_names_are_camel_case() -> None:
    names = [name for name, _ in fields()]
    names += [f"{name}.{argument}" for name, field in fields() for argument in field.args]
    assert [name for name in names if not CAMEL_CASE.fullmatch(name.rpartition(".")[2])] == []


def test_composites_are_nullable() -> None:
    """One failed load nulls one field. `pageInfo` and the lists of a connection are exempt."""
    wrong = [
        name
        for name, field in fields()
        if is_non_null_type(field.type)
        and is_composite_type(get_named_type(field.type))
        and not is_list_type(field.type.of_type)
        and not name.endswith(".pageInfo")
    ]
    assert wrong == []


def test_scalars_of_lists_are_not_null() -> None:
    """But for the path of a user error, which is null where it is no single field (DOMAIN b.5)."""
    wrong = [
        name
        for name, field in fields()
        if is_list_type(field.type) and not is_composite_type(get_named_type(field.type))
        if name not in ("UserError.field", "InputError.field", "ConflictError.field")
    ]
    assert wrong == []


def test_every_node_has_both_ids() -> None:
    nodes = [t for t in OBJECTS if isinstance(t, GraphQLObjectType) and "id" in t.fields]
    assert {str(t.fields["id"].type) for t in nodes if t.name != "FeedSession"} == {"ID!"}
    for type_ in nodes:
        if type_.name != "FeedSession":  # named by its id, and not a node: it is not refetched
            assert [i.name for i in type_.interfaces] == ["Node"], type_.name
            assert str(type_.fields["entityId"].type) == "String!", type_.name


def test_every_node_can_be_refetched_by_its_record() -> None:
    implementations = SCHEMA._schema.get_implementations(SCHEMA._schema.type_map["Node"]).objects  # type: ignore[arg-type]  # Node is an interface
    names = {type_.name for type_ in implementations}
    assert names - set(TYPE_NAMES.values()) == {"PromotedPin"}  # a place in one feed session


@pytest.mark.parametrize("type_", [t for t in OBJECTS if t.name.endswith("Connection")], ids=str)
def test_connections_have_the_shape_of_relay(type_: GraphQLObjectType) -> None:
    edge = type_.name.removesuffix("Connection") + "Edge"
    assert str(type_.fields["edges"].type) == f"[{edge}!]!"
    assert str(type_.fields["pageInfo"].type) == "PageInfo!"
    edge_type = SCHEMA._schema.type_map[edge]
    assert isinstance(edge_type, GraphQLObjectType)
    assert str(edge_type.fields["cursor"].type) == "String!"
    node = str(edge_type.fields["node"].type)
    assert not node.endswith("!")
    assert str(type_.fields["nodes"].type) == f"[{node}]!"


def test_edges_belong_to_connections() -> None:
    """Only edges end in Edge; those that are listed outside of a connection have one as well."""
    edges = {t.name for t in OBJECTS if t.name.endswith("Edge")}
    connections = {t.name.removesuffix("Connection") for t in OBJECTS}
    assert {name.removesuffix("Edge") for name in edges} <= connections


def test_connections_are_paged_both_ways_or_forward() -> None:
    for name, field in fields():
        if get_named_type(field.type).name.endswith("Connection"):
            assert {"first", "after"} <= field.args.keys(), name
            assert str(field.args["first"].type) == "Int", name


def test_custom_scalars_are_specified() -> None:
    bare = [
        type_.name
        for type_ in TYPES
        if isinstance(type_, GraphQLScalarType) and not type_.specified_by_url
    ]
    assert bare == []


def test_no_field_returns_json() -> None:
    assert [t.name for t in TYPES if t.name.upper().startswith("JSON")] == []


def test_enums_are_upper_case() -> None:
    values = [v for t in TYPES if isinstance(t, GraphQLEnumType) for v in t.values]
    assert [v for v in values if v != v.upper()] == []
