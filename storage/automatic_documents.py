"""Texts that clients asked us to remember by their hash (PROTOCOL 4). Redis has them, for a while.

A lost one costs its next client one request more, so nothing here ever fails: without Redis every
hash is unknown, and what should be kept is not.
"""

from storage import keys
from storage.redis import Redis


class AutomaticDocumentStore:
    """Texts by SHA-256 in hexadecimal; each is kept for `ttl_s` seconds after its last use."""

    def __init__(self, redis: Redis, ttl_s: int) -> None:
        self._redis = redis
        self._ttl_s = ttl_s

    async def get(self, sha256: str) -> str | None:
        """The text of a hash, if Redis still has it."""
        missing: bytes | None = None
        found = await self._redis.attempt(
            "automatic_documents.get",
            lambda client: client.getex(keys.automatic_document(sha256), ex=self._ttl_s),
            fallback=missing,
        )
        return None if found is None else found.decode()

    async def keep(self, sha256: str, text: str) -> None:
        """Keeps a text that was found to be valid."""
        await self._redis.attempt(
            "automatic_documents.keep",
            lambda client: client.set(keys.automatic_document(sha256), text, ex=self._ttl_s),
            fallback=None,
        )
