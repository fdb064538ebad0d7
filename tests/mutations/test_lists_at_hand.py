"""Lists at hand are what MongoDB has, whatever was written, in the process that did it and another.

Each mutation of the schema is done while all lists are at hand; and so is what happens beside them.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple, TypeAlias

import pytest
from graphql import get_named_type
from hypothesis import HealthCheck, settings
from hypothesis.stateful import invariant, run_state_machine_as_test

from domain.boards import BoardRecord, Collaborator
from domain.notifications import NotificationType
from domain.record import Record
from domain.users import UserRecord
from server import create_app
from storage import keys
from storage.arranging import boards_of, loosen, pins_of
from storage.boards import BoardStore
from storage.codec import object_id
from storage.counters import recount_all
from storage.embedded import EmbeddedStores
from storage.pins import PinStore
from storage.reconciler import reconcile
from storage.redis import Redis
from storage.storage import Storage
from storage.transactions import Transaction
from tests.client import SCHEMA, Client, serving, settings_of
from tests.mutations.listed import BOARDS, PINS, Listed
from tests.mutations.test_model import machine
from tests.mutations.wire import gid
from tests.storage.processes import following, until_tracked
from tests.world import World

Step: TypeAlias = tuple[str, str, dict[str, Any]]
"""Who does which mutation, with what. `@kitchen` is the id of the kitchen."""

PICTURE = {"imageUrl": {"url": "https://images.example/a.jpg", "width": 6, "height": 8}}
EVERYTHING = {"errorPolicy": "REJECT_EVERYTHING"}
UNDO: Step = ("ana", "undo", {"undoToken": "@undo"})

CASES: dict[str, list[Step]] = {
    "createPin": [("ben", "createPin", {"boardId": "@kitchen", "media": PICTURE})],
    "updatePin": [
        ("ana", "updatePin", {"id": "@tea", "title": "Green tea"}),
        ("ana", "updatePin", {"id": "@tea", "boardId": "@garden"}),
    ],
    "savePin": [("ana", "savePin", {"pinId": "@rose", "boardId": "@kitchen"})],
    "unsavePin": [("ben", "unsavePin", {"pinId": "@tea"}), ("ben", *UNDO[1:])],
    "movePins": [
        ("ana", "movePins", {"ids": ["@tea", "@cake"], "boardId": "@garden"} | EVERYTHING),
        ("ana", "movePins", {"ids": ["@rose"], "boardId": "@attic"} | EVERYTHING),
        UNDO,
    ],
    "copyPins": [("ana", "copyPins", {"ids": ["@tea"], "boardId": "@garden"} | EVERYTHING)],
    "deletePins": [("ana", "deletePins", {"ids": ["@tea", "@cake"]} | EVERYTHING), UNDO],
    "createBoard": [("ana", "createBoard", {"name": "Cellar"})],
    "updateBoard": [
        ("ana", "updateBoard", {"id": "@kitchen", "name": "A kitchen"}),
        ("ana", "updateBoard", {"id": "@kitchen", "privacy": "SECRET"}),
        ("ana", "updateBoard", {"id": "@attic", "privacy": "PUBLIC"}),
    ],
    "deleteBoard": [("ana", "deleteBoard", {"id": "@kitchen"}), UNDO],
    "archiveBoard": [("ana", "archiveBoard", {"id": "@kitchen"})],
    "unarchiveBoard": [
        ("ana", "archiveBoard", {"id": "@kitchen"}),
        ("ana", "unarchiveBoard", {"id": "@kitchen"}),
    ],
    "mergeBoards": [("ana", "mergeBoards", {"sourceId": "@kitchen", "targetId": "@garden"})],
    "setBoardCover": [("ana", "setBoardCover", {"boardId": "@kitchen", "pinId": "@cake"})],
    "createBoardSection": [("ben", "createBoardSection", {"boardId": "@kitchen", "title": "New"})],
    "updateBoardSection": [("ana", "updateBoardSection", {"id": "@cakes", "title": "Sweets"})],
    "deleteBoardSection": [
        ("ana", "deleteBoardSection", {"id": "@cakes", "pinDisposition": "MOVE_TO_BOARD"}),
        UNDO,
        ("ana", "deleteBoardSection", {"id": "@cakes", "pinDisposition": "DELETE"}),
        UNDO,
    ],
    "reorderBoardPins": [
        (
            "ana",
            "reorderBoardPins",
            {"boardId": "@kitchen", "pinIds": ["@tea"], "place": {"at": "TOP"}},
        ),
        (
            "ana",
            "reorderBoardPins",
            {"boardId": "@kitchen", "pinIds": ["@soup"], "place": {"beforeId": "@cake"}},
        ),
    ],
    "reorderSections": [
        (
            "ana",
            "reorderSections",
            {"boardId": "@kitchen", "sectionIds": ["@cakes"], "place": {"at": "BOTTOM"}},
        )
    ],
    "reorderBoards": [
        ("ana", "reorderBoards", {"boardIds": ["@attic", "@kitchen"], "place": {"at": "TOP"}}),
        ("ana", "reorderBoards", {"boardIds": ["@garden"], "place": {"afterId": "@attic"}}),
    ],
    "addReaction": [("ben", "addReaction", {"pinId": "@tea", "type": "WOW"})],
    "removeReaction": [
        ("ben", "addReaction", {"pinId": "@tea", "type": "WOW"}),
        ("ben", "removeReaction", {"pinId": "@tea"}),
    ],
    "addComment": [
        ("ana", "addComment", {"pinId": "@tea", "text": "Hot"}),
        ("ana", "addComment", {"pinId": "@tea", "text": "Not", "parentId": "@lovely"}),
    ],
    "editComment": [("ben", "editComment", {"id": "@lovely", "text": "Lovelier"})],
    "deleteComment": [("ben", "deleteComment", {"id": "@lovely"}), ("ben", *UNDO[1:])],
    "followUser": [("eve", "followUser", {"userId": "@ana"})],
    "unfollowUser": [
        ("eve", "followUser", {"userId": "@ana"}),
        ("eve", "unfollowUser", {"userId": "@ana"}),
    ],
    "followBoard": [("eve", "followBoard", {"boardId": "@kitchen"})],
    "unfollowBoard": [
        ("eve", "followBoard", {"boardId": "@kitchen"}),
        ("eve", "unfollowBoard", {"boardId": "@kitchen"}),
    ],
    "followTopic": [("eve", "followTopic", {"topicId": "@food"})],
    "unfollowTopic": [
        ("eve", "followTopic", {"topicId": "@food"}),
        ("eve", "unfollowTopic", {"topicId": "@food"}),
    ],
    "blockUser": [("ana", "blockUser", {"userId": "@ben"})],
    "unblockUser": [
        ("ana", "blockUser", {"userId": "@ben"}),
        ("ana", "unblockUser", {"userId": "@ben"}),
    ],
    "inviteCollaborators": [
        ("ana", "inviteCollaborators", {"boardId": "@garden", "userIds": ["@eve"]})
    ],
    "respondToInvite": [
        ("ana", "inviteCollaborators", {"boardId": "@garden", "userIds": ["@eve"]}),
        ("eve", "respondToInvite", {"boardId": "@garden", "accept": True}),
    ],
    "updateCollaborator": [
        ("ana", "updateCollaborator", {"boardId": "@kitchen", "userId": "@ben", "role": "VIEWER"})
    ],
    "removeCollaborator": [
        ("ana", "removeCollaborator", {"boardId": "@kitchen", "userId": "@ben"})
    ],
    "transferBoard": [("ana", "transferBoard", {"boardId": "@kitchen", "userId": "@ben"})],
    "leaveBoard": [("ben", "leaveBoard", {"boardId": "@kitchen"})],
    "undo": [("ana", "deletePins", {"ids": ["@tea"]} | EVERYTHING), UNDO],
    "updateProfile": [
        ("ana", "updateProfile", {"username": "anna"}),
        ("ben", "updateProfile", {"username": "ana"}),
        ("ana", "updateProfile", {"username": "ben"}),
    ],
    "updateFeedPreferences": [("ana", "updateFeedPreferences", {"personalizedAds": False})],
    "hidePin": [("eve", "hidePin", {"pinId": "@tea", "reason": "NOT_INTERESTED"})],
    "unhidePin": [
        ("eve", "hidePin", {"pinId": "@tea", "reason": "NOT_INTERESTED"}),
        ("eve", "unhidePin", {"pinId": "@tea"}),
    ],
    "reportContent": [("eve", "reportContent", {"id": "@tea", "reason": "SPAM"})],
    "markNotificationsRead": [
        ("ana", "markNotificationsRead", {"notifications": {"ids": ["@told"]}})
    ],
}
ABOUT_FILES = {"createMediaUpload", "completeMediaUpload"}


class Scene(NamedTuple):
    """A small world, a client of the process that writes, and all lists."""

    world: World
    client: Client
    storage: Storage
    listed: Listed
    people: dict[str, UserRecord]
    ids: dict[str, str]
    records: dict[str, Record]

    async def do(self, viewer: str, mutation: str, asked: dict[str, Any]) -> None:
        """One mutation, which is watched."""
        async with self.watched():
            answer = await self.client.data(
                _document(mutation), self.people[viewer], input=self._named(asked)
            )
            assert answer["answer"]["userErrors"] == []
            self.ids["undo"] = answer["answer"].get("undoToken", "")

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """All lists are at hand when the body begins, and right when all that it does is done."""
        await self.listed.warm()
        yield
        await self.listed.until_done()
        await self.listed.check()

    def _named(self, asked: Any) -> Any:
        if isinstance(asked, dict):
            return {key: self._named(value) for key, value in asked.items()}
        if isinstance(asked, list):
            return [self._named(value) for value in asked]
        return self.ids[asked[1:]] if isinstance(asked, str) and asked.startswith("@") else asked


class Running(NamedTuple):
    """Two processes, and a client of the first."""

    processes: tuple[Storage, Storage]
    client: Client


@pytest.fixture(scope="module")
async def running(stores: EmbeddedStores, prepared: Storage) -> AsyncIterator[Running]:
    """Two processes that keep what they read at hand; no lease ends here."""
    async with AsyncExitStack() as stack:
        stack.enter_context(pytest.MonkeyPatch.context()).setattr(
            "storage.local_records.LEASE_S", 3_600.0
        )
        made = [Redis(stores.redis_url, deadline_ms=1000, local_records_mb=16) for _ in range(2)]
        for redis in made:
            stack.push_async_callback(redis.close)
        here, there = (Storage(prepared.mongo, redis) for redis in made)
        settings = settings_of(stores)
        url = await stack.enter_async_context(serving(create_app(settings, here)))
        await until_tracked(here.redis)
        await stack.enter_async_context(following(there.redis))
        client = Client(url, settings)
        stack.push_async_callback(client.http.aclose)
        yield Running((here, there), client)


@pytest.fixture
async def scene(world: World, running: Running) -> Scene:
    """Ana's kitchen, which ben shares, her garden and her secret attic; and what is on them."""
    people = {name: await world.user(name) for name in ("ana", "ben", "eve")}
    ana, ben = people["ana"], people["ben"]
    kitchen = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    garden, attic = await world.board(ana, "Garden"), await world.board(ana, "Attic")
    shelf = await world.board(ben, "Shelf")
    cakes = await world.section(kitchen, "Cakes")
    await world.section(kitchen, "Drinks", 1)
    tea = await world.pin(kitchen, "Tea", section_id=cakes.id)
    soup = await world.pin(kitchen, "Soup", owner=ben)
    cake = await world.pin(kitchen, "Cake", section_id=cakes.id)
    rose = await world.pin(garden, "Rose")
    await world.save(tea, shelf)
    lovely = await world.comment(tea, ben)
    await world.comment(tea, ana, "Thanks", parent_id=lovely.id)
    for text in ("More", "Tea"):
        await world.comment(tea, people["eve"], text)
    told = await world.notification(ana, NotificationType.FOLLOW, ben)
    await world.make_secret(attic)
    await recount_all(world.storage.mongo)
    made: dict[str, Record] = {
        **people,
        **{"kitchen": kitchen, "garden": garden, "attic": attic, "shelf": shelf, "cakes": cakes},
        **{"tea": tea, "soup": soup, "cake": cake, "rose": rose, "lovely": lovely},
        **{"told": told, "food": await world.topic("Food")},
    }
    ids = {name: gid(record) for name, record in made.items()}
    listed = Listed(world.storage, running.processes)
    return Scene(world, running.client, running.processes[0], listed, people, ids, made)


