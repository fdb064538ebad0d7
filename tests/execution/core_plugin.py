"""A pytest plugin in the process that runs graphql-core's own tests: they run compiled.

It stands apart from our tests: graphql-core's are a package called `tests`, too. What came of each
test is written to the file that `CORE_SUITE_REPORT` in the environment names.
"""

import gc
import json
import os
import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import pytest
from graphql.execution import Executor
from known_differences import (  # type: ignore[import-not-found]  # found beside this file
    KNOWN_DIFFERENCES,
)

from execution.executor import compiled_result

PATIENCE_S = 8
"""How long a test may take."""

SHORT_S = 1
"""How long one that is known to fail: who waits for a task to be cancelled would wait for ever."""

_interpreted = Executor.execute_operation


class Recorder:
    """Counts what ran on a plan, and keeps what came of each test."""

    def __init__(self) -> None:
        self.compiled: dict[str, int] = {}
        self.failures: dict[str, str] = {}
        self.passed = 0
        self._test = ""

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Called before each test."""
        self._test = nodeid

    def pytest_collection_finish(self) -> None:
        """Called before the first test; many look for what was dropped, among all that there is."""
        gc.collect()
        gc.freeze()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None]:
        """Ends a test that takes too long."""
        signal.signal(signal.SIGALRM, _end)
        is_known = self._test.removeprefix("tests/execution/") in KNOWN_DIFFERENCES
        signal.alarm(SHORT_S if is_known else PATIENCE_S)
        try:
            return (yield)
        finally:
            signal.alarm(0)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called after each part of a test."""
        if report.failed:
            self.failures[report.nodeid] = report.longreprtext
        elif report.when == "call":
            self.passed += report.passed

    def pytest_sessionfinish(self) -> None:
        """Called at the end."""
        Path(os.environ["CORE_SUITE_REPORT"]).write_text(
            json.dumps(
                {"passed": self.passed, "compiled": self.compiled, "failures": self.failures}
            )
        )

    def note(self) -> None:
        """Counts an execution that runs on a plan."""
        self.compiled[self._test] = self.compiled.get(self._test, 0) + 1


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise TimeoutError("The test took too long.")


recorder = Recorder()


def pytest_configure(config: pytest.Config) -> None:
    """Called by pytest when it starts."""
    config.pluginmanager.register(recorder)


def execute_operation(executor: Executor[Any], serially: bool | None = None) -> Any:
    """Runs a plan if there is one; what overrides the inside of an executor needs the inside."""
    result = None
    if type(executor).execute_field is Executor.execute_field:
        result = compiled_result(executor, serially)
    if result is None:
        return _interpreted(executor, serially)
    recorder.note()
    return result


Executor.execute_operation = execute_operation  # type: ignore[assignment, method-assign]
