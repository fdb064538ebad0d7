"""`/metrics`: what this process counted, in the text format of Prometheus.

It says how much is asked of the server and how it fares, which is nobody's business: in production
it is there only with a key, and whoever has the key may read.

One process answers for itself. Of several workers behind one port a scrape reaches any of them, and
their numbers are told apart only by `process_start_time_seconds`; where they are collected, run
each worker as a server of its own (`PINERY_WORKERS=1`).
"""

import asyncio
from hmac import compare_digest

from prometheus_client import REGISTRY, CollectorRegistry
from prometheus_client.exposition import choose_encoder
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

_NO_STORE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


class Metrics:
    """The address that Prometheus scrapes.

    `key` is what its bearer must know; without one anybody may read. The text is written in a
    thread, one at a time: however many scrape, requests wait for none of them.
    """

    def __init__(self, key: bytes | None = None, registry: CollectorRegistry = REGISTRY) -> None:
        self._key = key
        self._registry = registry
        self._writing = asyncio.Lock()

    def routes(self) -> list[Route]:
        """The one path."""
        return [Route("/metrics", self._scrape)]

    async def _scrape(self, request: Request) -> Response:
        if not self._may_read(request):
            return Response(status_code=401, headers=_NO_STORE | {"WWW-Authenticate": "Bearer"})
        write, media_type = choose_encoder(request.headers.get("accept", ""))
        async with self._writing:
            text = await asyncio.to_thread(write, self._registry)
        return Response(text, headers=_NO_STORE | {"Content-Type": media_type})

    def _may_read(self, request: Request) -> bool:
        if self._key is None:
            return True
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and compare_digest(
            given.strip().encode("latin-1"), self._key
        )
