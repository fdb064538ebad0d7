"""graphql-core's own tests of execution, run on plans; see `known_differences` and `core_plugin`.

Its source distribution is fetched by `make core-tests`, which `make test` does first.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.execution.known_differences import KNOWN_DIFFERENCES
from tests.programs import usual_environment

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
SUITE = REPOSITORY / ".venv" / "core-tests" / "graphql_core-3.3.2"

TESTS = 738
COMPILED = 345
"""How many executions run on a plan at least. Others ask for what plans leave to graphql-core:
introspection, `@defer`, hooks, signals, middleware, executors of their own."""

PATIENCE_S = 140


@pytest.mark.skipif(not SUITE.exists(), reason="`make core-tests` could not fetch graphql-core")
async def test_graphql_cores_own_tests_pass_but_those_that_are_named(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    output = await _run(report)
    assert report.exists(), output[-3_000:]
    told = json.loads(report.read_text())
    failures = {
        name.removeprefix("tests/execution/"): why for name, why in told["failures"].items()
    }
    unknown = {
        name: why[-2_000:] for name, why in failures.items() if name not in KNOWN_DIFFERENCES
    }
    assert unknown == {}
    assert sorted(KNOWN_DIFFERENCES.keys() - failures.keys()) == []
    assert told["passed"] == TESTS - len(KNOWN_DIFFERENCES)
    assert sum(told["compiled"].values()) >= COMPILED


async def _run(report: Path) -> str:
    """Runs the tests in a process of their own; gives what it printed."""
    roots = [SUITE, REPOSITORY, HERE]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "-c", str(HERE / "core_suite.ini")),
        *("--rootdir", str(SUITE), "tests/execution"),
        cwd=SUITE,
        env={
            **{
                name: value
                for name, value in usual_environment().items()
                if not name.startswith("PYTEST")
            },
            "PYTHONPATH": os.pathsep.join(map(str, roots)),
            "CORE_SUITE_REPORT": str(report),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    except TimeoutError:
        process.kill()
        await process.wait()
        raise
    return output.decode(errors="replace")
