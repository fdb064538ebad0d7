"""How an operation may be asked for: POST and GET, their parameters and methods (PROTOCOL 1)."""

import json
from urllib.parse import quote

import pytest

from protocol.limits import Limits
from tests.protocol.wire import ADD, JSON, PREFLIGHT, Wire, answered, example_server, refused

NAMED = "query First { hello } query Second($name: String!) { hello(name: $name) }"


@pytest.mark.row("Q1")
@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "Application/JSON; Charset=UTF-8",
        "application/json;x=y",
        "APPLICATION/JSON",
    ],
)
async def test_q1_a_post_of_json_whatever_its_case_and_parameters(
    wire: Wire, content_type: str
) -> None:
    response = await wire.post_bytes(b'{"query": "{ hello }"}', content_type=content_type)
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("Q2")
async def test_q2_all_parameters_are_used(wire: Wire) -> None:
    response = await wire.post(
        NAMED, operationName="Second", variables={"name": "Zoë 🌲"}, extensions={"a": 1}
    )
    assert answered(response) == {"hello": "hello Zoë 🌲"}


@pytest.mark.row("Q2")
async def test_q2_null_is_as_good_as_absent(wire: Wire) -> None:
    response = await wire.post("{ hello }", operationName=None, variables=None, extensions=None)
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("Q2")
async def test_q2_an_empty_operation_name_is_as_good_as_absent(wire: Wire) -> None:
    assert answered(await wire.post("{ hello }", operationName="")) == {"hello": "hello world"}


@pytest.mark.row("Q2")
@pytest.mark.parametrize("name", ["onError", "id", "doc_id", "clientLibrary", "", "__proto__"])
async def test_q2_unknown_keys_are_ignored(wire: Wire, name: str) -> None:
    response = await wire.post_json({"query": "{ hello }", name: {"any": ["thing"]}})
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("Q3")
@pytest.mark.parametrize("value", [5, True, ["{ hello }"], {"a": 1}, "", None])
async def test_q3_query_of_a_wrong_type(wire: Wire, value: object) -> None:
    refused(await wire.post_json({"query": value}), 400, "BAD_REQUEST")


@pytest.mark.row("Q3")
@pytest.mark.parametrize("value", [5, False, ["First"], {"a": 1}])
async def test_q3_operation_name_of_a_wrong_type(wire: Wire, value: object) -> None:
    error = refused(await wire.post("{ hello }", operationName=value), 400, "BAD_REQUEST")
    assert "`operationName` must be a string" in error["message"]


@pytest.mark.row("Q3")
@pytest.mark.parametrize("name", ["variables", "extensions"])
@pytest.mark.parametrize("value", [5, True, "{}", [], [{"a": 1}]])
async def test_q3_an_object_of_a_wrong_type(wire: Wire, name: str, value: object) -> None:
    error = refused(await wire.post_json({"query": "{ hello }", name: value}), 400, "BAD_REQUEST")
    assert f"`{name}` must be an object" in error["message"]


@pytest.mark.row("Q5")
async def test_q5_get_with_all_parameters(wire: Wire) -> None:
    response = await wire.get(
        {
            "query": NAMED,
            "operationName": "Second",
            "variables": '{"name": "Zoë 🌲"}',
            "extensions": "{}",
        }
    )
    assert answered(response) == {"hello": "hello Zoë 🌲"}


@pytest.mark.row("Q5")
@pytest.mark.parametrize("rest", ["operationName=", "variables=", "extensions=", "variables=null"])
async def test_q5_an_empty_optional_parameter_is_as_good_as_absent(wire: Wire, rest: str) -> None:
    response = await wire.get(f"query=%7Bhello%7D&{rest}")
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("Q5")
async def test_q5_a_get_without_a_query(wire: Wire) -> None:
    refused(await wire.get(""), 400, "BAD_REQUEST")
    refused(await wire.get("query="), 400, "BAD_REQUEST")


@pytest.mark.row("Q5")
@pytest.mark.parametrize(
    "query_string", ["query=%7Bhello%7D&utm_source=x", "utm=x&utm=y&query=%7Bhello%7D"]
)
async def test_q5_unknown_parameters_of_a_url_are_ignored(wire: Wire, query_string: str) -> None:
    assert answered(await wire.get(query_string)) == {"hello": "hello world"}


@pytest.mark.row("Q6")
@pytest.mark.parametrize("name", ["variables", "extensions"])
@pytest.mark.parametrize("text", ["{", "nothing", "5", "[1]", '"x"', '{"a":NaN}', "{'a':1}"])
async def test_q6_malformed_json_in_a_url(wire: Wire, name: str, text: str) -> None:
    response = await wire.get({"query": "{ hello }", name: text})
    error = refused(response, 400, "BAD_REQUEST")
    assert f"`{name}`" in error["message"]


