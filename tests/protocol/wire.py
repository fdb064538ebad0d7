"""What is sent and what comes back: requests to `/graphql`, and what every answer must be like."""

import asyncio
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx

from protocol.limits import Limits
from tests.client import serving
from tests.protocol.example import Example, Ledger

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
MEDIA_TYPES = (JSON, GRAPHQL_RESPONSE)

PREFLIGHT = {"GraphQL-Require-Preflight": "true"}
ADD = "mutation { add }"
TRACES = ("Traceback", 'File "', "site-packages", ".py", "0x7f")

PATIENCE_S = 10
"""When a test gives up on an answer. It is no measure of speed: a hang must fail, not hang."""


class Wire:
    """Speaks HTTP with one example server, and looks into its ledger."""

    def __init__(self, url: str, example: Example) -> None:
        self.url = url
        self.example = example
        self.http = httpx.AsyncClient(base_url=url, timeout=PATIENCE_S)
        self.http.headers.pop("accept")

    @property
    def ledger(self) -> Ledger:
        """What the resolvers did."""
        return self.example.ledger

    async def post(
        self,
        query: str | None = None,
        *,
        accept: str | None = None,
        headers: Mapping[str, str] | None = None,
        **parameters: Any,
    ) -> httpx.Response:
        """An operation by POST, as clients send it."""
        body = parameters if query is None else {"query": query, **parameters}
        return await self.http.post("/graphql", json=body, headers=_headers(accept, headers))

    async def post_json(self, body: Mapping[str, object]) -> httpx.Response:
        """Any JSON object by POST."""
        return await self.http.post("/graphql", json=body)

    async def post_bytes(
        self, body: bytes, *, content_type: str | None = JSON, accept: str | None = None
    ) -> httpx.Response:
        """Any body at all by POST."""
        headers = {} if content_type is None else {"Content-Type": content_type}
        return await self.http.post("/graphql", content=body, headers=_headers(accept, headers))

    async def get(
        self,
        parameters: Mapping[str, str] | str,
        *,
        method: str = "GET",
        accept: str | None = None,
        headers: Mapping[str, str] = PREFLIGHT,
    ) -> httpx.Response:
        """An operation by GET; parameters that are a string are sent as they are."""
        sent = _headers(accept, headers)
        if isinstance(parameters, str):
            return await self.http.request(method, f"/graphql?{parameters}", headers=sent)
        return await self.http.request(method, "/graphql", params=parameters, headers=sent)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A bare connection, for what no HTTP client would send."""
        address = urlsplit(self.url)
        return await asyncio.open_connection(address.hostname, address.port)

    async def send_bytes(self, request: bytes) -> bytes:
        """Sends the bytes of a request that asks to close the connection; all that came back."""
        reader, writer = await self.connect()
        try:
            writer.write(request)
            async with asyncio.timeout(PATIENCE_S):
                return await reader.read()
        finally:
            writer.close()

    async def is_alive(self) -> bool:
        """Whether the server answers an ordinary request as ever."""
        response = await self.post("{ hello }")
        return response.status_code == 200 and response.json()["data"] == {"hello": "hello world"}


@asynccontextmanager
async def example_server(
    example: Example | None = None, *, limits: Limits | None = None
) -> AsyncIterator[Wire]:
    """A server of its own, for a test whose example differs from the shared one."""
    example = example or Example(limits=limits)
    async with serving(example.app) as url:
        wire = Wire(url, example)
        try:
            yield wire
        finally:
            await wire.http.aclose()


def refused(
    response: httpx.Response, status: int, code: str, media_type: str = JSON
) -> dict[str, Any]:
    """Asserts that nothing was executed, and that it is said properly; gives the first error."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert not any(trace in response.text for trace in TRACES), response.text
    body = response.json()
    assert set(body) == {"errors"}, body  # no `data`, not even null (N6)
    assert body["errors"]
    for error in body["errors"]:
        assert error["message"]
        assert error["extensions"]["code"] == code, error
    first: dict[str, Any] = body["errors"][0]
    return first


def answered(response: httpx.Response, media_type: str = JSON) -> Any:
    """Asserts an executed operation without errors; gives its data."""
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    body = response.json()
    assert "errors" not in body, body
    return body["data"]


@contextmanager
def guarded(seconds: int = PATIENCE_S) -> Iterator[None]:
    """Fails instead of hanging when the event loop itself, which serves us too, is blocked."""

    def give_up(*_: object) -> None:
        raise TimeoutError(f"The event loop was blocked for {seconds} s.")

    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _headers(accept: str | None, headers: Mapping[str, str] | None) -> dict[str, str]:
    return {**({} if accept is None else {"Accept": accept}), **(headers or {})}
