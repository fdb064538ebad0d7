"""Sections of boards."""

from typing import Any

import pytest

from domain.boards import BoardPrivacy, Collaborator
from domain.positions import at_place
from resolvers.nodes import global_id
from storage.codec import object_id
from storage.storage import Storage
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World


async def test_every_field(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    section = await world.section(board, "Супы 🥣", position=3)
    await world.section(board, "after it", position=4)
    await world.section(board, "first of all", position=1)
    await world.pin(board, "elsewhere")
    await world.pin(board, "second", section_id=section.id, position="2")
    await world.pin(board, "first", section_id=section.id, position="1")
    document = """
    query ($id: ID!) {
      node(id: $id) {
        ... on BoardSection {
          id entityId title position pinCount createdAt
          board { name }
          pins { edges { position node { title section { title } } } totalCount }
        }
      }
    }
    """
    assert await client.data(document, id=global_id(section)) == {
        "node": {
            "id": global_id(section),
            "entityId": section.id,
            "title": "Супы 🥣",
            "position": 1,
            "pinCount": 0,
            "createdAt": moment(section.created_at),
            "board": {"name": "Kitchen"},
            "pins": {
                "edges": [
                    {"position": "1", "node": {"title": "first", "section": {"title": "Супы 🥣"}}},
                    {"position": "2", "node": {"title": "second", "section": {"title": "Супы 🥣"}}},
                ],
                "totalCount": 0,
            },
        }
    }


async def test_sections_stand_in_their_places(client: Client, world: World) -> None:
    ana = await world.user("ana")
    board = await world.board(ana, section_count=3)
    other = await world.board(ana, "Other")
    for title, position in (("b", 1), ("c", 2), ("a", 0)):
        await world.section(board, title, position)
    await world.section(other, "others")
    document = """
    query ($id: ID!, $first: Int, $after: String, $last: Int) {
      board(by: {id: $id}) {
        sections(first: $first, after: $after, last: $last) {
          nodes { title } totalCount pageInfo { hasNextPage hasPreviousPage endCursor }
        }
      }
    }
    """

    async def page(**variables: Any) -> tuple[str, bool, bool, str]:
        data = await client.data(document, id=global_id(board), **variables)
        sections = data["board"]["sections"]
        assert sections["totalCount"] == 3
        titles = "".join(node["title"] for node in sections["nodes"])
        info = sections["pageInfo"]
        return titles, info["hasNextPage"], info["hasPreviousPage"], info["endCursor"]

    first = await page(first=2)
    assert first[:3] == ("ab", True, False)
    assert (await page(first=2, after=first[3]))[:3] == ("c", False, True)
    assert (await page(last=2))[:3] == ("bc", False, True)


async def test_sections_of_many_boards_are_one_query(
    client: Client, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    for name in ("one", "two", "three"):
        board = await world.board(ana, name)
        section = await world.section(board, f"of {name}")
        await world.pin(board, f"in {name}", section_id=section.id)
    calls.clear()
    data = await client.data(
        '{ user(by: {username: "ana"}) '
        "{ boards(first: 5) { nodes { sections(first: 5) { nodes "
        "{ title pins { nodes { title } } } } } } } }"
    )
    assert [board["sections"]["nodes"] for board in data["user"]["boards"]["nodes"]] == [
        [{"title": f"of {name}", "pins": {"nodes": [{"title": f"in {name}"}]}}]
        for name in ("three", "two", "one")
    ]
    assert calls.count("sections.pages_by_board") == 1
    assert calls.count("pins.pages_by_section") == 1


async def test_places_of_all_sections_are_one_query(
    client: Client, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    for name in ("one", "two"):
        board = await world.board(ana, name)
        for title, position in (("c", 7), ("a", 0), ("b", 3), ("b too", 3)):
            await world.section(board, title, position)
    calls.clear()
    data = await client.data(
        '{ user(by: {username: "ana"}) { boards(first: 5) { nodes '
        "{ sections(first: 5) { nodes { title position } } "
        "last: sections(last: 1) { nodes { title position } } } } } }"
    )
    every = [("a", 0), ("b", 1), ("b too", 2), ("c", 3)]
    assert [
        [(node["title"], node["position"]) for node in board[name]["nodes"]]
        for board in data["user"]["boards"]["nodes"]
        for name in ("sections", "last")
    ] == [every, every[-1:]] * 2
    assert calls.count("sections.pages_by_board") == 2
    assert calls.count("sections.ids_by_board") == 1


async def test_sections_beyond_the_most_are_after_the_rest(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.sections.MAX_SECTIONS", 2)
    board = await world.board(await world.user("ana"))
    for place in range(4):
        await world.section(board, f"{place}", place)
    data = await client.data(
        "query ($id: ID!) { board(by: {id: $id}) { sections { nodes { title position } } } }",
        id=global_id(board),
    )
    places = [(node["title"], node["position"]) for node in data["board"]["sections"]["nodes"]]
    assert places == [("0", 0), ("1", 1), ("2", 2), ("3", 2)]


async def test_sections_stored_with_numbers_get_positions(
    storage: Storage, client: Client, world: World
) -> None:
    """What the first version stored is converted once, in its order, and may then be sorted."""
    board = await world.board(await world.user("ana"))
    titles = [f"{place}" for place in range(12)]
    sections = storage.mongo.collection("sections")
    made = [await world.section(board, title) for title in titles]
    for place, section in enumerate(made):
        number = float(place) if place % 2 else place
        change = {"$set": {"position": number}}
        await sections.update_one({"_id": object_id(section.id)}, change)
    for _ in range(2):
        await storage.sections.convert_places()
        stored = await sections.find({}).sort("position", 1).to_list(None)
        assert [section["position"] for section in stored] == [at_place(n) for n in range(12)]
        assert [section["title"] for section in stored] == titles
    data = await client.data(
        "query ($id: ID!) { board(by: {id: $id}) { sections { nodes { title position } } } }",
        id=global_id(board),
    )
    assert data["board"]["sections"]["nodes"] == [
        {"title": title, "position": place} for place, title in enumerate(titles)
    ]


async def test_a_section_is_seen_by_whoever_sees_its_board(client: Client, world: World) -> None:
    ana, member, stranger = [await world.user(name) for name in ("ana", "member", "stranger")]
    share = (Collaborator(user_id=member.id),)
    board = await world.board(ana, privacy=BoardPrivacy.SECRET, collaborators=share)
    section = await world.section(board, "Hidden")
    document = "query ($id: ID!) { node(id: $id) { ... on BoardSection { title } } }"
    for viewer, expected in (
        (ana, {"title": "Hidden"}),
        (member, {"title": "Hidden"}),
        (stranger, None),
        (None, None),
    ):
        assert await client.data(document, viewer, id=global_id(section)) == {"node": expected}
