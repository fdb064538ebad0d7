"""Answers: one JSON body each, whatever happened (PROTOCOL N5 to N7, G2, G5)."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias, TypedDict

import orjson
from graphql import GraphQLFormattedError
from starlette.types import Receive, Scope, Send

from domain.errors import PineryError
from protocol.caching import NO_STORE, Freshness, etag_of, is_unchanged
from protocol.errors import RequestError, internal_error, request_error
from protocol.negotiation import MediaType
from protocol.status import Condition, status_code

_RawHeaders: TypeAlias = tuple[tuple[bytes, bytes], ...]

_KEPT_HEADERS: Final = 64


class GraphQLResponse(TypedDict, total=False):
    """The body of an answer; a request that was not executed has no `data` (N6)."""

    data: object
    errors: Sequence[GraphQLFormattedError]
    extensions: Mapping[str, object]


class Answer:
    """A whole answer, to be sent: an ASGI application.

    It writes the headers that every answer has as they were written before: Starlette's `Response`
    encodes each of them anew.
    """

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Iterable[tuple[bytes, bytes]], body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Sends it."""
        # A list of its own: whoever stands between adds to it.
        start = {
            "type": "http.response.start",
            "status": self.status,
            "headers": list(self.headers),
        }
        await send(start)
        await send({"type": "http.response.body", "body": self.body})


def respond(
    body: GraphQLResponse,
    condition: Condition,
    media_type: MediaType,
    headers: Mapping[str, str] | None = None,
    *,
    freshness: Freshness = NO_STORE,
) -> Answer:
    """The HTTP response that carries `body`: with an ETag if it may be kept, and 304 without a body
    if the client has it already.

    `Vary: Accept-Encoding` is for whoever compresses to add. Raises `TypeError` for data that JSON
    cannot express.
    """
    written = orjson.dumps(body)
    shown = _cache_headers(freshness.cache_control, freshness.is_kept)
    if freshness.is_kept:
        etag = etag_of(written, _content_type(media_type))
        shown = (*shown, (b"etag", etag.encode()))
        if is_unchanged(freshness.if_none_match, etag):
            # 304 says this much of the answer that it stands for (RFC 9110, 15.4.5).
            return Answer(304, shown, b"")
    shown = (*_body_headers(media_type), *shown, (b"content-length", b"%d" % len(written)))
    if headers:
        shown = tuple({**dict(shown), **dict(_raw(headers))}.items())  # they take precedence
    return Answer(status_code(condition, media_type), shown, written)


def respond_to_failure(error: Exception, media_type: MediaType) -> Answer:
    """The answer to a request that failed: with what its sender can know of it.

    Anything that is not expected is logged, and has an id.
    """
    if isinstance(error, PineryError):
        error = request_error(error)
    if isinstance(error, RequestError):
        body = GraphQLResponse(errors=error.errors)
        return respond(body, error.condition, media_type, error.headers)
    return respond(GraphQLResponse(errors=[internal_error(error)]), Condition.FAILED, media_type)


def _content_type(media_type: MediaType) -> str:
    return f"{media_type}; charset=utf-8"


@lru_cache(_KEPT_HEADERS)
def _body_headers(media_type: MediaType) -> _RawHeaders:
    return _raw({"Content-Type": _content_type(media_type), "X-Content-Type-Options": "nosniff"})


@lru_cache(_KEPT_HEADERS)
def _cache_headers(cache_control: str, is_kept: bool) -> _RawHeaders:
    return _raw(Freshness(cache_control, is_kept).headers)


def _raw(headers: Mapping[str, str]) -> _RawHeaders:
    return tuple(
        (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()
    )
