"""What a comparison found: kept as JSON, shown as tables, and put into a page of the docs."""

import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from benchmarks.contestants import node_version
from benchmarks.rounds import Heat, Naming, Round, typical
from benchmarks.workloads import WORKLOADS

BEGIN: Final = "<!-- results of {} -->"
END: Final = "<!-- end of results of {} -->"

_HEADERS: Final = (
    "server",
    "document",
    "CPU",
    "×",
    "per s",
    "p50",
    "p99",
    "CPU, 1 conn.",
    "p50, 1 conn.",
)
_BUSY: Final = 0.9


class Machine(msgspec.Struct, frozen=True):
    """Where it was measured."""

    processor: str
    cores: int
    python: str
    node: str | None

    @classmethod
    def this(cls) -> "Machine":
        """The one that this runs on."""
        return cls(_processor(), os.cpu_count() or 1, platform.python_version(), node_version())

    def __str__(self) -> str:
        node = "no Node" if self.node is None else f"Node {self.node.removeprefix('v')}"
        return f"{self.processor}, {self.cores} cores; Python {self.python}, {node}"


class Line(msgspec.Struct, frozen=True):
    """The figures of one heat: the median round, and all rounds."""

    heat: Heat
    typical: Round
    rounds: list[Round]


class Results(msgspec.Struct, frozen=True):
    """One run. `missing` says, by server, why some did not take part."""

    made_at: datetime
    machine: Machine
    world: str
    rounds: int
    seconds: float
    missing: dict[str, str]
    lines: list[Line]

    def line(self, heat: Heat) -> Line | None:
        """The line of a heat, if it was run."""
        return next((each for each in self.lines if each.heat == heat), None)

    @property
    def servers(self) -> list[str]:
        """Those that took part, in order."""
        return list(dict.fromkeys(each.heat.server for each in self.lines))

    @property
    def most_connections(self) -> int:
        """Under which load CPU is compared."""
        return max(each.heat.connections for each in self.lines)


def collect(
    measured: Mapping[Heat, list[Round]],
    *,
    world: str,
    seconds: float,
    missing: Mapping[str, str],
) -> Results:
    """The results of rounds that were run."""
    lines = [Line(heat, typical(rounds), rounds) for heat, rounds in measured.items() if rounds]
    return Results(
        made_at=datetime.now(UTC),
        machine=Machine.this(),
        world=world,
        rounds=max((len(each.rounds) for each in lines), default=0),
        seconds=seconds,
        missing=dict(missing),
        lines=lines,
    )


def save(results: Results, path: Path) -> None:
    """Writes results as JSON."""
    path.write_bytes(msgspec.json.format(msgspec.json.encode(results), indent=1))


def load(path: Path) -> Results:
    """Reads results that were saved."""
    return msgspec.json.decode(path.read_bytes(), type=Results)


def report(results: Results) -> str:
    """All tables, in Markdown."""
    said = [
        f"{results.made_at:%Y-%m-%d}, {results.machine}. {results.world}. "
        f"Medians of {results.rounds} rounds of {results.seconds:g} s. Milliseconds; CPU is for "
        f"each request, at {results.most_connections} connections unless it says 1."
    ]
    for workload in WORKLOADS:
        if any(each.heat.workload == workload.name for each in results.lines):
            said += [f"**{workload.name}**: {workload.about}", table(results, workload.name)]
    said += [f"{name} did not take part: {why}" for name, why in results.missing.items()]
    said += _doubts(results)
    return "\n\n".join(said)


def table(results: Results, workload: str) -> str:
    """One workload: a row for each server and way of naming the document, cheapest first."""
    rows = sorted(_rows(results, workload), key=lambda row: row[0])
    return markdown(_HEADERS, [row[1] for row in rows])


def write_into(path: Path, name: str, text: str) -> None:
    """Replaces what a page has between the markers of a name. Raises `ValueError` without them."""
    page = path.read_text("utf-8")
    begin, end = BEGIN.format(name), END.format(name)
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{path} has no place for results: {begin} … {end}.")
    path.write_text(f"{before}{begin}\n\n{text}\n\n{end}{after}", "utf-8")


def _rows(results: Results, workload: str) -> Iterator[tuple[float, tuple[str, ...]]]:
    most = results.most_connections
    ours = results.servers[0]
    for server in results.servers:
        for naming in Naming:
            line = results.line(Heat(server, workload, naming, most))
            alone = results.line(Heat(server, workload, naming, 1))
            shown = line or alone
            if shown is None:
                continue
            reference = results.line(Heat(ours, workload, naming, shown.heat.connections))
            is_graphql = _speaks_graphql(results, server)
            yield (
                shown.typical.cpu_ms,
                (
                    server,
                    naming.value if is_graphql else "–",
                    _ms(line, "cpu_ms"),
                    _ratio(shown, reference),
                    "–" if line is None else f"{line.typical.per_s:,.0f}",
                    _ms(line, "p50_ms"),
                    _ms(line, "p99_ms"),
                    _ms(alone, "cpu_ms"),
                    _ms(alone, "p50_ms"),
                ),
            )


def _speaks_graphql(results: Results, server: str) -> bool:
    namings = {each.heat.naming for each in results.lines if each.heat.server == server}
    everywhere = {each.heat.naming for each in results.lines}
    return namings == everywhere


def _ratio(line: Line, reference: Line | None) -> str:
    if reference is None or reference.typical.cpu_ms == 0:
        return "–"
    return f"{line.typical.cpu_ms / reference.typical.cpu_ms:.2f}"


def _ms(line: Line | None, name: str) -> str:
    if line is None:
        return "–"
    value: float = getattr(line.typical, name)
    return f"{value:.2f}" if value < 10 else f"{value:.1f}"


def _doubts(results: Results) -> Iterable[str]:
    """What a reader must know before believing a figure."""
    for line in results.lines:
        heat, figures = line.heat, line.typical
        label = f"{heat.server}, {heat.workload}, {heat.naming}, {heat.connections} connections"
        if figures.failed:
            yield f"{label}: {figures.failed} of {figures.requests} requests FAILED."
        if figures.load_busy > _BUSY:
            yield f"{label}: the load took {figures.load_busy:.0%} of a core and set the pace."


def markdown(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose first two columns are words."""
    widths = [max(len(row[i]) for row in (headers, *rows)) for i in range(len(headers))]

    def line(cells: Sequence[str]) -> str:
        padded = [
            cell.ljust(width) if i < 2 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = ["-" * width if i < 2 else f"{'-' * (width - 1)}:" for i, width in enumerate(widths)]
    return "\n".join([line(headers), line(rule), *map(line, rows)])


def _processor() -> str:
    for row in Path("/proc/cpuinfo").read_text().splitlines():
        if row.startswith("model name"):
            return row.partition(":")[2].strip()
    return platform.processor() or platform.machine()
