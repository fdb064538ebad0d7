"""Which other origins may call from a browser (PROTOCOL C6): an exact list, empty by default.

Nobody is ever allowed to send cookies: identity is a bearer token, which a page has to hold itself.
"""

import re
from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.access_log import REQUEST_ID
from protocol.callers import APP_HEADER, VERSION_HEADER
from protocol.csrf import PREFLIGHT_HEADERS
from protocol.errors import RequestError
from protocol.idempotency import HEADER as IDEMPOTENCY_HEADER
from protocol.incoming import headers_of
from protocol.negotiation import MediaType
from protocol.outgoing import OutgoingHeaders, add_vary
from protocol.responses import GraphQLResponse, respond, respond_to_failure
from protocol.status import Condition

_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_METHODS: Final = "GET, POST"
_HEADERS: Final = ", ".join(
    (
        "authorization",
        "content-type",
        "if-none-match",
        APP_HEADER,
        VERSION_HEADER,
        IDEMPOTENCY_HEADER.lower(),
        REQUEST_ID.lower(),
        *PREFLIGHT_HEADERS,
    )
)
_SHOWN: Final = ", ".join((REQUEST_ID, "Retry-After", "ETag")).encode()
_MAX_AGE_S: Final = 600


class Cors:
    """Answers preflights, and lets pages of the allowed origins read answers.

    Preflights of any other origin get 403 and a GraphQL error; Starlette's middleware answers them
    in plain text (PROTOCOL N5).
    """

    def __init__(self, app: ASGIApp, *, origins: Iterable[str] = ()) -> None:
        self._app = app
        self._origins = frozenset(origins)
        for origin in self._origins:
            if not _ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin: a scheme, a host and perhaps a port, in lower case."
                )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = headers_of(scope)
        origin = headers.get(b"origin")
        if origin and scope["method"] == "OPTIONS" and b"access-control-request-method" in headers:
            await self._answer_preflight(origin, scope, receive, send)
            return
        if not self._origins:
            await self._app(scope, receive, send)
            return

        async def send_allowed(message: Message) -> None:
            if message["type"] == "http.response.start":
                answered: OutgoingHeaders = message["headers"]
                add_vary(answered, "Origin")
                if origin in self._origins:
                    answered.append((b"access-control-allow-origin", origin.encode("latin-1")))
                    answered.append((b"access-control-expose-headers", _SHOWN))
            await send(message)

        await self._app(scope, receive, send_allowed)

    async def _answer_preflight(
        self, origin: str, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if origin in self._origins:
            response = respond(
                GraphQLResponse(),
                Condition.EXECUTED,
                MediaType.JSON,
                {
                    "Access-Control-Allow-Origin": origin,
                    "Access-Control-Allow-Methods": _METHODS,
                    "Access-Control-Allow-Headers": _HEADERS,
                    "Access-Control-Max-Age": str(_MAX_AGE_S),
                    "Vary": "Origin",
                },
            )
        else:
            error = RequestError(
                Condition.FORBIDDEN,
                "Pages of this origin may not call the server.",
                headers={"Vary": "Origin"},
            )
            response = respond_to_failure(error, MediaType.JSON)
        await response(scope, receive, send)
