"""`/graphql` by POST and GET: the thread through the modules of this package.

Each step may end a request with an answer of its own. Whatever happens, the answer is a GraphQL
response in JSON; only a page load of a browser gets HTML.
"""

from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry import Schema

from domain.errors import ErrorCode, InvalidToken, PineryError
from domain.viewer import Viewer
from protocol.authentication import Authenticator
from protocol.csrf import check_request
from protocol.errors import RequestError, internal_error, request_error
from protocol.limits import Limits
from protocol.negotiation import MediaType, negotiate, prefers_html
from protocol.operations import OperationRunner
from protocol.request import check_size, read_request
from protocol.responses import GraphQLResponse, respond
from protocol.status import Condition
from protocol.supervision import DeadlineExceeded, supervised

log = structlog.get_logger()


class OperationContext(Protocol):
    """What resolvers get; opaque to this package but for what it adds to the answer."""

    def response_extensions(self) -> Mapping[str, object]:
        """What to show under `extensions`; empty for nothing."""


class Page(Protocol):
    """The page that browsers are shown."""

    async def response(self, request: Request, /) -> Response:
        """The page."""


C = TypeVar("C", bound=OperationContext)


class GraphQLEndpoint(Generic[C]):
    """An ASGI application that serves one schema.

    `make_context` is called once for each operation. `hints` lets messages suggest names that the
    schema has. `page` is shown to browsers.
    """

    def __init__(
        self,
        schema: Schema,
        authenticator: Authenticator,
        make_context: Callable[[Viewer], C],
        *,
        limits: Limits,
        introspection: bool,
        hints: bool,
        page: Page | None = None,
    ) -> None:
        self._runner = OperationRunner(schema, limits, introspection=introspection, hints=hints)
        self._authenticator = authenticator
        self._make_context = make_context
        self._limits = limits
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        request = Request(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            log.info("client_disconnected")
            return
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        accept = request.headers.get("accept")
        if self._page is not None and request.method == "GET" and prefers_html(accept):
            return await self._page.response(request)
        acceptable = negotiate(accept)
        media_type = acceptable or MediaType.JSON
        try:
            check_size(request, self._limits)
            _check_method(request)
            if acceptable is None:
                raise RequestError(
                    Condition.NOT_ACCEPTABLE, f"`Accept` must allow {' or '.join(MediaType)}."
                )
            check_request(request)
            return respond(await self._answer(request), Condition.EXECUTED, media_type)
        except RequestError as error:
            return _refusal(error, media_type)
        except PineryError as error:
            return _refusal(request_error(error), media_type)
        except ClientDisconnect:
            raise
        except Exception as error:
            body = GraphQLResponse(errors=[internal_error(error)])
            return respond(body, Condition.FAILED, media_type)

    async def _answer(self, request: Request) -> GraphQLResponse:
        viewer = await self._viewer(request)
        asked = await read_request(request, self._limits)
        context = self._make_context(viewer)
        work = self._runner.run(asked, context, may_write=request.method == "POST")
        try:
            answer = await supervised(
                work, receive=request.receive, deadline_s=self._limits.deadline_ms / 1000
            )
        except DeadlineExceeded:
            return self._overdue()
        if added := context.response_extensions():
            answer["extensions"] = {**answer.get("extensions", {}), **added}
        return answer

    async def _viewer(self, request: Request) -> Viewer:
        """Who asks. Raises `RequestError` with 401 for a token that does not verify."""
        credentials = request.headers.getlist("authorization")
        try:
            if len(credentials) > 1:
                raise InvalidToken("There may be only one Authorization header.")
            return await self._authenticator.viewer(credentials[0] if credentials else None)
        except InvalidToken as error:
            raise RequestError(
                Condition.UNAUTHENTICATED,
                str(error),
                ErrorCode.UNAUTHENTICATED,
                {"WWW-Authenticate": f'Bearer error="invalid_token", error_description="{error}"'},
            ) from None

    def _overdue(self) -> GraphQLResponse:
        """Execution began, so the answer has `data`, and clients of every kind read its errors."""
        deadline_ms = self._limits.deadline_ms
        log.warning("deadline_exceeded", deadline_ms=deadline_ms)
        return {
            "data": None,
            "errors": [
                {
                    "message": f"The operation did not end within {deadline_ms} ms.",
                    "extensions": {"code": ErrorCode.TIMEOUT.value},
                }
            ],
        }


def _check_method(request: Request) -> None:
    if request.method not in ("GET", "POST"):
        raise RequestError(
            Condition.METHOD_NOT_ALLOWED,
            f"GraphQL is served by GET and POST, not by {request.method[:20]}.",
            headers={"Allow": "GET, POST"},
        )


def _refusal(error: RequestError, media_type: MediaType) -> Response:
    body = GraphQLResponse(errors=error.errors)
    return respond(body, error.condition, media_type, error.headers)
