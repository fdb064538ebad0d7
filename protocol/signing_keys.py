"""The public keys at a JWKS URL: fetched off the event loop, bounded, and kept (DESIGN 5)."""

import asyncio
import time
from typing import Final
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import structlog
from jwt import PyJWK, PyJWKSet

from domain.errors import ErrorCode, InvalidToken, PineryError

log = structlog.get_logger()

_LARGEST_ANSWER: Final = 256 * 1024


class KeysUnavailable(PineryError):
    """The keys could not be fetched and none are known: nobody's token can be verified now."""

    code = ErrorCode.UNAVAILABLE


class SigningKeys:
    """Finds the key that a token names.

    Keys are kept for `lifetime_s`, and longer while the URL does not answer within `timeout_s`. A
    key that is not among them is looked for once more, at most every `retry_s`: anybody can invent
    a token.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 2.0,
        lifetime_s: float = 300.0,
        retry_s: float = 10.0,
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"A JWKS URL is an http or https URL; it was {url!r}.")
        self._url = url
        self._timeout_s = timeout_s
        self._lifetime_s = lifetime_s
        self._retry_s = retry_s
        self._keys: dict[str, PyJWK] = {}
        self._fetched_at = self._tried_at = -float("inf")
        self._fetching: asyncio.Task[None] | None = None

    async def find(self, key_id: object) -> PyJWK:
        """The key of that id. Raises `InvalidToken` or `KeysUnavailable`.

        Only a key that is not known is waited for. One that is known but old is used, and all are
        fetched anew beside it.
        """
        key = self._known(key_id)
        if key is None:
            await self._refresh()
            key = self._known(key_id)
        elif time.monotonic() - self._fetched_at > self._lifetime_s:
            self._start_refresh()
        if key is not None:
            return key
        if not self._keys:
            raise KeysUnavailable("Tokens cannot be verified at the moment.")
        raise InvalidToken("The token is not signed with a key that we trust.")

    def _known(self, key_id: object) -> PyJWK | None:
        return self._keys.get(key_id) if isinstance(key_id, str) else None

    async def _refresh(self) -> None:
        self._start_refresh()
        if self._fetching is not None:
            await asyncio.shield(self._fetching)  # others may wait for it, too

    def _start_refresh(self) -> None:
        """Fetches the keys in a task, unless one does so already, or did just now."""
        if self._fetching is None and time.monotonic() - self._tried_at >= self._retry_s:
            self._tried_at = time.monotonic()
            self._fetching = asyncio.create_task(self._fetch(), name="fetch_signing_keys")

    async def _fetch(self) -> None:
        """Puts the keys at the URL in place of the old ones, which stay when that fails."""
        try:
            # The limit inside is for each read: a server that dribbles is stopped by this one.
            async with asyncio.timeout(self._timeout_s):
                self._keys = await asyncio.to_thread(_download, self._url, self._timeout_s)
            self._fetched_at = time.monotonic()
        except Exception as error:  # whatever another server may answer
            log.warning("jwks_not_fetched", reason=repr(error))
        finally:
            self._fetching = None


class _NoRedirects(HTTPRedirectHandler):
    def redirect_request(self, *_: object) -> None:
        """Keys come from the URL that was configured, and from nowhere else."""


def _download(url: str, timeout_s: float) -> dict[str, PyJWK]:
    """The signing keys at `url`, by id. Blocks."""
    with build_opener(_NoRedirects).open(url, timeout=timeout_s) as response:
        content = response.read(_LARGEST_ANSWER + 1)
    if len(content) > _LARGEST_ANSWER:
        raise ValueError("The key set is too large.")
    keys = PyJWKSet.from_json(content.decode()).keys
    return {key.key_id: key for key in keys if key.key_id and key.public_key_use in ("sig", None)}
