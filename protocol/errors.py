"""What clients are told when something is wrong (PROTOCOL 2, DOMAIN b.5).

Mistakes of the caller keep their message and have a code. Anything else is a bug: it is logged
whole under an id, and clients see the id.

    RequestError           the request is not executed; the answer has `errors` and no `data`
    └── InvalidOperation   a document or its variables: all that is wrong with them
"""

import re
import secrets
from collections.abc import Iterable, Mapping

import structlog
from graphql import GraphQLError, GraphQLFormattedError
from graphql.language import ValueNode

from domain.errors import ErrorCode, PineryError
from protocol.status import Condition

log = structlog.get_logger()

_MASKED = "Internal server error"
_HINT = re.compile(r" Did you mean [^?]*\?")
_LONGEST_MESSAGE = 1_000
_MOST_TRACEBACKS = 10


class RequestError(Exception):
    """The request cannot be executed, for one reason; `details` stand beside the error's code."""

    def __init__(
        self,
        condition: Condition,
        message: str,
        code: str = ErrorCode.BAD_REQUEST,
        headers: Mapping[str, str] | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.condition = condition
        self.headers = dict(headers or {})
        self.errors: list[GraphQLFormattedError] = [
            {"message": message, "extensions": {"code": str(code), **(details or {})}}
        ]


class InvalidOperation(RequestError):
    """The document or its variables are wrong; `code` says which."""

    def __init__(
        self, condition: Condition, errors: Iterable[GraphQLError], code: ErrorCode
    ) -> None:
        formatted = [_with_code(error, code) for error in errors]
        super().__init__(condition, formatted[0]["message"], code)
        self.errors = formatted


def without_hint(error: GraphQLError) -> GraphQLError:
    """The error without a suggestion. graphql-core's `hide_suggestions` leaves one kind in."""
    error.message = _HINT.sub("", error.message)
    return error


def request_error(error: PineryError) -> RequestError:
    """The answer to a failure before any field was executed."""
    condition = _CONDITIONS.get(error.code, Condition.MALFORMED)
    headers = {"Retry-After": "1"} if condition is Condition.UNAVAILABLE else {}
    return RequestError(condition, str(error), error.code, headers)


def format_field_errors(errors: Iterable[GraphQLError]) -> list[GraphQLFormattedError]:
    """Errors of fields: their own words where they are the caller's to know, else masked.

    Fields that failed of one cause, as the keys of one batch do, share one id and one log entry.
    """
    ids: dict[int, str] = {}
    return [_format_field_error(error, ids) for error in errors]


def internal_error(cause: BaseException) -> GraphQLFormattedError:
    """The error for a bug outside of any field; logs it."""
    error_id = _new_error_id()
    log.error("request_failed", error_id=error_id, exc_info=cause)
    return {"message": _MASKED, "extensions": _internal(error_id)}


_CONDITIONS = {
    ErrorCode.UNAUTHENTICATED: Condition.UNAUTHENTICATED,
    ErrorCode.FORBIDDEN: Condition.FORBIDDEN,
    ErrorCode.UNAVAILABLE: Condition.UNAVAILABLE,
    ErrorCode.TIMEOUT: Condition.UNAVAILABLE,
}


def _format_field_error(error: GraphQLError, ids: dict[int, str]) -> GraphQLFormattedError:
    cause = _root_cause(error)
    if isinstance(cause, PineryError):
        return _with_code(error, cause.code, cause.details)
    if isinstance(cause, GraphQLError):
        if "code" in (cause.extensions or {}):
            return error.formatted
        if _is_about_an_argument(cause):
            return _with_code(error, ErrorCode.BAD_USER_INPUT)
    formatted = error.formatted
    formatted["message"] = _MASKED
    formatted["extensions"] = _internal(_logged(cause, error, ids))
    return formatted


def _root_cause(error: GraphQLError) -> BaseException:
    """What was raised first: graphql-core wraps it once for each place that it passes."""
    cause: BaseException = error
    while isinstance(cause, GraphQLError) and cause.original_error is not None:
        cause = cause.original_error
    return cause


def _is_about_an_argument(error: GraphQLError) -> bool:
    """Whether graphql-core refused a value of the document.

    Its other errors without a code point at fields, or at nothing: a result that does not fit its
    type. Those are ours, and their text shows the result.
    """
    return any(isinstance(node, ValueNode) for node in error.nodes or ())


def _logged(cause: BaseException, error: GraphQLError, ids: dict[int, str]) -> str:
    """The id under which a cause is logged; logs it when it is new."""
    known = ids.get(id(cause))
    if known is not None:
        return known
    error_id = ids[id(cause)] = _new_error_id()
    path = ".".join(map(str, error.path or ()))
    # A traceback takes longer to print than a field to execute.
    details = {"exc_info": cause} if len(ids) <= _MOST_TRACEBACKS else {"error": repr(cause)}
    log.error("field_failed", error_id=error_id, path=path, **details)
    return error_id


def _with_code(
    error: GraphQLError, code: ErrorCode, details: Mapping[str, object] | None = None
) -> GraphQLFormattedError:
    formatted = error.formatted
    # Messages about values quote them, whole.
    if len(formatted["message"]) > _LONGEST_MESSAGE:
        formatted["message"] = formatted["message"][: _LONGEST_MESSAGE - 1] + "…"
    formatted["extensions"] = {
        **formatted.get("extensions", {}),
        "code": code.value,
        **(details or {}),
    }
    return formatted


def _internal(error_id: str) -> dict[str, object]:
    return {"code": ErrorCode.INTERNAL_SERVER_ERROR.value, "errorId": error_id}


def _new_error_id() -> str:
    return secrets.token_hex(8)
