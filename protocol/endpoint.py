"""`/graphql` by POST and GET: the thread through the modules of this package.

Each step may end a request with an answer of its own. Whatever happens, the answer is a GraphQL
response in JSON; only a page load of a browser gets HTML.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Generic, Protocol, TypeVar

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.errors import ErrorCode, InvalidToken
from domain.viewer import Viewer
from protocol.admission import Admission
from protocol.authentication import Authenticator
from protocol.caching import CdnRule, freshness_of
from protocol.callers import read_caller
from protocol.csrf import check_request
from protocol.errors import RequestError
from protocol.incoming import Incoming
from protocol.limits import Limits
from protocol.metering import Meter
from protocol.negotiation import MediaType, negotiate, prefers_html
from protocol.operations import OperationRunner, Outcome
from protocol.request import check_size, read_request
from protocol.responses import Answer, GraphQLResponse, respond, respond_to_failure
from protocol.status import Condition
from protocol.supervision import Deadline, DeadlineExceeded, supervised

log = structlog.get_logger()


class OperationContext(Protocol):
    """What resolvers get; opaque to this package but for what it adds to the answer."""

    def response_extensions(self) -> Mapping[str, object]:
        """What to show under `extensions`; empty for nothing."""

    def abandon(self) -> None:
        """Ends what still runs: the operation was cancelled."""


class Page(Protocol):
    """The page that browsers are shown."""

    async def response(self, request: Request, /) -> Response:
        """The page."""


C = TypeVar("C", bound=OperationContext)


class GraphQLEndpoint(Generic[C]):
    """An ASGI application that serves one schema.

    `make_context` is called once for each operation, with who asks, the meter, and the idempotency
    key of the header. `page` is shown to browsers. `cdn_rules` are by the names of operations.
    """

    def __init__(
        self,
        runner: OperationRunner,
        authenticator: Authenticator,
        make_context: Callable[[Viewer, Meter, str | None], C],
        *,
        limits: Limits,
        admission: Admission,
        cdn_rules: Mapping[str, CdnRule] | None = None,
        page: Page | None = None,
    ) -> None:
        self._runner = runner
        self._authenticator = authenticator
        self._make_context = make_context
        self._limits = limits
        self._admission = admission
        self._cdn_rules = cdn_rules or {}
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One HTTP request."""
        request = Incoming(scope, receive)
        try:
            response = await self._respond(request)
        except ClientDisconnect:
            log.info("client_disconnected")
            return
        await response(scope, receive, send)

    async def _respond(self, request: Incoming) -> ASGIApp:
        accept = request.headers.get(b"accept")
        if self._page is not None and request.method == "GET" and prefers_html(accept):
            return await self._page.response(Request(request.scope, request.receive))
        acceptable = negotiate(accept)
        media_type = acceptable or MediaType.JSON
        try:
            check_size(request.scope, self._limits)
            _check_method(request)
            if acceptable is None:
                raise RequestError(
                    Condition.NOT_ACCEPTABLE, f"`Accept` must allow {' or '.join(MediaType)}."
                )
            check_request(request)
            self._admission.check()
            return await self._answer(request, media_type)
        except ClientDisconnect:
            raise
        except Exception as error:
            return respond_to_failure(error, media_type)

    async def _answer(self, request: Incoming, media_type: MediaType) -> Answer:
        caller = read_caller(request, await self._viewer(request))
        asked = await read_request(request, self._limits)
        async with self._admission.slot(first=asked.query is None):
            meter = Meter()
            context = self._make_context(caller.viewer, meter, asked.idempotency_key)
            deadline = Deadline(self._limits.deadline_ms)
            work = self._runner.run(
                asked,
                context,
                caller=caller,
                meter=meter,
                deadline=deadline,
                may_write=request.method == "POST",
            )
            try:
                outcome = await supervised(work, receive=request.receive, deadline=deadline)
            except DeadlineExceeded:
                context.abandon()
                return respond(_overdue(deadline), Condition.EXECUTED, media_type)
            except (ClientDisconnect, asyncio.CancelledError):
                context.abandon()
                raise
        return self._respond_with(outcome, context, meter, request, media_type)

    def _respond_with(
        self, outcome: Outcome, context: C, meter: Meter, request: Incoming, media_type: MediaType
    ) -> Answer:
        """The answer with what stands beside its data.

        What differs from one answer to the next is left out of one that may be kept, or no two
        would be equal.
        """
        answer = outcome.answer
        freshness = freshness_of(
            request,
            has_errors="errors" in answer,
            policy=outcome.policy,
            rule=self._cdn_rules.get(outcome.operation or ""),
        )
        added = dict(answer.get("extensions", {}))
        if meter.charge is not None:
            added["cost"] = meter.charge.extension(live=not freshness.is_kept)
        if not freshness.is_kept:
            added |= context.response_extensions()
        if added:
            answer["extensions"] = added
        return respond(answer, Condition.EXECUTED, media_type, freshness=freshness)

    async def _viewer(self, request: Incoming) -> Viewer:
        """Who asks. Raises `RequestError` with 401 for a token that does not verify."""
        credentials = request.headers.all(b"authorization")
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


def _overdue(deadline: Deadline) -> GraphQLResponse:
    """Execution began, so the answer has `data`, and clients of every kind read its errors."""
    log.warning("deadline_exceeded", deadline_ms=deadline.ms)
    return {
        "data": None,
        "errors": [
            {
                "message": f"The operation did not end within {deadline.ms} ms.",
                "extensions": {"code": ErrorCode.TIMEOUT.value},
            }
        ],
    }


def _check_method(request: Incoming) -> None:
    if "document_id" in request.path_parameters and request.method != "GET":
        raise RequestError(
            Condition.METHOD_NOT_ALLOWED,
            "A document has an address for GET; POST to /graphql, with `documentId`.",
            headers={"Allow": "GET"},
        )
    if request.method not in ("GET", "POST"):
        raise RequestError(
            Condition.METHOD_NOT_ALLOWED,
            f"GraphQL is served by GET and POST, not by {request.method[:20]}.",
            headers={"Allow": "GET, POST"},
        )
