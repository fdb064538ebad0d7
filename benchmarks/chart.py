"""Draws what a comparison found: CPU for each request, by workload and server.

    python -m benchmarks.chart [--results .pinery/bench/results.json]
                               [--write docs/images/performance.png]

Needs the extra `bench`. The scale is logarithmic, so the same distance is the same ratio anywhere.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import matplotlib as mpl
from matplotlib import pyplot
from matplotlib.ticker import LogLocator, NullFormatter

from benchmarks.compare import RESULTS
from benchmarks.contestants import ROOT
from benchmarks.results import Results, load
from benchmarks.rounds import Heat, Naming
from benchmarks.workloads import WORKLOADS, Workload

IMAGE: Final = ROOT / "docs" / "images" / "performance.png"

_OURS, _OTHERS = "#bd081c", "#5f6b7a"
_LINE, _WORDS = "#d7dbe0", "#20262e"
_INCHES_A_ROW, _DOTS_AN_INCH = 0.24, 150


def draw(results: Results, path: Path) -> None:
    """Draws the requests that name their document by id, at the most connections."""
    shown = [(each, _figures(results, each)) for each in WORKLOADS]
    shown = [(workload, figures) for workload, figures in shown if figures]
    mpl.rcParams.update({"font.family": "DejaVu Sans", "font.size": 9, "text.color": _WORDS})
    rows = [len(figures) for _, figures in shown]
    height = _INCHES_A_ROW * (sum(rows) + 2 * len(rows)) + 1.1
    figure, axes = pyplot.subplots(
        len(shown), 1, figsize=(8.6, height), sharex=True, squeeze=False, height_ratios=rows
    )
    values = [cpu_ms for _, figures in shown for _, cpu_ms in figures]
    for axis, (workload, figures) in zip(axes[:, 0], shown, strict=True):
        _draw_workload(axis, workload, figures, results.servers[0], min(values) / 1.6)
    axes[0, 0].set_xlim(min(values) / 1.6, max(values) * 1.9)
    axes[-1, 0].set_xlabel("milliseconds, logarithmic; less is better", color=_WORDS)
    figure.suptitle(
        f"CPU for each request, {results.most_connections} connections, persisted documents",
        x=0.01,
        ha="left",
        fontsize=11.5,
        fontweight="bold",
    )
    figure.tight_layout(h_pad=1.1, rect=(0, 0, 1, 0.99))
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=_DOTS_AN_INCH, facecolor="white")
    pyplot.close(figure)


def _figures(results: Results, workload: Workload) -> list[tuple[str, float]]:
    """Servers and their CPU in milliseconds, cheapest first."""
    found = []
    for server in results.servers:
        heat = Heat(server, workload.name, Naming.PERSISTED, results.most_connections)
        line = results.line(heat)
        if line is not None and line.typical.cpu_ms > 0:
            found.append((server, line.typical.cpu_ms))
    return sorted(found, key=lambda each: each[1])


def _draw_workload(
    axis: "mpl.axes.Axes",
    workload: Workload,
    figures: Sequence[tuple[str, float]],
    ours: str,
    left: float,
) -> None:
    axis.set_xscale("log")
    axis.set_title(f"{workload.name}: {workload.about}", loc="left", fontsize=9.5)
    for place, (server, cpu_ms) in enumerate(figures):
        color = _OURS if server.startswith("Pinery") else _OTHERS
        axis.plot([left, cpu_ms], [place, place], color=_LINE, linewidth=1.2, zorder=1)
        axis.plot([cpu_ms], [place], "o", color=color, markersize=6, zorder=2)
        weight = "bold" if server == ours else "normal"
        axis.annotate(
            f"{cpu_ms:.2f}" if cpu_ms < 10 else f"{cpu_ms:.1f}",
            (cpu_ms, place),
            xytext=(7, 0),
            textcoords="offset points",
            va="center",
            color=color,
            fontweight=weight,
        )
    axis.set_yticks(range(len(figures)), [server for server, _ in figures])
    for label in axis.get_yticklabels():
        is_ours = label.get_text().startswith("Pinery")
        label.set_color(_OURS if is_ours else _WORDS)
        label.set_fontweight("bold" if label.get_text() == ours else "normal")
    axis.set_ylim(len(figures) - 0.5, -0.5)
    axis.tick_params(axis="y", length=0)
    axis.tick_params(axis="x", which="both", color=_LINE)
    axis.xaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axis.xaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axis.xaxis.set_minor_formatter(NullFormatter())
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.spines["bottom"].set_color(_LINE)


def main() -> None:
    """The program."""
    parser = argparse.ArgumentParser(description="Draws the results of a comparison.")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--write", type=Path, default=IMAGE)
    options = parser.parse_args()
    draw(load(options.results), options.write)


if __name__ == "__main__":
    main()
