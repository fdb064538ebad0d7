"""One call to a store: its name, its deadline, what it cost, and what its failure means.

Every method that talks to MongoDB or Redis runs inside `StoreCalls.call`, so that a round trip is
counted once, measured once and bounded once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from time import perf_counter

import msgspec
from bson.errors import BSONError
from pymongo.errors import AutoReconnect, PyMongoError, ServerSelectionTimeoutError
from redis.exceptions import RedisError

from domain.errors import StoreError, StoreTimeout, StoreUnavailable
from storage.breaker import Breaker


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
    async def call(self, name: str, keys: int = 1) -> AsyncIterator[None]:
        """Bounds and records the body.

        Raises `StoreTimeout` past the deadline, `StoreUnavailable` when the store refuses or its
        breaker is open. A cancelled body stays cancelled.
        """
        if not self.breaker.allows():
            raise StoreUnavailable(
                f"{self.dependency} is not answering; it is tried again shortly."
            )
        started, ok = perf_counter(), False
        try:
            async with asyncio.timeout(self.deadline_ms / 1000):
                yield
            ok = True
            self.breaker.succeeded()
        except StoreError:
            self.breaker.failed()
            raise
        except (PyMongoError, RedisError, BSONError, TimeoutError, OSError) as error:
            self.breaker.failed()
            raise self._meaning(error) from error
        finally:
            self._tell(StoreCall(name, keys, (perf_counter() - started) * 1000, ok))

    def _meaning(self, error: Exception) -> StoreError:
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
            return StoreTimeout(f"{self.dependency} did not answer within {self.deadline_ms} ms.")
        return StoreUnavailable(f"{self.dependency} is not available.")

    def _tell(self, call: StoreCall) -> None:
        for observer in self.observers:
            observer(call)
        if (observe := request_observer.get()) is not None:
            observe(call)
