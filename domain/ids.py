"""Global ids: base64 of `Type:entityId`, as Relay's tools expect (DOMAIN a.1, decision 9)."""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from typing import NamedTuple

from domain.record import Id

_ENTITY_ID = re.compile(r"[0-9a-f]{24}")
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
    return b64encode(f"{type_name}:{entity_id}".encode()).decode("ascii")


def from_global_id(text: str) -> GlobalId | None:
    """What an `id` names; None when it is not one of ours."""
    if len(text) > _MAX_LENGTH:
        return None
    try:
        type_name, separator, entity_id = b64decode(text, validate=True).decode().partition(":")
    except (Base64Error, ValueError):
        return None
    if not separator or not is_entity_id(entity_id):
        return None
    return GlobalId(type_name, Id(entity_id))
