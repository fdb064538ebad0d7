"""What one document may cost (PROTOCOL 12; RELIABILITY trap 1): every bomb gets a quick answer."""

import json
from collections.abc import Callable

import pytest
from graphql import get_introspection_query

from protocol.limits import Limits
from tests.protocol.wire import (
    GRAPHQL_RESPONSE,
    Wire,
    answered,
    example_server,
    guarded,
    refused,
)

CODES = {
    "GRAPHQL_PARSE_FAILED",
    "GRAPHQL_VALIDATION_FAILED",
    "OPERATION_RESOLUTION_FAILURE",
    "QUERY_TOO_EXPENSIVE",
}


def _doubling_fragments(count: int) -> str:
    """Each spreads the next one twice: 2 to the power of `count` paths, in 250 tokens."""
    spreads = [
        f"fragment F{i} on Person {{ a: friend {{ ...F{i + 1} }} b: friend {{ ...F{i + 1} }} }}"
        for i in range(count)
    ]
    return "{ person { ...F0 } }" + "".join(spreads) + f"fragment F{count} on Person {{ name }}"


def _flat_doubling_fragments(count: int) -> str:
    """The same without fields between: no deeper than one level, and as many paths."""
    spreads = [f"fragment F{i} on Person {{ ...F{i + 1} ...F{i + 1} }}" for i in range(count)]
    return "{ person { ...F0 } }" + "".join(spreads) + f"fragment F{count} on Person {{ name }}"


def _nested(depth: int) -> str:
    return "{ person {" + " friend {" * depth + " name" + " }" * depth + " } }"


def _inline_fragments(depth: int) -> str:
    return "{" + " ... {" * depth + " hello" + " }" * depth + " }"


def _overlapping(count: int) -> str:
    """Fields of one name that must all be compared with each other."""
    one = "... on Person {{ friend {{ friend {{ x{}: name }} }} }}"
    return "{ person { " + " ".join(one.format(i) for i in range(count)) + " } }"


def _introspection(depth: int) -> str:
    return "{ __schema { types {" + " fields { type {" * depth + " name" + " } }" * depth + " } } }"


BOMBS: dict[str, Callable[[], str]] = {
    "30 doubling fragments": lambda: _doubling_fragments(30),
    "30 flat doubling fragments": lambda: _flat_doubling_fragments(30),
    "a fragment that spreads the next one 100 times": lambda: (
        "{ person { ...F0 } }"
        + "".join(f"fragment F{i} on Person {{ {f'...F{i + 1} ' * 100} }}" for i in range(9))
        + "fragment F9 on Person { name }"
    ),
    "a cycle of fragments": lambda: (
        "{ person { ...A } } fragment A on Person { friend { ...B } } "
        "fragment B on Person { friend { ...A } }"
    ),
    "a fragment of itself": lambda: "{ ...A } fragment A on Query { ...A ...A }",
    "depth 16": lambda: _nested(15),
    "depth 190": lambda: _nested(190),
    "depth 1,000": lambda: _nested(1_000),
    "depth 8,000": lambda: _nested(8_000),
    "inline fragments, 190 deep": lambda: _inline_fragments(190),
    "inline fragments, 5,000 deep": lambda: _inline_fragments(5_000),
    "40,000 braces": lambda: "{" * 40_000,
    "list of lists, 40,000 deep": lambda: "{ hello(name: " + "[" * 40_000 + " }",
    "object of objects, 10,000 deep": lambda: "{ hello(name: " + "{a:" * 10_000 + " }",
    "a type of 40,000 lists": lambda: "query($a: " + "[" * 40_000 + "Int) { hello }",
    "660 aliases": lambda: "{" + " ".join(f"a{i}: hello" for i in range(660)) + "}",
    "8,000 aliases": lambda: "{" + " ".join(f"a{i}:hello" for i in range(8_000)) + "}",
    "one field 1,990 times": lambda: "{" + " hello" * 1_990 + "}",
    "one field 15,000 times": lambda: "{" + " hello" * 15_000 + "}",
    "130 overlapping fields": lambda: _overlapping(130),
    "280 directives": lambda: "{ hello" + " @skip(if: false)" * 280 + "}",
    "30,000 directives": lambda: "{ hello" + " @a" * 30_000 + "}",
    "400 operations": lambda: " ".join(f"query Q{i} {{ hello }}" for i in range(400)),
    "30,000 operations": lambda: "{a}" * 30_000,
    "250 fragments that nobody uses": lambda: (
        "{ hello }" + "".join(f"fragment F{i} on Query {{ hello }}" for i in range(250))
    ),
    "400 variables": lambda: "query(" + " ".join(f"$v{i}: Int" for i in range(400)) + ") { hello }",
    "90,000 characters of comment": lambda: "{ hello } #" + "x" * 90_000,
    "30,000 comments": lambda: "{ hello }" + "\n#" * 30_000,
    "90,000 commas": lambda: "{ hello }" + "," * 90_000,
    "45,000 line ends": lambda: "{ hello }" + "\n" * 45_000,
    "a string of 90,000 characters": lambda: '{ hello(name: "' + "x" * 90_000 + '") }',
    "a block string of 15,000 lines": lambda: '{ hello(name: """' + "\n  x" * 15_000 + '""") }',
    "a block string of quotes": lambda: '{ hello(name: """' + '\\"""' * 10_000 + '""") }',
    "a name of 90,000 characters": lambda: "{ " + "x" * 90_000 + " }",
    "a number of 90,000 digits": lambda: "{ long(characters: " + "9" * 90_000 + ") }",
    "introspection, 3 deep": lambda: _introspection(3),
    "introspection, 12 deep": lambda: _introspection(12),
}


