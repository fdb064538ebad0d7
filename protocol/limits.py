"""How much one request may ask of the server (PROTOCOL 12)."""

from dataclasses import dataclass, replace
from typing import Final

TRUSTED_FACTOR: Final = 10
"""How many times as much a document may ask for that an operator has registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds that hold for every request; each has the default for untrusted clients."""

    body_bytes: int = 100_000
    """Size of a POST body; a longer one is 413, read no further than this."""

    body_ms: int = 10_000
    """How long a client may take to send its body; then 408. uvicorn itself waits for ever."""

    url_bytes: int = 8_192
    """Path and query string together; a longer one is 414."""

    header_bytes: int = 32_768
    """Names and values of all headers together; more is 431."""

    variables_depth: int = 32
    """Objects and lists inside each other in `variables` or `extensions`."""

    document_tokens: int = 2_000
    """Lexical tokens of a document; parsing stops at the first one beyond."""

    document_comments: int = 500
    """Comments of a document, which are no tokens and cost time all the same."""

    document_depth: int = 15
    """Fields inside each other, but for a connection's own and introspection; see `Shape`."""

    document_aliases: int = 30
    """Fields under a name of the client's choice."""

    document_root_fields: int = 20
    """Fields of one operation, through fragments."""

    document_mutations: int = 4
    """Fields of one mutation, which run one after the other."""

    document_directives: int = 50
    """Directives of a whole document."""

    node_directives: int = 5
    """Directives on one field, fragment, variable or operation."""

    document_fragments: int = 50
    """Fragments that have a name."""

    document_operations: int = 10
    """Operations, of which a request runs one."""

    operation_cost: int = 1_000
    """Points that an operation may cost with its variables; see `Price`."""

    operation_nodes: int = 10_000
    """Objects that an operation may return with its variables; see `Price`."""

    enforced: bool = True
    """Whether documents and operations over their limits are refused, or only logged. What a
    request weighs in bytes and tokens is refused all the same."""

    request_errors: int = 10
    """Errors reported about one document or its variables."""

    deadline_ms: int = 5_000
    """Time for an operation, from its parameters to its answer; then it is cancelled."""

    mutation_deadline_ms: int = 6_000
    """The same for a mutation, which is worse to end half-way: who sent it knows not if it was
    done."""

    cached_documents: int = 1_000
    """Documents kept parsed and validated."""

    cached_tokens: int = 100_000
    """Tokens of all kept documents together: a token takes about 1 kB of syntax tree."""

    def for_trusted(self) -> "Limits":
        """The limits of documents that an operator has registered: no client can change them.

        They may be `TRUSTED_FACTOR` times as long and as dear, also where strangers are only
        watched. Their shape is not looked at: whatever parses may be run.
        """
        return replace(
            self,
            document_tokens=self.document_tokens * TRUSTED_FACTOR,
            document_comments=self.document_comments * TRUSTED_FACTOR,
            operation_cost=self.operation_cost * TRUSTED_FACTOR,
            operation_nodes=self.operation_nodes * TRUSTED_FACTOR,
            enforced=True,
        )
