"""Serves the hosts that are ours and no other (RELIABILITY, security checklist).

A page whose name an attacker has pointed at this address (DNS rebinding) is of one origin with us
as far as its browser is concerned. The `Host` header is what tells.
"""

from collections.abc import Iterable
from typing import Final

from starlette.types import ASGIApp, Receive, Scope, Send

from protocol.errors import RequestError
from protocol.incoming import IncomingHeaders, headers_of
from protocol.negotiation import MediaType
from protocol.responses import respond_to_failure
from protocol.status import Condition

_ANY: Final = "*"
_SUBDOMAINS: Final = "*."


class Hosts:
    """Refuses every other host with 400 and a GraphQL error.

    A host is a name or an address, without a port; `*.example.com` is every name below that one,
    and `*` every host. Starlette's middleware refuses in plain text (PROTOCOL N5).
    """

    def __init__(self, app: ASGIApp, *, hosts: Iterable[str]) -> None:
        self._app = app
        allowed = {host.lower() for host in hosts}
        self._any = _ANY in allowed
        self._names = frozenset(allowed)
        self._endings = tuple(host[1:] for host in allowed if host.startswith(_SUBDOMAINS))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] in ("http", "websocket") and not self._is_ours(headers_of(scope)):
            error = RequestError(Condition.MALFORMED, "This host is not served here.")
            await respond_to_failure(error, MediaType.JSON)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    def _is_ours(self, headers: IncomingHeaders) -> bool:
        if self._any:
            return True
        given = headers.all(b"host")
        name = _without_port(given[0].lower()) if len(given) == 1 else ""
        return name in self._names or (bool(name) and name.endswith(self._endings))


def _without_port(host: str) -> str:
    """`[::1]:8000` is `[::1]`, `localhost:8000` is `localhost`."""
    name, colon, port = host.rpartition(":")
    return name if colon and port.isdecimal() else host
