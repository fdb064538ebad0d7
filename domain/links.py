"""Links: which addresses are accepted, and the host that a pin shows as its source."""

from urllib.parse import SplitResult, urlsplit

MAX_LINK = 2048

_SCHEMES = frozenset({"http", "https"})


def split_link(link: str) -> SplitResult:
    """The parts of an absolute http or https address without credentials.

    Raises `ValueError`, whose text says what is wrong, for anything else.
    """
    if len(link) > MAX_LINK:
        raise ValueError(f"is longer than {MAX_LINK} characters")
    if not link.isprintable() or " " in link:
        raise ValueError("has white space or control characters")
    parts = urlsplit(link)
    if parts.scheme.lower() not in _SCHEMES or not parts.hostname:
        raise ValueError("is not an absolute http or https address")
    if parts.username is not None or parts.password is not None:
        raise ValueError("holds credentials")
    return parts


def domain_of(link: str) -> str:
    """The host of a link, lower-case, without `www.`; raises `ValueError` as `split_link` does."""
    return (split_link(link).hostname or "").removeprefix("www.")
