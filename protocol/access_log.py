"""One log line per request, and the id that ties it to what else was logged.

Neither variables nor headers nor query strings are logged: what a client sends may be private.
"""

import re
import secrets
from collections.abc import Collection
from time import perf_counter
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from protocol.incoming import headers_of

REQUEST_ID: Final = "X-Request-Id"

_NAME: Final = REQUEST_ID.lower().encode()
_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CLIENT_LEFT = 499
"""What is logged as the status when there was nobody to answer; nginx calls it so."""


class AccessLog:
    """Names every request: by the id it came with, if that is a sane one, else by a new one.

    Requests for a path of `quiet` are logged as debug: probes come every second.
    """

    def __init__(self, app: ASGIApp, *, quiet: Collection[str] = ("/healthz", "/readyz")) -> None:
        self._app = app
        self._quiet = frozenset(quiet)
        # Bound once: a logger that is not is made anew for each line, also for those left out.
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger().bind()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        came = headers_of(scope).get(_NAME)
        request_id = came if came and _SANE.fullmatch(came) else secrets.token_hex(16)
        started, status = perf_counter(), _CLIENT_LEFT

        async def send_named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((_NAME, request_id.encode()))
            await send(message)

        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self._app(scope, receive, send_named)
        except Exception:
            status = 500
            raise
        finally:
            write = self._log.debug if scope["path"] in self._quiet else self._log.info
            write(
                "request",
                method=scope["method"],
                path=scope["path"],
                status=status,
                ms=round((perf_counter() - started) * 1000, 1),
            )
