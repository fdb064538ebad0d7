"""Whoever comes after a write sees it: whatever readers, writers and Redis do at the same time."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from itertools import count
from typing import Literal, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.record import Id
from storage.embedded import EmbeddedStores
from storage.redis import Redis
from storage.storage import Storage
from tests.storage.processes import Process, following

TOPIC = Id("e" * 24)
PROCESSES = 3

Action: TypeAlias = Literal["read", "read slowly", "go on", "write", "delete", "lose"]
Step: TypeAlias = tuple[Action, int]

_ACTIONS: tuple[Action, ...] = ("read", "read slowly", "go on", "write", "delete", "lose")


class Play:
    """Some processes at work on one topic, whose names are numbers that only rise."""

    def __init__(self, storage: Storage, redises: Sequence[Redis]) -> None:
        self._storage = storage
        self._processes = [Process(storage.mongo, redis) for redis in redises]
        self._numbers = count(1)
        self._done = 0
        self._deleted = [0]
        self._gates: list[asyncio.Event] = []
        self._readers: list[tuple[int, asyncio.Task[str | None]]] = []

    async def act(self, action: Action, number: int) -> None:
        """One thing that a process does, or that is done to it."""
        process = self._processes[number % PROCESSES]
        match action:
            case "read":
                self._let_through(process)
                await self._begin(process, 0.02)
            case "read slowly":
                self._gates.append(asyncio.Event())
                process.gate = self._gates[-1]
                # Some have read from MongoDB when the next thing happens, others have not.
                await self._begin(process, 0.002 * (number % 4))
            case "go on":
                if self._gates:
                    self._gates.pop(number % len(self._gates)).set()
                    await asyncio.sleep(0.001 * (number % 4))
            case "write":
                name = next(self._numbers)
                await process.write(TOPIC, str(name))
                self._done = name
            case "delete":
                self._deleted.append(next(self._numbers))
                await process.delete(TOPIC)
                self._done = self._deleted[-1]
            case "lose":
                await self._storage.redis.client.flushdb()

    async def end(self) -> None:
        """Lets all go on, and checks what everybody saw and sees."""
        for gate in self._gates:
            gate.set()
        for done, reader in self._readers:
            self._check(done, await reader)
        for process in self._processes:
            self._let_through(process)
            for _ in range(2):
                self._check(self._done, await process.read(TOPIC))

    async def _begin(self, process: Process, patience_s: float) -> None:
        reader = asyncio.create_task(process.read(TOPIC))
        self._readers.append((self._done, reader))
        await asyncio.wait([reader], timeout=patience_s)

    def _let_through(self, process: Process) -> None:
        process.gate = asyncio.Event()
        process.gate.set()

    def _check(self, done: int, name: str | None) -> None:
        """What a reader saw who came when so much was done."""
        if name is None:
            assert max(self._deleted) >= done
        else:
            assert int(name) >= done


STEPS = st.lists(st.tuples(st.sampled_from(_ACTIONS), st.integers(0, 11)), min_size=4, max_size=30)


@settings(max_examples=100)
@given(steps=STEPS)
async def test_whoever_comes_after_a_write_sees_it(prepared: Storage, steps: list[Step]) -> None:
    await play(prepared, [prepared.redis] * PROCESSES, steps)


@settings(max_examples=100)
@given(steps=STEPS)
async def test_whoever_comes_after_a_write_sees_it_with_records_at_hand(
    prepared: Storage, followers: list[Redis], steps: list[Step]
) -> None:
    await play(prepared, followers, steps)


@pytest.fixture(scope="module")
async def followers(stores: EmbeddedStores) -> AsyncIterator[list[Redis]]:
    """What each process knows of Redis, which tells them of changes."""
    async with AsyncExitStack() as stack:
        made = [
            Redis(stores.redis_url, deadline_ms=1000, local_records_mb=1) for _ in range(PROCESSES)
        ]
        for redis in made:
            stack.push_async_callback(redis.close)
        await stack.enter_async_context(following(*made))
        yield made


async def play(storage: Storage, redises: Sequence[Redis], steps: list[Step]) -> None:
    """Takes the steps, one after the other."""
    await storage.redis.client.flushdb()
    await storage.mongo.collection("topics").delete_many({})
    acts = Play(storage, redises)
    for step in steps:
        await acts.act(*step)
    await acts.end()
