"""What operations cost, over a schema of its own: exact prices, and laws that every price obeys."""

import pytest
from graphql import (
    DocumentNode,
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    parse,
    validate,
)

from protocol.cost import CEILING, Price, PricePlan, plan_price
from protocol.strict_json import Json
from tests.protocol.priced import SCHEMA


def operation_of(document: DocumentNode) -> OperationDefinitionNode:
    """The first operation of a document."""
    return next(d for d in document.definitions if isinstance(d, OperationDefinitionNode))


def plan(text: str) -> PricePlan:
    """The plan of the first operation of a valid document."""
    document = parse(text, no_location=True)
    assert validate(SCHEMA._schema, document) == []
    return plan_price(SCHEMA._schema, document, operation_of(document))


def price(text: str, **variables: Json) -> tuple[int, int]:
    """Cost and nodes of the first operation of a valid document."""
    found = plan(text).price(variables)
    return found.cost, found.nodes


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ version v: version __typename }", (0, 0)),
        ("{ person { name __typename } }", (1, 1)),
        ("{ person { friend { friend { name } } } }", (3, 3)),
        ("{ a: person { name } b: person { name friend { name } } }", (3, 3)),
        ("{ person { secret } }", (4, 1)),
        ("{ search { name } }", (8, 1)),
        ("{ search { friend { name } } }", (9, 2)),
        ("{ ... { ... @include(if: true) { person { ... on Person { name } } } } }", (1, 1)),
    ],
)
def test_objects_cost_one_and_leaves_nothing_unless_they_have_a_weight(
    document: str, expected: tuple[int, int]
) -> None:
    assert price(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ person { friends { nodes { name } } } }", (27, 26)),
        ("{ person { friends(first: 4) { nodes { name } } } }", (6, 5)),
        ("{ person { friends(first: 4) { edges { node { name } } } } }", (6, 5)),
        ("{ person { friends(first: 4) { edges { cursor } } } }", (2, 1)),
        ("{ person { friends(first: 4) { pageInfo { hasNextPage } } } }", (2, 1)),
        ("{ person { friends(first: 4) { summary { text } } } }", (3, 2)),
        ("{ person { friends(first: 4) { nodes { name } edges { node { name } } } } }", (10, 9)),
        ("{ person { friends(first: 0) { nodes { friends { nodes { name } } } } } }", (2, 1)),
        ("{ person { friends(first: 4) { nodes { friends(first: 5) { nodes { name } } } } } }",
         (30, 25)),
        ("{ person { friends(first: 4) { edges { node { friends(last: 5) { edges { node { "
         "friend { name } } } } } } } } }", (50, 45)),
        ("{ person { acquaintances { node { name } } } }", (21, 21)),
    ],
)  # fmt: skip
def test_a_connection_costs_itself_and_its_page(document: str, expected: tuple[int, int]) -> None:
    assert price(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ person { dogs { name } } }", (3, 3)),
        ("{ person { friend { name } dogs(first: -1) { name } } }", (2, 2)),
        ("{ person { dogs(first: 6) { owner { name } } } }", (13, 13)),
        ("{ person { cats { name } } }", (10, 5)),
        ("{ person { cats { toys { name } } } }", (50, 45)),
        ("{ person { cats { heaps { name } } } }", (410, 405)),
    ],
)
def test_a_list_costs_its_items(document: str, expected: tuple[int, int]) -> None:
    assert price(document) == expected


@pytest.mark.parametrize(
    ("arguments", "size"),
    [
        ("", 25),
        ("(first: null)", 25),
        ("(first: null, last: 3)", 3),
        ("(first: 3)", 3),
        ("(last: 3)", 3),
        ("(first: 2, last: 3)", 3),
        ("(first: 100)", 100),
        ("(first: 101)", 100),
        ("(first: 2147483647)", 100),
        ("(first: -1)", 0),
        ("(first: -5, last: 3)", 3),
    ],
)
def test_a_page_is_as_long_as_its_arguments_say(arguments: str, size: int) -> None:
    document = f"{{ person {{ friends{arguments} {{ nodes {{ name }} }} }} }}"
    assert price(document) == (2 + size, 1 + size)


