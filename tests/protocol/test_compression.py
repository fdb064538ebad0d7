"""Large answers are compressed for those who ask (PROTOCOL N8)."""

import gzip
import json
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, StreamingResponse
from starlette.routing import Route

from protocol.compression import Compression
from tests.client import serving
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


async def _streamed(parts: list[bytes], **headers: str) -> tuple[httpx.Headers, bytes]:
    """What arrives of an answer in parts, whose client takes gzip."""

    async def stream(_request: Request) -> StreamingResponse:
        async def body() -> AsyncIterator[bytes]:
            for part in parts:
                yield part

        return StreamingResponse(body(), headers={"content-type": "text/css", **headers})

    app = Starlette(routes=[Route("/", stream)], middleware=[Middleware(Compression)])
    async with (
        serving(app) as url,
        httpx.AsyncClient() as http,
        http.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as response,
    ):
        return response.headers, b"".join([part async for part in response.aiter_raw()])


async def test_what_comes_in_parts_is_compressed_as_it_comes() -> None:
    parts = [b"a" * 10, b"b" * 100_000, b"c" * 10]
    headers, body = await _streamed(parts, **{"content-length": "100020"})
    assert headers["content-encoding"] == "gzip"
    assert headers["vary"] == "Accept-Encoding"
    assert "content-length" not in headers
    assert len(body) < 1_000
    assert gzip.decompress(body) == b"".join(parts)


@pytest.mark.parametrize(
    "headers",
    [{"content-encoding": "br"}, {"content-type": "image/png"}, {"content-type": "video/mp4"}],
)
async def test_what_is_compressed_already_is_left_alone(headers: dict[str, str]) -> None:
    answered, body = await _streamed([b"a" * 5_000, b"b"], **headers)
    assert body == b"a" * 5_000 + b"b"
    assert answered.get("content-encoding") == headers.get("content-encoding")
    assert answered["vary"] == "Accept-Encoding"


async def test_a_part_of_a_file_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "style.css"
    file.write_bytes(b"a" * 10_000)
    app = Starlette(
        routes=[Route("/", lambda _request: FileResponse(file))],
        middleware=[Middleware(Compression)],
    )
    asked = {"Accept-Encoding": "gzip", "Range": "bytes=0-4999"}
    async with serving(app) as url, httpx.AsyncClient() as http:
        part = await http.get(url, headers=asked)
        assert (part.status_code, len(part.content)) == (206, 5_000)
        assert "content-encoding" not in part.headers
        head = await http.head(url, headers={"Accept-Encoding": "gzip"})
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-length"] == "10000"
