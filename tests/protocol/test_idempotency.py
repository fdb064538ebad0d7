"""The key of a mutation: where it stands, what it may be, and what it may not be for."""

from typing import Any

import pytest
from graphql import get_introspection_query
from strawberry.extensions.directives import DirectivesExtension

from schema.api import build_schema
from tests.protocol.wire import PREFLIGHT, Wire, answered, refused

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
LONGEST = "k" * 128
DIRECTIVE = "mutation ($key: String!) { key @idempotent(key: $key) }"
BAD = ["", " ", "a b", "a\n", "ü", "\x7f", LONGEST + "k"]


@pytest.mark.parametrize("key", [KEY, "!", "~", '"quoted"', "a\\b", LONGEST])
async def test_a_directive_has_the_key(wire: Wire, key: str) -> None:
    response = await wire.post(DIRECTIVE, variables={"key": key})
    assert answered(response) == {"key": key}


async def test_the_key_may_be_written_in_the_document(wire: Wire) -> None:
    assert answered(await wire.post(f'mutation {{ key @idempotent(key: "{KEY}") }}')) == {
        "key": KEY
    }


async def test_a_variable_may_have_a_default(wire: Wire) -> None:
    query = 'mutation ($key: String = "usual") { key @idempotent(key: $key) }'
    assert answered(await wire.post(query)) == {"key": "usual"}


async def test_without_one_there_is_none(wire: Wire) -> None:
    assert answered(await wire.post("mutation { key }")) == {"key": None}


async def test_each_field_has_its_own(wire: Wire) -> None:
    query = """
        mutation ($key: String!) {
            a: key @idempotent(key: "a")
            ...Rest
            ... { c: key }
        }
        fragment Rest on Mutation { b: key @idempotent(key: $key) }
    """
    response = await wire.post(query, variables={"key": KEY})
    assert answered(response) == {"a": "a", "b": KEY, "c": None}


async def test_one_field_that_is_selected_twice_has_one(wire: Wire) -> None:
    query = 'mutation { key key @idempotent(key: "a") ... { key @idempotent(key: "a") } }'
    assert answered(await wire.post(query)) == {"key": "a"}
    await _is_bad(wire, 'mutation { key @idempotent(key: "a") ... { key @idempotent(key: "b") } }')


@pytest.mark.parametrize("key", BAD)
async def test_a_bad_key_is_an_error_of_its_field(wire: Wire, key: str) -> None:
    message = await _is_bad(wire, DIRECTIVE, variables={"key": key})
    assert message == (
        "An idempotency key is 1 to 128 visible ASCII characters; a UUID is best. "
        f"It was {len(key)} characters."
    )


async def test_null_is_no_key(wire: Wire) -> None:
    query = 'mutation ($key: String = "usual") { key @idempotent(key: $key) }'
    assert (await _is_bad(wire, query, variables={"key": None})).endswith("It was null.")


@pytest.mark.parametrize(
    ("header", "key"),
    [
        (KEY, KEY),
        (f'"{KEY}"', KEY),
        (LONGEST, LONGEST),
        (f'"{LONGEST}"', LONGEST),
        (r'"a\"b\\c"', r'a"b\c'),
        ("a,b;c=d", "a,b;c=d"),
    ],
)
async def test_a_header_has_the_key_bare_or_in_quotes(wire: Wire, header: str, key: str) -> None:
    response = await wire.post("mutation { key }", headers={"Idempotency-Key": header})
    assert answered(response) == {"key": key}


@pytest.mark.parametrize(
    "header",
    ["", "a b", '""', '"a b"', '"a', '"', '"a";b=c', r'"a\b"', LONGEST + "k", f'"{LONGEST}k"'],
)
async def test_a_bad_header_runs_nothing(wire: Wire, header: str) -> None:
    response = await wire.post("mutation { add }", headers={"Idempotency-Key": header})
    error = refused(response, 400, "BAD_REQUEST")
    assert error["message"].startswith("Idempotency-Key: ")
    assert wire.ledger.additions == 0


