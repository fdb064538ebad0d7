"""How cost grows: with the size of a page, with depth, with workers, and with the data.

Pinery, with each executor it has, and ordinary Strawberry for scale. By id where the document is
one of the workloads; the nested ones are sent as text.
"""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from typing import Final

import msgspec

from benchmarks.audience import build_world, gather_audience, renew_feeds
from benchmarks.connections import post
from benchmarks.contestants import Contestant, Grounds, Running, contestants, running
from benchmarks.results import Line, Machine, markdown
from benchmarks.rounds import Entry, Heat, Naming, entry, run_rounds, typical
from benchmarks.workloads import WORKLOADS, Audience
from storage.embedded import EmbeddedStores

CONNECTIONS: Final = 32
PAGES: Final = (5, 25, 100)
DEPTHS: Final = (1, 2, 3, 4)
WORKERS: Final = (1, 2)
SMALL_USERS: Final = 400
SMALL_PINS: Final = 10_000
BRANCHES: Final = 3

_HEADERS: Final = ("what", "server", "CPU", "per s", "p50", "p99")


async def run(grounds: Grounds, *, pins: int, rounds: int, seconds: float) -> str:
    """Measures all of it; gives the report. `pins` is how large the world of `grounds` is."""
    small_dir = grounds.data_dir / "small"
    with EmbeddedStores(small_dir) as stores:
        small = msgspec.structs.replace(
            grounds, mongo_url=stores.mongo_url, redis_url=stores.redis_url, data_dir=small_dir
        )
        await build_world(small, users=SMALL_USERS, pins=SMALL_PINS)
        async with AsyncExitStack() as stack:
            entries = await _entries(stack, grounds, small, pins)
            measured = await run_rounds(entries, rounds=rounds, seconds=seconds)
    lines = [Line(heat, typical(came), came) for heat, came in measured.items()]
    return "\n\n".join(
        [
            f"{Machine.this()}. Medians of {rounds} rounds of {seconds:g} s, at {CONNECTIONS} "
            "connections. Milliseconds; CPU is for each request, of all processes of a server.",
            markdown(_HEADERS, [_row(each) for each in lines]),
        ]
    )


async def _entries(
    stack: AsyncExitStack, grounds: Grounds, small: Grounds, pins: int
) -> list[Entry]:
    async def start(contestant: Contestant, where: Grounds) -> Running:
        return await stack.enter_async_context(running(contestant, where))

    known = contestants()
    servers = [
        await start(each, grounds) for each in known if each.is_ours or each.name == "Strawberry"
    ]
    ours = known[0]
    audience = await gather_audience(grounds, servers[0].port)
    await renew_feeds(grounds, servers[0].port, audience)
    entries = [
        _of_workload(server, "home_feed", f"a feed of {first}", audience, first=first)
        for first in PAGES
        for server in servers
    ]
    entries += [_nested(server, depth, audience) for depth in DEPTHS for server in servers]
    for workers in WORKERS:
        several = await start(_with_workers(ours, workers), grounds)
        label = f"a feed of 25, {workers} worker{'s' if workers > 1 else ''}"
        entries.append(_of_workload(several, "home_feed", label, audience))
    on_small = await start(ours, small)
    few = await gather_audience(small, on_small.port)
    await renew_feeds(small, on_small.port, few)
    for name in ("home_feed", "profile", "deep_feed"):
        entries.append(_of_workload(on_small, name, f"{name}, {SMALL_PINS:,} pins", few))
        entries.append(_of_workload(servers[0], name, f"{name}, {pins:,} pins", audience))
    return entries


def _with_workers(contestant: Contestant, workers: int) -> Contestant:
    environment = {**contestant.environment, "PINERY_WORKERS": str(workers)}
    return msgspec.structs.replace(contestant, environment=environment)


def _of_workload(
    server: Running, name: str, label: str, audience: Audience, *, first: int = 25
) -> Entry:
    workload = next(each for each in WORKLOADS if each.name == name)
    made = entry(server, workload, Naming.PERSISTED, CONNECTIONS, audience, first=first)
    return msgspec.structs.replace(made, heat=msgspec.structs.replace(made.heat, workload=label))


def _nested(server: Running, depth: int, audience: Audience) -> Entry:
    """Pins related to pins related to a pin: `BRANCHES` of each."""
    text = f"query Nested($id: ID!) {{ pin(id: $id) {{ {_related(depth)} }} }}"
    pins = sum(BRANCHES**level for level in range(depth + 1))
    heat = Heat(
        server.contestant.name, f"related pins, {depth} deep: {pins}", Naming.TEXT, CONNECTIONS
    )
    token, requests = audience.tokens[0], _spread(audience.pins)
    return Entry(
        heat,
        server,
        [post("/graphql", {"query": text, "variables": {"id": pin}}, token) for pin in requests],
    )


def _related(depth: int) -> str:
    fields = "id title creator { id username } board { id name }"
    if depth == 0:
        return fields
    return f"{fields} related(first: {BRANCHES}) {{ edges {{ node {{ {_related(depth - 1)} }} }} }}"


def _spread(pins: Sequence[str], most: int = 40) -> Sequence[str]:
    return pins[:: max(1, len(pins) // most)]


def _row(line: Line) -> tuple[str, ...]:
    figures = line.typical
    failed = f" ({figures.failed} FAILED)" if figures.failed else ""
    return (
        line.heat.workload + failed,
        line.heat.server,
        f"{figures.cpu_ms:.2f}",
        f"{figures.per_s:,.0f}",
        f"{figures.p50_ms:.1f}",
        f"{figures.p99_ms:.1f}",
    )
