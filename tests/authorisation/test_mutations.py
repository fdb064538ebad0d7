"""Every mutation × role × board of the table, over HTTP: who may, who may not, and what is said.

Denied is nothing written: all collections are the same afterwards. Not found is, to the byte, what
an id gives that names nothing. What is done by right of staff alone is audited, and nothing else.
"""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from domain.boards import BoardPrivacy
from domain.ids import from_global_id, to_global_id
from storage.codec import new_id
from tests.authorisation.asking import Asker, Reply, mutation_document
from tests.authorisation.roles import Role
from tests.authorisation.rows import ROWS
from tests.authorisation.rule import IN_ERRORS, WRITTEN, Outcome, Row, missing_scopes
from tests.authorisation.scenes import Scene, hashes, key, put_back, username_of
from tests.authorisation.table import size
from tests.client import SCHEMA, Client
from tests.world import World

MUTATIONS = set(SCHEMA._schema.type_map["Mutation"].fields)  # type: ignore[attr-defined]

AT_ONCE = 8
"""Requests that change nothing are sent so many at a time."""


class Judge:
    """Tries the cases of one mutation, and collects what came otherwise than the table has it."""

    def __init__(self, world: World, client: Client, scene: Scene) -> None:
        self.wrong: list[str] = []
        self._world = world
        self._scene = scene
        self._asker = Asker(client, scene)
        self._of_nothing: dict[tuple[str, tuple[str, ...]], tuple[int, str]] = {}
        self._sent = asyncio.Semaphore(AT_ONCE)

    async def try_row(self, row: Row) -> None:
        """Tries all cases of a row: first those that are to change nothing, then each other one."""
        cases = [(role, privacy) for role in Role for privacy in row.privacies]
        outcomes = {case: row.expected(*case) for case in cases}
        idle = [case for case in cases if outcomes[case] not in WRITTEN]
        await asyncio.gather(*(self._try_idle(row, *case) for case in idle))
        if await hashes(self._world) != self._scene.hashes:
            await self._blame(row, idle)
        for case in cases:
            if outcomes[case] in WRITTEN:
                await self._try_written(row, *case)

    async def _try_idle(self, row: Row, role: Role, privacy: BoardPrivacy) -> None:
        async with self._sent:
            reply = await self._ask(row, role, privacy)
            expected = row.expected(role, privacy)
            self._check(row, role, privacy, reply, expected)
            unseen = row.unseen(role, privacy)
            if expected is Outcome.NOT_FOUND and unseen:
                missing = await self._said_of_nothing(row, role, privacy, unseen)
                if reply.said != missing:
                    self._note(row, role, privacy, f"{reply.said} is not {missing}")

    async def _try_written(self, row: Row, role: Role, privacy: BoardPrivacy) -> None:
        expected = row.expected(role, privacy)
        reply = await self._ask(row, role, privacy)
        self._check(row, role, privacy, reply, expected)
        while await self._count("cascades"):  # noqa: ASYNC110  # nothing tells a test
            await asyncio.sleep(0.005)
        now = await hashes(self._world)
        if now == self._scene.hashes:
            self._note(row, role, privacy, "nothing was written")
        elif ("audits" in now) is not (expected is Outcome.AUDITED):
            self._note(row, role, privacy, f"expected {expected}; audited: {'audits' in now}")
        await put_back(self._world, self._scene, now)

    async def _blame(self, row: Row, idle: list[tuple[Role, BoardPrivacy]]) -> None:
        """Finds out which case wrote something, one by one."""
        await put_back(self._world, self._scene, await hashes(self._world))
        for case in idle:
            await self._ask(row, *case)
            now = await hashes(self._world)
            written = [each for each in now if now[each] != self._scene.hashes.get(each)]
            if now != self._scene.hashes:
                self._note(row, *case, f"something was written to {written}")
                await put_back(self._world, self._scene, now)

    async def _ask(
        self, row: Row, role: Role, privacy: BoardPrivacy, names: Mapping[str, str] | None = None
    ) -> Reply:
        input = row.variables(self._scene, role, privacy)
        document = mutation_document(row.mutation)
        return await self._asker.ask(role, document, input=_renamed(input, names or {}))

    async def _said_of_nothing(
        self, row: Row, role: Role, privacy: BoardPrivacy, unseen: tuple[str, ...]
    ) -> tuple[int, str]:
        """What is said of ids of nothing in place of what is not seen; the same to all roles."""
        place = (row.title, unseen)
        if place not in self._of_nothing:
            ids = [self._scene.ids[key(name, username_of(role), privacy)] for name in unseen]
            names = {}
            for id in ids:
                named = from_global_id(id)
                assert named is not None
                names[id] = to_global_id(named.type_name, new_id())
            self._of_nothing[place] = (await self._ask(row, role, privacy, names)).said
        return self._of_nothing[place]

    def _check(
        self, row: Row, role: Role, privacy: BoardPrivacy, reply: Reply, expected: Outcome
    ) -> None:
        for complaint in _complaints(row, role, privacy, reply, expected):
            self._note(row, role, privacy, complaint)

    def _note(self, row: Row, role: Role, privacy: BoardPrivacy, complaint: str) -> None:
        self.wrong.append(f"{row.title} by {role} on {privacy}: {complaint}")

    async def _count(self, name: str) -> int:
        collection = self._world.storage.mongo.collection(name)
        count: int = await collection.count_documents({})
        return count


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return names.get(value, value)
    if isinstance(value, Mapping):
        return {name: _renamed(inner, names) for name, inner in value.items()}
    return [_renamed(inner, names) for inner in value] if isinstance(value, list) else value


