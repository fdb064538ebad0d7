"""A board with a section, what is asked of it, and what tests of sections look at."""

from typing import Any, NamedTuple

import msgspec

from domain.boards import BoardRecord, Collaborator, SectionRecord
from domain.pins import PinRecord
from domain.users import UserRecord
from storage.codec import Document, document, new_id
from storage.counters import recount_all
from tests.client import Client
from tests.mutations.wire import gid, snapshot
from tests.world import World

DELETE = """
mutation Delete($input: DeleteBoardSectionInput!) {
  done: deleteBoardSection(input: $input) {
    deletedSectionId
    board { sectionCount pinCount }
    undoToken
    userErrors { code message field }
  }
}
"""
UNDO = """
mutation Undo($input: UndoInput!) {
  done: undo(input: $input) {
    sections { title pinCount position }
    boards { name sectionCount pinCount }
    userErrors { code message field }
  }
}
"""
DELETE_BOARD = """
mutation Delete($input: DeleteBoardInput!) {
  done: deleteBoard(input: $input) { undoToken userErrors { code message field } }
}
"""


async def run(client: Client, document: str, viewer: UserRecord, **asked: Any) -> Any:
    """What a mutation gives, which is called `done`."""
    return (await client.data(document, viewer, input=asked))["done"]


class Sectioned(NamedTuple):
    """A board with pins in a section and beside it; some are others'."""

    ana: UserRecord
    ben: UserRecord
    board: BoardRecord
    section: SectionRecord
    inside: list[PinRecord]


async def sectioned(world: World, size: int = 4) -> Sectioned:
    """Such a board, with so many pins in the section and one beside it, all counted."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana, collaborators=(Collaborator(user_id=ben.id),))
    section = await world.section(board, "Cakes")
    await world.section(board, "Pies", 1)
    await world.pin(board, "Beside")
    first = await world.pin(board, "Pin 0", section_id=section.id)
    inside = [first]
    for number in range(1, size):
        id = new_id()
        fields: dict[str, Any] = {"id": id, "root_id": id, "title": f"Pin {number}"}
        fields["owner_id"] = (ana, ben)[number % 2].id
        inside.append(msgspec.structs.replace(first, **fields))
    rows: list[Document] = [document(pin) for pin in inside[1:]]
    if rows:
        await world.storage.mongo.collection("pins").insert_many(rows)
    await world.save(first, await world.board(ben, "Copies"))
    await recount_all(world.storage.mongo)
    return Sectioned(ana, ben, board, section, inside)


async def delete(
    client: Client, viewer: UserRecord, section: SectionRecord, disposition: str
) -> str:
    """Deletes a section, and gives the token that takes it back."""
    done = await run(client, DELETE, viewer, id=gid(section), pinDisposition=disposition)
    assert (done["deletedSectionId"], done["userErrors"]) == (gid(section), [])
    token: str = done["undoToken"]
    return token


async def count(world: World, collection: str, **match: object) -> int:
    """How many documents a collection holds that match."""
    found: int = await world.storage.mongo.collection(collection).count_documents(match)
    return found


async def state(world: World) -> dict[str, list[Document]]:
    """All that people made, without when boards changed and the marks of transactions."""
    stored = await snapshot(world)
    passing = {"guard", "pins_modified_at"}
    return {
        name: [{k: v for k, v in each.items() if k not in passing} for each in stored[name]]
        for name in ("users", "boards", "sections", "pins")
    }
