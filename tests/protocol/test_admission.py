"""Who runs, who waits and who is sent away; and that no slot is ever lost."""

import asyncio
import random
import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from domain.errors import ErrorCode
from protocol.admission import Admission
from protocol.errors import RequestError
from protocol.status import Condition

PATIENT_MS = 3_600_000

FOREVER_S = 30
"""What nothing may take; a test that waits so long has failed."""


class Operation:
    """Something that wants a slot, and keeps it until it is told to finish."""

    def __init__(self, admission: Admission, *, first: bool, log: list["Operation"]) -> None:
        self.is_first = first
        self.state = "waits"
        self.started, self.finish = asyncio.Event(), asyncio.Event()
        self._admission = admission
        self._log = log
        self.task = asyncio.ensure_future(self._run())
        self.task.add_done_callback(self._end)

    async def _run(self) -> None:
        try:
            async with self._admission.slot(first=self.is_first):
                self.state = "runs"
                self.started.set()
                self._log.append(self)
                await self.finish.wait()
            self.state = "done"
        except RequestError as error:
            self.state = "refused"
            assert error.condition is Condition.UNAVAILABLE
        except asyncio.CancelledError:
            self.state = "cancelled"
            raise

    def _end(self, task: asyncio.Task[None]) -> None:
        """Also one that was cancelled before it came to the door is no longer there."""
        if task.cancelled():
            self.state = "cancelled"


class Door:
    """An admission, and operations at it in the order in which they began to run."""

    def __init__(
        self, running: int, waiting: int, patience_ms: int = PATIENT_MS, least_running: int = 99
    ) -> None:
        self.admission = Admission(running, waiting, patience_ms, least_running=least_running)
        self.began: list[Operation] = []

    def arrives(self, *, first: bool = False) -> Operation:
        """One more; it is at the door when the loop has turned."""
        return Operation(self.admission, first=first, log=self.began)

    def is_shut(self) -> bool:
        """Whether it is shut now."""
        try:
            self.admission.check()
        except RequestError as error:
            assert "The server is busy" in str(error)
            return True
        return False

    async def many(self, count: int, *, first: bool = False) -> list[Operation]:
        """Some that arrive one after the other."""
        operations = [self.arrives(first=first) for _ in range(count)]
        await settled()
        return operations


async def settled() -> None:
    """Returns when whatever could go on has."""
    for _ in range(5):
        await asyncio.sleep(0)


def states(operations: list[Operation]) -> list[str]:
    """What became of them."""
    return [operation.state for operation in operations]


def refusals(kind: str, reason: str) -> float:
    """How many were sent away so far."""
    labels = {"kind": kind, "reason": reason}
    return REGISTRY.get_sample_value("pinery_operations_refused_total", labels) or 0


async def finished(*operations: Operation) -> None:
    """Lets operations finish."""
    for operation in operations:
        operation.finish.set()
    await settled()


GAUGES: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("pinery_operations_running", {}),
    ("pinery_operations_waiting", {"kind": "text"}),
    ("pinery_operations_waiting", {"kind": "persisted"}),
)


def gauges() -> list[float]:
    """How many run and wait at all doors of this process."""
    return [REGISTRY.get_sample_value(name, labels) or 0 for name, labels in GAUGES]


@pytest.fixture(autouse=True)
def at_first() -> Iterator[list[float]]:
    """The gauges, which every test leaves as they were: all that came has left again."""
    at_first = gauges()
    yield at_first
    assert gauges() == at_first


# Who runs


async def test_so_many_run_and_the_next_wait_in_order() -> None:
    door = Door(running=2, waiting=3)
    operations = await door.many(5)
    assert states(operations) == ["runs", "runs", "waits", "waits", "waits"]
    assert (door.admission.running, door.admission.waiting) == (2, 3)
    await finished(operations[1])
    assert states(operations) == ["runs", "done", "runs", "waits", "waits"]
    await finished(*operations)
    assert states(operations) == ["done"] * 5
    assert door.began == operations
    assert (door.admission.running, door.admission.waiting) == (0, 0)


async def test_persisted_operations_go_before_texts() -> None:
    door = Door(running=1, waiting=4)
    [running] = await door.many(1)
    texts = await door.many(2)
    persisted = await door.many(2, first=True)
    await finished(running, *texts, *persisted)
    assert door.began == [running, *persisted, *texts]


async def test_whoever_fails_leaves_as_others_do() -> None:
    admission = Admission(1, 1, PATIENT_MS)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            async with admission.slot(first=False):
                _ = 1 / 0
    assert admission.running == 0


