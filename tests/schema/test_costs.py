"""What our own operations cost, and that everything which is many says how many it is."""

from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLField,
    OperationDefinitionNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
    is_object_type,
    parse,
)

from protocol.cost import Price, cost_of, plan_price
from protocol.limits import Limits
from protocol.shape import measure, violations
from protocol.strict_json import Json
from protocol.variables import LARGEST_PAGE
from resolvers.boards import MAX_BOARDS
from resolvers.connections import DEFAULT_PAGE, MAX_PAGE
from resolvers.nodes import MAX_NODES
from resolvers.pins import MAX_PINS
from resolvers.users import MAX_USERS
from tests.client import OPERATIONS, SCHEMA

LIMITS = Limits()


def price(text: str, **variables: Json) -> Price:
    """The price of a document's one operation."""
    document = parse(text)
    (operation,) = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    return plan_price(SCHEMA._schema, document, operation).price(variables)


def operation(name: str) -> str:
    """The text of an operation of `tests/operations`."""
    return (OPERATIONS / f"{name}.graphql").read_text()


PRICES = {
    ("HomeFeed", 25): Price(253, 252),
    ("HomeFeed", 10): Price(103, 102),
    ("DeepFeed", 25): Price(803, 752),
    ("DeepFeed", 10): Price(323, 302),
    ("PinCloseup", 25): Price(345, 317),
    ("PinCloseup", None): Price(345, 317),
    ("Profile", 25): Price(505, 452),
    ("BoardPage", 25): Price(242, 213),
    ("BoardPage", 100): Price(917, 813),
    ("Notifications", 25): Price(137, 126),
    ("Notifications", 100): Price(512, 501),
    ("Search", 25): Price(126, 125),
    ("Search", 0): Price(1, 0),
}


@pytest.mark.parametrize(("name", "first"), PRICES)
def test_the_prices_of_our_own_operations(name: str, first: int | None) -> None:
    found = price(operation(name), first=first)
    assert found == PRICES[name, first]
    assert found.cost <= LIMITS.operation_cost
    assert found.nodes <= LIMITS.operation_nodes


@pytest.mark.parametrize("name", sorted({name for name, _ in PRICES}))
def test_our_own_operations_have_a_price_and_a_shape_within_the_limits(name: str) -> None:
    assert violations(measure(parse(operation(name))), LIMITS) == []


def test_every_operation_of_the_tests_has_its_price_here() -> None:
    assert {path.stem for path in OPERATIONS.glob("*.graphql")} == {name for name, _ in PRICES}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("query($n: Int) { viewer { homeFeed(first: 25) { edges { reason { user { id } board { id }"
         " topic { id } } node { ... on Pin { creator { id } owner { id } board { owner { id } }"
         " topics { id } } ... on PromotedPin { advertiser { id } pin { owner { id } } } } } } } }",
         Price(302, 301)),
        ("query($n: Int) { viewer { followingFeed(first: 100) { nodes { owner { id } board { id } "
         "topics { id } } } } }", Price(602, 601)),
        ("query($ids: [ID!]!) { pins(ids: $ids) { owner { id } board { id } topics { id } } }",
         Price(600, 600)),
        ("query($ids: [ID!]!) { nodes(ids: $ids) { id ... on Board { previewPins { id } } "
         "... on Pin { owner { id } } } }", Price(600, 600)),
        ("query($ids: [ID!]!) { users(ids: $ids) { boards(first: 3) { nodes { id } } } "
         "boards(ids: $ids) { cover { url } } }", Price(700, 600)),
    ],
)  # fmt: skip
def test_ordinary_pages_fit(document: str, expected: Price) -> None:
    assert price(document, ids=["id"] * 100) == expected
    assert expected.cost <= LIMITS.operation_cost


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("reactions { count }", Price(6, 6)),
        ("topics { name }", Price(4, 4)),
        ("viewerSavedTo { node { id } }", Price(11, 11)),
        ("viewerSavedTo(first: 2) { board { id } }", Price(5, 5)),
        ("board { previewPins { id } }", Price(7, 7)),
        ("board { previewPins(first: 2) { id } }", Price(4, 4)),
        ("media { ... on ImageMedia { image { url } } }", Price(3, 3)),
        ("media { ... on MultiImageMedia { items { image { url } } } }", Price(12, 12)),
        ("media { ... on MixedMedia { items { ... on CarouselVideo { video { cover { url } } } } }"
         " ... on MultiVideoMedia { items { title } } }", Price(17, 17)),
    ],
)  # fmt: skip
def test_what_is_a_list_and_no_connection(selection: str, expected: Price) -> None:
    assert price(f'{{ pin(id: "x") {{ {selection} }} }}') == expected


def test_why_an_ad_is_shown_is_at_most_one_reason_a_key() -> None:
    document = '{ node(id: "x") { ... on PromotedPin { whyThisAd { topic { id } } } } }'
    assert price(document) == Price(11, 11)


def fields() -> Iterator[tuple[str, GraphQLField]]:
    """Every field of our own types, by its full name."""
    for type_ in SCHEMA._schema.type_map.values():
        if is_object_type(type_) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                yield f"{type_.name}.{name}", field


def is_connection(field: GraphQLField) -> bool:
    """Whether a field gives a page."""
    return get_named_type(field.type).name.endswith("Connection")


def test_every_list_of_objects_says_how_many_there_are() -> None:
    """Those of a connection are as many as the field that gives the connection says."""
    undeclared = [
        name
        for name, field in fields()
        if is_list_type(get_nullable_type(field.type))
        and is_composite_type(get_named_type(field.type))
        and not name.endswith(("Connection.edges", "Connection.nodes"))
        and cost_of(field).size is None
    ]
    assert undeclared == []


def test_every_connection_is_priced_by_its_page() -> None:
    for name, field in fields():
        if is_connection(field):
            size = cost_of(field).size
            assert size is not None, name
            assert size.assumed == DEFAULT_PAGE, name
            assert size.fields == ("edges", "nodes"), name
            assert set(size.arguments) == {"first", "last"} & field.args.keys(), name


def test_only_connections_have_fields_for_their_items() -> None:
    for name, field in fields():
        size = cost_of(field).size
        if size is not None and size.fields:
            assert is_connection(field), name


def test_sizes_are_said_by_arguments_that_exist() -> None:
    for name, field in fields():
        size = cost_of(field).size
        if size is not None:
            assert set(size.arguments) <= field.args.keys(), name
            assert 0 < size.assumed <= LARGEST_PAGE, name


def test_no_field_gives_more_than_it_is_priced_for() -> None:
    assert {MAX_PAGE, MAX_NODES, MAX_PINS, MAX_USERS, MAX_BOARDS} == {LARGEST_PAGE}