@pytest.mark.parametrize(
    ("declared", "variables", "size"),
    [
        ("$n: Int", {}, 25),
        ("$n: Int", {"n": None}, 25),
        ("$n: Int", {"n": 3}, 3),
        ("$n: Int", {"n": 3.0}, 3),
        ("$n: Int", {"n": 1_000}, 100),
        ("$n: Int", {"n": -1}, 0),
        ("$n: Int = 4", {}, 4),
        ("$n: Int = 4", {"n": 3}, 3),
        ("$n: Int = 4", {"n": None}, 25),
        ("$n: Int = null", {}, 25),
        ("$n: Int!", {"n": 3}, 3),
        ("$n: Int!", {}, 25),
        ("$n: Int", {"n": "3"}, 25),
        ("$n: Int", {"n": 3.5}, 25),
        ("$n: Int", {"n": float("inf")}, 25),
        ("$n: Int", {"n": True}, 25),
        ("$n: Int", {"n": [3]}, 25),
        ("$n: Int", {"n": {"n": 3}}, 25),
        ("$n: Int", {"m": 3}, 25),
    ],
)
def test_a_page_is_as_long_as_a_variable_says(
    declared: str, variables: dict[str, Json], size: int
) -> None:
    document = f"query({declared}) {{ person {{ friends(first: $n) {{ nodes {{ name }} }} }} }}"
    assert price(document, **variables) == (2 + size, 1 + size)


@pytest.mark.parametrize(
    ("declared", "variables", "size"),
    [
        ("$n: Int = 2", {}, 2),
        ("$n: Int = 2", {"n": 6}, 6),
        ("$n: Int! = 3", {}, 3),
        ("$n: Int!", {}, 2),
        ("$n: Int!", {"n": "x"}, 7),
    ],
)
def test_an_argument_without_a_value_has_its_default(
    declared: str, variables: dict[str, Json], size: int
) -> None:
    document = f"query({declared}) {{ person {{ dogs(first: $n) {{ name }} }} }}"
    assert price(document, **variables) == (1 + size, 1 + size)


@pytest.mark.parametrize(
    ("ids", "variables", "size"),
    [
        ('["a", "b", "a"]', {}, 3),
        ("[]", {}, 0),
        ('"a"', {}, 1),
        ("1", {}, 1),
        ("[$id, $id]", {"id": "a"}, 2),
        ("$ids", {"ids": ["a", "b"]}, 2),
        ("$ids", {"ids": "a"}, 1),
        ("$ids", {"ids": 30}, 1),
        ("$ids", {"ids": ["a"] * 101}, 100),
        ("$ids", {}, 4),
        ("$ids", {"ids": None}, 100),
    ],
)
def test_a_list_of_ids_is_as_long_as_it_is(ids: str, variables: dict[str, Json], size: int) -> None:
    declared = "$id: ID!" if "$id," in ids else "$ids: [ID!]! = [1, 2, 3, 4]"
    document = f"query({declared}) {{ people(ids: {ids}) {{ friend {{ name }} }} }}"
    if "$" not in ids:
        document = document.removeprefix(f"query({declared}) ")
    assert price(document, **variables) == (2 * size, 2 * size)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("mutation { count }", (10, 0)),
        ("mutation { a: count b: count }", (20, 0)),
        ("mutation { rename { friend { name } } }", (11, 2)),
        ("mutation { ... on Mutation { rename { name } } ...F } fragment F on Mutation { count }",
         (20, 1)),
        ("mutation { breed { name } }", (20, 10)),
        ("mutation { touch { friend { name } } }", (3, 2)),
    ],
)  # fmt: skip
def test_a_field_of_a_mutation_costs_ten(document: str, expected: tuple[int, int]) -> None:
    assert price(document) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ("{ person { pet { name } } }", (2, 2)),
        ("{ person { pet { owner { name } } } }", (3, 3)),
        ("{ person { pet { ... on Dog { friend { name } } ... on Cat { toys { name } } } } }",
         (12, 12)),
        ("{ person { pet { owner { name } ... on Dog { friend { name } } } } }", (4, 4)),
        ("{ person { pet { ... on Animal { ... on Dog { friend { name } } } } } }", (3, 3)),
        ("{ person { pet { ...D } } } fragment D on Dog { friend { name } }", (3, 3)),
        ("{ being { ... on Animal { owner { name } } ... on Person { name } } }", (2, 2)),
        ("{ being { ... on Dog { friend { friend { name } } } ... on Cat { owner { name } } "
         "... on Person { secret } } }", (4, 3)),
        ("{ being { ... on Animal { ... on Being { ... on Person { friend { name } } } } } }",
         (1, 1)),
        ("{ being { __typename } }", (1, 1)),
    ],
)  # fmt: skip
def test_of_many_types_the_dearest_counts(document: str, expected: tuple[int, int]) -> None:
    assert price(document) == expected


