"""A test that hangs fails by itself, and shows where: a pytest plugin of `tests/conftest.py`.

What has no event loop, or is a fixture, or does not let itself be cancelled, ends its whole worker
a little later. The stacks of all threads are printed then, and pytest-xdist says in which test it
was.
"""

import asyncio
import faulthandler
import os
from collections.abc import Callable, Coroutine, Generator
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

import pytest

LIMIT_S = 150
"""The longest tests take half a minute on two processors that do nothing else."""

HARD_LIMIT_S = 400
"""Longer than hypothesis looks for a smaller example, which is five minutes."""

LONG = {"DURABILITY_WRITES", "FUZZ_EXAMPLES", "FUZZ_SECONDS", "MODEL_EXAMPLES"}
"""Who sets these asks for more than usual, and gets all the time that it takes."""

_STDERR = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    """Keeps where errors go, while pytest does not catch what is printed."""
    config.stash[_STDERR] = os.dup(2)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lets no test wait longer than `LIMIT_S`."""
    if LONG & os.environ.keys():
        return
    for item in items:
        if isinstance(item, pytest.Function) and iscoroutinefunction(item.obj):
            item.obj = limited(item.obj, LIMIT_S)


@pytest.hookimpl(wrapper=True, trylast=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Ends the process if a test and its fixtures take longer than `HARD_LIMIT_S`."""
    if LONG & os.environ.keys():
        return (yield)
    stderr = item.config.stash[_STDERR]
    faulthandler.dump_traceback_later(HARD_LIMIT_S, exit=True, file=stderr)
    try:
        return (yield)
    finally:
        faulthandler.cancel_dump_traceback_later()


def limited(
    test: Callable[..., Coroutine[Any, Any, None]], limit_s: float
) -> Callable[..., Coroutine[Any, Any, None]]:
    """The test, which fails with the place that it waits at."""

    @wraps(test)
    async def run(*given: Any, **named: Any) -> None:
        async with asyncio.timeout(limit_s):
            await test(*given, **named)

    return run
