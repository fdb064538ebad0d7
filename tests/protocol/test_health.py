"""Liveness and readiness (RELIABILITY G17), of the whole application over stores that fail."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import httpx
from starlette.applications import Starlette

from protocol.health import Check, Health
from server import create_app
from storage.embedded import EmbeddedStores
from tests.client import serving, settings_of


async def _passing() -> bool:
    return True


async def _failing() -> bool:
    return False


async def _raising() -> bool:
    raise ConnectionError("A detail that is not for everybody.")


async def _hanging() -> bool:
    await asyncio.sleep(3600)
    return True


@asynccontextmanager
async def _checking(
    checks: Mapping[str, Check], *, deadline_ms: int = 5_000
) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=Health(checks, deadline_ms=deadline_ms).routes())
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as http:
        yield http


async def test_ready_while_every_check_passes() -> None:
    async with _checking({"first": _passing, "second": _passing}) as http:
        response = await http.get("/readyz")
    assert response.status_code == 200
    assert response.json()["checks"] == {"first": True, "second": True}
    assert response.headers["cache-control"] == "no-store"


async def test_a_check_that_fails_raises_or_hangs_makes_unready() -> None:
    checks = {"good": _passing, "fails": _failing, "raises": _raising, "hangs": _hanging}
    async with _checking(checks, deadline_ms=50) as http:
        response = await http.get("/readyz")
        assert (await http.get("/healthz")).status_code == 200
    assert response.status_code == 503
    assert response.json()["checks"] == {
        "good": True,
        "fails": False,
        "raises": False,
        "hangs": False,
    }
    assert "for everybody" not in response.text


async def test_many_probes_at_once_make_each_check_once() -> None:
    made = 0
    is_open = asyncio.Event()

    async def counting() -> bool:
        nonlocal made
        made += 1
        await is_open.wait()
        return True

    async with _checking({"counted": counting}) as http:
        probes = [asyncio.create_task(http.get("/readyz")) for _ in range(20)]
        await asyncio.wait(probes, return_when=asyncio.FIRST_COMPLETED, timeout=0.02)
        is_open.set()
        assert {(await probe).status_code for probe in probes} == {200}
        together = made
        await http.get("/readyz")
    assert together < 20
    assert made == together + 1


async def test_readiness_follows_mongo_and_ignores_redis_and_liveness_neither(
    own_stores: EmbeddedStores,
) -> None:
    app = create_app(settings_of(own_stores))
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=10) as http:

        async def is_ready() -> bool:
            response = await http.get("/readyz")
            assert response.status_code == (200 if response.json()["ready"] else 503)
            assert (await http.get("/healthz")).status_code == 200
            return bool(response.json()["ready"])

        assert await is_ready()

        own_stores.redis.kill()
        assert await is_ready()

        own_stores.mongo.pause()
        assert not await is_ready()
        own_stores.mongo.resume()
        async with asyncio.timeout(10):
            while not await is_ready():  # noqa: ASYNC110  # probes are made like this
                await asyncio.sleep(0.05)

        app.state.application.health.drain()
        response = await http.get("/readyz")
        assert response.status_code == 503
        assert response.json()["draining"]
        assert response.json()["checks"] == {"mongo": True}
        assert (await http.get("/healthz")).status_code == 200
        hello = await http.post("/graphql", json={"query": "{ __typename }"})
        assert hello.json()["data"] == {"__typename": "Query"}
