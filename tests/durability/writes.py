"""Keyed writes of many kinds, clients that send them until they are answered, and what is left.

Each write leaves a trace of its own that can be counted: a pin, a comment, an edge, or a step that
could be undone. So what was lost shows, and what was done twice.
"""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count, pairwise
from time import monotonic
from typing import Any, Final

import httpx

from domain.users import UserRecord
from storage.codec import object_id
from storage.counters import recount_all
from storage.reconciler import reconcile
from tests.client import Client
from tests.mutations.wire import gid
from tests.world import World

WRITES: Final = int(os.environ.get("DURABILITY_WRITES", "1000"))
"""How many writes a test makes; 5,000 for a night."""

CLIENTS: Final = 8
RETRYABLE: Final = {"TIMEOUT", "UNAVAILABLE", "IDEMPOTENCY_IN_PROGRESS"}
NO_ANSWER: Final = "no answer"

_PAUSE_S: Final = 0.05
_SAMPLE: Final = 7
"""Of so many keys one is sent again though it was answered; no divisor of the number of kinds."""
_PATIENCE_S: Final = 30.0
"""Longer than any deadline of the server: what has no answer then will never have one."""

_DOCUMENTS: Final = {
    name: f"""
mutation Keyed($input: {name[0].upper()}{name[1:]}Input!, $key: String!) {{
  {name}(input: $input) @idempotent(key: $key) {{
    {fields}
    userErrors {{ code field message }}
  }}
}}
"""
    for name, fields in {
        "savePin": "pinEdge { node { entityId note } } savedPin { saveCount } board { pinCount }",
        "createPin": "pinEdge { node { entityId note } } board { pinCount }",
        "addComment": "commentEdge { node { entityId text } } pin { commentCount }",
        "followUser": "user { followerCount } follower { followingCount }",
        "deletePins": "deletedPinIds undoToken boards { entityId pinCount }",
    }.items()
}
KINDS: Final = tuple(_DOCUMENTS)

_TRACES: Final = {
    "pins": ("note",),
    "comments": ("text",),
    "follows": ("follower_id", "target_id"),
    "undo_steps": ("before._id",),
}
"""The fields that tell what each kind of write leaves, by collection."""


@dataclass(frozen=True)
class KeyedWrite:
    """A mutation with its key. `trace` is what tells the document that it leaves behind."""

    kind: str
    key: str
    viewer: UserRecord
    input: Mapping[str, Any]
    trace: tuple[str, ...]


@dataclass
class Log:
    """What clients saw: `answers` by key, errors by code, and when something was acknowledged."""

    answers: dict[str, Any] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    tries: Counter[str] = field(default_factory=Counter)
    acknowledged_at: list[float] = field(default_factory=list)
    slowest_s: float = 0.0

    @property
    def longest_gap_s(self) -> float:
        """The longest time in which nothing was acknowledged."""
        times = self.acknowledged_at
        return max((b - a for a, b in pairwise(times)), default=0.0)

    def __str__(self) -> str:
        retried = Counter(self.tries.values())
        return (
            f"{len(self.answers)} acknowledged, longest gap {self.longest_gap_s:.2f} s, "
            f"slowest {self.slowest_s:.2f} s, errors {dict(self.errors)}, "
            f"statuses {dict(self.statuses)}, tries {dict(sorted(retried.items()))}"
        )


class Writers:
    """Clients that send keyed writes to servers, and send again what was not answered."""

    def __init__(self, *clients: Client) -> None:
        self.log = Log()
        self._clients = clients
        self._turn = count()

    async def write_all(self, writes: Iterable[KeyedWrite], *, clients: int = CLIENTS) -> None:
        """Returns once every write is answered, by servers in turn."""
        waiting = iter(writes)

        async def client() -> None:
            for write in waiting:
                await self.insist(write)

        await asyncio.gather(*(client() for _ in range(clients)))

    async def insist(self, write: KeyedWrite) -> Any:
        """Sends one write until it is answered; the answer."""
        while True:
            data, pause_s = await self.attempt(write)
            if data is not None:
                return data
            await asyncio.sleep(pause_s)

    async def attempt(self, write: KeyedWrite) -> tuple[Any, float]:
        """Sends one write once: its answer, or None and how long to wait before asking again."""
        client, log = self._clients[next(self._turn) % len(self._clients)], self.log
        log.tries[write.key] += 1
        began = monotonic()
        try:
            response = await client.http.post(
                "/graphql",
                json={
                    "query": _DOCUMENTS[write.kind],
                    "variables": {"input": write.input, "key": write.key},
                },
                headers={"Authorization": f"Bearer {client.token(write.viewer)}"},
                timeout=_PATIENCE_S,
            )
        except httpx.TransportError:
            log.errors[NO_ANSWER] += 1
            return None, _PAUSE_S
        finally:
            log.slowest_s = max(log.slowest_s, monotonic() - began)
        log.statuses[response.status_code] += 1
        answer = response.json()
        if errors := answer.get("errors"):
            extensions = errors[0]["extensions"]
            assert extensions["code"] in RETRYABLE, errors
            log.errors[extensions["code"]] += 1
            return None, extensions.get("retryAfterMs", _PAUSE_S * 1000) / 1000
        assert answer["data"][write.kind]["userErrors"] == [], answer
        log.acknowledged_at.append(monotonic())
        log.answers[write.key] = answer["data"]
        return answer["data"], 0.0


