"""Bad input is the caller's mistake, always: 4xx, coded, without data, and nothing is executed.

Each of these was a 500, a hang or a leak in some server (PROTOCOL Q3, Q4; RELIABILITY G15, trap 7).
"""

import gzip
import json

import pytest

from tests.protocol.wire import ADD, GRAPHQL_RESPONSE, MEDIA_TYPES, Wire, answered, refused

Q = b'"query":"mutation{add}"'
DEEP = 20_000


def _body(**parameters: object) -> bytes:
    return json.dumps({"query": ADD, **parameters}).encode()


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \r\n\t ",
    "null": b"null",
    "true": b"true",
    "number": b"5",
    "negative zero": b"-0.0",
    "string": b'"mutation{add}"',
    "empty list": b"[]",
    "list of a number": b"[1]",
    "list of null": b"[null]",
    "list of a list": b"[[]]",
    "batch of one": b"[{" + Q + b"}]",
    "batch of many": b"[" + b",".join([b"{" + Q + b"}"] * 200) + b"]",
    "empty object": b"{}",
    "cut off": b'{"query":"mutation{add}',
    "cut off after the query": b"{" + Q,
    "trailing comma": b"{" + Q + b",}",
    "trailing text": b"{" + Q + b"} x",
    "two documents": b"{" + Q + b"}{" + Q + b"}",
    "json lines": b"{" + Q + b"}\n{" + Q + b"}\n",
    "single quotes": b"{'query':'mutation{add}'}",
    "unquoted key": b"{query:" + b'"mutation{add}"}',
    "comment": b"{" + Q + b"/* x */}",
    "hash comment": b"{" + Q + b"} # x",
    "the document itself": ADD.encode(),
    "a form": b"query=mutation%7Badd%7D",
    "html": b"<script>alert(1)</script>",
    "xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
    "NaN": b"{" + Q + b',"variables":{"a":NaN}}',
    "Infinity": b"{" + Q + b',"variables":{"a":-Infinity}}',
    "hexadecimal": b"{" + Q + b',"variables":{"a":0x10}}',
    "leading zero": b"{" + Q + b',"variables":{"a":010}}',
    "leading plus": b"{" + Q + b',"variables":{"a":+1}}',
    "bare fraction": b"{" + Q + b',"variables":{"a":.5}}',
    "raw newline in a string": b'{"query":"mutation\n{add}"}',
    "raw null byte in a string": b'{"query":"mutation\x00{add}"}',
    "null bytes": b"\x00" * 100,
    "bad escape": b'{"query":"mutation\\x7badd}"}',
    "short escape": b'{"query":"mutation\\u12"}',
    "byte order mark": b"\xef\xbb\xbf{" + Q + b"}",
    "utf-16": ("{" + Q.decode() + "}").encode("utf-16"),
    "utf-16-le": ("{" + Q.decode() + "}").encode("utf-16-le"),
    "utf-32": ("{" + Q.decode() + "}").encode("utf-32"),
    "latin-1": '{"query":"mutation{add}","variables":{"a":"é"}}'.encode("latin-1"),
    "invalid utf-8": b"{" + Q + b',"variables":{"a":"\xff\xfe"}}',
    "overlong utf-8": b"{" + Q + b',"variables":{"a":"\xc0\xaf"}}',
    "surrogate in utf-8": b"{" + Q + b',"variables":{"a":"\xed\xa0\x80"}}',
    "lone surrogate in a value": b"{" + Q + b',"variables":{"a":"\\ud800"}}',
    "lone surrogate in a key": b"{" + Q + b',"variables":{"\\udfff":1}}',
    "lone surrogate in the query": b'{"query":"mutation{add} # \\ud83d"}',
    "lone surrogate in the name": b"{" + Q + b',"operationName":"\\ud800"}',
    "binary": bytes(range(256)),
    "gzip": gzip.compress(b"{" + Q + b"}"),
    "gzip bomb": gzip.compress(b" " * 10_000_000),
    "deep lists": b"[" * DEEP + b"]" * DEEP,
    "deep lists without an end": b"[" * 2 * DEEP,
    "deep objects": b'{"a":' * (DEEP // 2) + b"1" + b"}" * (DEEP // 2),
    "deep variables": b"{" + Q + b',"variables":{"a":' + b"[" * 500 + b"]" * 500 + b"}}",
    "deep extensions": b"{" + Q + b',"extensions":{"a":' + b'{"b":' * 99 + b"1" + b"}" * 100 + b"}",
    "deep unknown key": b"{" + Q + b',"x":' + b"[" * 500 + b"]" * 500 + b"}",
    "integer of 5000 digits as query": b'{"query":' + b"9" * 5_000 + b"}",
    "same key twice": b"{" + Q + b',"query":"{hello}"}',
    "same key twice, escaped": b"{" + Q + b',"qu\\u0065ry":"{hello}"}',
    "same variable twice": b"{" + Q + b',"variables":{"a":1,"a":2}}',
    "same key twice, deep": b"{" + Q + b',"a":' + b"[" * 1_000 + b"]" * 1_000 + b',"a":1}',
    "same key twice, made up for by a colon": b"{" + Q + b',"variables":{"a":1,"a":"\\u003a"}}',
    "same key twice, made up for by a colon in a key": (
        b"{" + Q + b',"variables":{"a":1,"a":{"\\u003A":1}}}'
    ),
    "query is a list": _body(query=[ADD]),
    "query is an object": _body(query={"a": ADD}),
    "query is null": _body(query=None),
    "query is empty": _body(query=""),
    "variables are a string": _body(variables="{}"),
    "variables are a list": _body(variables=[]),
    "operationName is a number": _body(operationName=5),
    "extensions are true": _body(extensions=True),
}


