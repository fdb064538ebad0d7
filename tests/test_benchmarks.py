"""The servers that Pinery is compared with give the answers that Pinery gives: real HTTP, a process
each. What they cost is measured by `make bench`, and by no test.
"""

import secrets
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from itertools import product
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks.agreement import answers_of, check_agreement, difference
from benchmarks.audience import ask_one, publish_workloads, tokens_of
from benchmarks.contestants import Grounds, Running, contestants, running
from benchmarks.results import BEGIN, END, collect, table, write_into
from benchmarks.rounds import Heat, Naming, Round
from benchmarks.workloads import WORKLOADS, Audience, Question
from domain.boards import BoardPrivacy, BoardRecord, Collaborator
from domain.media import VideoMedia
from domain.pins import PinRecord, ReactionType
from domain.users import UserRecord, UserStatus
from resolvers.nodes import global_id
from storage.embedded import EmbeddedStores
from tests.world import World

EVERYTHING = 1_000
HIDE = "mutation($input: HidePinInput!) { hidePin(input: $input) { userErrors { code } } }"
BLOCK = "mutation($input: BlockUserInput!) { blockUser(input: $input) { userErrors { code } } }"
DEEP_FEED = next(each for each in WORKLOADS if each.name == "deep_feed")


async def test_all_python_servers_give_the_same_answers(
    world: World, stores: EmbeddedStores, tmp_path: Path
) -> None:
    """To several viewers, with much that one of them may not see."""
    grounds = Grounds(
        mongo_url=stores.mongo_url,
        redis_url=stores.redis_url,
        database=world.storage.mongo.database.name,
        secret=secrets.token_hex(32),
        data_dir=tmp_path,
    )
    scene = await Scene.build(world)
    await publish_workloads(world.storage)
    async with AsyncExitStack() as stack:
        reference, *others = [
            await stack.enter_async_context(running(each, grounds))
            for each in contestants()
            if each.command[0] == sys.executable
        ]
        assert [each.contestant.name for each in others][-3:] == [
            "Hand-written, cached",
            "Hand-written, mongo",
            "Strawberry",
        ]
        audiences = [
            Audience([token], scene.usernames, [global_id(pin) for pin in scene.pins])
            for token in tokens_of(grounds, [each.id for each in scene.viewers])
        ]
        for audience in audiences:
            await answers_of(reference, DEEP_FEED, audience, most=1)  # which takes the snapshot
        await scene.change(reference, audiences)
        await check_that_it_shows_much(reference, audiences[0])
        compared = [
            await check_agreement(reference, server, workload, audience, most=EVERYTHING)
            for server in others
            for audience in audiences
            for workload in WORKLOADS
        ]
        per_viewer = 2 * (1 + len(scene.usernames) + 1 + len(scene.pins) + 1)
        assert sum(compared) == per_viewer * len(audiences) * len(others)


async def check_that_it_shows_much(reference: Running, audience: Audience) -> None:
    """Equal answers say little when they are empty."""
    (feed,) = await answers_of(reference, DEEP_FEED, audience, most=1)
    nodes = [edge["node"] for edge in _home_feed(feed)["edges"]]
    assert len(nodes) == 25
    assert None in [node["creator"] for node in nodes]
    comments = [edge["node"]["text"] for node in nodes for edge in node["comments"]["edges"]]
    assert set(comments) == {"By ana"}
    assert any(node["related"]["edges"] for node in nodes)


def _home_feed(data: Mapping[str, Any]) -> Any:
    return data["viewer"]["homeFeed"]


