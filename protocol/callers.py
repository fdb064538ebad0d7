"""Who sends a request: the viewer that its token names, the app that it says it is, an address."""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Final

import msgspec

from domain.viewer import Scope, Viewer
from protocol.incoming import Incoming

APP_HEADER: Final = "apollographql-client-name"
VERSION_HEADER: Final = "apollographql-client-version"
"""The names that Apollo's clients send by themselves, and others when they are told to."""

_APP: Final = APP_HEADER.encode()
_VERSION: Final = VERSION_HEADER.encode()

_IPV6_SITE_BITS: Final = 64
_KEPT_ADDRESSES: Final = 4_096


class Caller(msgspec.Struct, frozen=True):
    """One sender. `app` and `version` are what it says, and decide nothing."""

    viewer: Viewer
    app: str | None
    version: str | None
    address: str

    @property
    def is_developer(self) -> bool:
        """Whether it may send any text, and ask for the schema, where others may not."""
        return self.viewer.may(Scope.DEVELOPER)

    @property
    def account(self) -> str:
        """Whose bucket it draws on: the viewer's in the app that the token is for, else the
        address's. Nothing in it is the caller's to choose.
        """
        if self.viewer.user_id is None:
            return f"address:{self.address}"
        return f"viewer:{self.viewer.app or ''}:{self.viewer.user_id}"


def read_caller(request: Incoming, viewer: Viewer) -> Caller:
    """The sender of a request whose token names `viewer`."""
    return Caller(
        viewer,
        request.headers.get(_APP),
        request.headers.get(_VERSION),
        _address(request.address),
    )


@lru_cache(_KEPT_ADDRESSES)
def _address(host: str) -> str:
    """An IPv6 address stands for its site: whoever has one has all of them."""
    try:
        address = ip_address(host)
    except ValueError:
        return ""  # a unix socket: a proxy of our own stands in front
    if isinstance(address, IPv6Address):
        return str(ip_network((address, _IPV6_SITE_BITS), strict=False))
    return str(address)
