"""Which fields of a mutation are executed: known before, and the same as afterwards."""

import pytest
from graphql import DocumentNode, build_schema, execute_sync, parse
from hypothesis import given
from hypothesis import strategies as st

from protocol.definitions import operations_of
from protocol.mutations import executed_fields
from tests.protocol.wire import guarded

SCHEMA = build_schema("type Query { a: Int } type Mutation { a: Int b: Int c: Int }")
DECLARED = "mutation ($v: Boolean = true, $w: Boolean = false, $x: Boolean!)"

conditions = st.lists(
    st.tuples(
        st.sampled_from(["include", "skip"]), st.sampled_from(["true", "false", "$v", "$w", "$x"])
    ),
    max_size=2,
    unique_by=lambda each: each[0],
).map(lambda found: " ".join(f"@{name}(if: {value})" for name, value in found))

fields = st.tuples(st.sampled_from("abc"), st.integers(0, 2)).map(
    lambda found: f"{found[0]}{found[1]}: {found[0]}" if found[1] else found[0]
)


def selections(spreads: str) -> st.SearchStrategy[str]:
    """Selections of fields, inline fragments, and those fragments."""
    leaves = fields | st.just("__typename")
    if spreads:
        leaves |= st.sampled_from(spreads).map(lambda name: f"...{name}")
    one = st.tuples(leaves, conditions).map(" ".join)
    several = st.recursive(
        one,
        lambda inner: st.tuples(conditions, st.lists(inner, min_size=1, max_size=3)).map(
            lambda found: f"... {found[0]} {{ {' '.join(found[1])} }}"
        ),
        max_leaves=5,
    )
    return st.lists(several, min_size=1, max_size=4).map(" ".join)


documents = st.tuples(selections("FGH"), selections("GH"), selections("H"), selections("")).map(
    lambda found: " ".join(
        [
            f"{DECLARED} {{ {found[0]} }}",
            *(
                f"fragment {name} on Mutation {{ {inside} }}"
                for name, inside in zip("FGH", found[1:], strict=True)
            ),
        ]
    )
)

variables = st.fixed_dictionaries(
    {"x": st.booleans()}, optional={"v": st.booleans(), "w": st.booleans()}
)


@given(documents, variables)
def test_they_are_the_keys_of_the_answer(text: str, given_: dict[str, bool]) -> None:
    document = parse(text)
    result = execute_sync(SCHEMA, document, {}, variable_values=given_)
    assert result.errors is None
    assert result.data is not None
    assert set(found_in(document, given_)) == set(result.data) - {"__typename"}


def test_each_key_has_the_name_of_its_field() -> None:
    document = parse("mutation { a x: a ...F } fragment F on Mutation { b y: c }")
    assert found_in(document, {}) == {"a": "a", "x": "a", "b": "b", "y": "c"}


@pytest.mark.parametrize("count", [10, 50])
def test_doubling_fragments_are_entered_once(count: int) -> None:
    chain = [
        f"fragment F{i} on Mutation {{ ...F{i + 1} ...F{i + 1} @include(if: $v) }}"
        for i in range(count)
    ]
    text = f"{DECLARED} {{ ...F0 }} {' '.join(chain)} fragment F{count} on Mutation {{ a }}"
    with guarded():
        assert found_in(parse(text), {"x": True}) == {"a": "a"}


def found_in(document: DocumentNode, given_: dict[str, bool]) -> dict[str, str]:
    """The fields of a document's one operation."""
    (operation,) = operations_of(document)
    return executed_fields(document, operation, dict(given_))
