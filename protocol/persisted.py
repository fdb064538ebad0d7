"""Documents that clients name and do not send: from a reference to a text (PROTOCOL 4 and 5).

Trusted documents came with the manifest of a release; automatic ones were sent once, by whoever.
Both are found by the same spellings, first here in the process, then in Redis, and trusted ones in
MongoDB. Whoever names a document that nobody knows is told so in the words that its client expects.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final, NoReturn, Protocol

import msgspec
from cachetools import TTLCache

from domain.documents import DocumentRecord, sha256_of
from domain.errors import ErrorCode, StoreError
from protocol.errors import RequestError
from protocol.references import Reference
from protocol.request import GraphQLRequest
from protocol.status import Condition
from storage.automatic_documents import AutomaticDocumentStore
from storage.documents import DocumentStore

_KEPT_DOCUMENTS: Final = 2_000
_KEPT_CHARACTERS: Final = 10_000_000
_KEPT_FOR_S: Final = 60
"""How long a process may go on as if a manifest had not been published, or not been withdrawn."""


class Trust(StrEnum):
    """What documents of manifests are to a server."""

    OFF = "off"
    ALLOW = "allow"
    ONLY = "only"


class FoundText(msgspec.Struct, frozen=True):
    """The text to run, and where it is from.

    `trusted` is its record when a manifest brought it. `to_keep` is the hash to keep the text
    under, once it proves valid.
    """

    text: str
    trusted: DocumentRecord | None = None
    to_keep: str | None = None


class DocumentStores(Protocol):
    """Where documents are kept; `storage.Storage` is one."""

    @property
    def documents(self) -> DocumentStore:
        """The trusted ones."""

    @property
    def automatic_documents(self) -> AutomaticDocumentStore:
        """Those that clients registered."""


class PersistedDocuments:
    """Finds the text of each request.

    `stores` is asked for at each look, because a server is put together before its stores are open.
    Without stores, or with trust off and not `automatic`, only texts are served.
    """

    def __init__(
        self,
        stores: Callable[[], DocumentStores] | None = None,
        *,
        trust: Trust = Trust.OFF,
        automatic: bool = False,
    ) -> None:
        if trust is Trust.ONLY and automatic:
            raise ValueError("Where only trusted documents run, no client can add one.")
        if stores is None and (automatic or trust is not Trust.OFF):
            raise ValueError("Documents that are to be found must be kept somewhere.")
        self._stores = stores
        self._trust = trust
        self._automatic = automatic
        self._records: TTLCache[str, DocumentRecord] = TTLCache(_KEPT_DOCUMENTS, _KEPT_FOR_S)
        self._texts: TTLCache[str, str] = TTLCache(_KEPT_CHARACTERS, _KEPT_FOR_S, getsizeof=len)

    @property
    def requires_trust(self) -> bool:
        """Whether only trusted documents run, but for developers."""
        return self._trust is Trust.ONLY

    def remembers(self, reference: Reference) -> bool:
        """Whether a document is at hand, so that no store is asked for it."""
        return self._remembered(reference) is not None

    async def find(self, asked: GraphQLRequest, *, is_developer: bool) -> FoundText:
        """The text that a request sends or names.

        Raises `RequestError` when there is none, and `StoreError` when no store can tell whether a
        document is trusted.
        """
        if asked.query is not None:
            if self.requires_trust and not is_developer:
                raise RequestError(
                    Condition.UNEXECUTABLE,
                    "Only documents of a published manifest are served here: send `documentId`.",
                    ErrorCode.PERSISTED_QUERY_ID_REQUIRED,
                )
            return self._sent(asked.query, asked.reference)
        if asked.reference is None:
            raise ValueError("A request has a text or names one.")
        return await self._named(asked.reference)

    async def keep(self, found: FoundText) -> None:
        """Keeps a text that a client wants to name from now on, and that is valid (P6)."""
        if found.to_keep is not None and self._stores is not None:
            self._texts[found.to_keep] = found.text
            await self._stores().automatic_documents.keep(found.to_keep, found.text)

    def _sent(self, text: str, reference: Reference | None) -> FoundText:
        if reference is None or not self._automatic:
            return FoundText(text)
        if sha256_of(text) != reference.sha256:
            raise RequestError(Condition.MALFORMED, "provided sha does not match query")
        return FoundText(text, to_keep=reference.sha256)

    async def _named(self, reference: Reference) -> FoundText:
        found = self._remembered(reference) or await self._stored(reference)
        if found is not None:
            return found
        if reference.is_automatic and self._automatic:
            _refuse_automatic("PersistedQueryNotFound", ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        if self._trust is Trust.OFF or (reference.is_automatic and not self.requires_trust):
            _refuse_automatic("PersistedQueryNotSupported", ErrorCode.PERSISTED_QUERY_NOT_SUPPORTED)
        raise RequestError(
            Condition.NOT_LISTED,
            "No published manifest has a document of this id.",
            ErrorCode.PERSISTED_QUERY_NOT_IN_LIST,
        )

    def _remembered(self, reference: Reference) -> FoundText | None:
        record = self._records.get(reference.document_id)
        if record is not None:
            return FoundText(record.text, record)
        text = self._texts.get(reference.sha256) if reference.is_automatic else None
        return None if text is None else FoundText(text)

    async def _stored(self, reference: Reference) -> FoundText | None:
        if self._stores is None:
            return None
        if self._trust is not Trust.OFF:
            record = await self._trusted(self._stores().documents, reference)
            if record is not None:
                self._records[reference.document_id] = record
                return FoundText(record.text, record)
        if reference.is_automatic and self._automatic:
            text = await self._stores().automatic_documents.get(reference.sha256)
            if text is not None:
                self._texts[reference.sha256] = text
                return FoundText(text)
        return None

    async def _trusted(self, store: DocumentStore, reference: Reference) -> DocumentRecord | None:
        try:
            return await store.get(reference.document_id)
        except StoreError:
            # Its client can send the text instead (P10).
            if reference.is_automatic and self._automatic:
                return None
            raise


def _refuse_automatic(words: str, code: ErrorCode) -> NoReturn:
    """Answers in the very words by which clients know what to do next (P2, P9)."""
    raise RequestError(Condition.NOT_PERSISTED, words, code)
