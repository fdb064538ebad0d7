"""Whether the process lives, and whether it should be sent requests (RELIABILITY G17)."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

Check = Callable[[], Awaitable[bool]]

log = structlog.get_logger()

_NO_STORE = {"Cache-Control": "no-store"}


class Health:
    """`/healthz` is true while the event loop turns; `/readyz` while every check passes.

    A check that raises, or takes longer than `deadline_ms`, fails. Only what no request can do
    without belongs here: without Redis everything still works, slower. `drain` makes readiness
    false for good, before a server stops.
    """

    def __init__(self, checks: Mapping[str, Check], *, deadline_ms: int = 500) -> None:
        self._checks = dict(checks)
        self._deadline_s = deadline_ms / 1000
        self._is_draining = False
        self._asking: asyncio.Task[dict[str, bool]] | None = None

    def drain(self) -> None:
        """No longer ready: whoever sends requests should stop."""
        self._is_draining = True

    def routes(self) -> list[Route]:
        """Both paths."""
        return [Route("/healthz", self._live), Route("/readyz", self._ready)]

    async def _live(self, _request: Request) -> JSONResponse:
        return JSONResponse({"live": True}, headers=_NO_STORE)

    async def _ready(self, _request: Request) -> JSONResponse:
        # However many ask at once, each check is made once: a probe is no way to flood a store.
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._check_all(), name="readiness")
        checks = await asyncio.shield(self._asking)
        is_ready = all(checks.values()) and not self._is_draining
        detail = {"ready": is_ready, "draining": self._is_draining, "checks": checks}
        return JSONResponse(detail, 200 if is_ready else 503, headers=_NO_STORE)

    async def _check_all(self) -> dict[str, bool]:
        results = await asyncio.gather(*map(self._passes, self._checks))
        return dict(zip(self._checks, results, strict=True))

    async def _passes(self, name: str) -> bool:
        try:
            async with asyncio.timeout(self._deadline_s):
                return bool(await self._checks[name]())
        except Exception as error:
            log.warning("check_failed", check=name, reason=repr(error))
            return False
