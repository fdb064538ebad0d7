"""Every key that Redis knows, in one place.

Braces are a cluster's hash tag: keys with the same tag live on one slot.
"""

from collections.abc import Iterable
from hashlib import blake2b

_VERSION = "v1"
"""Raised when the shape of a cached record changes: old entries are then never read again."""


RECORDS = f"record:{_VERSION}:"
"""What the keys of all cached records begin with, and no others."""


RELATED = f"related:{_VERSION}:"
"""What the keys of all related lists begin with."""

RELATED_KIND = "@related"
"""What they are called among records at hand."""

_VIEW = "@"

_VIEWS = f"{RECORDS}{_VIEW}"

EVERYTHING_KIND = f"{_VIEW}everything"

EVERYTHING = f"{RECORDS}{EVERYTHING_KIND}:"
"""Who has anything at hand drops all of it when this key changes."""


def record(kind: str, entity_id: str) -> str:
    """A cached record, read-through."""
    return f"{RECORDS}{kind}:{entity_id}"


def records(kind: str, entity_ids: Iterable[str]) -> list[str]:
    """The keys of many cached records, in order."""
    return [record(kind, entity_id) for entity_id in entity_ids]


def record_of(key: str) -> tuple[str, str]:
    """The kind and the id of the cached record, or related list, under a key of those."""
    if key.startswith(RELATED):
        return RELATED_KIND, key.removeprefix(RELATED)
    kind, _, entity_id = key.removeprefix(RECORDS).partition(":")
    return kind, entity_id


def view_kind(kind: str) -> str:
    """The kind of a view, apart from all kinds of records."""
    return f"{_VIEW}{kind}"


def is_view(key: str) -> bool:
    """Whether a record's key is that of a view, which has no value."""
    return key.startswith(_VIEWS)


def related(root_id: str) -> str:
    """The ranked related roots of a save tree."""
    return f"{RELATED}{root_id}"


def feed_session(session_id: str) -> str:
    """The snapshot of a feed session."""
    return f"feed:{_VERSION}:{{{session_id}}}"


def feed_current(viewer_key: str) -> str:
    """The id of a viewer's latest feed session."""
    return f"feed:{_VERSION}:current:{viewer_key}"


def feed_slots(session_id: str) -> str:
    """The ad decisions of a feed session: a hash from gap to decision."""
    return f"feed:{_VERSION}:{{{session_id}}}:slots"


def automatic_document(sha256: str) -> str:
    """The text that clients know by this hash."""
    return f"automatic_document:{sha256}"


def rate_limit(name: str) -> str:
    """The bucket of a caller: no address and no user id stands in Redis."""
    return f"rate_limit:{{{blake2b(name.encode(), digest_size=16).hexdigest()}}}"


CACHED = ("record:*", "related:*")
"""Patterns of everything that may be dropped at any time and is read again from MongoDB."""
