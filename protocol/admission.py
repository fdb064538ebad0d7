"""Who may execute now, who waits a moment, and who is sent away (RELIABILITY G8).

A process that takes on more than it can do answers everybody late. So a bounded number of
operations runs at once, a bounded number waits for a short time, and the rest is refused while that
still costs next to nothing: those clients may try elsewhere, or again.

Persisted operations go first: they come from people who use an app, and a text may come from
anybody. Of each kind, who waits longest is next.
"""

import asyncio
from collections import OrderedDict
from typing import Final, TypeAlias

from prometheus_client import Counter, Gauge

from domain.errors import ErrorCode
from protocol.errors import RequestError
from protocol.headroom import Headroom
from protocol.status import Condition

running_now = Gauge("pinery_operations_running", "Operations that are being executed")
waiting_now = Gauge("pinery_operations_waiting", "Operations that wait for their turn", ["kind"])
refused = Counter("pinery_operations_refused", "Operations sent away", ["kind", "reason"])

_RETRY_AFTER_S: Final = 1

_Turn: TypeAlias = asyncio.Future[None]
"""One that waits: it has a result once it is their turn, or the error that they are refused with.

Who is cancelled is done at once, and leaves the queue a moment later.
"""


class _Queue:
    """Those of one kind that wait, longest first."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self._turns: OrderedDict[_Turn, None] = OrderedDict()
        self._waiting = waiting_now.labels(kind)

    def __len__(self) -> int:
        return len(self._turns)

    def join(self, turn: _Turn) -> None:
        """One more waits."""
        self._turns[turn] = None
        self._waiting.inc()

    def leave(self, turn: _Turn) -> bool:
        """One waits no longer; false for one who did not wait."""
        if turn not in self._turns:
            return False
        del self._turns[turn]
        self._waiting.dec()
        return True

    def next(self) -> _Turn | None:
        """Whose turn it is, if anybody waits; leaves."""
        return self._pop(oldest=True)

    def displace(self) -> None:
        """Refuses who came last."""
        if (turn := self._pop(oldest=False)) is not None:
            turn.set_exception(_refusal(self.kind, "displaced"))

    def lose_patience(self, turn: _Turn) -> None:
        """Refuses one who still waits."""
        if self.leave(turn) and not turn.done():
            turn.set_exception(_refusal(self.kind, "impatient"))

    def _pop(self, *, oldest: bool) -> _Turn | None:
        while self._turns:
            turn, _ = self._turns.popitem(last=not oldest)
            self._waiting.dec()
            if not turn.done():
                return turn
        return None


class Admission:
    """At most `running` operations at once, and `waiting` that wait, `patience_ms` at most.

    While the processor is the bottleneck, fewer run at once: down to `least_running`.
    """

    def __init__(
        self, running: int, waiting: int, patience_ms: int, *, least_running: int = 6
    ) -> None:
        self._most_waiting = waiting
        self._patience_s = patience_ms / 1000
        self._running = 0
        self._persisted = _Queue("persisted")
        self._texts = _Queue("text")
        self._headroom = Headroom(
            least_running,
            running,
            is_used=lambda: self._running > 0,
            is_short=lambda: not self._has_slot,
            on_growth=self._admit,
        )

    @property
    def running(self) -> int:
        """How many are executed now."""
        return self._running

    @property
    def waiting(self) -> int:
        """How many wait now."""
        return len(self._persisted) + len(self._texts)

    @property
    def is_full(self) -> bool:
        """Whether there is no place even for a persisted operation."""
        return self._has_no_place and not self._texts

    def check(self) -> None:
        """Refuses a request before anything of it is read; raises `RequestError` when full."""
        if self.is_full:
            raise _refusal("unread", "full")

    def slot(self, *, first: bool) -> "_Slot":
        """Runs the body of `async with` when it is its turn; `first` for a persisted operation.

        Raises `RequestError` with 503 when the queue is full, when the place in it is given to an
        operation that goes first, or when the turn does not come in time. A body that is cancelled
        while it waits never runs.
        """
        return _Slot(self, first)

    async def enter(self, *, first: bool) -> None:
        """Returns when it is one's turn; whoever entered must `leave`. Raises as `slot` does."""
        if self._has_slot:
            self._enter()
        else:
            await self._wait(self._persisted if first else self._texts)

    def leave(self) -> None:
        """Makes room for the next one."""
        self._running -= 1
        running_now.dec()
        self._admit()

    @property
    def _has_slot(self) -> bool:
        return self._running < self._headroom.limit

    @property
    def _has_no_place(self) -> bool:
        return not self._has_slot and self.waiting >= self._most_waiting

    async def _wait(self, queue: _Queue) -> None:
        """Returns when it is one's turn, and one has entered."""
        if self._has_no_place:
            if queue is self._texts or not self._texts:
                raise _refusal(queue.kind, "full")
            self._texts.displace()
        loop = asyncio.get_running_loop()
        turn: _Turn = loop.create_future()
        queue.join(turn)
        timer = loop.call_later(self._patience_s, queue.lose_patience, turn)
        try:
            await turn
        except asyncio.CancelledError:
            # It may have been their turn just before they were cancelled.
            if not queue.leave(turn) and not turn.cancelled() and turn.exception() is None:
                self.leave()
            raise
        finally:
            timer.cancel()

    def _admit(self) -> None:
        """Lets in those whose turn it is."""
        while self.waiting and self._has_slot:
            turn = self._persisted.next() or self._texts.next()
            if turn is not None:
                self._enter()
                turn.set_result(None)

    def _enter(self) -> None:
        self._running += 1
        running_now.inc()
        self._headroom.start()


class _Slot:
    """One turn: a small class, since a generator takes five times as long to be entered."""

    __slots__ = ("_admission", "_first")

    def __init__(self, admission: Admission, first: bool) -> None:
        self._admission = admission
        self._first = first

    async def __aenter__(self) -> None:
        """Returns when it is one's turn."""
        await self._admission.enter(first=self._first)

    async def __aexit__(self, *_: object) -> None:
        """Makes room for the next one."""
        self._admission.leave()


def _refusal(kind: str, reason: str) -> RequestError:
    """The answer to one who is sent away; counts it."""
    refused.labels(kind, reason).inc()
    return RequestError(
        Condition.UNAVAILABLE,
        f"The server is busy; try again in {_RETRY_AFTER_S} s.",
        ErrorCode.UNAVAILABLE,
        {"Retry-After": str(_RETRY_AFTER_S)},
    )
