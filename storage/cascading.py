"""The worker of each process that does the steps of cascades.

A job is taken for one step, and given back: so all processes share the work of a large one, and a
small one does not wait for it. A process that ends gives its job back; one that is killed loses it
when the lease is over.
"""

import asyncio
from contextlib import suppress
from typing import Final

import msgspec
import structlog
from prometheus_client import Counter

from domain.cascades import STUCK_AFTER, CascadeRecord, size_of_step
from domain.errors import StoreError
from storage.cascade_steps import advance
from storage.cascades import CascadeStore
from storage.transactions import Transaction, Transactions

log = structlog.get_logger()

_RELEASE_S: Final = 1.0

cascade_steps = Counter(
    "pinery_cascade_steps_total", "Steps of cascades, by how they ended", ["kind", "outcome"]
)


class CascadeWorker:
    """Does jobs that are due, one step at a time."""

    def __init__(self, cascades: CascadeStore, transactions: Transactions) -> None:
        self._cascades = cascades
        self._transactions = transactions
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Says that there may be a job: it is looked for at once."""
        self._woken.set()

    async def run(self, pause_s: float) -> None:
        """Does jobs until it is cancelled, and a step that is under way then is undone.

        It looks for jobs when it is told to, and for those of other processes every `pause_s`.
        """
        while True:
            self._woken.clear()
            try:
                while await self.work():
                    pass
            except StoreError as error:
                log.warning("cascades_not_read", reason=str(error))
            except Exception:
                log.exception("cascades_not_read")
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._woken.wait()

    async def work(self) -> bool:
        """Does one step of the job that has been due for longest; false when none is due.

        Raises `StoreError` when jobs cannot be read. A step that fails is tried again later.
        """
        job = await self._cascades.claim()
        if job is None:
            return False
        try:
            await self._step(job)
        except Exception as error:
            cascade_steps.labels(job.kind, "failed").inc()
            _tell(job, error)
            await self._cascades.put_off(job)
        except asyncio.CancelledError:
            await self._release(job)
            raise
        else:
            cascade_steps.labels(job.kind, "done").inc()
        _end_if_cancelled()
        return True

    async def _step(self, claimed: CascadeRecord) -> None:
        """One step, if the job is still there and the caller's: it may have been turned round."""

        async def step(tx: Transaction) -> None:
            job = await tx.get(CascadeRecord, claimed.id)
            if job is None or job.worker != claimed.worker:
                return
            after = await advance(tx, job, size_of_step(job.attempts))
            if after is None:
                await tx.delete(job)
                log.info("cascade_done", kind=job.kind, board=job.board_id)
            else:
                given_back = msgspec.structs.replace(after, due_at=tx.now, worker="", attempts=0)
                await tx.change_all([(job, given_back)])

        await self._transactions.run("cascades.step", step, turns=(claimed.board_id,))

    async def _release(self, job: CascadeRecord) -> None:
        """Lets another process go on at once, as far as there is time to say so."""
        with suppress(StoreError, TimeoutError):
            async with asyncio.timeout(_RELEASE_S):
                await self._cascades.release(job)


def _end_if_cancelled() -> None:
    """Raises `CancelledError` for a task that is to end: PyMongo can lose it while it sends."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _tell(job: CascadeRecord, error: Exception) -> None:
    """Logs a failure. What can never be done is kept, and somebody has to look at it."""
    failures = job.attempts + 1
    about = {"kind": job.kind, "job": job.id, "board": job.board_id, "failures": failures}
    if isinstance(error, StoreError) and failures < STUCK_AFTER:
        log.warning("cascade_step_failed", reason=str(error), **about)
    elif failures < STUCK_AFTER:
        log.warning("cascade_step_failed", exc_info=error, **about)
    else:
        log.error("cascade_stuck", exc_info=error, **about)
