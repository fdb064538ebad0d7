"""Links: which addresses are accepted, and the host that a pin shows as its source.

A link is stored as it came: NFC, which other texts get, would name another page wherever a site has
the decomposed spelling in its addresses. Hosts of any script are fine; what a browser would read as
another host than the one that is written is not.
"""

import re
import unicodedata
from urllib.parse import SplitResult, urlsplit

from domain.texts import trim
from domain.user_errors import InputError, Refused, UserErrorCode

MAX_LINK = 2048
MAX_HOST = 253

_SCHEMES = frozenset({"http", "https"})
_NEVER_IN_HOST = re.compile(r"[\\%<>^|\"'`{}\[\]:*,;!$&()+=~。]")
_WWW = "www."


def clean_link(text: str) -> str:
    """A link as it is stored, "" for a blank one; raises `Refused` for what `split_link` refuses.

    The error names no field yet.
    """
    link = trim(text)
    if len(link) > MAX_LINK:
        message = f"It may have at most {MAX_LINK:,} characters; there were {len(link):,}."
        raise Refused(InputError(code=UserErrorCode.TOO_LONG, message=message))
    if not link:
        return ""
    try:
        split_link(link)
    except ValueError as error:
        message = f"The address {error}."  # and is not repeated: it may hold a password
        raise Refused(InputError(code=UserErrorCode.INVALID, message=message)) from None
    return link


def split_link(link: str) -> SplitResult:
    """The parts of an absolute http or https address without credentials.

    Raises `ValueError`, whose text says what is wrong, for anything else.
    """
    if len(link) > MAX_LINK:
        raise ValueError(f"is longer than {MAX_LINK} characters")
    if not link.isprintable() or " " in link:
        raise ValueError("has white space or control characters")
    parts = _parts(link)
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        raise ValueError("is not an absolute http or https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds credentials")
    if not _is_host(parts):
        raise ValueError("has a host that cannot be one")
    return parts


def domain_of(link: str) -> str:
    """The host of a link, lower-case, without `www.`; raises `ValueError` as `split_link` does."""
    host = (split_link(link).hostname or "").removesuffix(".")
    rest = host.removeprefix(_WWW)
    return rest if "." in rest else host  # www.example, whose rest is a top-level domain


def _parts(link: str) -> SplitResult:
    """The parts; reads the port, which is refused only when it is read."""
    try:
        parts = urlsplit(link)
        _ = parts.port
    except ValueError:
        raise ValueError("has a host or port that cannot be one") from None
    return parts


def _is_host(parts: SplitResult) -> bool:
    """Whether a browser would go to the host that is written.

    It reads a backslash as a slash and `%41` as a letter, and folds letters of other widths; a
    number in brackets has been checked by `urlsplit`.
    """
    host = (parts.hostname or "").removesuffix(".")
    if "[" in parts.netloc:
        return True
    if len(host) > MAX_HOST or _NEVER_IN_HOST.search(host) or not all(host.split(".")):
        return False
    return unicodedata.normalize("NFKC", host) == host
