"""What `scripts/wire.mjs` wrote down of a client: its requests, the answers' heads, the outcome."""

from typing import Any

import msgspec


class Sent(msgspec.Struct, rename="camel"):
    """One request, and the status and headers of its answer; names of headers are lower case.

    `parameters` are those of a URL, decoded, or the body.
    """

    method: str
    path: str
    parameters: dict[str, Any]
    headers: dict[str, str]
    status: int
    answered: dict[str, str]

    @property
    def text(self) -> str | None:
        """The text of the operation, if it was sent."""
        return self.parameters.get("query")

    @property
    def sha256(self) -> str | None:
        """The hash by which the operation was named, if it was."""
        persisted = self.parameters.get("extensions", {}).get("persistedQuery")
        return None if persisted is None else str(persisted["sha256Hash"])

    @property
    def shape(self) -> tuple[str, str, int]:
        """The method, what named the operation, and the status."""
        names = {"query": "text", "documentId": "documentId", "doc_id": "doc_id", "id": "id"}
        found = [word for name, word in names.items() if self.parameters.get(name) is not None]
        return self.method, "+".join((["hash"] if self.sha256 else []) + found), self.status


class Failure(msgspec.Struct):
    """The error that a client gave to its caller."""

    name: str
    message: str
    errors: list[dict[str, Any]]


class Step(msgspec.Struct):
    """What one step of a script sent, and what it returned or failed with."""

    requests: list[Sent]
    result: Any = None
    error: Failure | None = None

    @property
    def shapes(self) -> list[tuple[str, str, int]]:
        """The shape of each request."""
        return [sent.shape for sent in self.requests]


def steps(printed: Any) -> dict[str, Step]:
    """The steps of a script, by name."""
    return msgspec.convert(printed, dict[str, Step])
