"""Which media type an answer has, from the request's `Accept` (PROTOCOL N1, N2, N4)."""

import re
from collections.abc import Iterable
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple


class MediaType(StrEnum):
    """What an ordinary answer can be; the first is what clients get that do not care."""

    JSON = "application/json"
    GRAPHQL_RESPONSE = "application/graphql-response+json"


HTML = "text/html"

_QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")
_LONGEST_CACHED_HEADER = 512


class MediaRange(NamedTuple):
    """One element of an `Accept` header: `application/*;q=0.5`."""

    type: str
    subtype: str
    parameters: tuple[tuple[str, str], ...]
    quality: float
    position: int

    def specificity(self, media_type: str) -> int:
        """How closely this names `media_type`: 0 not at all, 1 `*/*`, 2 `type/*`, 3 itself."""
        if ("charset", "utf-8") not in self.parameters and any(
            name == "charset" for name, _ in self.parameters
        ):
            return 0  # we write UTF-8 and nothing else
        kind, _, subtype = media_type.partition("/")
        match (self.type, self.subtype):
            case ("*", "*"):
                return 1
            case (t, "*") if t == kind:
                return 2
            case (t, s) if t == kind and s == subtype:
                return 3
        return 0


def parse_accept(header: str) -> tuple[MediaRange, ...]:
    """The media ranges of an `Accept` header in the client's order; malformed ones are left out."""
    return tuple(
        media_range
        for position, element in enumerate(header.split(","))
        if (media_range := _parse_range(element, position)) is not None
    )


def negotiate(accept: str | None) -> MediaType | None:
    """The type of an ordinary answer, or None when the client accepts nothing that we can write.

    Streams (`text/event-stream`, `multipart/mixed`) are never chosen here: clients list them on
    every request, and only an operation that streams is answered with one (N2, N3).
    """
    if accept is None or not accept.strip():
        return MediaType.JSON
    if len(accept) > _LONGEST_CACHED_HEADER:
        return _negotiate(accept)
    return _negotiate_cached(accept)


def prefers_html(accept: str | None) -> bool:
    """Whether a browser's page load is asking: `text/html` by name, and no less than JSON."""
    if accept is None or HTML not in accept.lower():
        return False
    ranges = parse_accept(accept)
    named = [r for r in ranges if r.specificity(HTML) == 3 and r.quality > 0]
    return bool(named) and _best(ranges, (*MediaType, HTML)) == HTML


def _negotiate(accept: str) -> MediaType | None:
    best = _best(parse_accept(accept), MediaType)
    return None if best is None else MediaType(best)


_negotiate_cached = lru_cache(maxsize=256)(_negotiate)


def _best(ranges: Iterable[MediaRange], offers: Iterable[str]) -> str | None:
    """The offer of the highest quality; of equals the one that the client lists first."""
    ranges = tuple(ranges)
    ranked = [(rank, offer) for offer in offers if (rank := _rank(ranges, offer)) is not None]
    return max(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _rank(ranges: tuple[MediaRange, ...], offer: str) -> tuple[float, int] | None:
    """(quality, −position) that the closest range gives `offer`; None when it is not acceptable."""
    closest = max(ranges, key=lambda r: (r.specificity(offer), -r.position), default=None)
    if closest is None or closest.specificity(offer) == 0 or closest.quality == 0:
        return None
    return closest.quality, -closest.position


def _parse_range(element: str, position: int) -> MediaRange | None:
    name, *parts = element.split(";")
    kind, slash, subtype = name.strip().lower().partition("/")
    if not (kind and slash and subtype):
        return None
    quality = 1.0
    parameters = []
    for part in parts:
        key, _, value = part.partition("=")
        key, value = key.strip().lower(), value.strip().strip('"').lower()
        if key == "q":
            if not _QUALITY.fullmatch(value):
                return None
            quality = float(value)
        elif key:
            parameters.append((key, value))
    return MediaRange(kind, subtype, tuple(parameters), quality, position)