@pytest.mark.parametrize("name", BOMBS)
async def test_a_bomb_is_answered_and_the_server_lives(wire: Wire, name: str) -> None:
    document = BOMBS[name]()
    assert len(document) < Limits().body_bytes
    with guarded():
        response = await wire.post(document, accept=GRAPHQL_RESPONSE)
        assert response.status_code in (200, 400), response.text[:200]
        assert len(response.content) < 100_000 + len(document)
        for error in response.json().get("errors", []):
            assert error["extensions"]["code"] in CODES
        assert await wire.is_alive()


REFUSED_BOMBS = [
    "one field 1,990 times",
    "30 doubling fragments",
    "a cycle of fragments",
    "a fragment of itself",
    "depth 16",
    "660 aliases",
    "280 directives",
    "400 operations",
    "250 fragments that nobody uses",
    "depth 190",
    "depth 8,000",
    "40,000 braces",
    "8,000 aliases",
    "one field 15,000 times",
    "30,000 directives",
    "30,000 operations",
    "30,000 comments",
    "introspection, 12 deep",
]


@pytest.mark.parametrize("name", REFUSED_BOMBS)
async def test_a_bomb_is_not_executed(wire: Wire, name: str) -> None:
    with guarded():
        response = await wire.post(BOMBS[name](), accept=GRAPHQL_RESPONSE)
    assert response.status_code == 400
    assert "data" not in response.json()


def _document_of_tokens(count: int) -> str:
    return "{" + " hello" * (count - 2) + "}"


@pytest.mark.parametrize("accept", ["application/json", GRAPHQL_RESPONSE])
async def test_the_limit_of_tokens_is_exact(accept: str) -> None:
    async with example_server(limits=Limits(document_tokens=20)) as wire:
        assert answered(await wire.post(_document_of_tokens(20), accept=accept), accept)
        response = await wire.post(_document_of_tokens(21), accept=accept)
        error = refused(response, 400, "QUERY_TOO_EXPENSIVE", accept)
        assert "20 tokens" in error["message"]


async def test_the_limit_of_depth_is_exact_and_fragments_are_no_level() -> None:
    async with example_server(limits=Limits(document_depth=3)) as wire:
        deepest = "{ person { ...A } } fragment A on Person { friend { friend { ...B } } }"
        assert answered(await wire.post(deepest + "fragment B on Person { name }"))
        response = await wire.post(deepest + "fragment B on Person { friend { name } }")
        error = refused(response, 400, "QUERY_TOO_EXPENSIVE")
        assert "3 levels" in error["message"]
        aside = "{ a: person { name } person { a: friend { name } friend { friend { %s } } } }"
        assert answered(await wire.post(aside % "name"))
        response = await wire.post(aside % "friend { name }")
        refused(response, 400, "QUERY_TOO_EXPENSIVE")


async def test_each_operation_of_a_document_has_its_own_depth() -> None:
    async with example_server(limits=Limits(document_depth=1)) as wire:
        document = "query A { hello } query B { person { friend { name } } }"
        response = await wire.post(document, operationName="A")
        refused(response, 400, "QUERY_TOO_EXPENSIVE")


async def test_the_introspection_query_of_every_tool_fits(wire: Wire) -> None:
    query = get_introspection_query(
        descriptions=True,
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )
    assert "types" in answered(await wire.post(query))["__schema"]


@pytest.mark.parametrize("name", ["variables", "extensions"])
async def test_the_limit_of_depth_of_variables_is_exact(wire: Wire, name: str) -> None:
    def deep(levels: int) -> object:
        value: object = 1
        for _ in range(levels - 1):
            value = [value]
        return {"a": value}

    most = Limits().variables_depth
    assert answered(await wire.post_json({"query": "{ hello }", name: deep(most)}))
    response = await wire.post_json({"query": "{ hello }", name: deep(most + 1)})
    refused(response, 400, "BAD_REQUEST")
    assert answered(await wire.get({"query": "{ hello }", name: json.dumps(deep(most))}))
    response = await wire.get({"query": "{ hello }", name: json.dumps(deep(most + 1))})
    refused(response, 400, "BAD_REQUEST")


async def test_a_huge_list_of_variables_is_answered(wire: Wire) -> None:
    query = "query($n: [Int!]!) { hello }"
    with guarded():
        response = await wire.post(query, variables={"n": ["x"] * 20_000})
        assert len(response.json()["errors"]) <= 10
        assert len(response.content) < 5_000
        assert await wire.is_alive()
