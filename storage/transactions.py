"""Several writes that happen together or not at all, through either driver."""

from collections.abc import Awaitable, Callable
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

import pymongo

from storage.mongo import Mongo

T = TypeVar("T")

Session: TypeAlias = Any
"""A driver's session, to be handed to every call of the transaction."""


async def in_transaction(mongo: Mongo, work: Callable[[Session], Awaitable[T]]) -> T:
    """What `work` returns, once its writes are committed.

    The driver runs it anew when another transaction was in the way, so it must begin with its
    reads, and does so for as long as a store call may take. Run this inside one, which counts it.
    What it wrote when it fails or is cancelled is undone at once; after a crash the server does it
    within a minute.
    """
    starting = mongo.client.start_session()
    session = await starting if isawaitable(starting) else starting
    async with session:
        # The driver can lose the cancellation at the call's deadline, and goes on for two minutes.
        with pymongo.timeout(mongo.calls.deadline_ms / 1000):
            result: T = await session.with_transaction(work)
        return result
