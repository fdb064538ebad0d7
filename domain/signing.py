"""Signed tokens: what a client carries for us and may not change.

A token is `base64url(payload).base64url(HMAC-SHA256)` without padding (DOMAIN c.6). It is signed,
not encrypted: whoever holds it can read it. Each purpose has a key of its own, derived from the
one in the settings, so that a token made for one thing never verifies as another.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from enum import StrEnum
from hmac import compare_digest, digest

MIN_KEY_BYTES = 32
MAX_TOKEN_LENGTH = 4096


class Purpose(StrEnum):
    """What a token is for."""

    FEED_CURSOR = "feed-cursor"
    AD_SLOT = "ad-slot"
    FEED_ITEM = "feed-item"
    MEDIA_UPLOAD = "media-upload"


class Signer:
    """Signs payloads and verifies them; the same payload always gives the same token."""

    def __init__(self, key: bytes) -> None:
        """Raises `ValueError` when the key is shorter than the 32 bytes that HMAC-SHA256 wants."""
        if len(key) < MIN_KEY_BYTES:
            raise ValueError(f"A signing key has {MIN_KEY_BYTES} bytes or more, not {len(key)}.")
        self._keys = {
            purpose: digest(key, f"pinery:{purpose}".encode(), "sha256") for purpose in Purpose
        }

    def sign(self, purpose: Purpose, payload: bytes) -> str:
        """The token of a payload."""
        signature = digest(self._keys[purpose], payload, "sha256")
        return f"{_encode(payload)}.{_encode(signature)}"

    def verify(self, purpose: Purpose, token: str) -> bytes | None:
        """The payload; None when we did not sign exactly this token for this purpose.

        The whole token is compared, in constant time: a signature has spare bits in its last
        character, and ignoring them would let one token have several spellings.
        """
        payload = _decode(token.partition(".")[0]) if len(token) <= MAX_TOKEN_LENGTH else None
        if payload is None:
            return None
        expected = self.sign(purpose, payload)
        is_ours = compare_digest(expected.encode(), token.encode("utf-8", "replace"))
        return payload if is_ours else None


def _encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode("ascii").rstrip("=")


def _decode(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Base64Error, ValueError):  # ValueError: a character outside ASCII
        return None
