"""How long an answer may be kept, and by whom (PROTOCOL 6)."""

from enum import StrEnum

import msgspec


class CacheScope(StrEnum):
    """Who may keep an answer."""

    PUBLIC = "PUBLIC"
    PRIVATE = "PRIVATE"


class CacheHint(msgspec.Struct, frozen=True):
    """What a field or type says of its answer: `max_age_s` seconds, and who may keep it.

    What is None is as for the object that the field is on.
    """

    max_age_s: int | None = None
    scope: CacheScope | None = None
