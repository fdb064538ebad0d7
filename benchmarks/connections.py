"""An HTTP client that costs next to nothing, so that what is measured is the server."""

import asyncio
from collections.abc import Iterable, Mapping
from time import perf_counter
from typing import cast

import httptools
import msgspec
import orjson

NO_ANSWER = 0
"""The status of an answer that did not come."""

FAILED = 299
"""The status of an answer that came with errors."""


class Sample(msgspec.Struct, frozen=True):
    """One request: when it was due and what came, in seconds of `perf_counter`.

    Latency counts from when it was due, so that a client that falls behind hides nothing.
    """

    kind: str
    due: float
    ended: float
    status: int

    @property
    def latency_s(self) -> float:
        """How long it took, in seconds."""
        return self.ended - self.due


def percentile(samples: Iterable[Sample], percent: float) -> float:
    """The latency in seconds that so many per cent do not exceed; 0 of none."""
    ordered = sorted(each.latency_s for each in samples)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] if ordered else 0.0


class Connection(asyncio.Protocol):
    """One kept-alive connection, which carries one request at a time."""

    def __init__(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[int] | None = None
        self._has_errors = False

    @property
    def is_open(self) -> bool:
        """Whether it can carry one more."""
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: bytes, patience_s: float) -> int:
        """The status of the answer, or `NO_ANSWER`; then the connection is of no more use."""
        if self._transport is None:
            return NO_ANSWER
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            async with asyncio.timeout(patience_s):
                return await self._answer
        except (TimeoutError, ConnectionError):
            self.close()
            return NO_ANSWER

    def close(self) -> None:
        """Ends it."""
        if self._transport is not None:
            self._transport.close()

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """It is connected."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's own are no subclass

    def data_received(self, data: bytes) -> None:
        """A piece of an answer."""
        self._parser.feed_data(data)

    def connection_lost(self, exc: Exception | None) -> None:
        """The server ended it."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError())

    # What httptools calls

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._has_errors = self._has_errors or b'"errors":' in body

    def on_message_complete(self) -> None:
        """The answer is whole; the parser is made anew, which is what keeps it alive."""
        status = self._parser.get_status_code()
        if status == 200 and self._has_errors:
            status = FAILED
        self._has_errors = False
        self._parser = httptools.HttpResponseParser(self)
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(status)


class Connections:
    """Connections to one port of this machine; `most` are open at once."""

    def __init__(self, port: int, *, most: int, patience_s: float = 10) -> None:
        self._port = port
        self._patience_s = patience_s
        self._free = asyncio.Semaphore(most)
        self._idle: list[Connection] = []

    async def ask(self, kind: str, request: bytes, due: float | None = None) -> Sample:
        """Sends one request, on a connection that is idle or a new one."""
        due = perf_counter() if due is None else due
        async with self._free:
            try:
                connection = await self._connection()
            except OSError:
                return Sample(kind, due, perf_counter(), NO_ANSWER)
            status = await connection.send(request, self._patience_s)
            ended = perf_counter()
            if connection.is_open:
                self._idle.append(connection)
            return Sample(kind, due, ended, status)

    def close(self) -> None:
        """Ends all that are idle."""
        for connection in self._idle:
            connection.close()

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, "127.0.0.1", self._port)
        return connection


def post(path: str, body: Mapping[str, object], token: str) -> bytes:
    """The bytes of a POST of JSON."""
    content = orjson.dumps(body)
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def get(path: str) -> bytes:
    """The bytes of a GET."""
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
