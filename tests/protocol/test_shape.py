"""How large a document is: each number exactly, and in time that grows as the document does."""

from typing import Any

import pytest
from graphql import get_introspection_query, parse
from hypothesis import given
from hypothesis import strategies as st

from protocol.limits import TRUSTED_FACTOR, Limits
from protocol.shape import Shape, measure, violations


def shape(text: str) -> Shape:
    """The shape of a document."""
    return measure(parse(text, no_location=True))


@pytest.mark.parametrize(
    ("document", "depth"),
    [
        ("{ a }", 0),
        ("{ a { b } }", 1),
        ("{ a { b { c } } d { e } }", 2),
        ("{ x: a { y: b { c } } }", 2),
        ("{ ... { ... { a { ... on T { b } } } } }", 1),
        ("{ a { ...F } } fragment F on T { b { c } }", 2),
        ("{ a { b { ...F } } ...F } fragment F on T { c { d } }", 3),
        ("{ ...F } fragment F on T { a { ...G } } fragment G on T { b { ...H } } "
         "fragment H on T { c { d } }", 3),
        ("{ pins { edges { node { board { pins { nodes { id } pageInfo { a } } } } } } }", 3),
        ("{ a { ...F } d { e { ...F } } } fragment F on T { f { g } }", 3),
        ("{ d { e { ...F } } a { ...F } } fragment F on T { f { g } }", 3),
        ("{ edges { nodes { node { pageInfo { a } } } } }", 0),
        ("{ edges: a { node: b { c } } }", 2),
        ("query A { a } query B { a { b { c } } }", 2),
        ("{ a } fragment Unused on T { a { b { c } } }", 0),
        ("{ a { ...Missing } }", 1),
        ("{ __schema { types { fields { type { name } } } } __type { a { b } } a { b } }", 1),
        ("{ a { __schema { b { c } } } }", 1),
        ("{ __schema { ...F } } fragment F on T { a { b { c } } }", 0),
        ("{ __schema { ...F } a { ...F } } fragment F on T { a { b { c } } }", 3),
    ],
)  # fmt: skip
def test_depth_is_steps_through_fragments(document: str, depth: int) -> None:
    assert shape(document).depth == depth


def test_what_all_tools_send_has_no_depth() -> None:
    assert shape(get_introspection_query()).depth == 0


@pytest.mark.parametrize(
    ("document", "root_fields", "mutations"),
    [
        ("{ a b { c d e } }", 2, 0),
        ("{ a a x: a }", 3, 0),
        ("{ ... { a ... on T { b } } ...F } fragment F on T { c d { e } }", 4, 0),
        ("{ ...F ...F } fragment F on T { a b }", 2, 0),
        ("{ a { ...F } } fragment F on T { a b }", 1, 0),
        ("{ a { ...F } ...F } fragment F on T { a b }", 3, 0),
        ("query A { a b c } query B { a }", 3, 0),
        ("query A { a b c } mutation B { a } mutation C { a b }", 3, 2),
        ("mutation { ...F } fragment F on T { a ...G } fragment G on T { b c }", 3, 3),
        ("subscription { a }", 1, 0),
        ("fragment F on T { a b }", 0, 0),
    ],
)
def test_root_fields_are_those_of_the_worst_operation(
    document: str, root_fields: int, mutations: int
) -> None:
    found = shape(document)
    assert (found.root_fields, found.mutations) == (root_fields, mutations)


def test_what_is_written_counts_wherever_it_is_written() -> None:
    assert shape(
        "query Q($a: Int @d, $b: Int @d @d) @d { x: a @d ... @d @d { y: b } ...F @d ...F } "
        "mutation M { a } "
        "fragment F on T @d @d @d @d { z: c { __schema { w: a @d } } } "
        "fragment Unused on T { v: a @d }"
    ) == Shape(
        depth=1,
        aliases=5,
        root_fields=3,
        mutations=1,
        directives=14,
        most_directives_on_a_node=4,
        fragments=2,
        operations=2,
    )


def test_type_definitions_have_no_shape() -> None:
    assert shape("type T @d { a: Int @d }") == Shape()


