"""A large board, what is asked of it, and what tests of cascades say again and again."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

from domain.boards import BoardPrivacy, BoardRecord, Collaborator
from domain.cascades import CascadeKind, CascadeRecord
from domain.follows import FollowKind, FollowRecord
from domain.pins import PinRecord
from domain.record import Id
from domain.users import UserRecord
from storage.calls import Observer
from storage.cascading import CascadeWorker
from storage.codec import Document, document, new_id, object_id
from storage.counters import recount_all
from storage.storage import Storage
from tests.client import Client
from tests.mutations.wire import gid, snapshot
from tests.world import World

SECRET = BoardPrivacy.SECRET

DELETE = """
mutation Delete($input: DeleteBoardInput!) {
  deleteBoard(input: $input) { deletedBoardId undoToken userErrors { code message field } }
}
"""
UNDO = """
mutation Undo($input: UndoInput!) {
  undo(input: $input) {
    boards { name slug pinCount followerCount }
    userErrors { code message field }
  }
}
"""
UPDATE = """
mutation Update($input: UpdateBoardInput!) {
  updateBoard(input: $input) { board { privacy followerCount } userErrors { code message field } }
}
"""
MERGE = """
mutation Merge($input: MergeBoardsInput!) {
  mergeBoards(input: $input) {
    deletedBoardId
    board { pinCount followerCount }
    userErrors { code message field }
  }
}
"""
SAVE = """
mutation Save($input: SavePinInput!) {
  savePin(input: $input) { pinEdge { node { id } } userErrors { code message field } }
}
"""
FOLLOW = """
mutation Follow($input: FollowBoardInput!) {
  followBoard(input: $input) { board { followerCount } userErrors { code message field } }
}
"""
SEEN = """
query ($board: ID!, $pins: [ID!]!) { board(by: {id: $board}) { name } pins(ids: $pins) { title } }
"""


class Large(NamedTuple):
    """A board of many pins, three people's, with all that may hang on it."""

    owner: UserRecord
    board: BoardRecord
    pins: list[PinRecord]


async def large_board(world: World, *, pins: int = 1_200, followers: int = 3) -> Large:
    """Makes one: a third of its pins are copies, a third are in sections and of a topic."""
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    members = (Collaborator(user_id=ben.id), Collaborator(user_id=cleo.id))
    board = await world.board(ana, collaborators=members)
    sections = [await world.section(board, title) for title in ("Cakes", "Pies")]
    elsewhere = await world.pin(
        await world.board(ben, "Elsewhere"), topics=(await world.topic("T"),)
    )
    first = await world.pin(board)
    made = [first]
    for number in range(1, pins):
        id = new_id()
        fields: dict[str, Any] = {"id": id, "root_id": id, "title": f"Pin {number}"}
        if number % 3 == 0:
            fields |= {"parent_id": elsewhere.id, "root_id": elsewhere.id, "is_repin": True}
        elif number % 3 == 1:
            fields |= {"topic_ids": elsewhere.topic_ids, "section_id": sections[number % 2].id}
        fields["owner_id"] = (ana, ben, cleo)[number % 3].id
        made.append(msgspec.structs.replace(first, **fields))
    await _insert(world, "pins", made[1:])
    await world.save(made[-1], await world.board(cleo, "Copies"))
    await world.comment(made[-2], ben)
    await _follow(world, board, followers)
    await recount_all(world.storage.mongo)
    return Large(ana, board, made)


async def _follow(world: World, board: BoardRecord, number: int) -> None:
    """Makes people follow a board, and its owner implicitly; every tenth follows the owner too."""
    made: list[FollowRecord] = []
    for place in range(number):
        edge = FollowRecord(
            id=new_id(),
            follower_id=new_id(),
            kind=FollowKind.BOARD,
            target_id=board.id,
            created_at=board.created_at,
        )
        owner = {"id": new_id(), "kind": FollowKind.USER, "target_id": board.owner_id}
        made += [edge, msgspec.structs.replace(edge, **owner, is_explicit=place % 10 == 0)]
    if made:
        await _insert(world, "follows", made)


