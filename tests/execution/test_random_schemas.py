"""Random operations over random schemas are answered as graphql-core answers them.

`FUZZ_SECONDS=300` in the environment looks for that long, each time elsewhere; `FUZZ_SEED=1234`
looks at that case again. A failure prints its seed, and the smallest query that still fails.
"""

import gc
import os
import secrets
import time
from collections.abc import Iterator
from itertools import count

import pytest
from graphql import parse, print_schema

from tests.execution.conftest import ALONE, DROPPED
from tests.execution.differential import Operation, Unsupported, compiled, difference
from tests.execution.random_queries import Query, random_queries
from tests.execution.random_schemas import RandomSchema
from tests.execution.random_values import Nature
from tests.execution.shrinking import shrink

pytestmark = ALONE

SECONDS = float(os.environ.get("FUZZ_SECONDS", "8")) / 2
SEED = os.environ.get("FUZZ_SEED")
IS_LONG = "FUZZ_SECONDS" in os.environ

QUERIES = 12
FEW = 3
TROUBLES = (0.0, 0.02, 0.06, 0.12)
"""Shares of wrong values; the more there are, the less of an answer is left."""


def seeds() -> Iterator[int]:
    """The same seeds in each run of the suite, and others in a long look; a few at least."""
    if SEED is not None:
        yield int(SEED)
        return
    start = secrets.randbelow(2**40) if IS_LONG else 0
    ends_at = time.monotonic() + SECONDS
    for number in count():
        if number >= FEW and time.monotonic() > ends_at:
            return
        yield start + number


@DROPPED
@pytest.mark.usefixtures("dropped")
@pytest.mark.parametrize("is_async", [False, True], ids=["sync", "async"])
async def test_answers_are_those_of_graphql_core(is_async: bool) -> None:
    ran = 0
    for seed in seeds():
        nature = Nature(seed, is_async, TROUBLES[seed % len(TROUBLES)])
        made = RandomSchema(nature)
        for query in random_queries(made.schema, nature.random("queries"), QUERIES):
            found = await check(made, query)
            if found is not None:
                pytest.fail(await _report(made, query, found))
            ran += len(query.variables)
    print(f"{ran} executions equal")
    assert SEED is not None or ran >= FEW * QUERIES


async def test_plans_drop_no_coroutine() -> None:
    """What graphql-core may, and warns of: here pytest takes the warning for a failure."""
    gc.collect()
    ran = 0
    for seed in range(FEW, FEW + 6):
        nature = Nature(seed, is_async=True, trouble=TROUBLES[-1])
        made = RandomSchema(nature)
        for query in random_queries(made.schema, nature.random("queries"), QUERIES):
            for variables in query.variables:
                operation = Operation(made.schema, parse(query.text), variables, made.root)
                if operation.executor() is not None:
                    await compiled(operation)
                    ran += 1
    gc.collect()
    assert ran > QUERIES


async def check(made: RandomSchema, query: Query) -> str | None:
    """What differs for any of the values of the variables, each run twice on one plan."""
    document = parse(query.text)
    writes_source = made.nature.seed % 3 > 0
    for variables in (*query.variables, *query.variables):
        operation = Operation(
            made.schema, document, variables, made.root, writes_source=writes_source
        )
        try:
            found = await difference(operation, is_sync=not made.nature.is_async)
        except Unsupported:
            found = "the compiler does not support it"
        if found is not None:
            return f"variables {variables}\n{found}"
    return None


async def _report(made: RandomSchema, query: Query, found: str) -> str:
    async def fails(smaller: Query) -> bool:
        return await check(made, smaller) is not None

    smallest = await shrink(made.schema, query, fails)
    found = await check(made, smallest) or found
    seed = f"FUZZ_SEED={made.nature.seed} (async: {made.nature.is_async})"
    return f"{seed}\n{print_schema(made.schema)}\n\n{smallest.text}\n\n{found}"
