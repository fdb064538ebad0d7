"""Operations that hypothesis makes up for our own schema, which fails here and there.

`FUZZ_SECONDS=300` in the environment looks for that long; see `test_random_schemas`.
"""

import asyncio
import os
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from random import Random

import pytest
from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLSchema,
    IntValueNode,
    StringValueNode,
    ValueNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from hypothesis import HealthCheck, Phase, given, settings, strategies
from hypothesis_graphql import nodes, queries
from starlette.applications import Starlette
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from domain.viewer import ANONYMOUS, EVERY_SCOPE, Viewer
from protocol.metering import Meter
from resolvers.context import Context
from schema.api import build_schema
from server import Application
from storage.embedded import EmbeddedStores
from tests.client import settings_of
from tests.execution.conftest import DROPPED
from tests.execution.differential import Operation, Unsupported, difference, interpreted, text
from tests.execution.faults import Faults, make_faulty
from tests.execution.random_queries import random_queries
from tests.test_schemathesis import populate
from tests.world import World

SECONDS = float(os.environ.get("FUZZ_SECONDS", "8")) / 2
IS_LONG = "FUZZ_SECONDS" in os.environ
SHARES = (0.0, 0.03, 0.1)
"""How many of the fields fail."""

FEW = 10
"""How many faults are met at least."""

Ids = Mapping[str, Sequence[str | int]]

TYPES = {
    "user": "User",
    "users": "User",
    "pin": "Pin",
    "pins": "Pin",
    "board": "Board",
    "boards": "Board",
    "topic": "Topic",
}
WORDS: Ids = {
    "username": ["ana", "bea"],
    "slug": ["soups", "stews"],
    "key": ["food"],
    "query": ["soup", "bread"],
}


class TimeIsUp(BaseException):
    """Ends a search of hypothesis. It takes an `Exception` for what it looks for."""


@dataclass
class Ours:
    """Our schema over a small world, and how it fails."""

    schema: GraphQLSchema
    faults: Faults
    ids: Ids
    context: Callable[[bool], Context]
    compared: int = 0

    async def check(self, text: str, variables: Mapping[str, object] | None = None) -> str | None:
        """What differs, for a viewer and for nobody: both run on one plan."""
        document = visit(parse(text), _Arguments(self.ids, Random(text)))  # noqa: S311  # no secret
        if validate(self.schema, document):
            return None
        self.faults.seed += 1
        self.faults.share = SHARES[self.faults.seed % len(SHARES)]
        for is_signed_in in (True, False):
            operation = self._operation(document, variables or {}, is_signed_in)
            found = await self._difference(operation)
            if found is not None:
                told = f"seed {self.faults.seed}, share {self.faults.share}, {variables}"
                return f"{told}, signed in: {is_signed_in}\n{print_ast(document)}\n{found}"
        return None

    def _operation(
        self, document: DocumentNode, variables: Mapping[str, object], is_signed_in: bool
    ) -> Operation:
        return Operation(
            self.schema,
            document,
            variables,
            context=lambda: self.context(is_signed_in),
            executor_class=StrawberryGraphQLCoreExecutionContext,
            writes_source=self.faults.seed % 4 > 0,
            owns_tasks=False,
        )

    async def _difference(self, operation: Operation) -> str | None:
        try:
            found = await difference(operation, is_sync=False)
        except Unsupported:
            return "it was not compiled"
        self.compared += 1
        if found is None:
            return None
        # Chance decides here and there: which ad is shown, say. Then graphql-core differs, too.
        once, again = await interpreted(operation), await interpreted(operation)
        if text(once.data) != text(again.data):
            return None
        return await difference(operation, is_sync=False) and found


