"""Where Relay's compiler sends each operation, and gets its id in return (PROTOCOL D4).

It is the one way to publish over the network, so it is there only with a key, and whoever has the
key may publish. What is sent is checked and stored as a manifest of one operation would be.
"""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from hmac import compare_digest
from typing import Final, NoReturn
from urllib.parse import parse_qsl

import orjson
import structlog
from graphql import GraphQLSchema
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.documents import (
    SHA256_PREFIX,
    AppVersion,
    NewDocument,
    is_release_name,
    sha256_of,
)
from domain.errors import ErrorCode
from domain.manifests import LONGEST_TEXT_BYTES, ManifestEntry
from protocol.errors import RequestError
from protocol.incoming import Incoming
from protocol.limits import Limits
from protocol.negotiation import MediaType
from protocol.publishing import Verifier, publish
from protocol.request import check_size, read_body
from protocol.responses import respond_to_failure
from protocol.status import Condition
from storage.documents import DocumentStore

log = structlog.get_logger()

KEY_BYTES: Final = 32
"""The least a key may have."""

_BODY_BYTES: Final = 3 * LONGEST_TEXT_BYTES + 1_000
"""A byte of the text is three in a form."""

_FORM: Final = "application/x-www-form-urlencoded"
_MOST_FIELDS: Final = 20


class PersistEndpoint:
    """An ASGI application: `POST …?app=web&version=8.1` with the form `text=query …`.

    `key` is what the bearer must know. `store` is asked for at each request, since a server is put
    together before its stores are open.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        store: Callable[[], DocumentStore],
        *,
        key: bytes,
        limits: Limits,
    ) -> None:
        if len(key) < KEY_BYTES:
            raise ValueError(f"The key has {len(key)} bytes; it needs {KEY_BYTES}.")
        self._verifier = Verifier(schema)
        self._verifying = asyncio.Lock()
        self._store = store
        self._key = key
        self._limits = replace(limits, body_bytes=_BODY_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        try:
            response = await self._respond(Request(scope, receive))
        except ClientDisconnect:
            log.info("client_disconnected")
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> ASGIApp:
        try:
            document_id = await self._persist(request)
        except ClientDisconnect:
            raise
        except Exception as error:
            return respond_to_failure(error, MediaType.JSON)
        return Response(
            orjson.dumps({"id": document_id}),
            media_type=MediaType.JSON,
            headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"},
        )

    async def _persist(self, request: Request) -> str:
        """The id under which the text of a request is stored from now on."""
        check_size(request.scope, self._limits)
        if request.method != "POST":
            raise RequestError(
                Condition.METHOD_NOT_ALLOWED,
                f"Documents are sent by POST, not by {request.method[:20]}.",
                headers={"Allow": "POST"},
            )
        self._authenticate(request)
        version = _app_version(request)
        incoming = Incoming(request.scope, request.receive)
        text = _text(request, await read_body(incoming, self._limits))
        document = await self._verified(text, version.app)
        await publish(self._store(), [document], version)
        return SHA256_PREFIX + sha256_of(text)

    def _authenticate(self, request: Request) -> None:
        """Refuses whoever does not know the key, before anything of theirs is read."""
        credentials = request.headers.getlist("authorization")
        scheme, _, key = (credentials[0] if len(credentials) == 1 else "").partition(" ")
        known = compare_digest(key.strip().encode("latin-1"), self._key)
        if scheme.lower() != "bearer" or not known:
            raise RequestError(
                Condition.UNAUTHENTICATED,
                "Authorization must be `Bearer` and the key for publishing.",
                ErrorCode.UNAUTHENTICATED,
                {"WWW-Authenticate": "Bearer"},
            )

    async def _verified(self, text: str, app: str) -> NewDocument:
        """The document of a text; one at a time, beside the event loop, for it may be long."""
        entry = ManifestEntry(SHA256_PREFIX + sha256_of(text), text)
        async with self._verifying:
            documents, problems = await asyncio.to_thread(self._verifier.verify, [entry], app=app)
        if problems:
            error = RequestError(
                Condition.MALFORMED, str(problems[0]), ErrorCode.GRAPHQL_VALIDATION_FAILED
            )
            error.errors = [
                {"message": str(each), "extensions": {"code": ErrorCode.GRAPHQL_VALIDATION_FAILED}}
                for each in problems
            ]
            raise error
        return documents[0]


def _app_version(request: Request) -> AppVersion:
    """The release that a text is for, as the URL names it."""
    names = []
    for parameter in ("app", "version"):
        values = request.query_params.getlist(parameter)
        if len(values) != 1 or not is_release_name(values[0]):
            _refuse(f"The URL must name one `{parameter}`, in at most 64 plain characters.")
        names.append(values[0])
    return AppVersion(*names)


def _text(request: Request, body: bytes) -> str:
    """The text in a form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise RequestError(Condition.UNSUPPORTED_CONTENT, f"The body must be {_FORM}.")
    try:
        fields = parse_qsl(
            body.decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError:
        _refuse(f"The form must be percent-encoded UTF-8 with at most {_MOST_FIELDS} fields.")
    texts = [value for name, value in fields if name == "text"]
    if len(texts) != 1 or not texts[0].strip():
        _refuse("The form must have one `text`: that of an operation.")
    if len(texts[0].encode()) > LONGEST_TEXT_BYTES:
        raise RequestError(
            Condition.BODY_TOO_LARGE, f"`text` may have {LONGEST_TEXT_BYTES:,} bytes."
        )
    return texts[0]


def _refuse(message: str) -> NoReturn:
    raise RequestError(Condition.MALFORMED, message)
