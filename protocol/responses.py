"""Answers: one JSON body each, whatever happened (PROTOCOL N5 to N7, G2, G5)."""

from collections.abc import Mapping, Sequence
from typing import Final, TypedDict

import orjson
from graphql import GraphQLFormattedError
from starlette.responses import Response

from domain.errors import PineryError
from protocol.caching import NO_STORE, Freshness, etag_of, is_unchanged
from protocol.errors import RequestError, internal_error, request_error
from protocol.negotiation import MediaType
from protocol.status import Condition, status_code

_REPEATED: Final = ("Cache-Control", "ETag", "Vary")
"""What 304 says of the answer that it stands for (RFC 9110, 15.4.5)."""


class GraphQLResponse(TypedDict, total=False):
    """The body of an answer; a request that was not executed has no `data` (N6)."""

    data: object
    errors: Sequence[GraphQLFormattedError]
    extensions: Mapping[str, object]


def respond(
    body: GraphQLResponse,
    condition: Condition,
    media_type: MediaType,
    headers: Mapping[str, str] | None = None,
    *,
    freshness: Freshness = NO_STORE,
) -> Response:
    """The HTTP response that carries `body`: with an ETag if it may be kept, and 304 without a body
    if the client has it already.

    `Vary: Accept-Encoding` is for whoever compresses to add. Raises `TypeError` for data that JSON
    cannot express.
    """
    response = Response(
        orjson.dumps(body),
        status_code(condition, media_type),
        headers={
            "Content-Type": f"{media_type}; charset=utf-8",
            **freshness.headers,
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )
    return _unless_unchanged(response, freshness) if freshness.is_kept else response


def respond_to_failure(error: Exception, media_type: MediaType) -> Response:
    """The answer to a request that failed: with what its sender can know of it.

    Anything that is not expected is logged, and has an id.
    """
    if isinstance(error, PineryError):
        error = request_error(error)
    if isinstance(error, RequestError):
        body = GraphQLResponse(errors=error.errors)
        return respond(body, error.condition, media_type, error.headers)
    return respond(GraphQLResponse(errors=[internal_error(error)]), Condition.FAILED, media_type)


def _unless_unchanged(response: Response, freshness: Freshness) -> Response:
    etag = etag_of(bytes(response.body), response.headers["Content-Type"])
    response.headers["ETag"] = etag
    if not is_unchanged(freshness.if_none_match, etag):
        return response
    return Response(status_code=304, headers={name: response.headers[name] for name in _REPEATED})
