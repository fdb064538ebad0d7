"""What comparing with graphql-core leaves behind."""

import gc
from collections.abc import Iterator

import pytest

DROPPED = pytest.mark.filterwarnings(
    "ignore:coroutine .* was never awaited:RuntimeWarning",
    # Where Python itself fails to warn: in a named tuple, which has no builtins.
    "ignore:Exception ignored in. <coroutine object:pytest.PytestUnraisableExceptionWarning",
)
"""graphql-core drops coroutines where an error comes first. A plan does not, and is tested so."""

ALONE = pytest.mark.asyncio(loop_scope="module")
"""In a loop of its own: what goes on in it was started by the test."""


@pytest.fixture
def dropped() -> Iterator[None]:
    """Finds what was dropped while the test that dropped it may."""
    yield
    gc.collect()