class Plan:
    """A world, and writes that do not get in each other's way but for the counters they share."""

    def __init__(self, world: World, prefix: str = "write") -> None:
        self._world = world
        self._prefix = prefix
        self._users: list[UserRecord] = []

    async def make(self, writes: int) -> list[KeyedWrite]:
        """So many writes, of all kinds in turn. Counters are right before them."""
        world, each = self._world, -(-writes // len(KINDS))
        maker = await world.user(f"{self._prefix}_maker")
        shown = await world.board(maker, "Shown")
        hot = [await world.pin(shown, f"Hot {number}") for number in range(5)]
        viewers = [await world.user(f"{self._prefix}_{number}") for number in range(CLIENTS)]
        followed = [
            await world.user(f"{self._prefix}_followed_{number}")
            for number in range(-(-each // CLIENTS))
        ]
        boards = [await world.board(viewer, "Mine") for viewer in viewers]
        planned = []
        for number in range(writes):
            kind, turn = KINDS[number % len(KINDS)], number // len(KINDS)
            viewer, board = viewers[turn % CLIENTS], boards[turn % CLIENTS]
            key = f"{self._prefix}-{kind}-{turn}"
            given: dict[str, Any] = {}
            trace: tuple[str, ...] = (key,)
            match kind:
                case "savePin":
                    given = {"pinId": gid(hot[turn % 5]), "boardId": gid(board), "note": key}
                    given["allowDuplicate"] = True
                case "createPin":
                    picture = {"url": "https://img.example/1.jpg", "width": 600, "height": 900}
                    given = {"boardId": gid(board), "note": key, "media": {"imageUrl": picture}}
                case "addComment":
                    given = {"pinId": gid(hot[turn % 5]), "text": key}
                case "followUser":
                    target = followed[turn // CLIENTS]
                    given, trace = {"userId": gid(target)}, (viewer.id, target.id)
                case "deletePins":
                    pin = await world.pin(board, key)
                    given, trace = {"ids": [gid(pin)]}, (pin.id,)
            planned.append(KeyedWrite(kind, key, viewer, given, trace))
        await recount_all(world.storage.mongo)
        return planned


async def times_done(world: World) -> Counter[tuple[str, ...]]:
    """How often each write of the world was done, by its trace."""
    done: Counter[tuple[str, ...]] = Counter()
    for collection, fields in _TRACES.items():
        stored = world.storage.mongo.collection(collection).find({}, dict.fromkeys(fields, 1))
        for document in await stored.to_list(None):
            if all(_at(document, each) is not None for each in fields):
                done[tuple(str(_at(document, each)) for each in fields)] += 1
    return done


async def assert_done_once(world: World, writes: Sequence[KeyedWrite]) -> None:
    """Every write was done, and once; counters and all else agree with that."""
    done = await times_done(world)
    wrong = {write.key: done[write.trace] for write in writes if done[write.trace] != 1}
    assert not wrong, wrong
    deleted = [object_id(write.trace[0]) for write in writes if write.kind == "deletePins"]
    pins = world.storage.mongo.collection("pins")
    assert await pins.count_documents({"_id": {"$in": deleted}}) == 0
    report = await reconcile(world.storage.mongo, world.storage.transactions)
    findings = [finding for finding in report.findings if finding.wrong or finding.in_progress]
    assert not findings, findings


async def assert_answered_alike(
    world: World, writers: Writers, writes: Sequence[KeyedWrite]
) -> None:
    """Keys give the answer that they gave before: those sent again until now, and some others."""
    log = writers.log
    again = [each for n, each in enumerate(writes) if log.tries[each.key] > 1 or n % _SAMPLE == 0]
    first = dict(log.answers)
    await writers.write_all(again)
    different = [each.key for each in again if log.answers[each.key] != first[each.key]]
    assert not different, different
    await assert_done_once(world, writes)


async def until(condition: Callable[[], bool]) -> None:
    """Returns once something is so."""
    async with asyncio.timeout(60 + WRITES / 10):
        while not condition():  # noqa: ASYNC110  # what clients saw has no event
            await asyncio.sleep(0.01)


def _at(document: Mapping[str, Any], path: str) -> Any:
    value: Any = document
    for name in path.split("."):
        value = (value or {}).get(name)
    return value
