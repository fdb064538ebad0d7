"""From bytes and URLs to typed parameters (PROTOCOL 1). Nothing in here executes anything."""

from collections.abc import Mapping
from itertools import chain
from typing import NoReturn, TypeVar
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import ClientDisconnect
from starlette.types import Receive, Scope

from domain.errors import ErrorCode
from protocol.errors import RequestError
from protocol.idempotency import header_key
from protocol.incoming import Incoming
from protocol.limits import Limits
from protocol.references import ALIASES, Reference, read_reference
from protocol.status import Condition
from protocol.strict_json import InvalidJson, Json, parse_json
from protocol.supervision import Deadline, DeadlineExceeded

P = TypeVar("P", str, dict[str, Json])

_PARAMETERS = ("query", "documentId", *ALIASES, "operationName", "variables", "extensions")
_MOST_FIELDS = 50


class GraphQLRequest(msgspec.Struct, frozen=True):
    """One operation to run: of a text, of a document that we know, or of a text to remember.

    Parameters that we do not know are ignored (Q2). `idempotency_key` is a header's.
    """

    query: str | None = None
    reference: Reference | None = None
    operation_name: str | None = None
    variables: dict[str, Json] | None = None
    extensions: dict[str, Json] | None = None
    idempotency_key: str | None = None


def check_size(scope: Scope, limits: Limits) -> None:
    """Refuses a URL or headers that are too large, before anything looks at them.

    Raises `RequestError` with 414 or 431.
    """
    if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > limits.url_bytes:
        _refuse(Condition.URL_TOO_LONG, f"A URL may have {limits.url_bytes} bytes.")
    if sum(map(len, chain.from_iterable(scope["headers"]))) > limits.header_bytes:
        _refuse(Condition.HEADERS_TOO_LARGE, f"Headers may have {limits.header_bytes} bytes.")


async def read_request(request: Incoming, limits: Limits) -> GraphQLRequest:
    """The parameters of a POST or GET, of which a document's own URL names the document (D9).

    Raises `RequestError` for what is not well-formed, and `ClientDisconnect` when the client left.
    """
    if request.method == "GET":
        return _well_formed(_url_parameters(request, limits) | _path_parameters(request))
    key = header_key(request)
    body = _parse(await read_body(request, limits), "The body", limits.variables_depth + 1)
    if isinstance(body, list):
        _refuse(Condition.MALFORMED, "The body must be one request: batches are not served.")
    if not isinstance(body, dict):
        _refuse(Condition.MALFORMED, f"The body must be a JSON object; it was {_kind(body)}.")
    return _well_formed(body, key)


def _path_parameters(request: Incoming) -> dict[str, Json]:
    """The document that the path names; the query string must not name another."""
    named = request.path_parameters.get("document_id")
    return {} if named is None else {"documentId": named}


def _url_parameters(request: Incoming, limits: Limits) -> dict[str, Json]:
    try:
        pairs = parse_qsl(
            request.scope["query_string"].decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        _refuse(
            Condition.MALFORMED,
            f"The query string must be percent-encoded UTF-8 with at most {_MOST_FIELDS} fields.",
        )
    parameters: dict[str, Json] = {}
    for name, value in pairs:
        if name not in _PARAMETERS:
            continue
        if name in parameters:
            _refuse(Condition.MALFORMED, f"`{name}` may be given only once.")
        parameters[name] = value or None  # an empty one is as good as none (Q5)
    for name in ("variables", "extensions"):
        text = parameters.get(name)
        if isinstance(text, str):
            parameters[name] = _parse(text.encode(), f"`{name}`", limits.variables_depth)
    return parameters


async def read_body(request: Incoming, limits: Limits) -> bytes:
    """The body, read no further than its limit.

    Raises `RequestError` for one that is too large or too slow, and `ClientDisconnect`.
    """
    length = request.headers.get(b"content-length")
    if length is not None and length.isdecimal() and int(length[:20]) > limits.body_bytes:
        _refuse_body(limits)
    try:
        return await Deadline(limits.body_ms).hold(_received(request.receive, limits))
    except DeadlineExceeded:
        raise RequestError(
            Condition.BODY_TOO_SLOW,
            f"A body must arrive within {limits.body_ms} ms.",
            ErrorCode.TIMEOUT,
            {"Connection": "close"},
        ) from None


async def _received(receive: Receive, limits: Limits) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > limits.body_bytes:
            _refuse_body(limits)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _refuse_body(limits: Limits) -> NoReturn:
    _refuse(Condition.BODY_TOO_LARGE, f"A body may have {limits.body_bytes} bytes.")


def _parse(text: bytes, what: str, most_levels: int) -> Json:
    try:
        return parse_json(text, most_levels=most_levels)
    except InvalidJson as error:
        _refuse(Condition.MALFORMED, f"{what} {error}.")


def _well_formed(parameters: Mapping[str, Json], key: str | None = None) -> GraphQLRequest:
    # Some clients send an empty name for an operation that has none, or an empty text with an id.
    query = _parameter(parameters, "query", str) or None
    operation_name = _parameter(parameters, "operationName", str) or None
    variables = _parameter(parameters, "variables", dict)
    extensions = _parameter(parameters, "extensions", dict)
    reference = read_reference(parameters, extensions or {}, has_text=query is not None)
    if query is None and reference is None:
        _refuse(
            Condition.MALFORMED,
            "`query` must be given: the text of a GraphQL document; or `documentId`.",
        )
    return GraphQLRequest(query, reference, operation_name, variables, extensions, key)


def _parameter(parameters: Mapping[str, Json], name: str, kind: type[P]) -> P | None:
    value = parameters.get(name)
    if value is not None and not isinstance(value, kind):
        wanted = "a string" if kind is str else "an object"
        _refuse(Condition.MALFORMED, f"`{name}` must be {wanted}; it was {_kind(value)}.")
    return value


def _kind(value: Json) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean"}
    return "null" if value is None else names.get(type(value), "a number")


def _refuse(condition: Condition, message: str) -> NoReturn:
    raise RequestError(condition, message)
