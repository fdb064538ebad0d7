"""JSON as RFC 8259 has it, and nothing that parsers disagree about (PROTOCOL Q3, Q4).

orjson refuses NaN, UTF-16, invalid UTF-8, lone surrogates and numbers that no double can hold. What
it lets pass is an object with the same key twice: it takes the last, others the first, and whoever
stands before us may have checked the other one.
"""

import json
from typing import NamedTuple, TypeAlias

import orjson

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"


class InvalidJson(ValueError):
    """The text is not JSON, is nested too deeply, or says something twice; the message tells."""


def parse_json(text: bytes, *, most_levels: int) -> Json:
    """The value of a JSON text with at most so many objects and lists inside each other.

    Raises `InvalidJson`, whose message continues a sentence: "is not JSON: …".
    """
    try:
        value: Json = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise InvalidJson(f"is not JSON: {error.msg}") from None
    # No value is nested deeper than its text has opening brackets.
    if text.count(b"{") + text.count(b"[") <= most_levels and orjson.dumps(value) == text:
        return value  # as JavaScript writes it, and complete: what was dropped would be missing
    shape = _measure(value)
    if shape.levels > most_levels:
        raise InvalidJson(f"is nested more than {most_levels} levels deep")
    # Every member of an object has a colon, and so may a string. A member that orjson dropped left
    # its colon behind. An escaped colon in a string could make up for it: then look closely, too.
    if text.count(b":") != shape.colons or b"\\u003" in text:
        _refuse_repeated_keys(text)
    return value


class _Shape(NamedTuple):
    levels: int
    colons: int


def _measure(value: Json) -> _Shape:
    """How deep a value is nested, and how many colons its text has when none is escaped."""
    levels = colons = 0
    layer = [value]
    while True:
        inner: list[Json] = []
        nested = False
        for each in layer:
            if isinstance(each, str):
                colons += each.count(":")
            elif isinstance(each, dict):
                nested = True
                colons += len(each) + "".join(each).count(":")
                inner.extend(each.values())
            elif isinstance(each, list):
                nested = True
                inner.extend(each)
        if not nested:
            return _Shape(levels, colons)
        levels, layer = levels + 1, inner


def _refuse_repeated_keys(text: bytes) -> None:
    try:
        # Numbers are of no interest here, and `int` takes its time over a long one.
        json.loads(text, object_pairs_hook=_unique, parse_int=str, parse_float=str)
    except RecursionError:
        # Only the value of a member that was dropped can be so deep: the others were measured.
        raise InvalidJson("has a key twice in one object") from None


def _unique(pairs: list[tuple[str, Json]]) -> None:
    seen: set[str] = set()
    for key, _ in pairs:
        if key in seen:
            raise InvalidJson(f"has the key {key[:50]!r} twice in one object")
        seen.add(key)
