"""Ends work that nobody waits for any more: its time is up, or its client has left."""

import asyncio
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")

_PATIENCE_S: Final = 0.05
"""How long work may take before its client is watched: most is done sooner, and costs no task."""


class DeadlineExceeded(Exception):
    """The work took too long, and was cancelled."""


class Deadline:
    """How long work may take, counted from when this was made; its work may move it."""

    def __init__(self, ms: int) -> None:
        loop = asyncio.get_running_loop()
        self.ms = ms
        self._began = loop.time()
        self._timeout = asyncio.timeout_at(self._began + ms / 1000)
        self._has_left = False

    def move(self, ms: int) -> None:
        """Gives the work so many milliseconds from its beginning, unless its end has come."""
        if not (self._has_left or self._timeout.expired()):
            self.ms = ms
            self._timeout.reschedule(self._began + ms / 1000)

    def leave(self) -> None:
        """Ends the work now: nobody waits for it."""
        if not self._timeout.expired():
            self._has_left = True
            self._timeout.reschedule(asyncio.get_running_loop().time())

    async def hold(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of `work`. Raises `DeadlineExceeded`, or `ClientDisconnect` once left."""
        try:
            async with self._timeout:
                return await work
        except TimeoutError:
            if self._has_left:
                raise ClientDisconnect from None
            if self._timeout.expired():
                raise DeadlineExceeded from None
            raise


async def supervised(work: Coroutine[Any, Any, T], *, receive: Receive, deadline: Deadline) -> T:
    """The result of `work`, which is cancelled at its deadline or when the client disconnects.

    A mutation is no exception: its transaction is committed or undone as a whole, and who asks
    again with its idempotency key gets its answer, or has it done then.

    `receive` is the request's, whose body was read. Raises `DeadlineExceeded` or
    `ClientDisconnect`; what `work` raises passes through.
    """
    loop = asyncio.get_running_loop()
    watching: list[asyncio.Task[None]] = []

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        deadline.leave()

    timer = loop.call_later(_PATIENCE_S, lambda: watching.append(loop.create_task(watch())))
    try:
        return await deadline.hold(work)
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()
