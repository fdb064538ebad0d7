"""Ids that depend on nothing but what they name: importing twice makes the same ones.

An id is an ObjectId made of 4 bytes of creation time (seconds) and 8 bytes of a hash of its kind
and its name in the source. So ids sort by creation time, as keyset pages need, and the same row
always gets the same id. See docs/decisions/0006.
"""

from datetime import UTC, datetime
from enum import StrEnum
from hashlib import blake2b

from domain.record import Id

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""When nobody knows: the creation time of a topic, and of a user whose row gives none."""

EARLIEST = UNKNOWN_TIME
LATEST = datetime(2106, 2, 7, tzinfo=UTC)
"""Creation times lie in [EARLIEST, LATEST): what 4 bytes of seconds can hold."""

_HASH_BYTES = 8


class Kind(StrEnum):
    """What an id names. Names are unique within a kind."""

    USER = "user"
    USERNAME = "username"
    BOARD = "board"
    SLUG = "slug"
    SECTION = "section"
    PIN = "pin"
    SAVE = "save"
    FOLLOW = "follow"
    BLOCK = "block"
    COMMENT = "comment"
    REACTION = "reaction"
    TOPIC = "topic"
    AD_ACCOUNT = "ad_account"
    CAMPAIGN = "campaign"
    AD_GROUP = "ad_group"
    AD = "ad"


def name_of(*parts: str) -> str:
    """One name for what several parts identify together; different parts make different names."""
    return "\0".join(parts)


def stable_id(kind: Kind, name: str, created_at: datetime) -> Id:
    """The id of the thing called `name`; `created_at` lies in [EARLIEST, LATEST)."""
    seconds = int(created_at.timestamp())
    return Id(f"{seconds:08x}{_digest(kind, name).hex()}")


def stable_key(kind: Kind, name: str) -> int:
    """The hash alone, as a signed 64-bit integer: the key of `name` in a table on disk."""
    return int.from_bytes(_digest(kind, name), "big", signed=True)


def topic_id(key: str) -> Id:
    """The id of a topic. Topics have no creation time and are shared by all worlds."""
    return stable_id(Kind.TOPIC, key, UNKNOWN_TIME)


# Reading an enum's value takes longer than hashing it.
_PREFIXES = {kind: f"{kind.value}\0".encode() for kind in Kind}


def _digest(kind: Kind, name: str) -> bytes:
    return blake2b(_PREFIXES[kind] + name.encode(), digest_size=_HASH_BYTES).digest()