async def _insert(
    world: World, collection: str, made: Sequence[PinRecord] | Sequence[FollowRecord]
) -> None:
    await world.storage.mongo.collection(collection).insert_many([document(each) for each in made])


NOTHING_TO_UNDO = {
    "code": "NOT_FOUND",
    "message": "There is no such undo, or it is older than ten minutes.",
    "field": ["input", "undoToken"],
}


def worker_of(storage: Storage) -> CascadeWorker:
    """The worker of a process, to do one step at a time."""
    return CascadeWorker(storage.cascades, storage.transactions)


async def work_off(storage: Storage) -> int:
    """Does what is due, and says how many steps it took."""
    worker, steps = worker_of(storage), 0
    while await worker.work():
        steps += 1
    return steps


async def let_leases_end(world: World) -> None:
    """As time would."""
    due = {"$set": {"due_at": datetime.now(UTC)}}
    await world.storage.mongo.collection("cascades").update_many({}, due)


async def the_job(world: World) -> CascadeRecord:
    """The job that is first in the collection; there must be one."""
    found: Document | None = await world.storage.mongo.collection("cascades").find_one({})
    assert found is not None
    return msgspec.convert(found, CascadeRecord, strict=False)


def job_of(kind: CascadeKind, board: BoardRecord, *, target_id: Id | None = None) -> CascadeRecord:
    """A job that is due."""
    return CascadeRecord(
        id=new_id(),
        kind=kind,
        board_id=board.id,
        owner_id=board.owner_id,
        created_at=board.created_at,
        due_at=board.created_at,
        target_id=target_id,
    )


@contextmanager
def observed(world: World, observer: Observer) -> Iterator[None]:
    """Tells an observer of the calls to MongoDB."""
    observers = world.storage.mongo.calls.observers
    observers.append(observer)
    yield
    observers.remove(observer)


async def delete(client: Client, viewer: UserRecord, board: BoardRecord) -> str:
    """Deletes a board; gives the undo token."""
    gone = (await client.data(DELETE, viewer, input={"id": gid(board)}))["deleteBoard"]
    assert (gone["deletedBoardId"], gone["userErrors"]) == (gid(board), [])
    token: str = gone["undoToken"]
    return token


async def undo(client: Client, viewer: UserRecord, token: str) -> dict[str, Any]:
    """What `undo` gives, with its one board as `board`."""
    answer: dict[str, Any] = (await client.data(UNDO, viewer, input={"undoToken": token}))["undo"]
    return {"board": next(iter(answer.pop("boards")), None)} | answer


async def stored(world: World, collection: str, **match: object) -> int:
    """How many documents of a collection have some values."""
    found: int = await world.storage.mongo.collection(collection).count_documents(match)
    return found


async def left(world: World, board: BoardRecord) -> tuple[int, int, int]:
    """The pins, sections and followers of a board that are stored."""
    board_id = object_id(board.id)
    return (
        await stored(world, "pins", board_id=board_id),
        await stored(world, "sections", board_id=board_id),
        await followers(world, board),
    )


async def followers(world: World, board: BoardRecord) -> int:
    """How many follow a board."""
    return await stored(
        world, "follows", target_id=object_id(board.id), kind=FollowKind.BOARD.value
    )


async def stamped(world: World, board: BoardRecord, privacy: BoardPrivacy) -> int:
    """How many pins on a board are stamped with a privacy."""
    return await stored(world, "pins", board_id=object_id(board.id), privacy=privacy.value)


async def remove_follows(world: World, user: UserRecord) -> None:
    """As if they had not been put back yet."""
    follows = world.storage.mongo.collection("follows")
    await follows.delete_many({"follower_id": object_id(user.id)})
    await recount_all(world.storage.mongo)


async def state(world: World) -> dict[str, list[Document]]:
    """All that people made, without the marks that transactions leave on it."""
    found = await snapshot(world)
    names = ("users", "boards", "sections", "pins", "comments", "follows", "topics")
    return {
        name: [{k: v for k, v in each.items() if k != "guard"} for each in found.get(name, [])]
        for name in names
    }
