"""What the tests of the record cache load through, and how they wait for it."""

import asyncio
from collections.abc import Sequence

from domain.record import Id
from domain.topics import TopicRecord

A, B, C = (TopicRecord(id=Id(digit * 24), key=digit, name=digit) for digit in "abc")
TOPICS = {topic.id: topic for topic in (A, B, C)}


class Tally:
    """Counts what happens, so that a test can wait for the n-th time."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = asyncio.Event()

    def add(self) -> None:
        """It happened once more."""
        self.count += 1
        self._changed.set()

    async def reach(self, count: int) -> None:
        """Returns when it happened so many times."""
        async with asyncio.timeout(30):
            while self.count < count:
                self._changed.clear()
                await self._changed.wait()


class Loads:
    """What a cache loads through: records of `TOPICS`, or `error`, once `gate` is open."""

    def __init__(self) -> None:
        self.asked: list[list[Id]] = []
        self.begun, self.cancelled = Tally(), Tally()
        self.gate = asyncio.Event()
        self.error: Exception | None = None

    async def __call__(self, ids: Sequence[Id]) -> dict[Id, TopicRecord]:
        """The topics that exist."""
        self.asked.append(list(ids))
        self.begun.add()
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled.add()
            raise
        if self.error is not None:
            raise self.error
        return {topic_id: TOPICS[topic_id] for topic_id in ids if topic_id in TOPICS}
