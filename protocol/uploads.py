"""Files that clients post to this server, and pictures that it serves: for media in a directory.

What a form may bring, its signed policy says; no page of another site can make one, and neither
cookies nor tokens are looked at. A file goes to the disk as it arrives and is seen when it is
whole. Pictures are served as exactly what they are, and nothing else is served from here.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import ErrorCode
from domain.uploads import ImageType
from protocol.caching import is_unchanged
from protocol.errors import RequestError
from protocol.forms import FileForm, FileStarts, InvalidForm
from protocol.limits import Limits
from protocol.negotiation import MediaType
from protocol.request import check_size
from protocol.responses import respond_to_failure
from protocol.status import Condition
from storage.media import FILE_FIELD, FOREVER, Admission, LocalMediaStore, Reception, TicketRefused

log = structlog.get_logger()

PATH: Final = "/media"

_FORM_BYTES: Final = 64 * 1_024
"""What a form may have beside its file."""

_IDLE_S: Final = 30
_WHOLE_S: Final = 600
_MOST_AT_ONCE: Final = 64

_NOSNIFF: Final = {"X-Content-Type-Options": "nosniff"}
_PICTURE_HEADERS: Final = {
    **_NOSNIFF,
    "Cache-Control": FOREVER,
    "Content-Security-Policy": "default-src 'none'; sandbox",
    # Pages and apps of any origin show pictures.
    "Cross-Origin-Resource-Policy": "cross-origin",
}

_TYPES: Final = {f".{each.extension}": each.value for each in ImageType}


def upload_routes(store: LocalMediaStore, *, max_bytes: int) -> list[BaseRoute]:
    """Where the tickets of `store` send clients, and where the pictures are that it publishes."""
    return [
        Route(PATH, _Endpoint(_Uploads(store, max_bytes).respond)),
        Route(f"{PATH}/{{name}}", _Endpoint(_Pictures(store).respond)),
    ]


class _Endpoint:
    """An ASGI application that answers whatever goes wrong in JSON."""

    def __init__(self, respond: Callable[[Request], Coroutine[Any, Any, Response]]) -> None:
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            check_size(scope, _LIMITS)
            response: ASGIApp = await self._respond(request)
        except ClientDisconnect:
            log.info("client_disconnected")
            return
        except Exception as error:
            response = respond_to_failure(error, MediaType.JSON)
        await response(scope, receive, send)


_LIMITS: Final = Limits()


class _Uploads:
    """`POST /media`: the form of a ticket. Answers 204, as S3 does."""

    def __init__(self, store: LocalMediaStore, max_bytes: int) -> None:
        self._store = store
        self._most_bytes = max_bytes + _FORM_BYTES
        self._running = 0

    async def respond(self, request: Request) -> Response:
        """Takes one file. Raises `RequestError` for what is not as its ticket says."""
        _allow(request, "POST")
        length = request.headers.get("content-length", "")
        if length.isdecimal() and int(length[:20]) > self._most_bytes:
            self._refuse_size()
        if self._running >= _MOST_AT_ONCE:
            raise RequestError(
                Condition.UNAVAILABLE,
                "Too many files are arriving; try again shortly.",
                ErrorCode.UNAVAILABLE,
                {"Retry-After": "1"},
            )
        self._running += 1
        try:
            async with asyncio.timeout(_WHOLE_S):
                await self._take(request)
        except TimeoutError:
            raise RequestError(
                Condition.BODY_TOO_SLOW,
                f"A file must arrive within {_WHOLE_S} s, with no pause of {_IDLE_S} s.",
                ErrorCode.TIMEOUT,
                {"Connection": "close"},
            ) from None
        except InvalidForm as error:
            _refuse(Condition.MALFORMED, str(error))
        except TicketRefused as error:
            _refuse(Condition.FORBIDDEN, str(error), ErrorCode.FORBIDDEN)
        finally:
            self._running -= 1
        return Response(status_code=204, headers={**_NOSNIFF, "Cache-Control": "no-store"})

    async def _take(self, request: Request) -> None:
        """Reads the form, and keeps its file."""
        form = _form(request)
        arriving: _Arriving | None = None
        try:
            async for data in self._body(request):
                for event in form.feed(data):
                    if isinstance(event, FileStarts):
                        arriving = await self._begin(event)
                    elif arriving is not None:
                        await arriving.add(event)
            form.finish()
            if arriving is not None:
                await arriving.keep()
        finally:
            if arriving is not None:
                await arriving.discard()

    async def _begin(self, start: FileStarts) -> "_Arriving":
        if start.name != FILE_FIELD:
            raise InvalidForm(
                f"The file must be in the field `{FILE_FIELD}`, not in {start.name[:100]!r}."
            )
        admission = self._store.admit(start.fields, datetime.now(UTC))
        return _Arriving(admission, await self._store.receive(admission))

    async def _body(self, request: Request) -> AsyncIterator[bytes]:
        """The body, no further than any form may go. Raises `TimeoutError` for a long pause."""
        size, body = 0, aiter(request.stream())
        while True:
            async with asyncio.timeout(_IDLE_S):
                data = await anext(body, None)
            if data is None:
                return
            size += len(data)
            if size > self._most_bytes:
                self._refuse_size()
            yield data

    def _refuse_size(self) -> NoReturn:
        _refuse(Condition.BODY_TOO_LARGE, f"A form may have {self._most_bytes:,} bytes.")


class _Arriving:
    """A file that grows up to what its ticket allows."""

    def __init__(self, admission: Admission, reception: Reception) -> None:
        self._most_bytes = admission.size_bytes
        self._reception = reception
        self._size = 0

    async def add(self, data: bytes | bytearray) -> None:
        """Adds a piece. Raises `RequestError` with 413 for one too many."""
        self._size += len(data)
        if self._size > self._most_bytes:
            _refuse(
                Condition.BODY_TOO_LARGE,
                f"The file was declared with {self._most_bytes:,} bytes; it has more.",
            )
        await self._reception.write(data)

    async def keep(self) -> None:
        """The file is whole. Raises `InvalidForm` when there is nothing in it."""
        if not self._size:
            raise InvalidForm("The file is empty.")
        await self._reception.keep()

    async def discard(self) -> None:
        """Leaves nothing behind, unless it was kept."""
        await self._reception.discard()


class _Pictures:
    """`GET /media/{name}`: a published picture."""

    def __init__(self, store: LocalMediaStore) -> None:
        self._store = store

    async def respond(self, request: Request) -> Response:
        """The picture, or the part of it that was asked for; 304 to whoever has it."""
        _allow(request, "GET", "HEAD")
        path = self._store.published(request.path_params["name"])
        if path is None or not await run_in_threadpool(path.is_file):
            raise RequestError(
                Condition.NOT_FOUND, "There is no such picture.", ErrorCode.NOT_FOUND, _NOSNIFF
            )
        return _picture(path, ",".join(request.headers.getlist("if-none-match")))


def _picture(path: Path, if_none_match: str) -> Response:
    headers = {**_PICTURE_HEADERS, "ETag": f'"{path.stem}"'}
    if is_unchanged(if_none_match, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    return FileResponse(path, headers=headers, media_type=_TYPES[path.suffix])


def _form(request: Request) -> FileForm:
    """Raises `RequestError` with 415 for a body that is no form."""
    types = request.headers.getlist("content-type")
    try:
        return FileForm(types[0] if len(types) == 1 else "")
    except InvalidForm as error:
        _refuse(Condition.UNSUPPORTED_CONTENT, str(error))


def _allow(request: Request, *methods: str) -> None:
    if request.method not in methods:
        raise RequestError(
            Condition.METHOD_NOT_ALLOWED,
            f"Here one may {' and '.join(methods)}, not {request.method[:20]}.",
            headers={"Allow": ", ".join(methods)},
        )


def _refuse(
    condition: Condition, message: str, code: ErrorCode = ErrorCode.BAD_REQUEST
) -> NoReturn:
    raise RequestError(condition, message, code)