async def test_while_the_loop_keeps_up_there_is_room_for_those_who_wait() -> None:
    door = Door(running=3, waiting=3, least_running=1)
    operations = await door.many(4)
    assert states(operations) == ["runs", "waits", "waits", "waits"]
    async with asyncio.timeout(FOREVER_S):
        await asyncio.wait([asyncio.ensure_future(each.started.wait()) for each in operations[:3]])
    assert states(operations) == ["runs", "runs", "runs", "waits"]
    await finished(*operations)
    assert door.began == operations


# Who is sent away


async def test_a_text_that_finds_no_place_is_refused_at_once() -> None:
    door = Door(running=1, waiting=1)
    before = refusals("text", "full")
    operations = await door.many(3)
    assert states(operations) == ["runs", "waits", "refused"]
    assert refusals("text", "full") == before + 1
    with pytest.raises(RequestError) as caught:
        async with door.admission.slot(first=False):
            pytest.fail("It ran.")
    assert caught.value.condition is Condition.UNAVAILABLE
    assert caught.value.headers == {"Retry-After": "1"}
    assert caught.value.errors == [
        {
            "message": "The server is busy; try again in 1 s.",
            "extensions": {"code": ErrorCode.UNAVAILABLE.value},
        }
    ]
    await finished(*operations)
    assert states(operations) == ["done", "done", "refused"]


async def test_a_persisted_operation_takes_the_place_of_the_youngest_text() -> None:
    door = Door(running=1, waiting=3)
    before = refusals("text", "displaced")
    [running] = await door.many(1)
    [early] = await door.many(1, first=True)
    texts = await door.many(2)
    [persisted] = await door.many(1, first=True)
    assert states([early, *texts, persisted]) == ["waits", "waits", "refused", "waits"]
    assert refusals("text", "displaced") == before + 1
    await finished(running, early, *texts, persisted)
    assert door.began == [running, early, persisted, texts[0]]


async def test_among_persisted_operations_who_came_last_is_refused() -> None:
    door = Door(running=1, waiting=2)
    before = refusals("persisted", "full")
    operations = await door.many(4, first=True)
    assert states(operations) == ["runs", "waits", "waits", "refused"]
    assert refusals("persisted", "full") == before + 1
    await finished(*operations)


async def test_without_a_queue_who_finds_no_slot_is_refused() -> None:
    door = Door(running=1, waiting=0)
    operations = [*await door.many(2), *await door.many(1, first=True)]
    assert states(operations) == ["runs", "refused", "refused"]
    await finished(*operations)


async def test_the_door_is_shut_when_even_a_persisted_operation_has_no_place() -> None:
    door = Door(running=1, waiting=2)
    before = refusals("unread", "full")
    [running] = await door.many(1)
    [persisted] = await door.many(1, first=True)
    [text] = await door.many(1)
    assert not door.is_shut()
    [last] = await door.many(1, first=True)
    assert states([running, persisted, text, last]) == ["runs", "waits", "refused", "waits"]
    assert refusals("unread", "full") == before
    assert door.is_shut()
    assert refusals("unread", "full") == before + 1
    await finished(running)
    [late] = await door.many(1)
    assert late.state == "waits"
    await finished(persisted, last, late)
    assert states([persisted, last, late]) == ["done"] * 3


async def test_nobody_waits_for_ever() -> None:
    door = Door(running=1, waiting=2, patience_ms=5)
    before = refusals("text", "impatient"), refusals("persisted", "impatient")
    [running] = await door.many(1)
    text, persisted = door.arrives(), door.arrives(first=True)
    await asyncio.wait([text.task, persisted.task])
    assert states([running, text, persisted]) == ["runs", "refused", "refused"]
    assert (refusals("text", "impatient"), refusals("persisted", "impatient")) == (
        before[0] + 1,
        before[1] + 1,
    )
    assert (door.admission.running, door.admission.waiting) == (1, 0)
    await finished(running)
    assert states(await door.many(1)) == ["runs"]
    await finished(*door.began)


# Who leaves


async def test_whoever_leaves_the_queue_leaves_their_place() -> None:
    door = Door(running=1, waiting=1)
    running, waiting = await door.many(2)
    waiting.task.cancel()
    await settled()
    assert waiting.state == "cancelled"
    assert door.admission.waiting == 0
    [next_one] = await door.many(1)
    await finished(running)
    assert next_one.state == "runs"
    await finished(next_one)


async def test_a_turn_of_somebody_who_just_left_goes_to_the_next() -> None:
    door = Door(running=1, waiting=2)
    running, leaving, waiting = await door.many(3)
    running.finish.set()
    await asyncio.sleep(0)  # the slot is passed on, and the one who has it does not know yet
    leaving.task.cancel()
    await settled()
    assert states([running, leaving, waiting]) == ["done", "cancelled", "runs"]
    await finished(waiting)
    assert door.admission.running == 0


