"""`/metrics` (RELIABILITY, security checklist): what is read there, by whom, and how."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector
from pydantic import SecretStr
from starlette.applications import Starlette

from protocol.health import Health
from protocol.metrics import Metrics
from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import serving, settings_of
from tests.programs import ROOT

KEY = "the key of the tests, and only of them"
BEARER = {"Authorization": f"Bearer {KEY}"}

PRODUCTION = {
    "env": "production",
    "allowed_hosts": ("127.0.0.1",),
    "jwt_secret": SecretStr("a secret of the tests, and only of them"),
}


@asynccontextmanager
async def scraping(metrics: Metrics) -> AsyncIterator[httpx.AsyncClient]:
    """A server of metrics, beside which its health can be asked for."""
    app = Starlette(routes=[*metrics.routes(), *Health({}).routes()])
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
        yield http


@asynccontextmanager
async def whole(
    stores: EmbeddedStores, storage: Storage, **settings: object
) -> AsyncIterator[httpx.AsyncClient]:
    """The whole application, with settings other than those of the tests."""
    app = create_app(settings_of(stores, **settings), storage)
    async with serving(app) as url, httpx.AsyncClient(base_url=url, timeout=30) as http:
        yield http


def families(text: str) -> dict[str, Metric]:
    """What a scrape holds, by name."""
    return {each.name: each for each in text_string_to_metric_families(text)}


async def test_what_was_counted_is_read() -> None:
    registry = CollectorRegistry()
    drawn = Counter("pins_drawn", "Pins that were drawn", ["colour"], registry=registry)
    drawn.labels("crimson").inc(3)
    async with scraping(Metrics(registry=registry)) as http:
        response = await http.get("/metrics")
        drawn.labels("crimson").inc()
        later = await http.get("/metrics")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/plain; version=")
    assert response.headers["cache-control"] == "no-store"
    lines = response.text.splitlines()
    assert lines[:3] == [
        "# HELP pins_drawn_total Pins that were drawn",
        "# TYPE pins_drawn_total counter",
        'pins_drawn_total{colour="crimson"} 3.0',
    ]
    assert 'pins_drawn_total{colour="crimson"} 4.0' in later.text


async def test_who_asks_for_openmetrics_gets_it() -> None:
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with scraping(Metrics(registry=CollectorRegistry())) as http:
        response = await http.get("/metrics", headers=accept)
    assert response.headers["content-type"].startswith("application/openmetrics-text; version=1.")
    assert response.text == "# EOF\n"


class Held(Collector):
    """A number that is known when it is let go."""

    def __init__(self) -> None:
        self.asked = 0
        self.let_go = threading.Event()

    def collect(self) -> Iterator[Metric]:
        """Called in the thread that writes."""
        self.asked += 1
        assert self.let_go.wait(30)
        yield GaugeMetricFamily("held", "A number", value=self.asked)


async def test_nobody_waits_for_those_who_scrape_and_they_come_one_by_one() -> None:
    registry, held = CollectorRegistry(), Held()
    registry.register(held)
    async with scraping(Metrics(registry=registry)) as http:
        scrapes = [asyncio.create_task(http.get("/metrics")) for _ in range(5)]
        async with asyncio.timeout(30):
            while not held.asked:  # noqa: ASYNC110  # a thread has no event for the loop
                await asyncio.sleep(0.005)
        for _ in range(5):
            assert (await http.get("/healthz")).status_code == 200
        assert held.asked == 1
        held.let_go.set()
        answers = [await each for each in scrapes]
    numbers = [families(each.text)["held"].samples[0].value for each in answers]
    assert sorted(numbers) == [1, 2, 3, 4, 5]


async def test_only_who_has_the_key_may_read() -> None:
    async with scraping(Metrics(KEY.encode(), CollectorRegistry())) as http:
        for wrong in ("", KEY, f"Basic {KEY}", f"Bearer {KEY}!", "Bearer", "Bearer \xff"):
            headers = {b"Authorization": wrong.encode("latin-1")}
            response = await http.get("/metrics", headers=headers)
            assert (response.status_code, response.text) == (401, "")
            assert response.headers["www-authenticate"] == "Bearer"
            assert response.headers["cache-control"] == "no-store"
        assert (await http.get("/metrics", headers=BEARER)).status_code == 200
        assert (await http.post("/metrics", headers=BEARER)).status_code == 405


async def test_in_development_anybody_may_read(stores: EmbeddedStores, storage: Storage) -> None:
    async with whole(stores, storage) as http:
        response = await http.get("/metrics")
    assert response.status_code == 200
    running = families(response.text)["pinery_operations_running"]
    assert [sample.labels for sample in running.samples] == [{}]


@pytest.mark.parametrize("env", ["development", "production"])
async def test_with_a_key_nobody_else_may_read(
    stores: EmbeddedStores, storage: Storage, env: str
) -> None:
    settings = PRODUCTION | {"env": env, "metrics_key": SecretStr(KEY)}
    async with whole(stores, storage, **settings) as http:
        assert (await http.get("/metrics")).status_code == 401
        assert (await http.get("/metrics", headers=BEARER)).status_code == 200


async def test_in_production_there_is_nothing_without_a_key(
    stores: EmbeddedStores, storage: Storage
) -> None:
    async with whole(stores, storage, **PRODUCTION) as http:
        assert (await http.get("/metrics", headers=BEARER)).status_code == 404


async def test_the_documentation_names_them_all(stores: EmbeddedStores, storage: Storage) -> None:
    async with whole(stores, storage) as http:
        served = families((await http.get("/metrics")).text)
    lines = (ROOT / "docs" / "metrics.md").read_text().splitlines()
    documented = {line.split("`")[1].partition("{")[0] for line in lines if line[:3] == "| `"}
    ours = {name for name in served if name.startswith("pinery_")}
    ours -= {name for name in ours if name.endswith("_created")}  # when a counter was made
    assert ours == {name.removesuffix("_total") for name in documented}