def test_a_fragment_between_a_page_and_its_items_loses_nothing() -> None:
    """A rule that forgets the page at a fragment lets every client ask for anything."""
    inline = "{ person { friends(first: 20) { nodes { friends(first: 30) { nodes { name } } } } } }"
    fragments = """
        query($a: Int, $b: Int = 30) { person { ...Friends } }
        fragment Friends on Person { friends(first: $a) { ...Page } }
        fragment Page on PersonConnection { ... on PersonConnection { nodes { ...Inner } } }
        fragment Inner on Person { ... { friends(first: $b) { ...Names } } }
        fragment Names on PersonConnection { nodes { name } }
    """
    assert price(inline) == price(fragments, a=20) == (642, 621)


FRAGMENTS = """
    fragment A on Person { friend { name } ...C }
    fragment B on Person { secret ...C ...D }
    fragment C on Person { dogs(first: 5) { name } ...D }
    fragment D on Person { pet { name } }
"""


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        ("...D ...D", 2),
        ("...D ... { ...D ... on Person { ...D } }", 2),
        ("...D pet { owner { name } }", 4),
        ("...C ...D", 7),
        ("...A", 8),
        ("...A ...B", 11),
        ("...B ...A ...C ...D", 11),
        ("...A friend { ...A }", 8 + 8),
    ],
)
def test_a_fragment_counts_once_in_a_selection(selection: str, expected: int) -> None:
    document = parse(f"{{ person {{ {selection} }} }} {FRAGMENTS}", no_location=True)
    found = plan_price(SCHEMA._schema, document, operation_of(document)).price({})
    assert found.cost == expected


@pytest.mark.parametrize(
    ("selection", "variables", "expected"),
    [
        ("friend @skip(if: true) { name }", {}, 1),
        ("friend @skip(if: false) { name }", {}, 2),
        ("friend @include(if: false) { name }", {}, 1),
        ("friend @include(if: true) { name }", {}, 2),
        ("friend @include(if: $yes) { name }", {"yes": True}, 2),
        ("friend @include(if: $yes) { name }", {"yes": False}, 1),
        ("friend @skip(if: $yes) { name }", {"yes": True}, 1),
        ("friend @skip(if: $yes) { name }", {"yes": False}, 2),
        ("friend @skip(if: $yes) { name }", {}, 2),
        ("friend @skip(if: $yes) { name }", {"yes": "true"}, 2),
        ("friend @skip(if: $yes) { name }", {"yes": 1}, 2),
        ("friend @include(if: $yes) { name }", {"yes": None}, 2),
        ("friend @include(if: $yes) { name }", {"yes": 0}, 2),
        ("friend @include(if: $on) { name }", {}, 2),
        ("friend @skip(if: $on) { name }", {}, 1),
        ("friend @skip(if: $on) { name }", {"on": False}, 2),
        ("friend @include(if: $yes) @skip(if: $on) { name }", {"yes": True}, 1),
        ("friend @include(if: $yes) @skip(if: $on) { name }", {"yes": True, "on": False}, 2),
        ("friend @include(if: $yes) @skip(if: $on) { name }", {"yes": False, "on": False}, 1),
        ("... @include(if: $yes) { friend { name } }", {"yes": False}, 1),
        ("... @include(if: $yes) { ... @skip(if: $on) { friend { name } } }", {"yes": True}, 1),
        ("...F @include(if: $yes)", {"yes": False}, 1),
        ("...F @include(if: $yes)", {"yes": True}, 2),
        ("...F @include(if: $yes) ...F @skip(if: $yes)", {"yes": True}, 2),
        ("...F @include(if: $yes) ...F", {"yes": False}, 2),
        ("...G @include(if: $yes) ...F @skip(if: $yes)", {"yes": True}, 2),
        ("...G @include(if: $yes) ...F @skip(if: $on)", {"yes": False}, 1),
    ],
)
def test_what_is_left_out_does_not_count(
    selection: str, variables: dict[str, Json], expected: int
) -> None:
    document = parse(
        f"query($yes: Boolean!, $on: Boolean! = true) {{ person {{ {selection} }} }} "
        "fragment F on Person { friend { name } } fragment G on Person { name ...F }"
    )
    found = plan_price(SCHEMA._schema, document, operation_of(document)).price(variables)
    assert found == Price(expected, expected)


