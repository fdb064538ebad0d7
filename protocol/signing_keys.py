"""The public keys at a JWKS URL: fetched off the event loop, bounded, and kept (DESIGN 5)."""

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import jwt
import structlog
from jwt import PyJWK, PyJWKSet

from domain.errors import ErrorCode, InvalidToken, PineryError

log = structlog.get_logger()

_TIMEOUT_S: Final = 2.0
_LARGEST_ANSWER: Final = 256 * 1024
_LIFETIME_S: Final = 300.0
_RETRY_S: Final = 10.0


class KeysUnavailable(PineryError):
    """The keys could not be fetched and none are known: nobody's token can be verified now."""

    code = ErrorCode.UNAVAILABLE


class SigningKeys:
    """Finds the key that a token names.

    Keys are kept for five minutes, and longer while the URL does not answer. A key that is not
    among them is looked for once more, at most every ten seconds: tokens are free to invent.
    """

    def __init__(self, url: str) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"A JWKS URL is an http or https URL; it was {url!r}.")
        self._url = url
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._tried_at = -float("inf")
        self._fetching = asyncio.Lock()

    async def find(self, key_id: object) -> PyJWK:
        """The key of that id. Raises `InvalidToken` or `KeysUnavailable`."""
        is_stale = time.monotonic() - self._fetched_at > _LIFETIME_S
        if is_stale or key_id not in self._keys:
            await self._refresh()
        key = self._keys.get(key_id) if isinstance(key_id, str) else None
        if key is not None:
            return key
        if not self._keys:
            raise KeysUnavailable("Tokens cannot be verified at the moment.")
        raise InvalidToken("The token is not signed with a key that we trust.")

    async def _refresh(self) -> None:
        """Fetches the keys, unless that was tried just now; the old ones stay if it fails."""
        async with self._fetching:
            if time.monotonic() - self._tried_at < _RETRY_S:
                return
            self._tried_at = time.monotonic()
            try:
                self._keys = await asyncio.to_thread(_fetch, self._url)
                self._fetched_at = time.monotonic()
            except (OSError, ValueError, jwt.PyJWTError) as error:
                log.warning("jwks_not_fetched", reason=repr(error))


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Keys come from the URL that was configured, and from nowhere else."""


def _fetch(url: str) -> dict[str, PyJWK]:
    """The signing keys at `url`, by id. Blocks."""
    with build_opener(_NoRedirects).open(url, timeout=_TIMEOUT_S) as response:
        content = response.read(_LARGEST_ANSWER + 1)
    if len(content) > _LARGEST_ANSWER:
        raise ValueError("The key set is too large.")
    keys = PyJWKSet.from_json(content.decode()).keys
    return {key.key_id: key for key in keys if key.key_id and key.public_key_use in ("sig", None)}
