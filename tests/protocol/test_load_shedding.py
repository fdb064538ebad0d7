"""A server that has more to do than it can, over real HTTP (RELIABILITY G8)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from protocol.admission import Admission
from protocol.limits import Limits
from tests.protocol.example import Example
from tests.protocol.wire import (
    ADD,
    GRAPHQL_RESPONSE,
    MEDIA_TYPES,
    PATIENCE_S,
    Wire,
    answered,
    example_server,
    refused,
)

SLOW = "{ slow }"


@pytest.fixture
def admission() -> Admission:
    """One runs, one waits, and both have time."""
    return Admission(running=1, waiting=1, patience_ms=3_600_000)


@pytest.fixture
async def busy(admission: Admission) -> AsyncIterator[Wire]:
    """A server that executes one operation, and one waits."""
    async with example_server(Example(admission=admission)) as wire, asyncio.TaskGroup() as group:
        clients = [group.create_task(ask(wire, SLOW)) for _ in range(2)]
        await reaches(admission, running=1, waiting=1)
        await wire.ledger.reaches("slow")
        yield wire
        for client in clients:
            client.cancel()


async def ask(wire: Wire, query: str) -> httpx.Response:
    """One operation on a connection of its own, which ends when this is cancelled."""
    async with httpx.AsyncClient(base_url=wire.url, timeout=PATIENCE_S) as http:
        return await http.post("/graphql", json={"query": query})


async def reaches(admission: Admission, *, running: int, waiting: int) -> None:
    """Returns when so many run and so many wait."""
    async with asyncio.timeout(PATIENCE_S):
        while (admission.running, admission.waiting) != (running, waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
async def test_who_finds_no_place_is_told_to_come_back(busy: Wire, media_type: str) -> None:
    response = await busy.post(ADD, accept=media_type)
    error = refused(response, 503, "UNAVAILABLE", media_type)
    assert error == {
        "message": "The server is busy; try again in 1 s.",
        "extensions": {"code": "UNAVAILABLE"},
    }
    assert response.headers["retry-after"] == "1"
    assert busy.ledger.additions == 0


async def test_health_is_no_operation(busy: Wire) -> None:
    for path in ("/healthz", "/readyz"):
        assert (await busy.http.get(path)).status_code == 200


async def test_clients_that_leave_leave_nothing_behind(admission: Admission) -> None:
    async with example_server(Example(admission=admission)) as wire:
        for turn in range(1, 4):
            clients = [asyncio.ensure_future(ask(wire, SLOW)) for _ in range(2)]
            await reaches(admission, running=1, waiting=1)
            for client in clients:
                client.cancel()
            await asyncio.gather(*clients, return_exceptions=True)
            await wire.ledger.reaches("cancelled", 2 * turn)
            await reaches(admission, running=0, waiting=0)
        assert answered(await wire.post("{ hello }")) == {"hello": "hello world"}


async def test_an_overdue_operation_makes_room(admission: Admission) -> None:
    limits = replace(Limits(), deadline_ms=50)
    async with example_server(Example(admission=admission, limits=limits)) as wire:
        answers = await asyncio.gather(*(ask(wire, SLOW) for _ in range(2)))
        assert [answer.json()["errors"][0]["extensions"]["code"] for answer in answers] == [
            "TIMEOUT"
        ] * 2
        assert (admission.running, admission.waiting) == (0, 0)
        assert wire.ledger.cancelled == 2


async def test_who_waits_too_long_is_sent_away() -> None:
    admission = Admission(running=1, waiting=1, patience_ms=20)
    async with example_server(Example(admission=admission)) as wire:
        running = asyncio.ensure_future(ask(wire, SLOW))
        await wire.ledger.reaches("slow")
        refused(await wire.post(ADD), 503, "UNAVAILABLE")
        assert wire.ledger.additions == 0
        running.cancel()
        await reaches(admission, running=0, waiting=0)
        assert answered(await wire.post(ADD)) == {"add": 1}


async def test_when_nobody_has_a_place_no_body_is_waited_for() -> None:
    admission = Admission(running=1, waiting=0, patience_ms=1)
    async with example_server(Example(admission=admission)) as wire:
        running = asyncio.ensure_future(ask(wire, SLOW))
        await wire.ledger.reaches("slow")
        answer = await wire.send_bytes(
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Accept: " + GRAPHQL_RESPONSE.encode() + b"\r\n"
            b"Content-Length: 50\r\nConnection: close\r\n\r\n"
        )
        assert answer.startswith(b"HTTP/1.1 503 ")
        assert b'"UNAVAILABLE"' in answer
        running.cancel()
