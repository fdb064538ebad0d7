"""`@cost`, `@listSize`, `@cacheControl` and `@requiresScope` say what the server goes by."""

from collections.abc import Iterator
from typing import Any

from graphql import (
    FieldDefinitionNode,
    GraphQLObjectType,
    InterfaceTypeDefinitionNode,
    ObjectTypeDefinitionNode,
    build_schema,
    get_directive_values,
    parse,
    print_ast,
)
from strawberry.types.field import StrawberryField

from domain.viewer import Scope
from protocol.caching import CacheHint, CacheScope, hint_of
from protocol.cost import Cost, ListSize
from schema.api import print_schema
from schema.directives import RequiresScopeDirective, directives_of
from schema.fields import PRIVATE
from tests.client import SCHEMA

SDL = parse(print_schema())
BUILT = build_schema(print_schema())
"""What a tool makes of the printed schema, which has to be valid by itself."""

Printed = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode


def printed_types() -> Iterator[Printed]:
    """Every object and interface of the SDL."""
    for definition in SDL.definitions:
        if isinstance(definition, ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode):
            yield definition


def printed_fields() -> Iterator[tuple[FieldDefinitionNode, StrawberryField]]:
    """Every field of the SDL, and what it was declared as."""
    for definition in printed_types():
        type_ = SCHEMA._schema.type_map[definition.name.value]
        assert isinstance(type_, GraphQLObjectType) or definition.kind.startswith("interface")
        for node in definition.fields or ():
            yield node, type_.fields[node.name.value].extensions["strawberry-definition"]  # type: ignore[attr-defined]


def values(node: FieldDefinitionNode | Printed, name: str) -> dict[str, Any] | None:
    """The arguments of a directive, as whoever reads the SDL understands them."""
    directive = BUILT.get_directive(name)
    return None if directive is None else get_directive_values(directive, node)


def read_hint(node: FieldDefinitionNode | Printed) -> CacheHint:
    """A cache hint, from the SDL."""
    said = values(node, "cacheControl") or {}
    scope = said.get("scope")
    return CacheHint(said.get("maxAge"), None if scope is None else CacheScope(scope))


def read_cost(node: FieldDefinitionNode) -> Cost:
    """A cost, from the SDL."""
    size = values(node, "listSize")
    return Cost(
        weight=(values(node, "cost") or {}).get("weight"),
        size=None
        if size is None
        else ListSize(
            size["assumedSize"],
            tuple(size.get("slicingArguments", ())),
            tuple(size.get("sizedFields", ())),
        ),
    )


def test_costs_are_printed() -> None:
    for node, field in printed_fields():
        assert read_cost(node) == (field.metadata.get("cost") or Cost()), node.name.value


def test_hints_are_printed() -> None:
    for node, field in printed_fields():
        assert read_hint(node) == (field.metadata.get("cache") or CacheHint()), node.name.value
    for definition in printed_types():
        assert read_hint(definition) == hint_of(SCHEMA._schema.type_map[definition.name.value])


def test_scopes_are_printed() -> None:
    """Every mutation needs some, and what it prints is what it enforces."""
    for node, field in printed_fields():
        said = (values(node, "requiresScope") or {}).get("scopes", [])
        assert said == list(field.metadata.get("scopes", ())), node.name.value
        if field.metadata.get("scopes") is not None:
            assert field.metadata["scopes"] == field.metadata["resolver"].scopes


def test_no_field_wants_a_slicing_argument() -> None:
    """Whoever is told nothing takes it for wanted, so each list says that it is not."""
    lists = [size for node, _ in printed_fields() if (size := values(node, "listSize")) is not None]
    assert len(lists) > 20
    assert {size["requireOneSlicingArgument"] for size in lists} == {False}


def test_definitions() -> None:
    """As Apollo Router and Apollo Server define them."""
    printed = {
        name: print_ast(definition).split("\n")[-1]
        for name in ("cost", "listSize", "cacheControl", "requiresScope")
        for definition in SDL.definitions
        if definition.kind == "directive_definition" and definition.name.value == name  # type: ignore[attr-defined]
    }
    assert printed == {
        "cost": "directive @cost(weight: Int!) on FIELD_DEFINITION",
        "listSize": "directive @listSize(assumedSize: Int, slicingArguments: [String!], "
        "sizedFields: [String!], requireOneSlicingArgument: Boolean = true) on FIELD_DEFINITION",
        "cacheControl": "directive @cacheControl(maxAge: Int, scope: CacheControlScope) on "
        "FIELD_DEFINITION | OBJECT | INTERFACE",
        "requiresScope": "directive @requiresScope(scopes: [String!]!) on FIELD_DEFINITION",
    }


def test_what_is_not_said_is_not_printed() -> None:
    assert directives_of() == []
    assert directives_of(cost=Cost()) == []
    assert [type(each).__name__ for each in directives_of(cost=Cost(weight=0), cache=PRIVATE)] == [
        "CostDirective",
        "CacheControlDirective",
    ]
    assert directives_of(scopes=()) == []
    assert directives_of(scopes=(Scope.PINS_WRITE,)) == [
        RequiresScopeDirective(scopes=["pins:write"])
    ]
