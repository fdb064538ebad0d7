"""Ends work that nobody waits for any more: its time is up, or its client has left.

Most work is done within a few milliseconds, and a timer costs as much as a small part of it. So one
timer, of `_PATIENCE_S`, serves all work that begins while it runs: what is still going on then gets
a timer of its own, and its client is watched from then on.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from starlette.requests import ClientDisconnect
from starlette.types import Receive

T = TypeVar("T")

_PATIENCE_S: Final = 0.05


class DeadlineExceeded(Exception):
    """The work took too long, and was cancelled."""


class Deadline:
    """How long work may take, counted from when this was made; its work may move it."""

    __slots__ = (
        "_began",
        "_cancelling",
        "_has_left",
        "_is_over",
        "_loop",
        "_on_slow",
        "_task",
        "_timer",
        "ms",
    )

    def __init__(self, ms: int) -> None:
        self.ms = ms
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._on_slow: Callable[[], object] | None = None
        self._task: asyncio.Task[Any] | None = None
        self._cancelling = 0
        self._timer: asyncio.TimerHandle | None = None
        self._is_over = False
        self._has_left = False

    def move(self, ms: int) -> None:
        """Gives the work so many milliseconds from its beginning, unless its end has come."""
        if self._is_over:
            return
        self.ms = ms
        if self._timer is not None:
            self._timer.cancel()
            self._set_timer()

    def leave(self) -> None:
        """Ends the work now: nobody waits for it."""
        if not self._is_over:
            self._has_left = True
            self._end()

    def grow_old(self) -> None:
        """The work goes on: from now on it has a timer of its own."""
        self._set_timer()
        if self._on_slow is not None:
            self._on_slow()

    async def hold(
        self, work: Coroutine[Any, Any, T], *, on_slow: Callable[[], object] | None = None
    ) -> T:
        """The result of `work`. Raises `DeadlineExceeded`, or `ClientDisconnect` once left.

        `on_slow` is called once, if the work is not done in a moment.
        """
        self._on_slow = on_slow
        self._begin()
        try:
            result = await work
        except asyncio.CancelledError:
            if self._close():
                raise (ClientDisconnect if self._has_left else DeadlineExceeded) from None
            raise
        except BaseException:
            self._close()
            raise
        self._close()
        return result

    def _begin(self) -> None:
        self._task = asyncio.current_task()
        if self._task is None:
            raise RuntimeError("Only a task can be held to a deadline.")
        self._cancelling = self._task.cancelling()
        if self.ms / 1000 > 2 * _PATIENCE_S:
            _young.add(self, self._loop)
        else:
            self.grow_old()

    def _close(self) -> bool:
        """Whether the work was cancelled from here, and by nobody else meanwhile."""
        _young.discard(self)
        if self._timer is not None:
            self._timer.cancel()
        # As `asyncio.timeout` counts: a task may be cancelled from several sides at once.
        return (
            self._is_over and self._task is not None and self._task.uncancel() <= self._cancelling
        )

    def _set_timer(self) -> None:
        self._timer = self._loop.call_at(self._began + self.ms / 1000, self._end)

    def _end(self) -> None:
        if not self._is_over and self._task is not None:
            self._is_over = True
            self._task.cancel()


class _Young(threading.local):
    """The deadlines of work that has just begun; those of each thread, as its event loop is."""

    def __init__(self) -> None:
        self._deadlines: set[Deadline] = set()
        self._loop: asyncio.AbstractEventLoop | None = None

    def add(self, deadline: Deadline, loop: asyncio.AbstractEventLoop) -> None:
        """Takes in one more."""
        if self._loop is loop:
            self._deadlines.add(deadline)
            return
        # The first one since the others grew old; or in this loop, and what another left is gone.
        self._loop, self._deadlines = loop, {deadline}
        loop.call_later(_PATIENCE_S, self._grow_old, loop)

    def discard(self, deadline: Deadline) -> None:
        """Its work has ended."""
        self._deadlines.discard(deadline)

    def _grow_old(self, loop: asyncio.AbstractEventLoop) -> None:
        grown, self._deadlines = self._deadlines, set()
        if self._loop is loop:
            self._loop = None
        for each in grown:
            each.grow_old()


_young: Final = _Young()


async def supervised(work: Coroutine[Any, Any, T], *, receive: Receive, deadline: Deadline) -> T:
    """The result of `work`, which is cancelled at its deadline or when the client disconnects.

    A mutation is no exception: its transaction is committed or undone as a whole, and who asks
    again with its idempotency key gets its answer, or has it done then.

    `receive` is the request's, whose body was read. Raises `DeadlineExceeded` or
    `ClientDisconnect`; what `work` raises passes through.
    """
    watching: list[asyncio.Task[None]] = []

    async def watch() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        deadline.leave()

    try:
        return await deadline.hold(
            work, on_slow=lambda: watching.append(asyncio.create_task(watch()))
        )
    finally:
        for task in watching:
            task.cancel()