@pytest.mark.row("Q3", "Q4", "N5", "N6")
@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_malformed(wire: Wire, name: str, media_type: str) -> None:
    response = await wire.post_bytes(MALFORMED[name], accept=media_type)
    refused(response, 400, "BAD_REQUEST", media_type)
    assert wire.ledger.additions == 0
    assert await wire.is_alive()


ODD_DOCUMENTS: dict[str, str] = {
    "only blanks": "  \n ",
    "only a comment": "# nothing",
    "a null byte": "mutation { add } \0",
    "an open string": 'mutation { add(a: "x) }',
    "an open block string": 'mutation { add(a: """x) }',
    "a bad escape": '{ hello(name: "\\q") }',
    "a lone surrogate": '{ hello(name: "\\ud800") }',
    "a surrogate in braces": '{ hello(name: "\\u{d800}") }',
    "a code point that is none": '{ hello(name: "\\u{110000}") }',
    "an open brace": "mutation { add",
    "braces only": "{" * 50,
    "a number that goes on": "{ long(characters: 1x) }",
    "an emoji for a name": "{ 🌲 }",
    "html": "<h1>Hello</h1>",
    "sql": "' OR 1=1; --",
}


@pytest.mark.parametrize("name", ODD_DOCUMENTS)
async def test_documents_that_do_not_parse(wire: Wire, name: str) -> None:
    response = await wire.post(ODD_DOCUMENTS[name], accept=GRAPHQL_RESPONSE)
    error = refused(response, 400, "GRAPHQL_PARSE_FAILED", GRAPHQL_RESPONSE)
    assert error["locations"][0]["line"] >= 1
    assert wire.ledger.additions == 0


async def test_only_type_definitions(wire: Wire) -> None:
    response = await wire.post("type Query { a: Int }", accept=GRAPHQL_RESPONSE)
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["code"] in (
        "GRAPHQL_VALIDATION_FAILED",
        "OPERATION_RESOLUTION_FAILURE",
    )


@pytest.mark.row("Q4")
@pytest.mark.parametrize(
    "digits", ["9" * 5_000, "-" + "9" * 5_000, "1e400", "9" * 300 + ".5", "1" + "0" * 400]
)
async def test_q4_numbers_that_python_chokes_on(wire: Wire, digits: str) -> None:
    """As a variable, and written into the document: never 5xx, never taken for another number."""
    document = "query($n: Int!) { long(characters: $n) }"
    body = b'{"query":"' + document.encode() + b'","variables":{"n":' + digits.encode() + b"}}"
    response = await wire.post_bytes(body, accept=GRAPHQL_RESPONSE)
    assert response.status_code == 400, response.text[:500]
    assert "data" not in response.json()
    response = await wire.post(f"{{ long(characters: {digits}) }}", accept=GRAPHQL_RESPONSE)
    refused(response, 400, "GRAPHQL_VALIDATION_FAILED", GRAPHQL_RESPONSE)
    assert len(response.content) < 3_000


@pytest.mark.parametrize(
    "text",
    [
        b'"a: b"',
        b'"\\u003a"',
        b'"\\u003A \\\\u003a"',
        b'[":", ":::", {":": ":", "\\u003a\\u003a": ":"}, {"b": 1}, {"b": 1}]',
    ],
)
async def test_colons_do_not_make_keys_look_repeated(wire: Wire, text: bytes) -> None:
    response = await wire.post_bytes(b'{"query":"{hello}","variables":{"a":' + text + b"}}")
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("Q4")
async def test_q4_unicode_that_is_fine_comes_back_as_it_went(wire: Wire) -> None:
    text = "\u0000\u001f é 🌲 \ufeff \u202e \U0010ffff \u2028"
    query = "query($t: String!) { hello(name: $t) }"
    assert answered(await wire.post(query, variables={"t": text})) == {"hello": f"hello {text}"}


async def test_requests_that_are_no_http_leave_the_server_alive(wire: Wire) -> None:
    for request in (b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"POST /graphql\r\n\r\n"):
        assert b" 5" not in (await wire.send_bytes(request))[:15]
    assert await wire.is_alive()


async def test_a_length_and_chunks_at_once_are_refused(wire: Wire) -> None:
    """Two servers in a row could disagree about where such a request ends."""
    answer = await wire.send_bytes(
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"18\r\n{" + Q + b"}\r\n0\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert wire.ledger.additions == 0


@pytest.mark.parametrize("length", [b"-1", b"x", b"1_0", b"9" * 100, "٣".encode()])
async def test_a_content_length_that_is_none(wire: Wire, length: bytes) -> None:
    answer = await wire.send_bytes(
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Connection: close\r\nContent-Length: " + length + b"\r\n\r\n{" + Q + b"}"
    )
    assert answer.startswith(b"HTTP/1.1 4")
    assert wire.ledger.additions == 0
