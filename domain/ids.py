"""Global ids: base64 of `Type:entityId`, as Relay's tools expect (DOMAIN a.1, decision 9)."""

import re
from binascii import a2b_base64, b2a_base64
from typing import NamedTuple

from domain.record import Id

_ENTITY_ID = re.compile(r"[0-9a-f]{24}")
_NAMED = re.compile(r"([^:]*):([0-9a-f]{24})")
_MAX_LENGTH = 128


class GlobalId(NamedTuple):
    """An id that is unique over all types."""

    type_name: str
    entity_id: Id


def is_entity_id(text: str) -> bool:
    """Whether `text` has the form of a stored id."""
    return _ENTITY_ID.fullmatch(text) is not None


def to_global_id(type_name: str, entity_id: str) -> str:
    """The `id` that clients see."""
    return b2a_base64(f"{type_name}:{entity_id}".encode(), newline=False).decode("ascii")


def from_global_id(text: str) -> GlobalId | None:
    """What an `id` names; None when it is not one of ours."""
    if len(text) > _MAX_LENGTH:
        return None
    try:
        named = _NAMED.fullmatch(a2b_base64(text, strict_mode=True).decode())
    except ValueError:
        return None
    return None if named is None else GlobalId(named[1], Id(named[2]))
