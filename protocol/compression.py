"""Compresses large answers for clients that ask for it (PROTOCOL N8), and tells caches so (G2, G3).

A compressed answer is another representation than the plain one. It has an ETag of its own, and
every answer says that it depends on `Accept-Encoding`, those that were too small to compress too: a
cache that has one of them must know that it might have been the other.

Starlette's middleware does as much in several times the time, for each request, however small its
answer is; and it looks for `gzip` anywhere in `Accept-Encoding`, so that `gzip;q=0`, a refusal,
reads as a wish.
"""

import asyncio
import zlib
from functools import lru_cache
from typing import Final

from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.caching import gzip_etag
from protocol.incoming import headers_of
from protocol.outgoing import OutgoingHeaders, add_vary, put, value_of

_SMALLEST: Final = 1_024
_LEVEL: Final = 5
"""Level 9, Starlette's own choice, takes three times as long for one per cent less."""
_OFF_THE_LOOP: Final = 64 * 1_024
"""What is as large is compressed in a thread."""

_GZIP_FORMAT: Final = 16 + zlib.MAX_WBITS
_KEPT_WISHES: Final = 256
_LONGEST_KEPT: Final = 256


class Compression:
    """gzip, when `Accept-Encoding` really allows it. What is compressed already is left alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] == "http":
            send = _Sending(scope, send).send
        await self._app(scope, receive, send)


def accepts_gzip(scope: Scope) -> bool:
    """Whether the client of a request can read gzip, and does not refuse it."""
    headers = headers_of(scope)
    if b"accept-encoding" not in headers:
        return False
    accepted = ",".join(headers.all(b"accept-encoding"))
    if len(accepted) > _LONGEST_KEPT:
        return _accepts_gzip(accepted)
    return _accepts_gzip_kept(accepted)


class _Sending:
    """One answer on its way: it begins once it is known how large its body is."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope = scope
        self._send = send
        self._start: Message | None = None
        self._compressor: zlib._Compress | None = None

    async def send(self, message: Message) -> None:
        """The next part of the answer."""
        if message["type"] == "http.response.start":
            self._start = message
            return
        if self._start is not None:
            start, self._start = self._start, None
            self._compressor = self._compressor_for(start, message)
            if self._compressor is not None:
                await self._compress(message)
            self._mark(start, message)
            await self._send(start)
        elif self._compressor is not None:
            await self._compress(message)
        await self._send(message)

    def _compressor_for(self, start: Message, first: Message) -> "zlib._Compress | None":
        if first["type"] != "http.response.body":
            return None
        is_large = len(first.get("body", b"")) >= _SMALLEST or first.get("more_body", False)
        if is_large and accepts_gzip(self._scope) and _may_be_compressed(start):
            return zlib.compressobj(_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
        return None

    async def _compress(self, message: Message) -> None:
        if message["type"] != "http.response.body":
            return
        body = message.get("body", b"")
        is_last = not message.get("more_body", False)
        if len(body) >= _OFF_THE_LOOP:
            message["body"] = await asyncio.to_thread(self._compressed, body, is_last)
        else:
            message["body"] = self._compressed(body, is_last)

    def _compressed(self, body: bytes, is_last: bool) -> bytes:
        if self._compressor is None:
            return body
        # What streams is to arrive as it is sent.
        flush = zlib.Z_FINISH if is_last else zlib.Z_SYNC_FLUSH
        return self._compressor.compress(body) + self._compressor.flush(flush)

    def _mark(self, start: Message, first: Message) -> None:
        """Names the coding: in `Vary`, in the ETag of what is compressed, or would have been."""
        headers: OutgoingHeaders = start["headers"]
        add_vary(headers, "Accept-Encoding")
        if self._compressor is not None:
            is_whole = not first.get("more_body", False)
            put(headers, b"content-encoding", b"gzip")
            put(headers, b"content-length", b"%d" % len(first["body"]) if is_whole else None)
        etag = value_of(headers, b"etag")
        if etag is not None:
            self._mark_etag(start, etag.decode("latin-1"))

    def _mark_etag(self, start: Message, etag: str) -> None:
        is_compressed = value_of(start["headers"], b"content-encoding") == b"gzip"
        if not is_compressed and start["status"] == 304 and accepts_gzip(self._scope):
            # What 304 stands for is what the client has: it says so itself.
            known = headers_of(self._scope).all(b"if-none-match")
            is_compressed = gzip_etag(etag) in ",".join(known)
        if is_compressed:
            put(start["headers"], b"etag", gzip_etag(etag).encode("latin-1"))


def _may_be_compressed(start: Message) -> bool:
    headers: OutgoingHeaders = start["headers"]
    media_type = (value_of(headers, b"content-type") or b"").decode("latin-1")
    media_type = media_type.partition(";")[0].strip().lower()
    kind = media_type.partition("/")[0]
    return (
        start["status"] != 206
        and value_of(headers, b"content-encoding") is None
        and media_type not in DEFAULT_EXCLUDED_CONTENT_TYPES
        and f"{kind}/*" not in DEFAULT_EXCLUDED_CONTENT_TYPES
    )


def _accepts_gzip(accepted: str) -> bool:
    weights = {}
    for element in accepted.lower().split(","):
        coding, _, parameter = element.partition(";")
        weight = parameter.replace(" ", "").removeprefix("q=")
        weights[coding.strip()] = weight not in ("0", "0.0", "0.00", "0.000")
    return weights.get("gzip", False)


_accepts_gzip_kept = lru_cache(_KEPT_WISHES)(_accepts_gzip)
