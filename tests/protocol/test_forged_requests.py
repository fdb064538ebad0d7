"""No other site makes a browser execute anything here (PROTOCOL 3): CSRF and CORS."""

import json
from urllib.parse import urlencode

import httpx
import pytest

from protocol.csrf import PREFLIGHT_HEADERS
from tests.protocol.example import ORIGIN
from tests.protocol.wire import ADD, JSON, Wire, answered, refused

BODY = json.dumps({"query": ADD}).encode()
FORM = urlencode({"query": ADD}).encode()
MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="query"\r\n\r\n' + ADD.encode() + b"\r\n--x--\r\n"
)


@pytest.mark.row("C1")
@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("text/plain", BODY),
        ("text/plain; charset=utf-8", BODY),
        ("text/plain; application/json", BODY),
        ("text/plain;boundary=application/json", BODY),
        ("application/x-www-form-urlencoded", FORM),
        ("application/x-www-form-urlencoded", BODY),
        ("application/x-www-form-urlencoded; a=application/json", BODY),
        ("multipart/form-data; boundary=x", MULTIPART),
        ("multipart/form-data; boundary=application/json", BODY),
        ("application/json,text/plain", BODY),
        ("", BODY),
        (None, BODY),
    ],
)
async def test_c1_what_a_form_can_send_is_refused(
    wire: Wire, content_type: str | None, body: bytes
) -> None:
    refused(await wire.post_bytes(body, content_type=content_type), 415, "BAD_REQUEST")
    assert wire.ledger.additions == 0


@pytest.mark.row("C1")
async def test_c1_a_preflight_header_does_not_make_a_form_welcome(wire: Wire) -> None:
    headers = {"Content-Type": "text/plain", "Apollo-Require-Preflight": "true"}
    response = await wire.http.post("/graphql", content=BODY, headers=headers)
    refused(response, 415, "BAD_REQUEST")
    assert wire.ledger.additions == 0


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    "header",
    [
        "Apollo-Require-Preflight",
        "X-Apollo-Operation-Name",
        "GraphQL-Require-Preflight",
        "X-Requested-With",
    ],
)
async def test_c2_a_get_with_a_header_that_no_form_can_set(wire: Wire, header: str) -> None:
    response = await wire.get({"query": "{ hello }"}, headers={header: "true"})
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("C2")
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Apollo-Require-Preflight": ""},
        {"X-Requested-With": ""},
        {"Authorization": ""},
        {"X-Something-Else": "true"},
        {"Accept": JSON},
    ],
)
async def test_c2_a_get_without_one_is_told_which(wire: Wire, headers: dict[str, str]) -> None:
    error = refused(await wire.get({"query": "{ slow }"}, headers=headers), 403, "BAD_REQUEST")
    assert "graphql-require-preflight" in error["message"]
    assert wire.ledger.slow == 0


@pytest.mark.row("C2")
async def test_c2_a_json_content_type_is_a_preflight_too(wire: Wire) -> None:
    response = await wire.get({"query": "{ hello }"}, headers={"Content-Type": JSON})
    assert answered(response) == {"hello": "hello world"}


@pytest.mark.row("C3")
@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/graphql",
        "message/http; application/json",
    ],
)
async def test_c3_a_get_of_another_content_type(wire: Wire, content_type: str) -> None:
    headers = {"Content-Type": content_type, "Apollo-Require-Preflight": "true"}
    response = await wire.get({"query": "{ slow }"}, headers=headers)
    refused(response, 415, "BAD_REQUEST")
    assert wire.ledger.slow == 0


FOREIGN = [
    "https://evil.example",
    "null",
    f"{ORIGIN}.evil.example",
    ORIGIN.replace("https", "http"),
    f"{ORIGIN}:8443",
    ORIGIN.upper(),
    f"{ORIGIN}/",
]


@pytest.mark.row("C6")
@pytest.mark.parametrize("origin", FOREIGN)
async def test_c6_other_origins_get_no_permission(wire: Wire, origin: str) -> None:
    response = await wire.post("{ hello }", headers={"Origin": origin})
    assert answered(response)
    assert not _permissions(response.headers)


@pytest.mark.row("C6")
@pytest.mark.parametrize("origin", FOREIGN)
async def test_c6_the_preflight_of_another_origin_is_refused(wire: Wire, origin: str) -> None:
    response = await _preflight(wire, origin)
    assert response.status_code >= 400
    assert "access-control-allow-origin" not in response.headers


@pytest.mark.row("C6")
async def test_c6_the_listed_origin_may_call_without_credentials(wire: Wire) -> None:
    response = await wire.post("{ hello }", headers={"Origin": ORIGIN})
    assert answered(response)
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-expose-headers"] == "X-Request-Id, Retry-After, ETag"
    assert "access-control-allow-credentials" not in response.headers
    assert "origin" in response.headers["vary"].lower()


@pytest.mark.row("C6")
async def test_c6_the_listed_origin_passes_its_preflight(wire: Wire) -> None:
    response = await _preflight(wire, ORIGIN)
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == ORIGIN
    assert response.headers["access-control-allow-headers"].split(", ") == [
        "authorization",
        "content-type",
        "if-none-match",
        "apollographql-client-name",
        "apollographql-client-version",
        "idempotency-key",
        "x-request-id",
        *PREFLIGHT_HEADERS,
    ]
    assert "access-control-allow-credentials" not in response.headers


@pytest.mark.row("C6")
async def test_c6_an_answer_to_no_origin_varies_by_origin_all_the_same(wire: Wire) -> None:
    """Else a cache would give an app's answer, without permission, to the listed web page."""
    response = await wire.get({"query": "{ hello }"})
    assert not _permissions(response.headers)
    assert "origin" in response.headers["vary"].lower()


async def _preflight(wire: Wire, origin: str) -> httpx.Response:
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    return await wire.http.options("/graphql", headers=headers)


def _permissions(headers: httpx.Headers) -> list[str]:
    return [name for name in headers if name.startswith("access-control-")]