async def test_two_headers_run_nothing(wire: Wire) -> None:
    body = b'{"query":"mutation { add }"}'
    response = await wire.send_bytes(
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Idempotency-Key: a\r\nidempotency-key: a\r\nConnection: close\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    assert response.startswith(b"HTTP/1.1 400 ")
    assert b"There may be one Idempotency-Key header; there were 2." in response
    assert wire.ledger.additions == 0


async def test_the_header_and_a_directive_must_agree(wire: Wire) -> None:
    headers = {"Idempotency-Key": f'"{KEY}"'}
    response = await wire.post(DIRECTIVE, headers=headers, variables={"key": KEY})
    assert answered(response) == {"key": KEY}
    message = await _is_bad(wire, DIRECTIVE, headers=headers, variables={"key": "another"})
    assert "Idempotency-Key have 2 that differ" in message


@pytest.mark.parametrize(
    "query",
    [
        "mutation { a: add b: add }",
        "mutation { add ...F } fragment F on Mutation { ... { key } }",
        "mutation ($yes: Boolean = true) { a: add b: add @include(if: $yes) }",
    ],
)
async def test_the_header_goes_with_one_field(wire: Wire, query: str) -> None:
    response = await wire.post(query, headers={"Idempotency-Key": KEY})
    error = refused(response, 400, "BAD_REQUEST")
    assert error["message"] == (
        "The header Idempotency-Key goes with a mutation of one field; this one has 2. "
        "Give each its own key with @idempotent."
    )
    assert wire.ledger.additions == 0


@pytest.mark.parametrize(
    "query",
    [
        "mutation { __typename key }",
        "mutation { key ... { key } ...F ...F } fragment F on Mutation { key }",
        "mutation { key add @skip(if: true) }",
        "mutation ($no: Boolean!) { key ... @include(if: $no) { add } }",
        "mutation A { key } mutation B { a: add b: add }",
    ],
)
async def test_what_is_executed_once_is_one_field(wire: Wire, query: str) -> None:
    response = await wire.post(
        query,
        headers={"Idempotency-Key": KEY},
        variables={"no": False},
        **({"operationName": "A"} if "mutation A" in query else {}),
    )
    assert answered(response)["key"] == KEY


async def test_a_query_may_come_with_a_header(wire: Wire) -> None:
    headers = {"Idempotency-Key": KEY}
    assert answered(await wire.post("{ a: hello b: hello }", headers=headers))
    assert answered(await wire.get({"query": "{ hello }"}, headers=PREFLIGHT | headers))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        (
            '{ hello @idempotent(key: "a") }',
            "Directive '@idempotent' belongs on a field of a mutation; "
            "'hello' is a field of 'Query'.",
        ),
        (
            'query { ...F } fragment F on Query { person { name @idempotent(key: "a") } }',
            "Directive '@idempotent' belongs on a field of a mutation; "
            "'name' is a field of 'Person'.",
        ),
        (
            'mutation @idempotent(key: "a") { add }',
            "Directive '@idempotent' may not be used on mutation.",
        ),
        (
            'mutation { add @idempotent(key: "a") @idempotent(key: "b") }',
            "The directive '@idempotent' can only be used once at this location.",
        ),
        (
            "mutation { add @idempotent }",
            "Argument '@idempotent(key:)' of type 'String!' is required, but it was not provided.",
        ),
    ],
)
async def test_it_belongs_once_on_fields_of_a_mutation(
    wire: Wire, query: str, message: str
) -> None:
    error = refused(
        await wire.post(query, accept="application/graphql-response+json"),
        400,
        "GRAPHQL_VALIDATION_FAILED",
        "application/graphql-response+json",
    )
    assert error["message"] == message
    assert wire.ledger.additions == 0


def test_the_schema_declares_it_and_wraps_no_resolver_for_it() -> None:
    schema = build_schema()
    assert "\ndirective @idempotent(" in schema.as_str()
    result = schema.execute_sync(get_introspection_query())
    assert result.data is not None
    (declared,) = [
        each for each in result.data["__schema"]["directives"] if each["name"] == "idempotent"
    ]
    assert declared["locations"] == ["FIELD"]
    assert declared["description"]
    (key,) = declared["args"]
    assert (key["name"], key["type"]["kind"]) == ("key", "NON_NULL")
    assert key["description"]
    assert not [each for each in schema.get_extensions() if isinstance(each, DirectivesExtension)]


async def test_how_long_to_wait_stands_beside_the_code(wire: Wire) -> None:
    response = await wire.post('{ fails(code: "IDEMPOTENCY_IN_PROGRESS") }')
    assert response.json()["errors"][0]["extensions"] == {
        "code": "IDEMPOTENCY_IN_PROGRESS",
        "retryAfterMs": 1_000,
    }


async def _is_bad(wire: Wire, query: str, **parameters: Any) -> str:
    """Asserts that the field `key` refuses its key; gives the message."""
    response = await wire.post(query, **parameters)
    assert response.status_code == 200
    assert response.json()["data"] == {"key": None}
    (error,) = response.json()["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert error["path"] == ["key"]
    message: str = error["message"]
    return message