@pytest.mark.parametrize(
    "document",
    [
        "{ ...A } fragment A on T { a { ...A } }",
        "{ ...A } fragment A on T { a ...A ...A }",
        "{ ...A } fragment A on T { a { ...B } } fragment B on T { b { ...A } }",
    ],
)
def test_a_cycle_has_an_end(document: str) -> None:
    assert shape(document).depth <= 2


@pytest.mark.parametrize("count", [30, 300, 3_000])
def test_doubling_fragments_are_walked_once(count: int) -> None:
    fragments = "".join(
        f"fragment F{i} on T {{ a: a {{ ...F{i + 1} }} b: a {{ ...F{i + 1} }} }}"
        for i in range(count)
    )
    found = shape(f"{{ ...F0 }} {fragments} fragment F{count} on T {{ a }}")
    assert (found.depth, found.aliases, found.root_fields) == (count, 2 * count, 2)


@pytest.mark.parametrize("count", [30, 300, 3_000])
def test_what_fragments_multiply_is_counted_to_an_end(count: int) -> None:
    fragments = "".join(
        f"fragment F{i} on T {{ ...G{i} ...F{i + 1} }} fragment G{i} on T {{ ...F{i + 1} }}"
        for i in range(count)
    )
    found = shape(f"{{ ...F0 }} {fragments} fragment F{count} on T {{ a }}")
    assert (found.depth, found.root_fields) == (0, 1_000_000)


SELECTIONS = st.recursive(
    st.just("a"),
    lambda inner: st.lists(
        st.tuples(st.sampled_from(["a", "x: b", "edges", "..."]), inner), min_size=1, max_size=3
    ).map(lambda parts: " ".join(f"{head} {{ {body} }}" for head, body in parts)),
    max_leaves=12,
)


@given(SELECTIONS, SELECTIONS, SELECTIONS)
def test_a_fragment_has_the_shape_of_what_is_in_it(first: str, second: str, third: str) -> None:
    inline = shape(f"{{ {first} c {{ ... {{ {second} d {{ ... {{ {third} }} }} }} }} }}")
    named = shape(
        f"{{ {first} c {{ ...F }} }} fragment F on T {{ {second} d {{ ...G }} }} "
        f"fragment G on T {{ {third} }}"
    )
    assert (named.depth, named.aliases, named.root_fields) == (
        inline.depth,
        inline.aliases,
        inline.root_fields,
    )


@pytest.mark.parametrize(
    ("name", "limit", "message"),
    [
        ("depth", "document_depth", "The operation is nested more than 7 levels deep: it has 8."),
        ("aliases", "document_aliases", "The document may have at most 7 aliases: it has 8."),
        (
            "root_fields",
            "document_root_fields",
            "An operation may have at most 7 root fields: it has 8.",
        ),
        ("mutations", "document_mutations", "A mutation may have at most 7 root fields: it has 8."),
        (
            "directives",
            "document_directives",
            "The document may have at most 7 directives: it has 8.",
        ),
        (
            "most_directives_on_a_node",
            "node_directives",
            "A single node may have at most 7 directives: it has 8.",
        ),
        ("fragments", "document_fragments", "The document may have at most 7 fragments: it has 8."),
        (
            "operations",
            "document_operations",
            "The document may have at most 7 operations: it has 8.",
        ),
    ],
)
def test_each_limit_is_exact_and_says_both_sides(name: str, limit: str, message: str) -> None:
    seven: dict[str, Any] = {limit: 7}
    limits = Limits(**seven)
    assert violations(Shape(**{name: 7}), limits) == []
    assert violations(Shape(**{name: 8}), limits) == [message]


def test_everything_that_is_too_large_is_said() -> None:
    huge = Shape(**dict.fromkeys(Shape.__struct_fields__, 10_000))
    assert len(violations(huge, Limits())) == len(Shape.__struct_fields__)
    assert violations(Shape(), Limits()) == []


def test_a_trusted_document_may_be_larger_and_not_deeper() -> None:
    usual, trusted = Limits(), Limits().for_trusted()
    assert trusted.document_tokens == TRUSTED_FACTOR * usual.document_tokens
    assert trusted.operation_cost == TRUSTED_FACTOR * usual.operation_cost
    assert trusted.operation_nodes == TRUSTED_FACTOR * usual.operation_nodes
    assert trusted.document_depth == usual.document_depth