def _complaints(
    row: Row, role: Role, privacy: BoardPrivacy, reply: Reply, expected: Outcome
) -> Iterator[str]:
    """What is not as it should be in an answer."""
    answer = reply.answer
    payload: Any = (answer.get("data") or {}).get(row.mutation)
    codes = [error["extensions"]["code"] for error in answer.get("errors", [])]
    refusals = sorted({error["code"] for error in _user_errors(payload)})
    if expected in IN_ERRORS:
        if codes != [expected] or payload is not None:
            yield f"expected the error {expected}; came {reply.body}"
        elif expected is Outcome.FORBIDDEN:
            message = answer["errors"][0]["message"]
            for scope in missing_scopes(row, privacy, role):
                if scope not in message:
                    yield f"expected {scope} to be named; came {message}"
        return
    wanted = [] if expected in (*WRITTEN, Outcome.NOTHING) else [expected.value]
    if codes or refusals != wanted:
        yield f"expected {expected}; came {reply.body}"
    elif wanted and any(payload[field] for field in payload.keys() - {"userErrors", "results"}):
        yield f"expected userErrors alone; came {reply.body}"


def _user_errors(payload: Any) -> list[Any]:
    """The errors of a payload and those of its rows."""
    if payload is None:
        return []
    rows = payload.get("results", [])
    return [*payload["userErrors"], *(error for row in rows for error in row["userErrors"])]


@pytest.mark.parametrize("mutation", sorted(MUTATIONS))
async def test_mutation(world: World, client: Client, scene: Scene, mutation: str) -> None:
    """INV-3, INV-5, INV-6, INV-7, INV-9, INV-10, INV-13: as the table has it, in every case."""
    rows = [row for row in ROWS if row.mutation == mutation]
    assert rows, f"`{mutation}` has no row in tests/authorisation/rows.py."
    judge = Judge(world, client, scene)
    for row in rows:
        await judge.try_row(row)
    assert not judge.wrong, "\n".join(judge.wrong)


def test_every_row_is_of_a_mutation() -> None:
    assert {row.mutation for row in ROWS} - MUTATIONS == set()
    assert len({row.title for row in ROWS}) == len(ROWS)
    print(size())
