"""What clients are told when something is wrong (PROTOCOL 2, DOMAIN b.5)."""

import pytest

from tests.protocol.conftest import Logs
from tests.protocol.example import BUG, FAILURES
from tests.protocol.wire import ADD, GRAPHQL_RESPONSE, TRACES, Wire, answered, refused


@pytest.mark.row("S16")
async def test_a_bug_is_masked_and_logged_under_the_id_that_the_client_sees(
    wire: Wire, logs: Logs
) -> None:
    response = await wire.post("{ hello person { name } broken }")
    body = response.json()
    assert body["data"] == {"hello": "hello world", "person": {"name": "Ada"}, "broken": None}
    [error] = body["errors"]
    assert error["message"] == "Internal server error"
    assert error["path"] == ["broken"]
    assert set(error["extensions"]) == {"code", "errorId"}
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert BUG not in response.text
    assert not any(trace in response.text for trace in (*TRACES, "RuntimeError"))
    [entry] = [each for each in logs if each["event"] == "field_failed"]
    assert entry["error_id"] == error["extensions"]["errorId"]
    assert entry["path"] == "broken"
    assert str(entry["exc_info"]) == BUG


async def test_two_bugs_have_an_id_each(wire: Wire) -> None:
    body = (await wire.post("{ a: broken b: broken }")).json()
    assert len({error["extensions"]["errorId"] for error in body["errors"]}) == 2


@pytest.mark.row("S15")
@pytest.mark.parametrize("code", FAILURES)
async def test_an_expected_failure_keeps_its_words_and_has_its_code(
    wire: Wire, logs: Logs, code: str
) -> None:
    query = "query($code: String!) { hello fails(code: $code) }"
    response = await wire.post(query, variables={"code": code})
    body = response.json()
    assert body["data"] == {"hello": "hello world", "fails": None}
    [error] = body["errors"]
    assert error["message"] == f"The message of {code}."
    assert error["path"] == ["fails"]
    assert error["extensions"] == {"code": code, **FAILURES[code]("").details}
    assert [each["event"] for each in logs] == ["request"]


async def test_a_value_that_the_type_cannot_express_is_our_fault(wire: Wire, logs: Logs) -> None:
    body = (await wire.post("{ hello infinite }")).json()
    assert body["data"] == {"hello": "hello world", "infinite": None}
    [error] = body["errors"]
    assert error["message"] == "Internal server error"
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert "field_failed" in [each["event"] for each in logs]


async def test_extensions_of_the_context_are_shown(wire: Wire) -> None:
    assert (await wire.post("{ hello }")).json()["extensions"] == {"signedIn": False}


VARIABLES = [
    ("query($n: Int!) { long(characters: $n) }", {}),
    ("query($n: Int!) { long(characters: $n) }", {"n": None}),
    ("query($n: Int!) { long(characters: $n) }", {"n": "5"}),
    ("query($n: Int!) { long(characters: $n) }", {"n": 2**31}),
    ("query($n: Int!) { long(characters: $n) }", {"n": 1.5}),
    ("query($n: Int!) { long(characters: $n) }", {"n": True}),
    ("query($n: String!) { hello(name: $n) }", {"n": {"a": 1}}),
    ("query($n: String!) { hello(name: $n) }", {"n": ["a"]}),
    ("query($c: Colour!) { paint(colour: $c) }", {"c": "CRIMSOM"}),
    ("query($c: Colour!) { paint(colour: $c) }", {"c": 1}),
    ("query($f: Filter) { person(filter: $f) { name } }", {"f": {}}),
    ("query($f: Filter) { person(filter: $f) { name } }", {"f": {"nickname": "a", "nicknam": 1}}),
    ("query($f: Filter) { person(filter: $f) { name } }", {"f": "a"}),
]


@pytest.mark.parametrize(("query", "variables"), VARIABLES)
async def test_variables_that_do_not_fit(
    wire: Wire, query: str, variables: dict[str, object]
) -> None:
    response = await wire.post(query, variables=variables, accept=GRAPHQL_RESPONSE)
    refused(response, 400, "BAD_USER_INPUT", GRAPHQL_RESPONSE)


