"""One HTTP request as the modules of this package read it.

Starlette's `Headers` goes through all headers, in Python, for each one that is looked for. A
request is asked for some twenty; here they are put into a dictionary once, which all layers share.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

from starlette.types import Receive, Scope

RawHeaders: TypeAlias = Iterable[tuple[bytes, bytes]]

_KEPT: Final = "pinery.headers"
"""Where a scope has what was read of it."""


class IncomingHeaders:
    """The headers of a request, by their names in lower case, as ASGI has them."""

    __slots__ = ("_is_repeating", "_values", "raw")

    def __init__(self, raw: Sequence[tuple[bytes, bytes]]) -> None:
        self.raw = raw
        self._values = dict(raw)
        self._is_repeating = len(self._values) < len(raw)

    def get(self, name: bytes) -> str | None:
        """The value of a header, the first if there are several; None without one."""
        value = self._values.get(name)
        if value is None:
            return None
        return self.all(name)[0] if self._is_repeating else value.decode("latin-1")

    def all(self, name: bytes) -> list[str]:
        """The values of a header, each as it came."""
        if self._is_repeating:
            return [value.decode("latin-1") for key, value in self.raw if key == name]
        value = self._values.get(name)
        return [] if value is None else [value.decode("latin-1")]

    def __contains__(self, name: bytes) -> bool:
        """Whether there is such a header."""
        return name in self._values


def headers_of(scope: Scope) -> IncomingHeaders:
    """The headers of a scope, which remembers them."""
    known: IncomingHeaders | None = scope.get(_KEPT)
    if known is None or known.raw is not scope["headers"]:
        known = scope[_KEPT] = IncomingHeaders(scope["headers"])
    return known


class Incoming:
    """A request: what came before its body, and where the body comes from."""

    __slots__ = ("headers", "method", "receive", "scope")

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        self.headers = headers_of(scope)

    @property
    def path_parameters(self) -> Mapping[str, str]:
        """What the route's pattern took from the path."""
        found: Mapping[str, str] = self.scope.get("path_params", {})
        return found

    @property
    def address(self) -> str:
        """The address of who sent it; empty when there is none, as behind a unix socket."""
        client: tuple[str, int] | None = self.scope.get("client")
        return client[0] if client else ""