class Scene:
    """A viewer, whom they follow, and boards of every privacy."""

    def __init__(self) -> None:
        self.viewers: list[UserRecord] = []
        self.usernames: list[str] = []
        self.pins: list[PinRecord] = []
        self.to_hide: PinRecord

    @classmethod
    async def build(cls, world: World) -> "Scene":
        """What there is before the feeds are taken."""
        scene = cls()
        viewer, ana, bo = [await world.user(name) for name in ("viewer", "ana", "bo")]
        gone = await world.user("gone", status=UserStatus.DEACTIVATED)
        scene.viewers = [viewer, ana, bo]
        scene.usernames = ["viewer", "ANA", "bo", "gone", "nobody"]
        for followed in (ana, bo):
            await world.follow(viewer, followed)
        kitchen = await world.board(ana, "Kitchen")
        pins = [await world.pin(kitchen, f"Pin {i}") for i in range(32)]
        secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
        shared = await scene._shared(world, ana, viewer)
        theirs = await world.board(bo, "Garden")
        from_bo = [await world.pin(theirs, f"Garden {i}") for i in range(3)]
        scene.to_hide = pins[20]
        video = VideoMedia(video_url="https://videos.example/1.mp4")
        wanted = await world.board(ana, "Wanted")
        scene.pins = [
            *pins[-4:],
            *from_bo,
            await world.pin(secret, "Secret"),
            await world.pin(shared, "Shared", owner=ana),
            await world.pin(kitchen, "Moving", media=video),
            await world.pin(await world.board(gone, "Gone"), "Gone"),
            await world.save(from_bo[0], wanted),
            await world.save(pins[30], wanted),
            await world.save(pins[31], wanted),
        ]
        for pin, author in product(pins, (ana, bo, gone)):
            await world.comment(pin, author, f"By {author.username}")
        await world.reaction(pins[31], bo, ReactionType.LOVE)
        return scene

    async def change(self, server: Running, audiences: Sequence[Audience]) -> None:
        """What happens after the feeds are taken: pages leave out what must not be seen now."""
        viewer, _, bo = [audience.tokens[0] for audience in audiences]
        hide = Question(
            viewer, {"input": {"pinId": global_id(self.to_hide), "reason": "NOT_INTERESTED"}}
        )
        block = Question(bo, {"input": {"userId": global_id(self.viewers[0])}})
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}") as http:
            assert await ask_one(http, hide, {"query": HIDE}) == {"hidePin": {"userErrors": []}}
            assert await ask_one(http, block, {"query": BLOCK}) == {"blockUser": {"userErrors": []}}

    async def _shared(self, world: World, owner: UserRecord, member: UserRecord) -> BoardRecord:
        members = (Collaborator(user_id=member.id),)
        return await world.board(
            owner, "Shared", privacy=BoardPrivacy.SECRET, collaborators=members
        )


@pytest.mark.parametrize(
    ("expected", "came", "where"),
    [
        ({"a": [1, {"b": None}]}, {"a": [1, {"b": None}]}, None),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, None),
        ({"a": 1}, {"a": 1, "b": 2}, "data has ['a', 'b'], not ['a']"),
        ({"a": [1, 2]}, {"a": [1]}, "data.a has 1 items, not 2"),
        ({"a": [1, {"b": 2}]}, {"a": [1, {"b": 3}]}, "data.a[1].b is 3, not 2"),
        ({"a": 1}, {"a": True}, "data.a is True, not 1"),
        ({"a": {}}, {"a": None}, "data.a is None, not {}"),
    ],
)
def test_a_difference_is_named(expected: object, came: object, where: str | None) -> None:
    assert difference(expected, came) == where


def test_a_page_gets_new_results_in_the_place_of_the_old(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    begin, end = BEGIN.format("compare"), END.format("compare")
    page.write_text(f"Before\n\n{begin}\n\nold\n\n{end}\n\nAfter\n")
    write_into(page, "compare", "| new |")
    assert page.read_text() == f"Before\n\n{begin}\n\n| new |\n\n{end}\n\nAfter\n"
    with pytest.raises(ValueError, match="has no place for results"):
        write_into(page, "scaling", "| new |")


def test_a_table_has_medians_and_ratios_cheapest_first() -> None:
    def rounds(*cpu_ms: float) -> list[Round]:
        return [Round(100, 0, each, 50, 2 * each, 40, 0.1) for each in cpu_ms]

    measured = {
        Heat("Ours", "pin", Naming.TEXT, 32): rounds(3, 1, 2),
        Heat("Ours", "pin", Naming.PERSISTED, 32): rounds(1.5),
        Heat("Ours", "pin", Naming.PERSISTED, 1): rounds(4),
        Heat("By hand", "pin", Naming.PERSISTED, 32): rounds(0.75),
        Heat("Other", "pin", Naming.TEXT, 32): rounds(12),
    }
    results = collect(measured, world="A world", seconds=1, missing={})
    rows = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in table(results, "pin").splitlines()[2:]
    ]
    assert rows == [
        ["By hand", "–", "0.75", "0.50", "50", "1.50", "40.0", "–", "–"],
        ["Ours", "persisted", "1.50", "1.00", "50", "3.00", "40.0", "4.00", "8.00"],
        ["Ours", "text", "2.00", "1.00", "50", "4.00", "40.0", "–", "–"],
        ["Other", "–", "12.0", "6.00", "50", "24.0", "40.0", "–", "–"],
    ]


def test_the_id_of_a_workload_is_the_hash_of_its_file() -> None:
    digests = {each.name: each.digest for each in WORKLOADS}
    assert digests == {
        "home_feed": "d612c7c57212517c7c9ac95e0070553fa2f9db58d9e80a558750eae527ef18c9",
        "profile": "5835af10bcf872d9f85528ff614c1811833ff97087a0a5902bde01cf342885ce",
        "deep_feed": "c3390424f54ef21c2b0c853f4643767e78ceda40a6007f702f66aa0cd462b106",
        "pin": "c8af833accd82bb0b8860e9434f377924ab4c52387adde207c17920c3c555f81",
        "wide": "ac208cd3e845f8db50db28e2ee86b8146580463b3d2ec869c1e7721dd465532b",
    }