async def test_somebody_who_is_leaving_gets_no_turn() -> None:
    door = Door(running=1, waiting=2)
    running, leaving, waiting = await door.many(3)
    leaving.task.cancel()
    running.task.cancel()
    await settled()
    assert states([running, leaving, waiting]) == ["cancelled", "cancelled", "runs"]
    await finished(waiting)
    assert door.admission.running == 0


async def test_somebody_who_is_leaving_is_not_displaced() -> None:
    door = Door(running=1, waiting=2)
    running, staying, leaving = await door.many(3)
    leaving.task.cancel()
    persisted = door.arrives(first=True)
    await settled()
    assert leaving.state == "cancelled"
    assert persisted.state == "waits"
    await finished(running, staying, persisted)
    assert door.admission.running == 0


async def test_whoever_is_displaced_and_leaves_loses_nothing() -> None:
    door = Door(running=1, waiting=1)
    running, displaced = await door.many(2)
    persisted = door.arrives(first=True)
    await asyncio.sleep(0)  # displaced, and does not know yet
    displaced.task.cancel()
    await settled()
    assert states([running, displaced, persisted]) == ["runs", "cancelled", "waits"]
    await finished(running, persisted)
    assert door.admission.running == 0


async def test_whoever_leaves_as_their_patience_ends_was_not_sent_away() -> None:
    door = Door(running=1, waiting=1, patience_ms=100)
    before = refusals("text", "impatient")
    running, leaving = await door.many(2)
    asyncio.get_running_loop().call_later(0, leaving.task.cancel)
    time.sleep(0.2)  # noqa: ASYNC251  # so that both happen in one turn of the loop
    await settled()
    assert leaving.state == "cancelled"
    assert refusals("text", "impatient") == before
    await finished(running)
    assert door.admission.running == 0


# The laws

Step = Callable[[Door, list[Operation]], None]


def _arrive(first: bool) -> Step:
    return lambda door, operations: operations.append(door.arrives(first=first))


def _on(which: int, act: Callable[[Operation], object]) -> Step:
    def step(_door: Door, operations: list[Operation]) -> None:
        active = [each for each in operations if each.state in ("waits", "runs")]
        if active:
            act(active[which % len(active)])

    return step


steps = st.one_of(
    st.booleans().map(_arrive),
    st.integers(0, 9).map(lambda which: _on(which, lambda each: each.finish.set())),
    st.integers(0, 9).map(lambda which: _on(which, lambda each: each.task.cancel())),
)


@settings(deadline=None)
@given(
    running=st.integers(1, 3),
    waiting=st.integers(0, 4),
    script=st.lists(st.tuples(steps, st.integers(0, 3)), max_size=40),
)
def test_whatever_happens_no_slot_is_lost_and_none_is_given_twice(
    running: int, waiting: int, script: list[tuple[Step, int]]
) -> None:
    async def play() -> None:
        door, operations = Door(running, waiting), list[Operation]()
        for step, turns in script:
            step(door, operations)
            for _ in range(turns):
                await asyncio.sleep(0)
                assert states(operations).count("runs") <= door.admission.running <= running
                assert door.admission.waiting <= waiting
        await settled()
        active = states(operations).count("runs"), states(operations).count("waits")
        assert active == (door.admission.running, door.admission.waiting)
        assert active[0] == running or active[1] == 0
        for first in (False, True):
            began = [each for each in door.began if each.is_first == first]
            assert began == sorted(began, key=operations.index)
        await finished(*operations)
        assert (door.admission.running, door.admission.waiting) == (0, 0)
        await asyncio.gather(*(each.task for each in operations), return_exceptions=True)

    asyncio.run(play())


async def test_a_storm_passes_and_leaves_nothing_behind(at_first: list[float]) -> None:
    chance = random.Random(7)  # noqa: S311  # repeatable, not secret
    admission = Admission(running=4, waiting=8, patience_ms=1)
    most = 0

    async def some_turns(most: int) -> None:
        for _ in range(chance.randrange(most)):
            await asyncio.sleep(0)

    async def operate() -> None:
        nonlocal most
        async with admission.slot(first=chance.random() < 0.5):
            most = max(most, admission.running)
            await some_turns(6)

    async def come_and_go() -> str:
        await some_turns(300)
        operation = asyncio.ensure_future(operate())
        await some_turns(20)
        if chance.random() < 0.5:
            operation.cancel()
        try:
            await operation
        except RequestError:
            return "refused"
        except asyncio.CancelledError:
            return "left"
        return "done"

    outcomes = await asyncio.gather(*(come_and_go() for _ in range(1_000)))
    assert set(outcomes) == {"done", "refused", "left"}
    assert most == 4
    assert (admission.running, admission.waiting) == (0, 0)
    assert gauges() == at_first
