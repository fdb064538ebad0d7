"""Trusted documents: the operations that a product's own apps were built with (PROTOCOL 5).

An app's build uploads its operations once, as a manifest; from then on the app names each by an id.
What a version of an app was built with must stay for as long as people use that version.
"""

import re
from collections.abc import Mapping, Set
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Final, NamedTuple

import msgspec

from domain.record import Record

SHA256_PREFIX: Final = "sha256:"
"""What the canonical id of a text begins with; its hash follows."""

LONGEST_ID: Final = 128

UNKNOWN: Final = "unknown"
"""The app or version of a client that does not say, or says what cannot be a name."""

OTHER: Final = "other"
"""The app or version under which uses are counted that no release can have made."""

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_CUSTOM_ID: Final = re.compile(r"(x-[a-z0-9-]+:)?[A-Za-z0-9_.-]+")
_NAME: Final = re.compile(r"[A-Za-z0-9 ._()+@/-]{1,64}")


class OperationKind(StrEnum):
    """What an operation does, as documents spell it."""

    QUERY = "query"
    MUTATION = "mutation"
    SUBSCRIPTION = "subscription"


class AppVersion(NamedTuple):
    """One version of one app."""

    app: str
    version: str

    def __str__(self) -> str:
        return f"{self.app} {self.version}"


class Release(msgspec.Struct, frozen=True):
    """A version of an app, and when its operations were last pushed."""

    app: str
    version: str
    pushed_at: datetime

    @property
    def app_version(self) -> AppVersion:
        """The version, without the time."""
        return AppVersion(self.app, self.version)


class NewDocument(msgspec.Struct, frozen=True):
    """A valid document that is to be stored. `custom_ids` are those that its text does not give."""

    text: str
    name: str
    kind: OperationKind
    custom_ids: tuple[str, ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Every id that clients may send, the one that is made from the text first."""
        own = SHA256_PREFIX + sha256_of(self.text)
        return (own, *(each for each in self.custom_ids if each != own))


class DocumentRecord(Record, frozen=True, kw_only=True):
    """A stored document: one for each text, whoever uses it.

    `sha256` is the hash of the text, `ids` are all that clients may name it by. `name` has the
    names of its operations, most often one; with several, `kind` is of the one that changes most.
    `releases` are for whoever publishes: a record that was found by id, to be run, has none.
    """

    sha256: str
    ids: tuple[str, ...]
    text: str
    name: str
    kind: OperationKind
    created_at: datetime
    releases: tuple[Release, ...] = ()


class Published(NamedTuple):
    """What a publication did: documents that are new, and those that were there before."""

    added: int
    known: int


class IdTaken(Exception):
    """An id that a manifest gives to one text names another one already."""

    def __init__(self, document_id: str, sha256: str) -> None:
        super().__init__(
            f"The id {document_id} names another document already: {SHA256_PREFIX}{sha256}."
        )
        self.document_id = document_id


class DocumentUse(NamedTuple):
    """What is counted: a document, as a version of an app sent it."""

    sha256: str
    app: str
    version: str

    @property
    def app_version(self) -> AppVersion:
        """The version, without the document."""
        return AppVersion(self.app, self.version)


class Retention(NamedTuple):
    """What may go and what must stay: nothing that is younger than `since`, or used after it.

    A version of an app lives while it was pushed or used since then, and keeps every document that
    it was built with. `used` are the documents that anybody sent since then.
    """

    since: datetime
    living: Set[AppVersion]
    used: Set[str]

    def needed_by(self, document: DocumentRecord) -> list[AppVersion]:
        """The living versions that were built with a document, in order."""
        return sorted({release.app_version for release in document.releases} & self.living)

    def is_removable(self, document: DocumentRecord) -> bool:
        """Whether no living version needs a document, and nobody uses it all the same."""
        return not self.needed_by(document) and document.sha256 not in self.used


def retention(
    pushes: Mapping[AppVersion, datetime], uses: Set[DocumentUse], since: datetime
) -> Retention:
    """The rule, from when each version was last pushed and what was used since `since`."""
    pushed = {version for version, at in pushes.items() if at >= since}
    return Retention(
        since, pushed | {use.app_version for use in uses}, {use.sha256 for use in uses}
    )


def sha256_of(text: str) -> str:
    """The hash of a text's UTF-8 bytes, as 64 lower-case hexadecimal digits.

    Raises `UnicodeEncodeError` for a text with half a surrogate pair, which has no UTF-8.
    """
    return sha256(text.encode()).hexdigest()


def canonical_id(value: str) -> str | None:
    """The one spelling of an id that a client sends, or None for what can name no document.

    A hash may come without its prefix (D2). Prefixes are reserved, but for those that begin with
    `x-`; an id without any is a product's own (D1). Takes the time of 128 characters at most.
    """
    if len(value) > LONGEST_ID:
        return None
    digest = value.removeprefix(SHA256_PREFIX)
    if _HASH.fullmatch(digest):
        return SHA256_PREFIX + digest
    return value if _CUSTOM_ID.fullmatch(value) else None


def is_release_name(text: str) -> bool:
    """Whether `text` can name an app or a version: short, and of plain characters."""
    return _NAME.fullmatch(text) is not None and text not in (UNKNOWN, OTHER)