@pytest.mark.row("Q6")
@pytest.mark.parametrize("query_string", ["query=%FF%FE", "query=%ED%A0%80", "query=%C0%AF"])
async def test_q6_a_query_string_that_is_no_utf8(wire: Wire, query_string: str) -> None:
    refused(await wire.get(query_string), 400, "BAD_REQUEST")


async def test_a_url_of_very_many_parameters(wire: Wire) -> None:
    refused(await wire.get("query=%7Bhello%7D" + "&a" * 1_000), 400, "BAD_REQUEST")


@pytest.mark.row("Q7", "S8")
async def test_q7_get_never_runs_a_mutation(wire: Wire) -> None:
    response = await wire.get({"query": ADD})
    refused(response, 405, "BAD_REQUEST")
    assert response.headers["allow"] == "POST"
    assert wire.ledger.additions == 0


@pytest.mark.row("Q7", "S8")
async def test_q7_get_runs_the_query_beside_a_mutation_and_not_the_mutation(wire: Wire) -> None:
    document = "query Read { additions } mutation Write { add }"
    refused(await wire.get({"query": document, "operationName": "Write"}), 405, "BAD_REQUEST")
    response = await wire.get({"query": document, "operationName": "Read"})
    assert answered(response) == {"additions": 0}


async def test_a_post_runs_a_mutation(wire: Wire) -> None:
    assert answered(await wire.post(ADD)) == {"add": 1}
    assert wire.ledger.additions == 1


@pytest.mark.row("Q8", "S8")
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "QUERY", "OPTIONS", "TRACE"])
async def test_q8_other_methods(wire: Wire, method: str) -> None:
    response = await wire.http.request(method, "/graphql", json={"query": ADD})
    refused(response, 405, "BAD_REQUEST")
    assert response.headers["allow"] == "GET, POST"
    assert wire.ledger.additions == 0


@pytest.mark.row("Q8", "S8")
async def test_q8_head_has_no_body_and_runs_no_mutation(wire: Wire) -> None:
    response = await wire.get({"query": ADD}, method="HEAD")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, POST"
    assert response.content == b""
    assert wire.ledger.additions == 0


@pytest.mark.row("Q9", "S9")
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/graphql",
        "application/graphql+json",
        "application/jsonp",
        "application/json-seq",
        "json",
        "*/*",
        "application/*",
        "text/plain, application/json",
        "application/json, text/plain",
        "",
        None,
    ],
)
async def test_q9_a_body_that_is_not_json(wire: Wire, content_type: str | None) -> None:
    body = json.dumps({"query": ADD}).encode()
    refused(await wire.post_bytes(body, content_type=content_type), 415, "BAD_REQUEST")
    assert wire.ledger.additions == 0


@pytest.mark.row("Q9", "S9")
@pytest.mark.parametrize("types", [("text/plain", JSON), (JSON, "text/plain"), (JSON, JSON)])
async def test_q9_two_content_types(wire: Wire, types: tuple[str, str]) -> None:
    body = json.dumps({"query": ADD}).encode()
    headers = [("Content-Type", each) for each in types]
    response = await wire.http.post("/graphql", content=body, headers=headers)
    refused(response, 415, "BAD_REQUEST")
    assert wire.ledger.additions == 0


@pytest.mark.row("T3")
@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "gzip, identity", "zstd"])
async def test_a_compressed_body_is_not_unpacked(wire: Wire, encoding: str) -> None:
    headers = {"Content-Encoding": encoding}
    refused(await wire.post(ADD, headers=headers), 415, "BAD_REQUEST")
    assert wire.ledger.additions == 0


@pytest.mark.row("Q10")
@pytest.mark.parametrize("name", ["query", "variables", "operationName", "extensions"])
async def test_q10_a_parameter_given_twice(wire: Wire, name: str) -> None:
    rest = "query=%7Bhello%7D&" if name != "query" else ""
    response = await wire.get(f"{rest}{name}=&{name}=%7Bhello%7D")
    error = refused(response, 400, "BAD_REQUEST")
    assert f"`{name}` may be given only once" in error["message"]


@pytest.mark.row("S11")
async def test_a_url_that_is_too_long(wire: Wire) -> None:
    longest = Limits().url_bytes
    refused(await wire.get("query=%7Bhello%7D&x=" + "y" * longest), 414, "BAD_REQUEST")
    room = longest - len("/graphql") - len("query=%7Bhello%7D&x=")
    assert answered(await wire.get("query=%7Bhello%7D&x=" + "y" * room)) == {"hello": "hello world"}