def test_introspection_is_free() -> None:
    assert price(get_introspection_query()) == (0, 0)
    assert price('{ __schema { types { name } } __type(name: "Dog") { name } }') == (0, 0)


def test_an_operation_that_the_schema_has_not_costs_nothing() -> None:
    document = parse("subscription { anything { at { all } } }")
    assert plan_price(SCHEMA._schema, document, operation_of(document)).price({}) == Price(0, 0)


def test_a_schema_that_was_not_made_by_strawberry_has_the_usual_costs() -> None:
    schema = build_schema("type Query { a: A b: [A] } type A { c: Int }")
    document = parse("{ a { c } b { c } }")
    assert plan_price(schema, document, operation_of(document)).price({}) == Price(11, 11)


def test_each_operation_of_a_document_has_its_own_plan() -> None:
    document = parse("query A { ...F } query B { person { ...G } } "
                     "fragment F on Query { person { ...G } } "
                     "fragment G on Person { friend { name } }")  # fmt: skip
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    plans = [plan_price(SCHEMA._schema, document, each) for each in operations]
    assert [each.price({}) for each in plans] == [Price(2, 2), Price(2, 2)]


def test_a_plan_prices_many_requests() -> None:
    found = plan("query($n: Int) { person { friends(first: $n) { nodes { name } } } }")
    assert [found.price({"n": n}).cost for n in (1, 50, 1, None, 2)] == [3, 52, 3, 27, 4]


def doubling(count: int, field: str = "friend") -> DocumentNode:
    """Fragments that each ask for the next one twice: 2 to the power of `count` paths."""
    fragments = "".join(
        f"fragment F{i} on Person {{ a: {field} {{ ...F{i + 1} }} b: {field} {{ ...F{i + 1} }} }}"
        for i in range(count)
    )
    return parse(f"{{ person {{ ...F0 }} }} {fragments} fragment F{count} on Person {{ name }}")


@pytest.mark.parametrize(
    ("count", "cost"), [(1, 3), (10, 2**11 - 1), (30, 2**31 - 1), (300, CEILING), (3_000, CEILING)]
)
def test_doubling_fragments_are_priced_once_each(count: int, cost: int) -> None:
    document = doubling(count)
    found = plan_price(SCHEMA._schema, document, operation_of(document))
    assert found.price({}) == Price(cost, cost)


@pytest.mark.parametrize("count", [30, 300])
def test_doubling_fragments_with_variables_are_priced_once_each(count: int) -> None:
    body = "friend @include(if: $yes)"
    document = doubling(count, body)
    found = plan_price(SCHEMA._schema, document, operation_of(document))
    assert found.price({"yes": True}).cost == min(2 ** (count + 1) - 1, CEILING)
    assert found.price({"yes": False}).cost == 1


def test_flat_doubling_fragments_are_one_selection() -> None:
    fragments = "".join(f"fragment F{i} on Person {{ ...F{i + 1} ...F{i + 1} friend {{ name }} }}"
                        for i in range(300))  # fmt: skip
    document = parse(f"{{ person {{ ...F0 }} }} {fragments} fragment F300 on Person {{ name }}")
    found = plan_price(SCHEMA._schema, document, operation_of(document))
    assert found.price({}) == Price(301, 301)


def test_a_cycle_has_a_price_too() -> None:
    """No valid document has one; a plan that waits for its end would never be made."""
    document = parse("{ person { ...A } } fragment A on Person { friend { ...A } ...A }")
    found = plan_price(SCHEMA._schema, document, operation_of(document))
    assert found.price({}).cost < 10
