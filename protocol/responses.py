"""Answers: one JSON body each, whatever happened (PROTOCOL N5 to N7, G5)."""

from collections.abc import Mapping, Sequence
from typing import TypedDict

import orjson
from graphql import GraphQLFormattedError
from starlette.responses import Response

from protocol.negotiation import MediaType
from protocol.status import Condition, status_code


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
) -> Response:
    """The HTTP response that carries `body`.

    Nothing is cacheable until a field says that it is (G1). `Vary: Accept-Encoding` is for
    whoever compresses to add. Raises `TypeError` for data that JSON cannot express.
    """
    return Response(
        orjson.dumps(body),
        status_code(condition, media_type),
        headers={
            "Content-Type": f"{media_type}; charset=utf-8",
            "Cache-Control": "no-store",
            "Vary": "Accept",
            "X-Content-Type-Options": "nosniff",
            **(headers or {}),
        },
    )
