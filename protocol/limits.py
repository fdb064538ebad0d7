"""How much one request may ask of the server (PROTOCOL 12)."""

from dataclasses import dataclass


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

    document_depth: int = 25
    """Selection sets inside each other, through fragments. The introspection query has 15."""

    request_errors: int = 10
    """Errors reported about one document or its variables."""

    deadline_ms: int = 5_000
    """Time for an operation, from its parameters to its answer; then it is cancelled."""

    cached_documents: int = 1_000
    """Documents kept parsed and validated."""

    cached_tokens: int = 100_000
    """Tokens of all kept documents together: a token takes about 1 kB of syntax tree."""
