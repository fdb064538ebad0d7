"""What can go wrong, as a small tree; each class has one code that clients may rely on.

    PineryError
    ├── BadUserInput              the caller's mistake in an argument
    │   ├── InvalidCursor         a cursor that we did not make, or made for another list
    │   ├── CursorExpired         a cursor of a session that cannot be rebuilt
    │   └── IdempotencyKeyReused  a key that stands for another input already
    ├── IdempotencyInProgress     the same mutation with the same key is still being done
    ├── Unauthenticated           the operation needs a viewer
    │   └── InvalidToken          a bearer token that does not verify; the one error with HTTP 401
    ├── Forbidden                 the viewer is known and lacks a scope
    └── StoreError                MongoDB or Redis did not answer as it should
        ├── StoreUnavailable      it refused, or no connection could be had
        └── StoreTimeout          it did not answer within the deadline

The message of each is written for the client: what was expected and what came. Anything that is
not a `PineryError` is a bug: clients see "Internal server error" and an id, logs see the rest.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """The values of `extensions.code`: Apollo's vocabulary, and ours (PROTOCOL 2, DOMAIN b.5)."""

    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    QUERY_TOO_EXPENSIVE = "QUERY_TOO_EXPENSIVE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    PERSISTED_QUERY_NOT_SUPPORTED = "PERSISTED_QUERY_NOT_SUPPORTED"
    PERSISTED_QUERY_NOT_IN_LIST = "PERSISTED_QUERY_NOT_IN_LIST"
    PERSISTED_QUERY_ID_REQUIRED = "PERSISTED_QUERY_ID_REQUIRED"
    BAD_REQUEST = "BAD_REQUEST"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    INVALID_CURSOR = "INVALID_CURSOR"
    CURSOR_EXPIRED = "CURSOR_EXPIRED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    IDEMPOTENCY_IN_PROGRESS = "IDEMPOTENCY_IN_PROGRESS"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    NOT_FOUND = "NOT_FOUND"
    RATE_LIMITED = "RATE_LIMITED"
    UNAVAILABLE = "UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class PineryError(Exception):
    """The root: an expected failure whose message may be shown to the client."""

    code: ClassVar[ErrorCode] = ErrorCode.INTERNAL_SERVER_ERROR

    @property
    def details(self) -> Mapping[str, object]:
        """What clients are told beside the code, under `extensions`."""
        return {}


class BadUserInput(PineryError):
    """An argument has a value that its type allows and the field does not."""

    code = ErrorCode.BAD_USER_INPUT


class InvalidCursor(BadUserInput):
    """A cursor is malformed, was tampered with, or belongs to a list of another kind or order."""

    code = ErrorCode.INVALID_CURSOR


class CursorExpired(BadUserInput):
    """A cursor's session is over and cannot be rebuilt."""

    code = ErrorCode.CURSOR_EXPIRED


class IdempotencyKeyReused(BadUserInput):
    """An idempotency key of this viewer stands for the same mutation with another input."""

    code = ErrorCode.IDEMPOTENCY_KEY_REUSED


class IdempotencyInProgress(PineryError):
    """The same mutation with the same key is being done; its answer is to be had a little later.

    `retry_after_ms` is how long a client should wait before it asks again.
    """

    code = ErrorCode.IDEMPOTENCY_IN_PROGRESS

    def __init__(self, message: str, retry_after_ms: int = 1_000) -> None:
        super().__init__(message)
        self.retry_after_ms = retry_after_ms

    @property
    def details(self) -> Mapping[str, object]:
        """`retryAfterMs`."""
        return {"retryAfterMs": self.retry_after_ms}


class Unauthenticated(PineryError):
    """The field needs a signed-in viewer."""

    code = ErrorCode.UNAUTHENTICATED


class InvalidToken(Unauthenticated):
    """The bearer token is malformed, expired, or not signed by us."""


class Forbidden(PineryError):
    """The viewer is signed in, and the token lacks a scope."""

    code = ErrorCode.FORBIDDEN


class StoreError(PineryError):
    """A store failed; the field that needed it is null."""

    code = ErrorCode.UNAVAILABLE


class StoreUnavailable(StoreError):
    """A store refused the call, or could not be reached."""


class StoreTimeout(StoreError):
    """A store did not answer within the request's deadline."""

    code = ErrorCode.TIMEOUT