async def test_variables_that_do_not_fit_run_no_part_of_the_operation(wire: Wire) -> None:
    query = "mutation($n: Int!) { add @skip(if: false) a: add @include(if: true) b: add }"
    refused(await wire.post(query, variables={"n": "x"}), 200, "GRAPHQL_VALIDATION_FAILED")
    query = "mutation($if: Boolean!) { add @include(if: $if) b: add }"
    refused(await wire.post(query, variables={"if": "x"}), 200, "BAD_USER_INPUT")
    assert wire.ledger.additions == 0


async def test_variables_that_nobody_declared_are_ignored(wire: Wire) -> None:
    assert answered(await wire.post("{ hello }", variables={"x": 1})) == {"hello": "hello world"}


INVALID = [
    "{ unknown }",
    "{ person }",
    "{ hello { a } }",
    "{ hello(nobody: 1) }",
    "{ long }",
    '{ long(characters: "x") }',
    "{ paint(colour: PURPLE) }",
    "query($x: Colour) { hello }",
    "query($x: Nothing) { hello(name: $x) }",
    "query { hello(name: $undefined) }",
    "{ ...Missing }",
    "{ ...A } fragment A on Query { ...A }",
    "{ hello @unknown }",
    "{ hello @skip }",
    "{ a: hello a: additions }",
    "query A { hello } query A { hello }",
    "subscription { a: ticks b: ticks }",
    "{ hello } { hello }",
    "fragment A on Query { hello } query { additions }",
]


@pytest.mark.parametrize("query", INVALID)
async def test_documents_that_are_not_valid(wire: Wire, query: str) -> None:
    response = await wire.post(query, accept=GRAPHQL_RESPONSE)
    error = refused(response, 400, "GRAPHQL_VALIDATION_FAILED", GRAPHQL_RESPONSE)
    assert error["locations"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("query A { hello } mutation B { add }", None),
        ("query A { hello } mutation B { add }", "C"),
        ("mutation { add }", "add"),
        ("mutation A { add }", "a"),
        ("fragment A on Query { hello }", None),
    ],
)
async def test_which_operation_is_meant_must_be_clear(
    wire: Wire, query: str, name: str | None
) -> None:
    response = await wire.post(query, operationName=name, accept=GRAPHQL_RESPONSE)
    assert response.status_code == 400
    body = response.json()
    assert "data" not in body
    if not query.startswith("fragment"):  # an unused one is not valid in the first place
        refused(response, 400, "OPERATION_RESOLUTION_FAILURE", GRAPHQL_RESPONSE)
    assert wire.ledger.additions == 0


@pytest.mark.row("T12")
async def test_at_most_ten_errors_are_told(wire: Wire) -> None:
    fields = " ".join(f"unknown{i}" for i in range(100))
    assert len((await wire.post(f"{{ person {{ {fields} }} }}")).json()["errors"]) == 10
    directives = " ".join(f"name @unknown{i}" for i in range(40))
    assert len((await wire.post(f"{{ person {{ {directives} }} }}")).json()["errors"]) == 10
    declared = " ".join(f"$v{i}: Int!" for i in range(15))
    used = " ".join(f"f{i}: long(characters: $v{i})" for i in range(15))
    response = await wire.post(f"query({declared}) {{ {used} }}", variables={})
    refused(response, 200, "BAD_USER_INPUT")
    assert len(response.json()["errors"]) == 10


async def test_a_message_never_repeats_a_whole_huge_value(wire: Wire) -> None:
    huge = "x" * 50_000
    for response in (
        await wire.post("query($c: Colour!) { paint(colour: $c) }", variables={"c": huge}),
        await wire.post(f'{{ long(characters: "{huge}") }}'),
        await wire.post(f"{{ {huge} }}"),
        await wire.post("{ hello }", operationName=huge),
        await wire.post(f'{{ hello(name: "{huge}" }}'),
    ):
        assert "data" not in response.json()
        assert len(response.content) < 5_000


