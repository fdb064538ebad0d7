"""The one table of HTTP status codes (PROTOCOL 2, "Status codes")."""

from enum import Enum, auto
from typing import Final, NamedTuple

from protocol.negotiation import MediaType

UNPROCESSABLE: Final = 400
"""Well-formed, and cannot be executed: 422 in the draft of August 2026, 400 in the audits that
servers and clients are tested with. Follow the audits when they move (graphql-over-http 352)."""


class Condition(Enum):
    """What became of a request, as far as its status is concerned."""

    EXECUTED = auto()
    NOT_PERSISTED = auto()
    NOT_LISTED = auto()
    MALFORMED = auto()
    SYNTAX_ERROR = auto()
    OVER_LIMIT = auto()
    UNEXECUTABLE = auto()
    UNAUTHENTICATED = auto()
    FORBIDDEN = auto()
    NOT_FOUND = auto()
    METHOD_NOT_ALLOWED = auto()
    NOT_ACCEPTABLE = auto()
    BODY_TOO_SLOW = auto()
    BODY_TOO_LARGE = auto()
    URL_TOO_LONG = auto()
    UNSUPPORTED_CONTENT = auto()
    RATE_LIMITED = auto()
    HEADERS_TOO_LARGE = auto()
    FAILED = auto()
    UNAVAILABLE = auto()


class _Status(NamedTuple):
    graphql_response: int
    json: int


# Legacy application/json stays at 200 where the answer is about the GraphQL text: Apollo Client and
# Apollo Kotlin do not read the errors of any other status with that type.
_STATUS: Final = {
    Condition.EXECUTED: _Status(200, 200),
    # Clients of persisted queries look for this answer among the successes only (P3, P9).
    Condition.NOT_PERSISTED: _Status(200, 200),
    # A document id that no manifest brought: not to be cached, nor to be sent again (D5).
    Condition.NOT_LISTED: _Status(404, 200),
    Condition.MALFORMED: _Status(400, 400),
    Condition.SYNTAX_ERROR: _Status(400, 200),
    Condition.OVER_LIMIT: _Status(400, 400),
    Condition.UNEXECUTABLE: _Status(UNPROCESSABLE, 200),
    Condition.UNAUTHENTICATED: _Status(401, 401),
    Condition.FORBIDDEN: _Status(403, 403),
    Condition.NOT_FOUND: _Status(404, 404),
    Condition.METHOD_NOT_ALLOWED: _Status(405, 405),
    Condition.NOT_ACCEPTABLE: _Status(406, 406),
    Condition.BODY_TOO_SLOW: _Status(408, 408),
    Condition.BODY_TOO_LARGE: _Status(413, 413),
    Condition.URL_TOO_LONG: _Status(414, 414),
    Condition.UNSUPPORTED_CONTENT: _Status(415, 415),
    Condition.RATE_LIMITED: _Status(429, 429),
    Condition.HEADERS_TOO_LARGE: _Status(431, 431),
    Condition.FAILED: _Status(500, 500),
    Condition.UNAVAILABLE: _Status(503, 503),
}


def status_code(condition: Condition, media_type: MediaType) -> int:
    """The status of an answer of `media_type` to a request with this outcome."""
    status = _STATUS[condition]
    if media_type is MediaType.GRAPHQL_RESPONSE:
        return status.graphql_response
    return status.json
