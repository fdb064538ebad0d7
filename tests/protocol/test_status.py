"""The table of status codes of PROTOCOL 2, row by row, in both media types."""

from dataclasses import dataclass, field

import httpx
import pytest

from tests.protocol.wire import ADD, GRAPHQL_RESPONSE, JSON, PREFLIGHT, Wire, refused


@dataclass(frozen=True)
class Row:
    """A request, and its status and code; `data` is what an executed one has."""

    condition: str
    graphql_response: int
    json: int
    code: str
    body: bytes = b""
    method: str = "POST"
    url: str = "/graphql"
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": JSON})

    def __str__(self) -> str:
        return self.condition


def _query(text: str) -> bytes:
    return b'{"query": "' + text.encode() + b'"}'


REFUSED = [
    Row("JSON does not parse", 400, 400, "BAD_REQUEST", b'{"query": '),
    Row("syntax", 400, 200, "GRAPHQL_PARSE_FAILED", _query("{ hello")),
    Row("no query", 400, 400, "BAD_REQUEST", b"{}"),
    Row("query is a number", 400, 400, "BAD_REQUEST", b'{"query": 5}'),
    Row("validation", 400, 200, "GRAPHQL_VALIDATION_FAILED", _query("{ unknown }")),
    Row(
        "operation unknown",
        *(400, 200, "OPERATION_RESOLUTION_FAILURE"),
        b'{"query": "query A { hello }", "operationName": "B"}',
    ),
    Row(
        "operation ambiguous",
        *(400, 200, "OPERATION_RESOLUTION_FAILURE"),
        _query("mutation A { add } mutation B { add }"),
    ),
    Row(
        "coercion",
        *(400, 200, "BAD_USER_INPUT"),
        b'{"query": "query($n: Int!) { long(characters: $n) }", "variables": {"n": "x"}}',
    ),
    Row(
        "mutation by GET",
        *(405, 405, "BAD_REQUEST"),
        method="GET",
        url="/graphql?query=mutation%7Badd%7D",
        headers=PREFLIGHT,
    ),
    Row("other method", 405, 405, "BAD_REQUEST", _query(ADD), method="PUT"),
    Row(
        "content type", 415, 415, "BAD_REQUEST", _query(ADD), headers={"Content-Type": "text/plain"}
    ),
    Row("body too large", 413, 413, "BAD_REQUEST", _query("#" * 110_000)),
    Row("URL too long", 414, 414, "BAD_REQUEST", url="/graphql?x=" + "y" * 9_000),
    Row(
        "headers too large",
        *(431, 431, "BAD_REQUEST", _query(ADD)),
        headers={"Content-Type": JSON, **{f"X-{i}": "y" * 8_000 for i in range(5)}},
    ),
    Row(
        "unauthenticated",
        *(401, 401, "UNAUTHENTICATED", _query(ADD)),
        headers={"Content-Type": JSON, "Authorization": "Bearer x"},
    ),
    Row(
        "no preflight",
        *(403, 403, "BAD_REQUEST"),
        method="GET",
        url="/graphql?query=%7Bhello%7D",
        headers={},
    ),
]


@pytest.mark.row("S4", "S5", "S6", "S7", "S8", "S9", "S11", "S12")
@pytest.mark.parametrize("row", REFUSED, ids=str)
@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_refused(wire: Wire, row: Row, media_type: str) -> None:
    response = await _send(wire, row, media_type)
    status = row.graphql_response if media_type == GRAPHQL_RESPONSE else row.json
    refused(response, status, row.code, media_type)
    assert wire.ledger.additions == 0


EXECUTED = [
    ("{ hello }", {"hello": "hello world"}, None),
    ('{ hello fails(code: "FORBIDDEN") }', {"hello": "hello world", "fails": None}, "FORBIDDEN"),
    ("{ person { broken } }", {"person": None}, "INTERNAL_SERVER_ERROR"),
]


@pytest.mark.row("S1", "S2")
@pytest.mark.parametrize(("query", "data", "code"), EXECUTED)
@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_executed(
    wire: Wire, query: str, data: object, code: str | None, media_type: str
) -> None:
    response = await wire.post(query, accept=media_type)
    assert response.status_code == 200
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    body = response.json()
    assert body["data"] == data
    assert [error["extensions"]["code"] for error in body.get("errors", [])] == (
        [code] if code else []
    )


@pytest.mark.row("S3")
@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_executed_with_nothing_left(wire: Wire, media_type: str) -> None:
    """A non-null field of the root that fails takes all data with it: null, but not absent."""
    response = await wire.post("{ additions nothing }", accept=media_type)
    assert response.status_code == 200
    body = response.json()
    assert body["data"] is None
    assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert body["errors"][0]["path"] == ["nothing"]


@pytest.mark.row("S16")
@pytest.mark.parametrize("media_type", [GRAPHQL_RESPONSE, JSON])
async def test_what_json_cannot_express_is_our_fault(wire: Wire, media_type: str) -> None:
    response = await wire.post("{ surrogate }", accept=media_type)
    error = refused(response, 500, "INTERNAL_SERVER_ERROR", media_type)
    assert error["message"] == "Internal server error"
    assert error["extensions"]["errorId"]
    assert await wire.is_alive()


async def _send(wire: Wire, row: Row, media_type: str) -> httpx.Response:
    headers = {"Accept": media_type, **row.headers}
    return await wire.http.request(row.method, row.url, content=row.body, headers=headers)
