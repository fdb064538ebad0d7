"""From a manifest to stored documents: nothing is published that the schema would refuse (D3).

A manifest is taken as a whole or not at all: an app of which half the operations work is no app.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from graphql import (
    GraphQLFormattedError,
    GraphQLSchema,
    NoDeprecatedCustomRule,
)

from domain.documents import AppVersion, NewDocument, OperationKind, Published, Release
from domain.manifests import ManifestEntry, read_manifest
from protocol.definitions import operations_of
from protocol.documents import Document, DocumentCache
from protocol.errors import InvalidOperation
from protocol.limits import Limits
from storage.documents import DocumentStore

_BY_EFFECT = (OperationKind.MUTATION, OperationKind.SUBSCRIPTION, OperationKind.QUERY)


class Problem(NamedTuple):
    """What is wrong with a document, and at which line and column; without them, with all of it."""

    document: str
    message: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        place = "" if self.line is None else f" ({self.line}:{self.column})"
        return f"{self.document}: {self.message}{place}"


class ManifestRefused(Exception):
    """Documents that cannot be published, since the schema would refuse them; one line for each."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class Verified(NamedTuple):
    """What a manifest has: documents that can be served, and problems of those that cannot."""

    documents: list[NewDocument]
    problems: list[Problem]


class Verifier:
    """Parses and validates documents as a server of one schema would that trusts them."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._documents = DocumentCache(schema, Limits(), hints=True)

    def verify(self, entries: Iterable[ManifestEntry], *, app: str) -> Verified:
        """The documents of a manifest. Problems name their operation as `app/name`."""
        documents, problems = [], []
        for entry in entries:
            label = f"{app}/{entry.name or entry.id}"
            found, parsed = self._look_at(entry.text, label)
            if parsed is not None:
                label = f"{app}/{_name(parsed) or entry.name or entry.id}"
            if found:
                problems += [problem._replace(document=label) for problem in found]
            elif parsed is not None:
                documents.append(_new_document(entry, parsed))
        return Verified(documents, problems)

    def problems(self, text: str, label: str) -> list[Problem]:
        """What is wrong with a text; empty when it can be served. `label` names it."""
        return self._look_at(text, label)[0]

    def deprecations(self, text: str, label: str) -> list[Problem]:
        """What a valid text uses that the schema will drop."""
        try:
            self._documents.check(
                self._documents.parse(text, is_trusted=True), [NoDeprecatedCustomRule]
            )
        except InvalidOperation as error:
            return list(_problems(error, label))
        return []

    def _look_at(self, text: str, label: str) -> tuple[list[Problem], Document | None]:
        """What is wrong with a text, and its document when it parsed."""
        document = None
        try:
            document = self._documents.parse(text, is_trusted=True)
            self._documents.validate(document)
        except InvalidOperation as error:
            return list(_problems(error, label)), document
        return [], document


def read_documents(content: bytes, verifier: Verifier, *, app: str) -> list[NewDocument]:
    """The documents of a manifest, all valid. Raises `InvalidManifest` or `ManifestRefused`."""
    documents, problems = verifier.verify(read_manifest(content), app=app)
    if problems:
        raise ManifestRefused(problems)
    return documents


async def publish(
    store: DocumentStore, documents: list[NewDocument], version: AppVersion
) -> Published:
    """Stores documents as what a version of an app was built with, as of now.

    Raises `IdTaken` and `StoreError`; then nothing was stored.
    """
    return await store.publish(Release(*version, pushed_at=datetime.now(UTC)), documents)


def _new_document(entry: ManifestEntry, parsed: Document) -> NewDocument:
    kinds = {OperationKind(each.operation.value) for each in operations_of(parsed.ast)}
    kind = next(each for each in _BY_EFFECT if each in kinds)
    return NewDocument(entry.text, _name(parsed) or entry.name or "", kind, (entry.id,))


def _name(document: Document) -> str:
    """The names of a document's operations, most often one."""
    return ", ".join(each.name.value for each in operations_of(document.ast) if each.name)


def _problems(error: InvalidOperation, label: str) -> Iterator[Problem]:
    return (_problem(each, label) for each in error.errors)


def _problem(error: GraphQLFormattedError, label: str) -> Problem:
    places = error.get("locations") or []
    if not places:
        return Problem(label, error["message"])
    return Problem(label, error["message"], places[0]["line"], places[0]["column"])
