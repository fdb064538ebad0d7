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

from domain.documents import SHA256_PREFIX, DocumentRecord, sha256_of
from domain.errors import ErrorCode, StoreError
from protocol.errors import RequestError
from protocol.references import Reference
from protocol.request import GraphQLRequest
from protocol.status import Condition
from storage.automatic_documents import AutomaticDocumentStore
from storage.documents import DocumentStore

_KEPT_CHARACTERS: Final = 10_000_000
_CHARACTERS_BESIDE_A_TEXT: Final = 1_000
"""As much as a document takes at least, so that there is an end to small ones, too."""
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
        self._found: TTLCache[str, FoundText] = TTLCache(
            _KEPT_CHARACTERS, _KEPT_FOR_S, getsizeof=_weight
        )

    @property
    def requires_trust(self) -> bool:
        """Whether only trusted documents run, but for developers."""
        return self._trust is Trust.ONLY

    def sent(self, asked: GraphQLRequest, *, is_developer: bool) -> FoundText:
        """The text that a request sends. Raises `RequestError` for one that may not be run."""
        text, reference = asked.query, asked.reference
        if text is None:
            raise ValueError("A request has a text or names one.")
        if self.requires_trust and not is_developer:
            raise RequestError(
                Condition.UNEXECUTABLE,
                "Only documents of a published manifest are served here: send `documentId`.",
                ErrorCode.PERSISTED_QUERY_ID_REQUIRED,
            )
        if reference is None or not self._automatic:
            return FoundText(text)
        if sha256_of(text) != reference.sha256:
            raise RequestError(Condition.MALFORMED, "provided sha does not match query")
        return FoundText(text, to_keep=reference.sha256)

    def recall(self, reference: Reference) -> FoundText | None:
        """The text of a document that is at hand, so that no store is asked for it."""
        found = self._found.get(reference.document_id)
        if found is None or found.trusted is not None or reference.is_automatic:
            return found
        return None  # sent by whoever: one that a client trusts must come from a manifest

    async def look_up(self, reference: Reference) -> FoundText:
        """The text of a document that is not at hand.

        Raises `RequestError` when there is none, and `StoreError` when no store can tell whether a
        document is trusted.
        """
        found = await self._stored(reference)
        if found is not None:
            self._keep_in_process(reference.document_id, found)
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

    async def keep(self, found: FoundText) -> None:
        """Keeps a text that a client wants to name from now on, and that is valid (P6)."""
        if found.to_keep is not None and self._stores is not None:
            self._keep_in_process(SHA256_PREFIX + found.to_keep, FoundText(found.text))
            await self._stores().automatic_documents.keep(found.to_keep, found.text)

    def _keep_in_process(self, document_id: str, found: FoundText) -> None:
        """Keeps a text at hand; what a manifest brought is not replaced by what a client sends."""
        known = self._found.get(document_id)
        if found.trusted is not None or known is None or known.trusted is None:
            self._found[document_id] = found

    async def _stored(self, reference: Reference) -> FoundText | None:
        if self._stores is None:
            return None
        if self._trust is not Trust.OFF:
            record = await self._trusted(self._stores().documents, reference)
            if record is not None:
                return FoundText(record.text, record)
        if reference.is_automatic and self._automatic:
            text = await self._stores().automatic_documents.get(reference.sha256)
            if text is not None:
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


def _weight(found: FoundText) -> int:
    return len(found.text) + _CHARACTERS_BESIDE_A_TEXT


def _refuse_automatic(words: str, code: ErrorCode) -> NoReturn:
    """Answers in the very words by which clients know what to do next (P2, P9)."""
    raise RequestError(Condition.NOT_PERSISTED, words, code)
