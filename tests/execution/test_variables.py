"""Variables that are taken without graphql-core are what graphql-core makes of them."""

from typing import Any, Final

import pytest
from graphql import OperationDefinitionNode, build_schema, get_variable_values, parse
from hypothesis import example, given
from hypothesis import strategies as st

from execution.variables import PlainVariables

SCHEMA: Final = build_schema(
    """
    scalar Time
    enum Colour { RED GREEN }
    input Filter { name: String! }
    type Query {
      hello(i: Int, f: Float, b: Boolean, id: ID, c: Colour, t: Time, of: Filter): String
    }
    """
)

PLAIN: Final = [
    f"{name}{mark}"
    for name in ("String", "ID", "Int", "Float", "Boolean", "Colour", "Time")
    for mark in ("", "!")
]
TYPES: Final = [
    *PLAIN,
    *(f"[{inner}]{mark}" for inner in PLAIN for mark in ("", "!")),
    "[[Int!]]",
    "[[String]!]!",
]
DEFAULTS: Final = {
    "String": '"a"',
    "ID": '"a"',
    "Int": "3",
    "Float": "1.5",
    "Boolean": "true",
    "Colour": "RED",
    "[Int]": "[1, 2]",
    "[String!]!": '["a"]',
    "Int!": "4",
}

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**33), 2**33),
    st.sampled_from([2**31 - 1, 2**31, -(2**31), -(2**31) - 1]),
    st.floats(),
    st.text(max_size=3),
    st.sampled_from(["RED", "GREEN", "BLUE"]),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=2)
    ),
    max_leaves=4,
)


def _operation(declared: str) -> OperationDefinitionNode:
    [operation] = parse(f"query ({declared}) {{ hello }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    return operation


def _both(declared: str, given: dict[str, Any]) -> tuple[Any, Any]:
    nodes = _operation(declared).variable_definitions or ()
    return PlainVariables(SCHEMA, nodes).take(given), get_variable_values(SCHEMA, nodes, given)


@given(st.sampled_from(TYPES), values)
@example("Int", True)
@example("Int", 2**31)
@example("Int", -(2**31) - 1)
@example("Float", 1)
@example("Float", float("inf"))
@example("Int", 1.0)
@example("ID", 5)
@example("[String]", "a")
@example("[String!]", [None])
@example("Boolean", 1)
def test_what_is_taken_is_what_graphql_core_takes(type_: str, value: Any) -> None:
    taken, known = _both(f"$a: {type_}", {"a": value})
    if taken is not None:
        assert not isinstance(known, list), known
        assert _told(taken) == _told(known)


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("given", [{}, {"a": None}, {"b": 1}])
def test_what_is_not_given(type_: str, given: dict[str, Any]) -> None:
    taken, known = _both(f"$a: {type_}", given)
    if isinstance(known, list):
        assert taken is None
    else:
        assert _told(taken) == _told(known)


@pytest.mark.parametrize(("type_", "default"), DEFAULTS.items())
@pytest.mark.parametrize("given", [{}, {"a": None}])
def test_defaults(type_: str, default: str, given: dict[str, Any]) -> None:
    taken, known = _both(f"$a: {type_} = {default}", given)
    if taken is not None:
        assert _told(taken) == _told(known)
    # A list is made anew for each request.
    if not given:
        assert (taken is None) == default.startswith("[")


@pytest.mark.parametrize(
    ("type_", "value"),
    [
        ("String", "a"),
        ("ID!", "a"),
        ("Int", -(2**31)),
        ("Int!", 2**31 - 1),
        ("Float", 1.5),
        ("Boolean!", False),
        ("Colour", "RED"),
        ("Time", "now"),
        ("[String!]!", ["a", "b"]),
        ("[ID]", []),
        ("[Int]", [1, None]),
        ("[[Int!]]", [[1], None]),
    ],
)
def test_what_is_right_and_plain_is_taken(type_: str, value: Any) -> None:
    taken, known = _both(f"$a: {type_}, $b: Int = 3, $c: String", {"a": value, "d": 1})
    assert taken is not None
    assert taken.coerced == {"a": value, "b": 3}
    assert _told(taken) == _told(known)


def test_lists_are_the_operations_own() -> None:
    sent = ["a", "b"]
    taken, _ = _both("$a: [String!]!", {"a": sent})
    assert taken.coerced["a"] == sent
    assert taken.coerced["a"] is not sent


@pytest.mark.parametrize(
    "declared", ["$a: Filter", "$a: [Filter]", "$a: Int, $b: Filter", "$a: No"]
)
def test_graphql_core_looks_at_the_rest(declared: str) -> None:
    taken, _ = _both(declared, {"a": None})
    assert taken is None


def _told(variables: Any) -> Any:
    sources = {
        name: (source.signature.name, str(source.signature.type), repr(source.value))
        for name, source in variables.sources.items()
    }
    return sources, {name: (type(value), repr(value)) for name, value in variables.coerced.items()}
