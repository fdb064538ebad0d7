"""Compresses large answers for clients that ask for it (PROTOCOL N8), and tells caches so (G2, G3).

A compressed answer is another representation than the plain one. It has an ETag of its own, and
every answer says that it depends on `Accept-Encoding`, those that were too small to compress too: a
cache that has one of them must know that it might have been the other.
"""

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.caching import gzip_etag

_SMALLEST: Final = 1_024
_LEVEL: Final = 5
"""Level 9, Starlette's own choice, takes three times as long for one per cent less."""
_OFF_THE_LOOP: Final = 64 * 1_024


class Compression(GZipMiddleware):
    """gzip, when `Accept-Encoding` really allows it.

    Starlette looks for the word anywhere in the header, so that `gzip;q=0`, a refusal, reads as a
    wish; it is given the header in the one form that it understands. Large bodies are compressed in
    a thread.
    """

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, _SMALLEST, _LEVEL, _OFF_THE_LOOP)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        asked = Headers(scope=scope)
        others = [header for header in scope["headers"] if header[0] != b"accept-encoding"]
        wish = [(b"accept-encoding", b"gzip")] if _accepts_gzip(asked) else []
        known = ",".join(asked.getlist("if-none-match")) if wish else ""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                _mark(MutableHeaders(scope=message), message["status"], known)
            await send(message)

        await super().__call__({**scope, "headers": others + wish}, receive, send_marked)


def _mark(answered: MutableHeaders, status: int, known: str) -> None:
    """Names the coding in `Vary`, and in the ETag of what is compressed, or would have been."""
    vary = [name.strip() for line in answered.getlist("vary") for name in line.split(",")]
    named = list(dict.fromkeys([*vary, "Accept-Encoding"]))
    answered["vary"] = ", ".join(name for name in named if name)
    etag = answered.get("etag")
    if etag is None:
        return
    is_compressed = answered.get("content-encoding") == "gzip"
    # What 304 stands for is what the client has: it says so itself.
    if is_compressed or (status == 304 and gzip_etag(etag) in known):
        answered["etag"] = gzip_etag(etag)


def _accepts_gzip(headers: Headers) -> bool:
    accepted = {}
    for element in ",".join(headers.getlist("accept-encoding")).lower().split(","):
        coding, _, parameter = element.partition(";")
        weight = parameter.replace(" ", "").removeprefix("q=")
        accepted[coding.strip()] = weight not in ("0", "0.0", "0.00", "0.000")
    return accepted.get("gzip", False)