HINTED = [
    ("field", "{ helo }", {}, "hello"),
    ("field of an object", "{ person { nam } }", {}, "name"),
    ("inline fragment", "{ person { ... on Person { nam } } }", {}, "name"),
    ("argument", '{ hello(nam: "x") }', {}, "name"),
    ("argument of a directive", "{ hello @include(if: true, iff: true) }", {}, "'if'"),
    ("type of a variable", "query($c: Colur) { hello }", {}, "Colour"),
    ("type of a fragment", "{ ... on Qery { hello } }", {}, "Query"),
    ("enum value", "{ paint(colour: CRIMSOM) }", {}, "CRIMSON"),
    ("enum value in quotes", '{ paint(colour: "CRIMSOM") }', {}, "CRIMSON"),
    (
        "field of an input",
        '{ person(filter: { nickname: "x", favourit: CRIMSON }) { name } }',
        *({}, "favourite"),
    ),
    ("selection of subfields", "{ person }", {}, "{ ... }"),
    ("default value", "query($c: Colour = CRIMSOM) { paint(colour: $c) }", {}, "CRIMSON"),
    (
        "variable of an enum",
        *("query($c: Colour!) { paint(colour: $c) }", {"c": "CRIMSOM"}, "CRIMSON"),
    ),
    (
        "variable of an input",
        "query($f: Filter) { person(filter: $f) { name } }",
        *({"f": {"nickname": "x", "favourit": "CRIMSON"}}, "favourite"),
    ),
    (
        "enum inside a variable of an input",
        "query($f: Filter) { person(filter: $f) { name } }",
        *({"f": {"nickname": "x", "favourite": "CRIMSOM"}}, "CRIMSON"),
    ),
]


@pytest.mark.row("T14")
@pytest.mark.parametrize(
    ("query", "variables", "hint"), [row[1:] for row in HINTED], ids=[row[0] for row in HINTED]
)
async def test_no_message_suggests_a_name_in_production(
    wire: Wire, production: Wire, query: str, variables: dict[str, object], hint: str
) -> None:
    helped = (await wire.post(query, variables=variables)).json()["errors"]
    assert any("Did you mean" in error["message"] and hint in error["message"] for error in helped)
    errors = (await production.post(query, variables=variables)).json()["errors"]
    assert len(errors) == len(helped)
    for error in errors:
        assert "Did you mean" not in error["message"]
        assert hint not in error["message"]


@pytest.mark.parametrize(
    ("query", "hint"),
    [
        ("{ helo }", "Did you mean 'hello'?"),
        ('{ hello(nam: "x") }', "Did you mean 'name'?"),
        ("{ paint(colour: CRIMSOM) }", "Did you mean the enum value 'CRIMSON'?"),
        ("{ person }", "Did you mean 'person { ... }'?"),
    ],
)
async def test_in_development_messages_help(wire: Wire, query: str, hint: str) -> None:
    error = refused(await wire.post(query), 200, "GRAPHQL_VALIDATION_FAILED")
    assert error["message"].endswith(hint)


INTROSPECTION = "{ __schema { queryType { name } } }"


async def test_introspection_is_answered_where_it_is_on(wire: Wire) -> None:
    data = answered(await wire.post(INTROSPECTION))
    assert data == {"__schema": {"queryType": {"name": "Query"}}}


@pytest.mark.parametrize(
    "query",
    [
        INTROSPECTION,
        '{ __type(name: "Query") { name } }',
        "{ ...A } fragment A on Query { a: __schema { types { name } } }",
    ],
)
async def test_introspection_is_refused_where_it_is_off(production: Wire, query: str) -> None:
    error = refused(await production.post(query), 200, "GRAPHQL_VALIDATION_FAILED")
    assert "introspection" in error["message"].lower()


async def test_typename_is_no_introspection(production: Wire) -> None:
    assert answered(await production.post("{ __typename }")) == {"__typename": "Query"}


async def test_a_refusal_of_a_mutation_ran_nothing(wire: Wire) -> None:
    refused(await wire.post(ADD + " { broken"), 200, "GRAPHQL_PARSE_FAILED")
    refused(await wire.post("mutation { add unknown }"), 200, "GRAPHQL_VALIDATION_FAILED")
    assert wire.ledger.additions == 0
