"""How a request names a document that it does not send: by hash, or by id (PROTOCOL 4 and 5).

Clients have four spellings: `documentId` (the draft, urql), `doc_id` and `id` (Relay's examples),
and `extensions.persistedQuery` (Apollo, urql). All name the same documents (D2).
"""

from collections.abc import Mapping
from typing import Final, NoReturn

import msgspec

from domain.documents import SHA256_PREFIX, canonical_id
from protocol.errors import RequestError
from protocol.status import Condition
from protocol.strict_json import Json

ALIASES: Final = ("doc_id", "id")
"""Other names of `documentId`. Clients also send ids of their own with a text, which count for
nothing (Q2)."""

_VERSION: Final = 1


class Reference(msgspec.Struct, frozen=True):
    """The canonical id of a document; `is_automatic` when the client would send the text (APQ)."""

    document_id: str
    is_automatic: bool

    @property
    def sha256(self) -> str:
        """The hash, in hexadecimal, of the text that an automatic one names."""
        return self.document_id.removeprefix(SHA256_PREFIX)


def read_reference(
    parameters: Mapping[str, Json], extensions: Mapping[str, Json], *, has_text: bool
) -> Reference | None:
    """The document that a request names, or None when it names none.

    Raises `RequestError` for an id or hash that can name nothing (P7, D11), and for an id beside a
    text (D7).
    """
    for name in ("documentId", *(() if has_text else ALIASES)):
        value = parameters.get(name)
        if value is not None and value != "":
            if has_text:
                _refuse("Send `documentId` or `query`, not both.")
            return Reference(_document_id(name, value), is_automatic=False)
    automatic = extensions.get("persistedQuery")
    return None if automatic is None else Reference(_automatic_id(automatic), is_automatic=True)


def _document_id(name: str, value: Json) -> str:
    known = canonical_id(value) if isinstance(value, str) else None
    if known is None:
        _refuse(
            f"`{name}` must be `{SHA256_PREFIX}` and 64 lower-case hexadecimal digits, or an id "
            "from a manifest."
        )
    return known


def _automatic_id(extension: Json) -> str:
    """The id of `{"version": 1, "sha256Hash": …}`; further keys are for others (P1)."""
    if not isinstance(extension, dict):
        _refuse("`extensions.persistedQuery` must be an object.")
    version = extension.get("version")
    if isinstance(version, bool) or version != _VERSION:
        # The words that clients know.
        _refuse("Unsupported persisted query version")
    value = extension.get("sha256Hash")
    known = canonical_id(value) if isinstance(value, str) else None
    if known is None or not known.startswith(SHA256_PREFIX):
        _refuse(
            "`extensions.persistedQuery.sha256Hash` must be 64 lower-case hexadecimal digits, "
            f"which `{SHA256_PREFIX}` may precede."
        )
    return known


def _refuse(message: str) -> NoReturn:
    raise RequestError(Condition.MALFORMED, message)
