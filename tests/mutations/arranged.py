"""Lists that are arranged by hand, what is asked to move things in them, and the model of a list.

A list is a Python list: what is moved is taken out, and put back at its place.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from domain.boards import BoardRecord, SectionRecord
from domain.pins import PinRecord
from domain.record import Id
from domain.users import UserRecord
from tests.client import Client
from tests.mutations.about_boards import error
from tests.mutations.wire import gid
from tests.world import World

Item = PinRecord | SectionRecord | BoardRecord
Place = tuple[str, Any]
"""`afterId` or `beforeId` with an item's id, or `at` with an end."""

PINS = """
mutation Reorder($input: ReorderBoardPinsInput!) {
  done: reorderBoardPins(input: $input) {
    edges: pinEdges { cursor position node { entityId revision } }
    board { entityId revision pinsModifiedAt }
    userErrors { code message field }
  }
}
"""
SECTIONS = """
mutation Reorder($input: ReorderSectionsInput!) {
  done: reorderSections(input: $input) {
    edges: sectionEdges { cursor node { entityId position } }
    board { entityId }
    userErrors { code message field }
  }
}
"""
BOARDS = """
mutation Reorder($input: ReorderBoardsInput!) {
  done: reorderBoards(input: $input) {
    edges: boardEdges { cursor node { entityId revision } }
    owner { username }
    userErrors { code message field }
  }
}
"""


class Lists(NamedTuple):
    """A user's lists, each in its order when it was made."""

    owner: UserRecord
    board: BoardRecord
    pins: list[PinRecord]
    sections: list[SectionRecord]
    boards: list[BoardRecord]


async def lists_of(world: World, size: int) -> Lists:
    """A board with so many pins and sections, and its owner with so many boards."""
    ana = await world.user("ana")
    boards = [await world.board(ana, f"Board {number}") for number in range(size)][::-1]
    sections = [await world.section(boards[0], f"S{number}", number) for number in range(size)]
    pins = [await world.pin(boards[0], f"P{number}") for number in range(size)][::-1]
    return Lists(ana, boards[0], pins, sections, boards)


async def move(
    client: Client,
    lists: Lists,
    kind: str,
    moving: Sequence[Item],
    place: Place,
    viewer: UserRecord | None = None,
) -> dict[str, Any]:
    """What a reordering of one of the lists gives."""
    where, value = place
    asked: dict[str, Any] = {"place": {where: value if where == "at" else gid(value)}}
    mutation, ids = {
        "pins": (PINS, "pinIds"),
        "sections": (SECTIONS, "sectionIds"),
        "boards": (BOARDS, "boardIds"),
    }[kind]
    asked[ids] = [gid(item) for item in moving]
    if kind != "boards":
        asked["boardId"] = gid(lists.board)
    done: dict[str, Any] = (await client.data(mutation, viewer or lists.owner, input=asked))["done"]
    return done


def ids_of(edges: Sequence[Any]) -> list[Id]:
    """The stored ids of the nodes of edges."""
    return [edge["node"]["entityId"] for edge in edges]


def put(model: list[Item], moving: Sequence[Item], place: Place) -> list[Item]:
    """What a list is after a move."""
    where, value = place
    rest = [item for item in model if item not in moving]
    match where:
        case "afterId":
            index = rest.index(value) + 1
        case "beforeId":
            index = rest.index(value)
        case _:
            index = 0 if value == "TOP" else len(rest)
    return [*rest[:index], *moving, *rest[index:]]


async def stored_order(world: World, kind: str) -> list[tuple[str, Id]]:
    """The positions and ids of what is stored, in order."""
    cursor = world.storage.mongo.database[kind].find({}, {"position": 1})
    return sorted((row["position"], Id(row["_id"])) for row in await cursor.to_list(None))


def missing(what: str, *field: str) -> dict[str, Any]:
    """The error for an id that names nothing which the viewer may see."""
    return error("NOT_FOUND", f"There is no such {what}.", *field)
