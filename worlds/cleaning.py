"""Makes a row's values fit to store, or says why they are not.

Texts are NFC, trimmed and free of control characters, and their lengths count code points (DOMAIN
b.5). Every function raises `BadRow` with a reason that starts with the field's name.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time

from domain.links import domain_of, split_link
from worlds.ids import EARLIEST, LATEST
from worlds.report import BadRow

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_LINE_BREAK = re.compile(r"[\t\n\r]+")
_USERNAME = re.compile(r"(?!\d+$)[a-z0-9_]{3,30}")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_DATE_LENGTH = len("2024-01-31")


def text(field: str, value: str | None, *, most: int, lines: bool = False) -> str | None:
    """A text of at most `most` characters; None when it is empty.

    Unless it may have `lines`, those it has are joined to one.
    """
    if value is None:
        return None
    if not value.isascii():
        value = unicodedata.normalize("NFC", value)
    value = value.strip()
    if not value.isprintable():
        if not lines:
            value = _LINE_BREAK.sub(" ", value)
        if _CONTROL.search(value):
            raise BadRow(f"{field}: has control characters")
    if len(value) > most:
        raise BadRow(f"{field}: {len(value):,} characters, at most {most:,} are allowed")
    return value or None


def required_text(field: str, value: str, *, most: int, lines: bool = False) -> str:
    """A text that must not be empty."""
    cleaned = text(field, value, most=most, lines=lines)
    if cleaned is None:
        raise BadRow(f"{field}: is empty")
    return cleaned


def username(value: str) -> str:
    """A username in its one spelling: 3–30 of a-z, 0-9 and _, not digits alone."""
    name = value.strip().lower()
    if _USERNAME.fullmatch(name) is None:
        raise BadRow(f"username: {value!r:.80} is not 3–30 of a-z, 0-9 and _, or is all digits")
    return name


def link(field: str, value: str | None) -> str | None:
    """An absolute http or https address; None when it is empty."""
    address = (value or "").strip()
    if not address:
        return None
    try:
        split_link(address)
    except ValueError as error:
        raise BadRow(f"{field}: {error}") from error
    return address


def domain(address: str | None) -> str | None:
    """The host of an address that `link` has passed."""
    return None if address is None else domain_of(address)


def color(field: str, value: str | None) -> str | None:
    """A colour as #RRGGBB."""
    if value is not None and _COLOR.fullmatch(value) is None:
        raise BadRow(f"{field}: {value!r:.40} is not #RRGGBB")
    return value


def moment(value: str | None, default: datetime) -> datetime:
    """A time in UTC, cut to milliseconds as BSON stores it; a date alone is its midnight.

    `default` stands for a time that the row does not give.
    """
    if value is None:
        return default
    try:
        if len(value) == _DATE_LENGTH:
            parsed = datetime.combine(date.fromisoformat(value), time(), UTC)
        else:
            parsed = datetime.fromisoformat(value)
    except ValueError as error:
        raise BadRow(f"created_at: {value!r:.40} is not an RFC 3339 time") from error
    if parsed.tzinfo is None:
        raise BadRow(f"created_at: {value!r:.40} has no time zone")
    if not EARLIEST <= parsed < LATEST:
        raise BadRow(f"created_at: {value!r:.40} is not between 1970 and 2106")
    milliseconds = parsed.microsecond // 1000 * 1000
    return parsed.astimezone(UTC).replace(microsecond=milliseconds)
