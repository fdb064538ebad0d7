"""Scalars, each with the specification it follows (DOMAIN a.1)."""

from datetime import UTC, date, datetime
from typing import NewType

import strawberry
from strawberry.types.scalar import ScalarDefinition

Url = NewType("Url", str)
Color = NewType("Color", str)


_OFFSET = len("+00:00")


def _write_time(value: datetime) -> str:
    """UTC with milliseconds and `Z`: MongoDB keeps no more, and clients parse no less."""
    if value.tzinfo is not UTC:
        value = value.astimezone(UTC)
    # Several times quicker than `strftime`, and a feed has dozens of them.
    return value.isoformat(timespec="milliseconds")[:-_OFFSET] + "Z"


def _read_time(value: object) -> datetime:
    if not isinstance(value, str):
        raise ValueError("DateTime must be a string in RFC 3339 form.")
    parsed = datetime.fromisoformat(value)
    if parsed.tzinfo is None:
        raise ValueError("DateTime must name its offset, such as Z.")
    return parsed.astimezone(UTC)


SCALARS: dict[object, ScalarDefinition] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="A moment: RFC 3339, in UTC, with milliseconds, such as "
        "`2026-11-21T09:30:00.000Z`.",
        specified_by_url="https://scalars.graphql.org/andimarek/date-time.html",
        serialize=_write_time,
        parse_value=_read_time,
    ),
    date: strawberry.scalar(
        name="Date",
        description="A day: `2026-11-21`.",
        specified_by_url="https://scalars.graphql.org/andimarek/local-date.html",
        serialize=date.isoformat,
        parse_value=date.fromisoformat,
    ),
    Url: strawberry.scalar(
        name="URL",
        description="An absolute URL with the scheme http or https.",
        specified_by_url="https://url.spec.whatwg.org/",
        serialize=str,
        parse_value=str,
    ),
    Color: strawberry.scalar(
        name="Color",
        description="A colour as `#rrggbb`.",
        specified_by_url="https://www.w3.org/TR/css-color-4/#hex-notation",
        serialize=str,
        parse_value=str,
    ),
}
"""Which GraphQL scalar stands for which Python type."""
