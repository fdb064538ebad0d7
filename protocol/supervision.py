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


async def supervised(work: Coroutine[Any, Any, T], *, receive: Receive, deadline_s: float) -> T:
    """The result of `work`, which is cancelled at its deadline or when the client disconnects.

    `receive` is the request's, whose body was read. Raises `DeadlineExceeded` or
    `ClientDisconnect`; what `work` raises passes through.
    """
    loop = asyncio.get_running_loop()
    has_left = False
    watching: list[asyncio.Task[None]] = []

    async def watch() -> None:
        nonlocal has_left
        while (await receive())["type"] != "http.disconnect":
            pass
        if not time.expired():
            has_left = True
            time.reschedule(loop.time())

    timer = loop.call_later(_PATIENCE_S, lambda: watching.append(loop.create_task(watch())))
    try:
        async with asyncio.timeout(deadline_s) as time:
            return await work
    except TimeoutError:
        if has_left:
            raise ClientDisconnect from None
        if time.expired():
            raise DeadlineExceeded from None
        raise
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()
