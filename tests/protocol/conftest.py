"""Servers for the tests of the protocol: the example schema over real HTTP, without any store."""

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Any, TypeAlias

import pytest
import structlog
from structlog.testing import capture_logs

from tests.protocol.example import Example
from tests.protocol.wire import Wire, example_server


@pytest.fixture(scope="session")
async def example_wire() -> AsyncIterator[Wire]:
    """The shared development server of the example."""
    async with example_server() as wire:
        yield wire


@pytest.fixture(scope="session")
async def production_wire() -> AsyncIterator[Wire]:
    """The shared server of the example that hides what helps."""
    async with example_server(Example(production=True)) as wire:
        yield wire


@pytest.fixture
def wire(example_wire: Wire) -> Wire:
    """A client of the development server, whose ledger is empty."""
    _clear(example_wire)
    return example_wire


@pytest.fixture
def production(production_wire: Wire) -> Wire:
    """A client of the production server, whose ledger is empty."""
    _clear(production_wire)
    return production_wire


Logs: TypeAlias = list[MutableMapping[str, Any]]


@pytest.fixture(autouse=True)
def logs() -> Iterator[Logs]:
    """What was logged in this test. Nothing is printed: a traceback takes a second to draw."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        yield entries


def _clear(wire: Wire) -> None:
    ledger = wire.example.ledger
    ledger.additions = ledger.slow = ledger.cancelled = 0
