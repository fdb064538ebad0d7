"""Measures servers in short rounds that take turns, so that what befalls one befalls all.

A round loads one server with one workload, from clients that each wait for their answer. CPU is
what the processes of the server used meanwhile, its own and the system's for it, from /proc.
"""

import asyncio
import os
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from enum import StrEnum
from itertools import count
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import msgspec

from benchmarks.connections import Connections, Sample, percentile, post
from benchmarks.contestants import Running
from benchmarks.workloads import PAGE, Audience, Question, Workload

_TURNS: Final = 2
"""How often each client asks in a round, if the server is ever so slow."""

_PATIENCE_S: Final = 60.0

_WARMING_S: Final = 0.5
"""What each round begins with and does not count: its server stood idle while others had theirs,
and what it keeps for a time has ended, which under a steady load would have been renewed."""

_TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")


class Naming(StrEnum):
    """How a request names its document: by the whole text, or by its id."""

    TEXT = "text"
    PERSISTED = "persisted"


class Heat(msgspec.Struct, frozen=True):
    """One server under one kind of load: it is measured in every round."""

    server: str
    workload: str
    naming: Naming
    connections: int


class Round(msgspec.Struct, frozen=True):
    """What one round came to. Times are milliseconds, `cpu_ms` for each request.

    `load_busy` is the share of one core that the load took: near 1, it is what was measured.
    """

    requests: int
    failed: int
    cpu_ms: float
    per_s: float
    p50_ms: float
    p99_ms: float
    load_busy: float


class Entry(msgspec.Struct, frozen=True):
    """A heat that is ready to be run: where its requests go, and which they are."""

    heat: Heat
    running: Running
    requests: Sequence[bytes]


def entry(
    running: Running,
    workload: Workload,
    naming: Naming,
    connections: int,
    audience: Audience,
    *,
    first: int = PAGE,
) -> Entry:
    """The heat of a server, with the requests of a whole audience."""
    heat = Heat(running.contestant.name, workload.name, naming, connections)
    questions = workload.questions(audience, first=first)
    return Entry(heat, running, [_request(workload, naming, each) for each in questions])


async def run_rounds(
    entries: Sequence[Entry],
    *,
    rounds: int,
    seconds: float,
    before_each: Callable[[int], Awaitable[None]] | None = None,
) -> dict[Heat, list[Round]]:
    """Measures all entries in each round, in an order of its own, after a round that only warms.

    `before_each` is given the number of the round that comes, 0 for the one that warms.
    """
    measured: dict[Heat, list[Round]] = {each.heat: [] for each in entries}
    shuffled = random.Random(2010)  # noqa: S311  # repeatable, not secret
    for number in range(rounds + 1):
        if before_each is not None:
            await before_each(number)
        for each in shuffled.sample(entries, len(entries)):
            came = await measure(each, seconds)
            if number:
                measured[each.heat].append(came)
    return measured


async def measure(entry: Entry, seconds: float) -> Round:
    """One round of one entry: longer than `seconds` where clients would hardly get a turn."""
    connections = Connections(
        entry.running.port, most=entry.heat.connections, patience_s=_PATIENCE_S
    )
    numbers = count()
    requests = entry.requests

    async def client(end: float, fewest: int, samples: list[Sample]) -> None:
        while perf_counter() < end or len(samples) < fewest:
            request = requests[next(numbers) % len(requests)]
            samples.append(await connections.ask("", request))

    async def load(seconds: float, fewest: int = 0) -> list[Sample]:
        samples: list[Sample] = []
        end = perf_counter() + seconds
        clients = range(entry.heat.connections)
        await asyncio.gather(*(client(end, fewest, samples) for _ in clients))
        return samples

    await load(_WARMING_S)
    used_s, load_s = cpu_s(entry.running.pid), time.process_time()
    began = perf_counter()
    samples = await load(seconds, _TURNS * entry.heat.connections)
    took_s = perf_counter() - began
    used_s, load_s = cpu_s(entry.running.pid) - used_s, time.process_time() - load_s
    connections.close()
    return Round(
        requests=len(samples),
        failed=sum(each.status != 200 for each in samples),
        cpu_ms=used_s / len(samples) * 1000,
        per_s=len(samples) / took_s,
        p50_ms=percentile(samples, 50) * 1000,
        p99_ms=percentile(samples, 99) * 1000,
        load_busy=load_s / took_s,
    )


def typical(rounds: Sequence[Round]) -> Round:
    """The median of each figure; requests and failures are those of all rounds."""
    return Round(
        requests=sum(each.requests for each in rounds),
        failed=sum(each.failed for each in rounds),
        cpu_ms=median(each.cpu_ms for each in rounds),
        per_s=median(each.per_s for each in rounds),
        p50_ms=median(each.p50_ms for each in rounds),
        p99_ms=median(each.p99_ms for each in rounds),
        load_busy=median(each.load_busy for each in rounds),
    )


def cpu_s(pid: int) -> float:
    """The CPU time in seconds of a process, of its threads, and of its children that live."""
    return sum(_ticks(each) for each in (pid, *_children(pid))) / _TICKS_PER_S


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _request(workload: Workload, naming: Naming, question: Question) -> bytes:
    text = {"query": workload.text}
    by_id = {"documentId": workload.digest}
    document = text if naming is Naming.TEXT else by_id
    return post("/graphql", {**document, "variables": question.variables}, question.token)