@pytest.fixture
async def ours(
    world: World, stores: EmbeddedStores, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Ours]:
    """Our schema with faults; none fails yet."""
    ana, ids = await populate(world)
    application = Application(settings_of(stores), world.storage)
    made, faults = build_schema(), Faults()
    faults.seed = secrets.randbelow(2**20) if IS_LONG else 0
    assert make_faulty(made, faults, monkeypatch) > 200
    now = datetime.now(UTC)

    def context(is_signed_in: bool) -> Context:
        viewer = Viewer(user_id=ana.id, scopes=EVERY_SCOPE) if is_signed_in else ANONYMOUS
        return replace(application.context(viewer, Meter(), None), now=now)

    async with application.lifespan(Starlette()):
        yield Ours(made._schema, faults, ids, context)


@DROPPED
@pytest.mark.usefixtures("dropped")
# While hypothesis thinks, in a thread, the driver draws its random numbers.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module")
async def test_what_hypothesis_asks_is_answered_as_by_graphql_core(ours: Ours) -> None:
    loop = asyncio.get_running_loop()
    ends_at = time.monotonic() + SECONDS
    scalars = {
        "DateTime": strategies.just(nodes.String("2026-11-21T09:30:00.000Z")),
        "Date": strategies.just(nodes.String("2026-11-21")),
        "URL": strategies.just(nodes.String("https://pins.example/")),
        "Color": strategies.just(nodes.String("#aabbcc")),
    }

    @given(query=queries(ours.schema, custom_scalars=scalars, allow_x00=False, codec="ascii"))
    @settings(
        max_examples=100_000,
        database=None,
        deadline=None,
        derandomize=not IS_LONG,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    def search(query: str) -> None:
        if time.monotonic() > ends_at and ours.faults.met >= FEW:
            raise TimeIsUp
        found = asyncio.run_coroutine_threadsafe(ours.check(query), loop).result()
        assert found is None, found

    with pytest.raises(TimeIsUp):
        await asyncio.to_thread(search)
    print(f"{ours.compared} executions equal, with {ours.faults.met} faults")


@DROPPED
@pytest.mark.usefixtures("dropped")
async def test_what_we_ask_is_answered_as_by_graphql_core(ours: Ours) -> None:
    seed, ends_at = ours.faults.seed, time.monotonic() + SECONDS
    while time.monotonic() < ends_at or ours.faults.met < FEW:
        seed += 1
        rng = Random(seed)  # noqa: S311  # the same each time, and no secret
        for query in random_queries(ours.schema, rng, 4, mutates=False, has_variables=False):
            found = await ours.check(query.text, query.variables[0])
            assert found is None, found
    print(f"{ours.compared} executions equal, with {ours.faults.met} faults")


class _Arguments(Visitor):
    """Puts ids and words of the world into arguments, which else would find nothing."""

    def __init__(self, ids: Ids, rng: Random) -> None:
        super().__init__()
        self._every = {"id": [each for some in ids.values() for each in some]}
        self._ids = ids
        self._rng = rng
        self._fields = [""]

    def enter_field(self, node: FieldNode, *_: object) -> None:
        """Called on the way down."""
        self._fields.append(node.name.value)

    def leave_field(self, *_: object) -> None:
        """Called on the way up."""
        self._fields.pop()

    def enter_argument(self, node: object, *_: object) -> object:
        """Changes the value of an argument."""
        return self._changed(node)

    def enter_object_field(self, node: object, *_: object) -> object:
        """Changes the value of a field of an input object."""
        return self._changed(node)

    def _changed(self, node: object) -> object:
        name, value = node.name.value, node.value  # type: ignore[attr-defined]
        if isinstance(value, VariableNode):
            return None
        if name in ("first", "last"):
            return _with(node, IntValueNode(value=str(self._rng.randrange(4))))
        type_ = TYPES.get(self._fields[-1])
        words = {**WORDS, "id": self._ids[type_] if type_ else self._every["id"]}
        if name not in words or not isinstance(value, StringValueNode):
            return None
        return _with(node, StringValueNode(value=str(self._rng.choice(words[name]))))


def _with(node: object, value: ValueNode) -> object:
    kind = type(node)
    return kind(name=node.name, value=value)  # type: ignore[attr-defined,call-arg]
