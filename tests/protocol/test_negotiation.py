"""Which media type an answer has (PROTOCOL N1 to N4, N7)."""

import pytest

from tests.protocol.wire import GRAPHQL_RESPONSE, JSON, Wire, answered, refused

APOLLO = (
    "application/graphql-response+json,application/json;q=0.9",
    GRAPHQL_RESPONSE,
)
URQL = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed",
    GRAPHQL_RESPONSE,
)
KOTLIN = (
    "multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json",
    GRAPHQL_RESPONSE,
)
GRAPHIQL = ("application/json, multipart/mixed", JSON)
BROWSER = ("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", JSON)

ACCEPTED = [
    (None, JSON),
    ("", JSON),
    ("*/*", JSON),
    ("application/*", JSON),
    (JSON, JSON),
    (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
    ("Application/GraphQL-Response+JSON; Charset=UTF-8", GRAPHQL_RESPONSE),
    ('application/graphql-response+json; charset="utf-8"', GRAPHQL_RESPONSE),
    # ties in the order the client lists
    (f"{JSON}, {GRAPHQL_RESPONSE}", JSON),
    (f"{GRAPHQL_RESPONSE}, {JSON}", GRAPHQL_RESPONSE),
    # q-values
    (f"{JSON};q=0.5, {GRAPHQL_RESPONSE};q=0.6", GRAPHQL_RESPONSE),
    (f"{GRAPHQL_RESPONSE};q=0.5, {JSON}", JSON),
    (f"{GRAPHQL_RESPONSE};q=0, */*", JSON),
    (f"{JSON};q=0, */*", GRAPHQL_RESPONSE),
    (f"{JSON};q=0, application/*;q=0.1", GRAPHQL_RESPONSE),
    ("*/*;q=0.1, application/graphql-response+json;q=0.2", GRAPHQL_RESPONSE),
    ("application/json ; Q=0.001", JSON),
    # what cannot be understood is passed over
    ("nonsense, application/json", JSON),
    ("application/json;q=2, application/graphql-response+json", GRAPHQL_RESPONSE),
    (",,, application/json", JSON),
    ("text/event-stream, */*;q=0.1", JSON),
    APOLLO,
    URQL,
    KOTLIN,
    GRAPHIQL,
    BROWSER,
]


@pytest.mark.row("N1", "N2")
@pytest.mark.parametrize(("accept", "media_type"), ACCEPTED)
async def test_n1_n2_an_ordinary_answer_is_one_json_body_of_the_preferred_type(
    wire: Wire, accept: str | None, media_type: str
) -> None:
    assert answered(await wire.post("{ hello }", accept=accept), media_type)
    assert answered(await wire.get({"query": "{ hello }"}, accept=accept), media_type)


@pytest.mark.row("N2")
@pytest.mark.parametrize("accept", [URQL[0], KOTLIN[0]])
async def test_n2_a_mutation_is_no_stream_either(wire: Wire, accept: str) -> None:
    assert answered(await wire.post("mutation { add }", accept=accept), GRAPHQL_RESPONSE) == {
        "add": 1
    }


@pytest.mark.row("N3")
@pytest.mark.parametrize("accept", [URQL[0], JSON, "text/event-stream, */*"])
async def test_n3_a_subscription_is_refused_and_not_squeezed_into_one_body(
    wire: Wire, accept: str
) -> None:
    media_type = GRAPHQL_RESPONSE if accept == URQL[0] else JSON
    response = await wire.post("subscription { ticks }", accept=accept)
    refused(response, 400, "BAD_REQUEST", media_type)


@pytest.mark.row("N4", "S10")
@pytest.mark.parametrize(
    "accept",
    [
        "text/html",
        "image/png, text/*",
        "application/json;q=0",
        "*/*;q=0",
        "application/json;charset=iso-8859-1",
        "application/xml, application/json;q=0.0, */*;q=0.000",
        "nonsense",
    ],
)
async def test_n4_nothing_that_we_can_write(wire: Wire, accept: str) -> None:
    refused(await wire.post("mutation { add }", accept=accept), 406, "BAD_REQUEST")
    refused(await wire.get({"query": "{ hello }"}, accept=accept), 406, "BAD_REQUEST")
    assert wire.ledger.additions == 0


async def test_a_huge_accept_header(wire: Wire) -> None:
    accept = ", ".join(["text/plain;a=b"] * 1_000) + f", {GRAPHQL_RESPONSE}"
    assert answered(await wire.post("{ hello }", accept=accept), GRAPHQL_RESPONSE)


@pytest.mark.row("N7")
@pytest.mark.parametrize("query", ["{ hello }", "{", "{ unknown }"])
async def test_n7_every_answer_says_what_it_varies_by(wire: Wire, query: str) -> None:
    for response in (await wire.post(query), await wire.get({"query": query})):
        assert "accept" in _vary(response.headers["vary"])


@pytest.mark.row("N7")
async def test_n7_a_refusal_varies_too(wire: Wire) -> None:
    response = await wire.http.put("/graphql")
    assert "accept" in _vary(response.headers["vary"])


@pytest.mark.row("G1", "G5")
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_g1_g5_nothing_is_cacheable(wire: Wire, method: str) -> None:
    response = await (
        wire.get({"query": "{ hello }"}) if method == "GET" else wire.post("{ hello }")
    )
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in response.headers


def _vary(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}
