"""How many operations a process should run at once, as its event loop tells.

All that a process computes, it computes between two turns of its one loop. When a turn takes long,
the processor is the bottleneck: more operations at once only take longer each, and whoever is
refused, or asks whether the process lives, waits for a turn as well. When turns are short,
operations wait for stores, and there is room for others: a store that hangs should keep out nobody
who does not need it.

So the number is halved whenever the loop is late, down to `least`; and while it keeps up and all
are taken, it grows by one at a time, up to `most`.
"""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Final

from prometheus_client import Gauge

lateness = Gauge("pinery_event_loop_lateness_seconds", "How late the event loop was, as last seen")
limit_now = Gauge("pinery_operations_limit", "Operations that may be executed at once")

_BEAT_S: Final = 0.01
_BEATS_TO_GROW: Final = 5
"""So many in a row, none of them late and all taken, make room for one more."""


class Headroom:
    """The number, which changes as the loop beats; it does about every 10 ms while `is_used`.

    `is_short` tells whether all are taken; `on_growth` is told when there is room for one more.

    A loop is late by more than `late_ms`. Measured: it is by 1 ms at half of what a process can do,
    and by 3 to 10 ms once it does all it can and more operations at once answer no more of them.
    """

    def __init__(
        self,
        least: int,
        most: int,
        *,
        is_used: Callable[[], bool],
        is_short: Callable[[], bool],
        on_growth: Callable[[], None],
        late_ms: int = 5,
    ) -> None:
        self.limit = self._least = min(least, most)
        self._most = most
        self._is_used = is_used
        self._is_short = is_short
        self._on_growth = on_growth
        self._late_s = late_ms / 1000
        self._is_beating = False
        self._in_time = 0

    def start(self) -> None:
        """Listens to the running loop, if it does not already."""
        if not self._is_beating and self._least < self._most:
            self._is_beating = True
            self._await_beat()

    def _await_beat(self) -> None:
        due = monotonic() + _BEAT_S
        asyncio.get_running_loop().call_later(_BEAT_S, self._beat, due)

    def _beat(self, due: float) -> None:
        late_s = max(0.0, monotonic() - due)
        lateness.set(late_s)
        self._adapt(late_s)
        self._is_beating = self._is_used()
        if self._is_beating:
            self._await_beat()

    def _adapt(self, late_s: float) -> None:
        if late_s > self._late_s:
            self._in_time = 0
            self.limit = max(self._least, self.limit // 2)
        elif self._is_short():
            self._in_time += 1
            if self._in_time >= _BEATS_TO_GROW and self.limit < self._most:
                self._in_time = 0
                self.limit += 1
                self._on_growth()
        limit_now.set(self.limit)
