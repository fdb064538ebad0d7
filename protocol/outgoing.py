"""The headers of an answer on its way out, as ASGI has them: pairs of bytes, with names in lower
case."""

from functools import lru_cache
from typing import Final, TypeAlias

OutgoingHeaders: TypeAlias = list[tuple[bytes, bytes]]

_KEPT: Final = 256


def value_of(headers: OutgoingHeaders, name: bytes) -> bytes | None:
    """The value of a header, the first if there are several; None without one."""
    for key, value in headers:
        if key == name:
            return value
    return None


def put(headers: OutgoingHeaders, name: bytes, value: bytes | None) -> None:
    """Gives a header a value in place of any that it has; None takes it away."""
    headers[:] = [pair for pair in headers if pair[0] != name]
    if value is not None:
        headers.append((name, value))


def add_vary(headers: OutgoingHeaders, name: str) -> None:
    """Says that the answer depends on a header of its request, too."""
    found = [index for index, pair in enumerate(headers) if pair[0] == b"vary"]
    if len(found) == 1:
        headers[found[0]] = (b"vary", _with_name(headers[found[0]][1], name))
    else:
        values = b", ".join(headers[index][1] for index in found)
        put(headers, b"vary", _with_name(values, name))


@lru_cache(_KEPT)
def _with_name(value: bytes, name: str) -> bytes:
    named = [*map(str.strip, value.decode("latin-1").split(",")), name]
    first: dict[str, str] = {}
    for each in filter(None, named):
        first.setdefault(each.lower(), each)
    return ", ".join(first.values()).encode("latin-1")
