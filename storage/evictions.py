"""Keys that must go from Redis because of a write, also when Redis does not answer just then.

A write is done when MongoDB has it, and Redis may not stand in its way (RELIABILITY, G6). What
cannot be dropped at once is owed: this process does not believe Redis about those keys, tells it
again several times a second, and stops only when nothing old could be there any more.

Others have records at hand, and use them while Redis answers them (`storage.local_records`). If it
hangs for all, none does so for longer than a lease. So who has failed to drop something lets that
time pass first: then it says that the write is done, and no process shows what was before. For as
long as Redis then stays away, nobody waits again.

Another process, which Redis did answer, may show the old record until the debt is paid. When Redis
was gone for all, all of them let a moment pass before they believe it again, in which debts are
paid. A process that is killed before it has paid leaves what it owes to the entries' own end.
"""

import asyncio
from collections.abc import Collection, Sequence
from itertools import islice
from math import inf
from time import monotonic
from typing import Final, Protocol

import structlog
from prometheus_client import Gauge

from storage.calls import StoreCalls
from storage.local_records import LEASE_S

log = structlog.get_logger()

_RETRY_S: Final = 0.25
_DOUBT_S: Final = 1.0
"""How long Redis is not believed after it was away: enough for every process to try again."""
_BATCH: Final = 1_000
_MOST_OWED: Final = 100_000
"""Beyond this the oldest debts are given up, which end soonest: about 10 MB."""

evictions_owed = Gauge("pinery_evictions_owed", "Keys that Redis could not be told to drop yet")


class Unlink(Protocol):
    """Drops keys in one round trip."""

    async def __call__(self, names: Sequence[str], *, insists: bool) -> bool:
        """Whether Redis confirmed it; `insists`: is asked even if it has not been answering."""


class Evictions:
    """Drops keys from Redis, now or later. `run` pays what is owed."""

    def __init__(
        self,
        unlink: Unlink,
        calls: StoreCalls,
        *,
        most_owed: int = _MOST_OWED,
        lease_s: float = LEASE_S,
    ) -> None:
        self._unlink = unlink
        self._calls = calls
        self._most_owed = most_owed
        self._lease_s = lease_s
        self._leases_end_at = inf
        self._doubted_at = -inf
        self._owed: dict[str, float] = {}
        self._is_owing = asyncio.Event()

    async def evict(self, names: Sequence[str], *, longest_s: float) -> None:
        """Drops keys; nothing that stands or is written under them now lives for `longest_s`.

        When it returns, no process uses what it has at hand of them, unless Redis answers that one
        and not this.
        """
        if not names:
            return
        until = monotonic() + longest_s
        if await self._unlink(names, insists=False):
            self._leases_end_at = inf
            return
        self._owe(names, until)
        await self._outlast_leases()

    def doubt(self) -> None:
        """Redis was away, which calls need not have noticed."""
        self._doubted_at = monotonic()

    @property
    def are_doubtful(self) -> bool:
        """Whether other processes may owe something: Redis is away, or has only just come back."""
        breaker = self._calls.breaker
        return (
            breaker.is_open
            or breaker.recovered_within(_DOUBT_S)
            or monotonic() - self._doubted_at < _DOUBT_S
        )

    def owed(self, names: Collection[str]) -> frozenset[str]:
        """Those that are owed. Ask before Redis is asked: they may be paid meanwhile."""
        if not self._owed:
            return frozenset()
        now = monotonic()
        return frozenset(name for name in names if self._owed.get(name, now) > now)

    async def run(self) -> None:
        """Pays again and again while anything is owed."""
        while True:
            await self._is_owing.wait()
            await self.pay()
            if self._owed:
                await asyncio.sleep(_RETRY_S)

    async def pay(self) -> None:
        """Tries to drop what is owed, even if Redis has not been answering."""
        while batch := dict(islice(self._owed.items(), _BATCH)):
            now = monotonic()
            due = [name for name, until in batch.items() if until > now]
            if due and not await self._unlink(due, insists=True):
                return
            self._leases_end_at = inf
            for name, until in batch.items():
                # What was owed once more meanwhile has not been paid by this.
                if self._owed.get(name) == until:
                    del self._owed[name]
            if not self._owed:
                self._is_owing.clear()
                log.info("evictions_paid")
            evictions_owed.set(len(self._owed))

    async def end(self) -> None:
        """Pays for the last time."""
        await self.pay()
        if self._owed:
            log.error("evictions_given_up", keys=len(self._owed))

    async def _outlast_leases(self) -> None:
        """Returns when the leases are over that others had when Redis fell silent."""
        now = monotonic()
        self._leases_end_at = min(self._leases_end_at, now + self._lease_s)
        if self._leases_end_at > now:
            await asyncio.sleep(self._leases_end_at - now)

    def _owe(self, names: Sequence[str], until: float) -> None:
        if not self._owed:
            log.warning("evictions_owed", keys=len(names))
        for name in names:
            self._owed.pop(name, None)  # to the end of the line, which is in the order of ends
            self._owed[name] = until
        excess = len(self._owed) - self._most_owed
        if excess > 0:
            log.error("evictions_given_up", keys=excess)
            for name in list(islice(self._owed, excess)):
                del self._owed[name]
        evictions_owed.set(len(self._owed))
        self._is_owing.set()
