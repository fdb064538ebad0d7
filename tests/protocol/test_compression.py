"""Large answers are compressed for those who ask (PROTOCOL N8)."""

import gzip
import json

import pytest

from tests.protocol.wire import Wire

LONG = "{ long(characters: 20000) }"


async def _accepting(wire: Wire, encoding: str, query: str = LONG) -> tuple[dict[str, str], bytes]:
    """The headers and the body as they came over the wire."""
    headers = {"Accept-Encoding": encoding}
    async with wire.http.stream(
        "POST", "/graphql", json={"query": query}, headers=headers
    ) as response:
        assert response.status_code == 200
        return dict(response.headers), b"".join([part async for part in response.aiter_raw()])


@pytest.mark.row("N8")
@pytest.mark.parametrize(
    "encoding", ["gzip", "gzip, deflate, br, zstd", "GZIP", "deflate;q=1.0, gzip;q=0.5", "br ,gzip"]
)
async def test_a_large_answer_is_compressed_when_asked(wire: Wire, encoding: str) -> None:
    headers, body = await _accepting(wire, encoding)
    assert headers["content-encoding"] == "gzip"
    assert len(body) < 1_000
    assert int(headers["content-length"]) == len(body)
    assert json.loads(gzip.decompress(body))["data"] == {"long": "x" * 20_000}
    assert "accept-encoding" in headers["vary"].lower()
    assert "accept" in [name.strip().lower() for name in headers["vary"].split(",")]


@pytest.mark.row("N8")
@pytest.mark.parametrize("encoding", ["", "identity", "br", "gzip;q=0", "gzip; q=0.0, br", "xgzip"])
async def test_it_is_not_when_not(wire: Wire, encoding: str) -> None:
    headers, body = await _accepting(wire, encoding)
    assert "content-encoding" not in headers
    assert json.loads(body)["data"] == {"long": "x" * 20_000}
    assert "accept-encoding" in headers["vary"].lower()


async def test_a_small_answer_is_not_worth_it(wire: Wire) -> None:
    headers, body = await _accepting(wire, "gzip", "{ hello }")
    assert "content-encoding" not in headers
    assert "accept-encoding" in headers["vary"].lower()  # a larger one of the same URL would be
    assert json.loads(body)["data"] == {"hello": "hello world"}


async def test_a_very_large_answer_arrives_whole(wire: Wire) -> None:
    headers, body = await _accepting(wire, "gzip", "{ long(characters: 3000000) }")
    assert headers["content-encoding"] == "gzip"
    assert json.loads(gzip.decompress(body))["data"] == {"long": "x" * 3_000_000}