def _document(mutation: str) -> str:
    field = SCHEMA._schema.mutation_type.fields[mutation]  # type: ignore[union-attr]  # it has one
    payload = get_named_type(field.type)
    token = "undoToken" if "undoToken" in payload.fields else ""
    return (
        f"mutation($input: {field.args['input'].type}) {{ answer: {mutation}(input: $input) "
        f"{{ {token} userErrors {{ code message }} }} }}"
    )


def test_every_mutation_is_here() -> None:
    mutations = SCHEMA._schema.mutation_type
    assert mutations is not None
    assert CASES.keys() | ABOUT_FILES == set(mutations.fields)


@pytest.mark.parametrize("mutation", CASES)
async def test_lists_at_hand_follow_each_mutation(scene: Scene, mutation: str) -> None:
    assert mutation in [each for _, each, _ in CASES[mutation]]
    for step in CASES[mutation]:
        await scene.do(*step)


STEPPED = ("deleteBoard", "updateBoard", "mergeBoards", "transferBoard", "deleteBoardSection")


@pytest.mark.parametrize("mutation", STEPPED)
async def test_lists_at_hand_follow_cascades(
    scene: Scene, mutation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutation does the first of many steps, and a worker the others."""
    monkeypatch.setattr("storage.cascade_steps.STEP", 1)
    monkeypatch.setattr("storage.cascading.size_of_step", lambda _: 1)
    for step in CASES[mutation]:
        await scene.do(*step)


async def test_lists_at_hand_follow_the_reconciler(scene: Scene) -> None:
    """A pin is in a section of another board, and comments are about a pin that is gone."""
    mongo, rose, tea = scene.world.storage.mongo, scene.records["rose"], scene.records["tea"]
    await scene.listed.warm()
    cakes = {"$set": {"section_id": object_id(scene.records["cakes"].id)}}
    await mongo.collection("pins").update_one({"_id": object_id(rose.id)}, cakes)
    await mongo.collection("pins").delete_one({"_id": object_id(tea.id)})
    await scene.world.storage.redis.client.flushdb()
    async with scene.watched():
        report = await reconcile(mongo, scene.storage.transactions, fix=True, pause=_no_pause)
    fixed = {each.name: each.fixed for each in report.findings}
    assert (fixed["pins.section"], fixed["comments.pin"]) == (1, 4)


async def test_lists_at_hand_follow_what_is_purged(scene: Scene) -> None:
    await scene.do("ana", "deletePins", {"ids": ["@tea"]} | EVERYTHING)
    async with scene.watched():
        assert await scene.storage.purging.purge(datetime.now(UTC) + timedelta(hours=1)) == 1
    assert await scene.world.storage.mongo.collection("comments").count_documents({}) == 0


async def test_lists_at_hand_follow_an_import(scene: Scene) -> None:
    """It tells of no record by itself."""
    kitchen = scene.records["kitchen"]
    assert isinstance(kitchen, BoardRecord)
    async with scene.watched():
        await scene.world.pin(kitchen, "Imported")
        await scene.world.storage.redis.clear(keys.CACHED)


@pytest.mark.parametrize("kind", ["pins", "boards"])
async def test_what_is_loosened_is_not_at_hand(scene: Scene, kind: str) -> None:
    """The order stays what it was; the list is read anew all the same."""
    kitchen, ana = scene.records["kitchen"], scene.people["ana"]
    assert isinstance(kitchen, BoardRecord)
    run = {"$set": {"position": "f"}}
    await scene.world.storage.mongo.collection(kind).update_many({}, run)
    await scene.world.storage.redis.client.flushdb()

    async def work(tx: Transaction) -> None:
        await loosen(tx, pins_of(kitchen) if kind == "pins" else boards_of(ana), "f")

    store: PinStore | BoardStore = scene.storage.pins if kind == "pins" else scene.storage.boards
    ids = [scene.records[name].id for name in ("tea", "soup", "cake", "kitchen", "garden")]

    def is_at_hand() -> bool:
        if kind == "pins":
            return scene.storage.pins.pages_at_hand([kitchen.id], *PINS[0]) is not None
        return scene.storage.boards.pages_at_hand([ana.id], *BOARDS[0]) is not None

    async with scene.watched():
        assert is_at_hand()
        await scene.storage.transactions.run("test.loosen", work)
        while store.at_hand(ids) is None:
            await store.get_many(ids)
        assert not is_at_hand()


async def test_lists_at_hand_are_right_after_random_mutations(
    world: World, running: Running
) -> None:
    """As `test_model` makes them: they meet each other in ways that nobody thought of."""
    loop = asyncio.get_running_loop()
    listed = Listed(world.storage, running.processes)

    def run(work: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, loop).result(timeout=60)

    class Mutations(machine(world, running.client, loop)):  # type: ignore[misc]  # made here
        @invariant()
        def lists_are_right(self) -> None:
            run(listed.check())

    few = settings(
        max_examples=2,
        stateful_step_count=30,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Mutations, settings=few)


async def _no_pause() -> None:
    """Nobody writes meanwhile."""
