"""Nobody waits for it, so it no longer runs: deadlines, and clients that have left."""

import asyncio
import gc
import json

import pytest
from starlette.requests import ClientDisconnect

from protocol.limits import Limits
from protocol.supervision import Deadline, DeadlineExceeded
from tests.protocol.conftest import Logs
from tests.protocol.wire import GRAPHQL_RESPONSE, MEDIA_TYPES, Wire, answered, example_server


def _post(body: bytes) -> bytes:
    return (
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    )


POST = _post(b'{"query":"{ slow }"}')
GET = (
    b"GET /graphql?query=%7Bslow%7D HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Requested-With: a test\r\n\r\n"
)


@pytest.mark.row("T13")
async def test_at_its_deadline_an_operation_is_answered_and_everything_in_it_ends() -> None:
    async with example_server(limits=Limits(deadline_ms=100)) as wire:
        assert await wire.is_alive()
        before = _running()
        for media_type in MEDIA_TYPES:
            response = await wire.post("{ hello a: slow b: slow }", accept=media_type)
            assert response.status_code == 200
            assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
            body = response.json()
            assert body["data"] is None
            [error] = body["errors"]
            assert error["extensions"]["code"] == "TIMEOUT"
            assert "100 ms" in error["message"]
        assert wire.ledger.slow == 4
        assert wire.ledger.cancelled == 4
        assert _running() == before
        assert await wire.is_alive()


@pytest.mark.row("T13")
async def test_a_get_has_a_deadline_too() -> None:
    async with example_server(limits=Limits(deadline_ms=50)) as wire:
        response = await wire.get({"query": "{ slow }"}, accept=GRAPHQL_RESPONSE)
        assert response.json()["errors"][0]["extensions"]["code"] == "TIMEOUT"
        assert wire.ledger.cancelled == 1


async def test_a_mutation_has_a_deadline_of_its_own() -> None:
    async with example_server(limits=Limits(deadline_ms=50, mutation_deadline_ms=400)) as wire:
        query = await wire.post("{ slow }")
        assert "50 ms" in query.json()["errors"][0]["message"]
        wire.ledger.slow = wire.ledger.cancelled = 0
        assert answered(await wire.post("mutation { addSlowly(ms: 100) }")) == {"addSlowly": 1}
        response = await wire.post("mutation { add addSlowly(ms: 3600000) }")
        assert response.status_code == 200
        body = response.json()
        assert body["data"] is None
        [error] = body["errors"]
        assert error["extensions"]["code"] == "TIMEOUT"
        assert "400 ms" in error["message"]
        assert (wire.ledger.additions, wire.ledger.cancelled) == (2, 1)


async def test_a_deadline_may_be_moved_while_the_work_goes_on() -> None:
    deadline = Deadline(10_000)
    assert await deadline.hold(_moved(deadline, 20_000)) == 20_000
    with pytest.raises(DeadlineExceeded):
        await Deadline(10).hold(asyncio.sleep(3_600))


async def test_a_client_that_left_is_not_called_back_by_a_new_deadline() -> None:
    deadline = Deadline(10_000)

    async def work() -> None:
        deadline.leave()
        deadline.move(20_000)
        await asyncio.sleep(3_600)

    with pytest.raises(ClientDisconnect):
        await deadline.hold(work())
    assert deadline.ms == 10_000


async def test_work_that_begins_while_other_work_goes_on_has_its_own_end() -> None:
    """All that is young shares one timer; what is not done by then ends at its own time."""

    ended: list[int] = []

    async def begin(ms: int, delay_s: float) -> None:
        await asyncio.sleep(delay_s)
        with pytest.raises(DeadlineExceeded):
            await Deadline(ms).hold(asyncio.sleep(3_600))
        ended.append(ms)

    await asyncio.gather(begin(400, 0), begin(150, 0.03), begin(1_000, 0.06), begin(20, 0.01))
    assert ended == [20, 150, 400, 1_000]


async def test_what_is_slow_is_told_once_and_what_is_not_never() -> None:
    told: list[str] = []
    await asyncio.gather(
        Deadline(10_000).hold(asyncio.sleep(0.15), on_slow=lambda: told.append("slow")),
        Deadline(10_000).hold(asyncio.sleep(0), on_slow=lambda: told.append("quick")),
    )
    assert told == ["slow"]


