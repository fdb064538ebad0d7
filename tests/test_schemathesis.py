"""schemathesis asks what it makes up from our schema, over HTTP, of a server with a small world.

In CI it asks for a bounded number of operations, and always for the same ones. `FUZZ_EXAMPLES=500`
in the environment makes it ask 500 times for each field of the root, and something new each time.
"""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from structlog.testing import capture_logs

from domain.boards import BoardPrivacy, BoardRole, Collaborator
from domain.ids import to_global_id
from domain.pins import Engagement, ReactionType
from domain.record import Record
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE
from server import authenticator, create_app
from storage.embedded import EmbeddedStores
from tests.client import Client, serving, settings_of
from tests.world import World

CHECKS = Path(__file__).with_name("schemathesis_checks.py")
FEW = 5
EXAMPLES = os.environ.get("FUZZ_EXAMPLES")
LONG = timedelta(days=1)

Values: TypeAlias = Sequence[str | int]

WORDS: dict[str, Values] = {
    "Query.user.by.username": ["ana", "bea"],
    "Query.board.by.slug.username": ["ana", "bea"],
    "Query.board.by.slug.slug": ["soups", "stews"],
    "Query.topic.by.key": ["food"],
    "Query.search.query": ["soup", "soup", "soup", "food -bread", '"for sunday"'],
    "*.*.first": [0, 1, 2, 25, 100],
    "*.*.last": [0, 1, 2, 25, 100],
}
"""Arguments that are seldom good for anything when they are made up, and what is."""

IDS = {
    "Query.user.by.id": "User",
    "Query.users.ids[*]": "User",
    "Query.pin.id": "Pin",
    "Query.pins.ids[*]": "Pin",
    "Query.board.by.id": "Board",
    "Query.boards.ids[*]": "Board",
    "Query.topic.by.id": "Topic",
    "Board.pins.sectionId": "BoardSection",
}
"""Arguments that are ids, and of what."""

CURSORS = """
query Cursors($board: ID!) {
  search(query: "soup", first: 1) { pageInfo { endCursor } }
  board(by: {id: $board}) { pins(first: 1) { pageInfo { endCursor } } }
  viewer { homeFeed(first: 1) { pageInfo { endCursor } } }
}
"""


@pytest.mark.parametrize(
    ("mode", "signed_in"),
    [("positive", False), ("positive", True), ("negative", True)],
    ids=["anonymous", "viewer", "invalid"],
)
async def test_no_answer_is_a_server_error(
    client: Client,
    world: World,
    stores: EmbeddedStores,
    tmp_path: Path,
    mode: str,
    signed_in: bool,
) -> None:
    settings = settings_of(stores, rate_limit_points=10_000_000)  # on, and never used up
    viewer, ids = await populate(world)
    cursors = strings(await client.data(CURSORS, viewer, board=ids["Board"][0]))
    (tmp_path / "schemathesis.toml").write_text(configuration(values_of(ids, cursors)))
    token = authenticator(settings).mint(viewer.id, EVERY_SCOPE, LONG)
    options = ["--mode", mode]
    options += ["--header", f"Authorization: Bearer {token}"] if signed_in else []

    with capture_logs() as logs:
        async with serving(create_app(settings, world.storage)) as url:
            status, output = await schemathesis(f"{url}/graphql", tmp_path, *options)
    assert status == 0, output
    assert [log for log in logs if log["log_level"] not in ("debug", "info")] == []
    asked = [log for log in logs if log["event"] == "request" and log["status"] == 200]
    assert len(asked) > 100


async def schemathesis(url: str, directory: Path, *options: str) -> tuple[int, str]:
    """Runs schemathesis in a directory with its configuration; its exit status and output."""
    how_many = ["--max-examples", EXAMPLES or str(FEW)]
    random = ["--generation-database", "none"] if EXAMPLES else ["--generation-deterministic"]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", url, *how_many, *random, *options),
        *("--phases", "fuzzing", "--checks", "answers_are_graphql", "--continue-on-failure"),
        *("--warnings", "off", "--no-color"),
        cwd=directory,
        env=os.environ | {"SCHEMATHESIS_HOOKS": str(CHECKS)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        output, _ = await process.communicate()
    except BaseException:
        process.kill()
        raise
    return await process.wait(), output.decode()


def configuration(values: Mapping[str, Values]) -> str:
    """The TOML that gives arguments, by their names, one of some values four times of five."""
    lines = []
    for number, some in enumerate(values.values()):
        lines += [f"[dictionaries.d{number}]", f"values = {json.dumps(some, ensure_ascii=False)}"]
    lines += ["[parameters]"]
    for number, path in enumerate(values):
        lines += [f'"{path}" = {{ dictionary = "d{number}", probability = 0.8 }}']
    return "\n".join(lines)


def values_of(ids: Mapping[str, Values], cursors: Values) -> dict[str, Values]:
    """What arguments are given, by their names."""
    every_id = [each for some in ids.values() for each in some]
    return {
        **WORDS,
        **{path: ids[type_] for path, type_ in IDS.items()},
        **dict.fromkeys(("Query.node.id", "Query.nodes.ids[*]"), every_id),
        **dict.fromkeys(("*.*.after", "*.*.before"), cursors),
    }


def strings(answer: Any) -> list[str]:
    """All strings in an answer that holds objects and nulls beside them."""
    if isinstance(answer, dict):
        return [text for each in answer.values() for text in strings(each)]
    return [answer] if isinstance(answer, str) else []


async def populate(world: World) -> tuple[UserRecord, dict[str, Values]]:
    """A little of everything: its viewer, and the global ids by type."""
    ana, bea, eve = await world.user("ana"), await world.user("bea"), await world.user("eve")
    topic = await world.topic("Food")
    members = (Collaborator(user_id=ana.id, role=BoardRole.EDITOR),)
    board = await world.board(ana, "Soups", description="All kinds of soup")
    shared = await world.board(bea, "Stews", collaborators=members)
    secret = await world.board(eve, "Secret", privacy=BoardPrivacy.SECRET)
    section = await world.section(shared, "Winter")
    pin = await world.pin(
        shared, "Soup", topics=(topic,), section_id=section.id, engagement=Engagement(saves=3)
    )
    other = await world.pin(shared, "Bread", topics=(topic,), link="https://bread.example/")
    hidden = await world.pin(secret, "Hidden soup", topics=(topic,))
    copy = await world.save(pin, board, note="for Sunday")
    comment = await world.comment(pin, ana)
    await world.comment(pin, bea, "Thanks", parent_id=comment.id)
    await world.reaction(pin, ana, ReactionType.LOVE)
    for target in (bea, shared, topic):
        await world.follow(ana, target)
    await world.follow(bea, ana)
    await world.block(eve, bea)
    await world.ad(other)
    await world.storage.ads.refresh()
    records: dict[str, Sequence[Record]] = {
        "User": [ana, bea, eve],
        "Board": [board, shared, secret],
        "Pin": [pin, other, hidden, copy],
        "BoardSection": [section],
        "Comment": [comment],
        "Topic": [topic],
    }
    ids: dict[str, Values] = {}
    for type_, some in records.items():
        ids[type_] = [to_global_id(type_, each.id) for each in some]
    return ana, ids
