"""Turns: who writes the same document at the same time waits, instead of clashing.

Transactions that write one document make each other begin anew, and under load most of their work
is thrown away (RELIABILITY, trap 6). Within a process they can simply take turns. Between processes
they still clash, and MongoDB decides: turns save work, and guard nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager


class Turns:
    """One lock for each name that somebody holds or waits for."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: dict[str, int] = {}

    @asynccontextmanager
    async def of(self, names: Iterable[str]) -> AsyncIterator[None]:
        """Holds all names. They are taken in one order, so that nobody waits in a circle."""
        async with AsyncExitStack() as held:
            for name in sorted(set(names)):
                await held.enter_async_context(self._hold(name))
            yield

    @asynccontextmanager
    async def _hold(self, name: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(name, asyncio.Lock())
        self._users[name] = self._users.get(name, 0) + 1
        try:
            async with lock:
                yield
        finally:
            self._users[name] -= 1
            if not self._users[name]:
                del self._users[name], self._locks[name]
