"""One call to a store: its name, its deadline, what it cost, and what its failure means.

Every method that talks to MongoDB or Redis runs inside `StoreCalls.call`, so that a round trip is
counted once, measured once and bounded once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from time import perf_counter
from typing import Final

import msgspec
from bson.errors import BSONError
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
)
from redis.exceptions import RedisError

from domain.errors import StoreError, StoreTimeout, StoreUnavailable
from storage.breaker import Breaker

_DUPLICATE_KEY: Final = 11_000
_INVALID_DOCUMENT: Final = 121
_WRITE_CONFLICT: Final = 112


class StoreCall(msgspec.Struct, frozen=True):
    """One finished round trip: `name` is `store.method`, `keys` how many things were asked for."""

    name: str
    keys: int
    ms: float
    ok: bool


Observer = Callable[[StoreCall], None]
"""Told of every finished call; must not block or raise."""

request_observer: ContextVar[Observer | None] = ContextVar("request_observer", default=None)
"""The observer of the request that is running, beside those of the process."""

Diagnosis = Callable[[], type[StoreError] | None]
"""Why calls get no answer, as far as a driver knows: its servers refuse, or hang; else None."""


class StoreCalls:
    """Runs calls to one dependency with a deadline, a breaker and observers."""

    def __init__(
        self,
        dependency: str,
        deadline_ms: int,
        breaker: Breaker,
        diagnose: Diagnosis = lambda: None,
    ) -> None:
        self.dependency = dependency
        self.deadline_ms = deadline_ms
        self.breaker = breaker
        self.observers: list[Observer] = []
        self._diagnose = diagnose

    @asynccontextmanager
    async def call(
        self, name: str, keys: int = 1, *, deadline_ms: int | None = None, insists: bool = False
    ) -> AsyncIterator[None]:
        """Bounds and records the body; `deadline_ms` takes the place of the usual deadline.

        Raises `StoreTimeout` past the deadline, `StoreUnavailable` when the store refuses, when too
        many write the same things, and when the breaker is open, unless the call `insists`. What
        the store says of a document that it will not take, such as `DuplicateKeyError`, is an
        answer and is passed on. A cancelled body stays cancelled, also where its driver lost that.
        """
        if not self.breaker.allows() and not insists:
            raise StoreUnavailable(
                f"{self.dependency} is not answering; it is tried again shortly."
            )
        allowed_ms = self.deadline_ms if deadline_ms is None else deadline_ms
        started, ok = perf_counter(), False
        task = asyncio.current_task()
        cancelled = task.cancelling() if task is not None else 0
        try:
            async with asyncio.timeout(allowed_ms / 1000):
                yield
            ok = True
            self.breaker.succeeded()
            if task is not None and task.cancelling() > cancelled:
                # `asyncio.wait_for` of Python 3.11, which both drivers use, may lose a
                # cancellation that comes as it ends; the task remembers it.
                raise asyncio.CancelledError
        except StoreError:
            self.breaker.failed()
            raise
        except (PyMongoError, RedisError, BSONError, TimeoutError, OSError) as error:
            if _refuses_document(error):
                ok = True
                self.breaker.succeeded()
                raise
            if _lost_to_others(error):
                self.breaker.succeeded()
                raise StoreUnavailable(
                    f"{self.dependency} is busy: others are writing the same things. Try again."
                ) from error
            self.breaker.failed()
            raise self._meaning(error, allowed_ms) from error
        finally:
            self._tell(StoreCall(name, keys, (perf_counter() - started) * 1000, ok))

    def _meaning(self, error: Exception, allowed_ms: int) -> StoreError:
        timed_out = isinstance(error, TimeoutError) or (
            isinstance(error, PyMongoError)
            and error.timeout
            and not isinstance(error, ServerSelectionTimeoutError)
        )
        meaning: type[StoreError] = StoreTimeout if timed_out else StoreUnavailable
        if timed_out or isinstance(error, AutoReconnect):
            # A driver retries for as long as it may, and how that ends says little of the cause.
            meaning = self._diagnose() or meaning
        if meaning is StoreTimeout:
            return StoreTimeout(f"{self.dependency} did not answer within {allowed_ms} ms.")
        return StoreUnavailable(f"{self.dependency} is not available.")

    def _tell(self, call: StoreCall) -> None:
        for observer in self.observers:
            observer(call)
        if (observe := request_observer.get()) is not None:
            observe(call)


def _refuses_document(error: BaseException) -> bool:
    """Whether the database only will not take a document: its key is taken, or it is invalid.

    Of many documents written at once, each that was refused must have been refused for this.
    """
    refusals = {_DUPLICATE_KEY, _INVALID_DOCUMENT}
    if isinstance(error, BulkWriteError):
        codes = {each["code"] for each in (error.details or {}).get("writeErrors", ())}
        return bool(codes) and codes <= refusals
    return isinstance(error, OperationFailure) and error.code in refusals


def _lost_to_others(error: BaseException) -> bool:
    """Whether transactions were in each other's way until the time was up; the database is well.

    The driver then says that the time is up, because of the last conflict.
    """
    cause = error.__cause__ or error
    return isinstance(cause, OperationFailure) and (
        cause.code == _WRITE_CONFLICT or cause.has_error_label("TransientTransactionError")
    )
