"""How many operations run at once: more while the event loop keeps up, fewer while it is late."""

import asyncio
import time

from protocol.headroom import Headroom

FOREVER_S = 30
"""What nothing may take; a test that waits so long has failed."""

LATE_MS = 150
"""More than a busy machine makes a loop late by itself."""


class Process:
    """What runs on a loop: `operations`, of which each wants a slot; and how often it was asked."""

    def __init__(self, least: int, most: int, operations: int) -> None:
        self.operations = operations
        self.beats = 0
        self.growths = 0
        self.headroom = Headroom(
            least,
            most,
            is_used=self._is_used,
            is_short=self._is_short,
            on_growth=self._grow,
            late_ms=LATE_MS,
        )

    async def reaches(self, limit: int) -> None:
        """Returns when there is room for so many."""
        async with asyncio.timeout(FOREVER_S):
            while self.headroom.limit != limit:  # noqa: ASYNC110  # it has no event for it
                await asyncio.sleep(0.005)

    async def beats_on(self, count: int) -> None:
        """Returns after so many more beats."""
        until = self.beats + count
        async with asyncio.timeout(FOREVER_S):
            while self.beats < until:  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    def _is_used(self) -> bool:
        self.beats += 1
        return self.operations > 0

    def _is_short(self) -> bool:
        return self.operations >= self.headroom.limit

    def _grow(self) -> None:
        self.growths += 1


def hold_up() -> None:
    """Keeps the loop from turning, as a large answer does."""
    time.sleep(2 * LATE_MS / 1000)


async def test_there_is_room_for_one_more_at_a_time_up_to_the_most() -> None:
    process = Process(least=2, most=5, operations=9)
    assert process.headroom.limit == 2
    process.headroom.start()
    await process.reaches(5)
    assert process.beats >= 3 * 5 - 1  # the last one asks after it has grown
    await process.beats_on(12)
    assert (process.headroom.limit, process.growths) == (5, 3)
    process.operations = 0


async def test_what_nobody_needs_does_not_grow() -> None:
    process = Process(least=4, most=9, operations=3)
    process.headroom.start()
    await process.beats_on(12)
    assert process.headroom.limit == 4
    assert process.growths == 0
    process.operations = 4
    await process.reaches(5)
    process.operations = 0


async def test_while_the_loop_is_late_there_is_room_for_half() -> None:
    process = Process(least=3, most=8, operations=9)
    process.headroom.start()
    await process.reaches(8)
    process.operations = 1  # so that it grows no more
    for limit in (4, 3, 3):
        hold_up()
        await process.beats_on(1)
        assert process.headroom.limit == limit
    process.operations = 0


async def test_a_loop_that_is_late_every_now_and_then_makes_no_room() -> None:
    process = Process(least=2, most=8, operations=9)
    process.headroom.start()
    for _ in range(5):
        hold_up()
        await process.beats_on(3)
    assert (process.headroom.limit, process.growths) == (2, 0)
    process.operations = 0


async def test_it_rests_while_nothing_runs() -> None:
    process = Process(least=1, most=9, operations=0)
    process.headroom.start()
    process.headroom.start()
    await asyncio.sleep(0.05)
    assert process.beats == 1
    process.operations = 1
    process.headroom.start()
    await process.beats_on(3)
    process.operations = 0


async def test_a_number_that_cannot_change_is_not_looked_after() -> None:
    process = Process(least=6, most=3, operations=9)
    assert process.headroom.limit == 3
    process.headroom.start()
    await asyncio.sleep(0.05)
    assert process.beats == 0