async def test_whoever_else_cancels_is_not_taken_for_the_deadline() -> None:
    task = asyncio.create_task(Deadline(10_000).hold(asyncio.sleep(3_600)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_deadline_leaves_its_task_as_it_was() -> None:
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(DeadlineExceeded):
        await Deadline(10).hold(asyncio.sleep(3_600))
    assert task.cancelling() == 0
    async with asyncio.timeout(10):
        await asyncio.sleep(0)


def test_deadlines_are_kept_in_each_event_loop() -> None:
    """One that was left in the middle of its work is no matter to the next."""

    async def leave_behind() -> None:
        asyncio.create_task(Deadline(10_000).hold(asyncio.sleep(3_600)))  # noqa: RUF006
        await asyncio.sleep(0)

    async def told() -> bool:
        slow: list[bool] = []
        await Deadline(10_000).hold(asyncio.sleep(0.15), on_slow=lambda: slow.append(True))
        return slow == [True]

    asyncio.run(leave_behind())
    assert asyncio.run(told())


async def test_a_mutation_ends_when_its_client_leaves(wire: Wire) -> None:
    """The rest of it: what was done before stays done."""
    _, writer = await wire.connect()
    writer.write(_post(b'{"query":"mutation { add addSlowly(ms: 3600000) b: add }"}'))
    await wire.ledger.reaches("slow")
    writer.close()
    await wire.ledger.reaches("cancelled")
    assert wire.ledger.additions == 1
    assert await wire.is_alive()


async def test_an_operation_ends_when_its_client_leaves(wire: Wire, logs: Logs) -> None:
    before = _running()
    for request in (POST, GET):
        _, writer = await wire.connect()
        writer.write(request)
        await wire.ledger.reaches("slow")
        writer.close()
        await wire.ledger.reaches("cancelled")
        wire.ledger.slow = wire.ledger.cancelled = 0
    assert await wire.is_alive()
    assert _running() == before
    statuses = [each["status"] for each in logs if each["event"] == "request"]
    assert statuses == [499, 499, 200]
    assert not [each for each in logs if each["log_level"] == "error"]


async def test_a_client_that_leaves_does_not_end_the_operations_of_others(wire: Wire) -> None:
    _, staying = await wire.connect()
    staying.write(POST)
    await wire.ledger.reaches("slow", 1)
    _, leaving = await wire.connect()
    leaving.write(POST)
    await wire.ledger.reaches("slow", 2)
    leaving.close()
    await wire.ledger.reaches("cancelled", 1)
    assert answered(await wire.post("{ hello }"))
    assert wire.ledger.cancelled == 1
    staying.close()
    await wire.ledger.reaches("cancelled", 2)


async def test_a_client_that_waits_is_not_taken_for_one_that_left() -> None:
    """Longer than it takes to begin watching, and with bytes of a next request in the pipe."""
    async with example_server(limits=Limits(deadline_ms=300)) as wire:
        reader, writer = await wire.connect()
        writer.write(POST + POST)
        for _ in range(2):
            head = await reader.readuntil(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 200 ")
            body = json.loads(await reader.readexactly(_length(head)))
            assert body["errors"][0]["extensions"]["code"] == "TIMEOUT"
        writer.close()
        assert wire.ledger.cancelled == 2


async def test_watching_ends_with_the_operation(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """Whether it had begun or not: a watcher that stays on would fail, and asyncio would tell."""
    before = _running()
    assert answered(await wire.post("{ hello }"))
    assert answered(await wire.post("{ nap(ms: 80) }"))
    await asyncio.sleep(0.08)
    gc.collect()
    assert _running() == before
    assert not [record for record in caplog.records if record.name == "asyncio"]


async def test_a_client_that_leaves_in_the_middle_of_its_body(wire: Wire, logs: Logs) -> None:
    before = _running()
    _, writer = await wire.connect()
    writer.write(POST[:-5])
    await writer.drain()
    writer.close()
    assert await wire.is_alive()
    async with asyncio.timeout(10):
        while _running() != before:  # noqa: ASYNC110  # there is no event for a task that is gone
            await asyncio.sleep(0.01)
    assert wire.ledger.slow == 0
    assert not [each for each in logs if each["log_level"] == "error"]


async def _moved(deadline: Deadline, ms: int) -> int:
    deadline.move(ms)
    await asyncio.sleep(0)
    return deadline.ms


def _running() -> set[str]:
    """The names of tasks in which an operation runs, or is watched."""
    return {
        str(task.get_coro())
        for task in asyncio.all_tasks()
        if any(name in repr(task.get_coro()) for name in ("run_asgi", "watch", "slow"))
    }


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise AssertionError("The answer has no length.")
