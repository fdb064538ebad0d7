"""No test waits for ever: real pytest runs of small modules, with `tests.limits` loaded."""

from pathlib import Path

import pytest

from tests.test_ci import run

PLUGINS = ("-p", "pytest_asyncio.plugin", "-p", "tests.limits", "-o", "asyncio_mode=auto")
SMALL = """
import asyncio, threading, tests.limits

tests.limits.LIMIT_S = 0.05
tests.limits.HARD_LIMIT_S = 1

async def test_one_that_hangs():
    await asyncio.Event().wait()  # for what never comes

def test_one_that_cannot_be_cancelled():
    threading.Event().wait()

async def test_one_that_ends():
    await asyncio.sleep(0)
"""


def test_a_test_that_hangs_fails_where_it_waits(tmp_path: Path) -> None:
    finished = run(tmp_path, SMALL, *PLUGINS, "-k", "not cannot", ci="")
    assert finished.returncode == pytest.ExitCode.TESTS_FAILED
    assert "await asyncio.Event().wait()  # for what never comes" in finished.stdout
    assert "FAILED test_small.py::test_one_that_hangs - TimeoutError" in finished.stdout
    assert "1 failed, 1 passed" in finished.stdout


def test_one_that_cannot_be_cancelled_is_named(tmp_path: Path) -> None:
    finished = run(tmp_path, SMALL, *PLUGINS, "-k", "not hangs", "-n", "1", ci="")
    assert finished.returncode == pytest.ExitCode.TESTS_FAILED
    name = "test_small.py::test_one_that_cannot_be_cancelled"
    assert f"crashed while running '{name}'" in finished.stdout
    assert "in test_one_that_cannot_be_cancelled" in finished.stderr
    assert "1 failed, 1 passed" in finished.stdout