async def test_the_url_of_a_post_is_bounded_too_and_otherwise_ignored(wire: Wire) -> None:
    add = {"query": ADD}
    response = await wire.http.post(f"/graphql?query={quote('{ hello }')}", json=add)
    assert answered(response) == {"add": 1}
    refused(await wire.http.post("/graphql?x=" + "y" * 9_000, json=add), 414, "BAD_REQUEST")


@pytest.mark.row("S11")
async def test_headers_that_are_too_large(wire: Wire) -> None:
    headers = {f"X-Filler-{i}": "y" * 8_000 for i in range(5)}
    refused(await wire.post(ADD, headers=headers), 431, "BAD_REQUEST")
    assert wire.ledger.additions == 0


@pytest.mark.row("T1", "S11")
async def test_a_body_of_exactly_the_limit_and_of_one_byte_more(wire: Wire) -> None:
    body = b'{"query": "mutation { add }"'
    body += b" " * (Limits().body_bytes - len(body) - 1) + b"}"
    assert answered(await wire.post_bytes(body)) == {"add": 1}
    refused(await wire.post_bytes(body + b" "), 413, "BAD_REQUEST")
    assert wire.ledger.additions == 1


@pytest.mark.row("T2")
async def test_a_body_in_chunks_is_read_no_further_than_its_limit(wire: Wire) -> None:
    reader, writer = await wire.connect()
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n"
    )
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    for _ in range(4):  # and no end: the answer comes before it
        writer.write(chunk)
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 413 ")


@pytest.mark.row("T1")
async def test_a_declared_length_that_is_too_large_is_refused_unread(wire: Wire) -> None:
    reader, writer = await wire.connect()
    writer.write(
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: 99999999\r\n\r\n"
    )
    head = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert head.startswith(b"HTTP/1.1 413 ")


async def test_a_body_that_never_ends_is_given_up() -> None:
    async with example_server(limits=Limits(body_ms=50)) as wire:
        answer = await wire.send_bytes(
            b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            b'Content-Length: 30\r\n\r\n{"query": '
        )
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"\r\nconnection: close\r\n" in answer
        assert b'"TIMEOUT"' in answer
        assert await wire.is_alive()


PERSISTED = {"persistedQuery": {"version": 1, "sha256Hash": "0" * 64}}


@pytest.mark.row("P9")
@pytest.mark.parametrize("accept", [None, "application/graphql-response+json"])
@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_p9_a_hash_without_a_query_is_answered_so_that_clients_stop_hashing(
    wire: Wire, method: str, accept: str | None
) -> None:
    if method == "POST":
        response = await wire.post(extensions=PERSISTED, accept=accept)
    else:
        response = await wire.get({"extensions": json.dumps(PERSISTED)}, accept=accept)
    error = refused(response, 200, "PERSISTED_QUERY_NOT_SUPPORTED", accept or JSON)
    assert error["message"] == "PersistedQueryNotSupported"
    assert len(response.json()["errors"]) == 1


@pytest.mark.row("P9")
async def test_p9_as_apollo_urql_and_kotlin_send_it(wire: Wire) -> None:
    apollo = {"clientLibrary": {"name": "@apollo/client", "version": "4.3.8"}, **PERSISTED}
    urql = {"persistedQuery": {**PERSISTED["persistedQuery"], "miss": True}}
    for extensions in (apollo, urql):
        response = await wire.post(operationName="X", variables={}, extensions=extensions)
        refused(response, 200, "PERSISTED_QUERY_NOT_SUPPORTED")


@pytest.mark.row("P9")
async def test_p9_the_resent_text_is_executed(wire: Wire) -> None:
    assert answered(await wire.post("{ hello }", extensions=PERSISTED)) == {"hello": "hello world"}


@pytest.mark.row("P9")
async def test_p9_other_extensions_do_not_excuse_a_missing_query(wire: Wire) -> None:
    refused(await wire.post(extensions={"other": 1}), 400, "BAD_REQUEST")
    refused(await wire.post(extensions={"persistedQuery": None}), 400, "BAD_REQUEST")


async def test_a_get_with_a_json_content_type_and_a_body_reads_the_url(wire: Wire) -> None:
    response = await wire.http.request(
        "GET", "/graphql", params={"query": "{ hello }"}, json={"query": ADD}, headers=PREFLIGHT
    )
    assert answered(response) == {"hello": "hello world"}
    assert wire.ledger.additions == 0
