"""Objects that were written before are put into answers byte for byte as they would be built."""

from typing import Any

from prometheus_client import REGISTRY

from domain.ids import to_global_id
from domain.users import UserRecord
from execution.fragments import Beginning, Fragments, Shelf
from tests.client import Client
from tests.world import World

PIN = """query ($id: ID!, $width: Int) { pin(id: $id) {
  id title
  owner { __typename id username avatar { url(width: 40) } }
  board { name pinCount collaboratorCount }
  media { ... on ImageMedia { image { width aspectRatio url(width: 40) } } }
  creator { id boards(first: 1) { nodes { name } } }
  sized: media { ... on ImageMedia { image { url(width: $width) } } }
} }"""


def _made() -> tuple[float, float]:
    """How many whole objects were kept, and how many beginnings of objects."""
    names = ("pinery_fragments_made_total", "pinery_beginnings_made_total")
    whole, begun = (REGISTRY.get_sample_value(name) or 0.0 for name in names)
    return whole, begun


async def _bytes(client: Client, viewer: UserRecord, variables: dict[str, Any]) -> bytes:
    """The data as they came: in development something else comes after them."""
    headers = {"Authorization": f"Bearer {client.token(viewer)}"}
    body = {"query": PIN, "variables": variables}
    response = await client.http.post("/graphql", json=body, headers=headers)
    assert "errors" not in response.json()
    data, _, _ = response.content.partition(b',"extensions":')
    return data


async def test_the_same_bytes_as_often_as_they_are_asked_for(
    world: World, warm: Client, client: Client
) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana, "Bread"), "Loaf")
    variables = {"id": to_global_id("Pin", pin.id), "width": 100}
    expected = await _bytes(client, ana, variables)
    whole, begun = _made()
    answers = {await _bytes(warm, ana, variables) for _ in range(6)}
    assert answers == {expected}
    # An owner and a board as they are; the pin without its relations and the width that varies.
    # Again for a record that had to be read again meanwhile, and so is another object.
    made = _made()
    assert made[0] >= whole + 2
    assert made[1] >= begun + 1
    wider = await _bytes(warm, ana, variables | {"width": 50})
    assert wider == await _bytes(client, ana, variables | {"width": 50})


FAILING = """query ($id: ID!, $width: Int) { pin(id: $id) {
  id title media { ... on ImageMedia { image { url(width: $width) } } } } }"""


async def test_a_field_that_fails_leaves_what_is_kept_of_its_object_as_it_is(
    world: World, warm: Client
) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana, "Bread"), "Loaf")
    variables = {"id": to_global_id("Pin", pin.id)}
    wrong = await warm.execute(FAILING, ana, **variables, width=-1)
    assert [error["path"] for error in wrong.errors] == [["pin", "media", "image", "url"]]
    for _ in range(4):
        right = await warm.execute(FAILING, ana, **variables, width=40)
        again = await warm.execute(FAILING, ana, **variables, width=-1)
        assert right.errors == []
        assert right.data["pin"]["title"] == "Loaf"
        assert right.data["pin"]["media"]["image"]["url"].startswith("http")
        assert (again.data, again.errors) == (wrong.data, wrong.errors)


async def test_a_record_that_changes_is_written_anew(world: World, warm: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana, "Bread")
    variables = {"id": to_global_id("Pin", (await world.pin(board, "Loaf")).id)}
    for _ in range(5):
        assert b"Bread" in await _bytes(warm, ana, variables)
    change = """mutation ($id: ID!) { updateBoard(input: {id: $id, name: "Cake"})
      { userErrors { message } } }"""
    answer = await warm.execute(change, ana, id=to_global_id("Board", board.id))
    assert answer.data == {"updateBoard": {"userErrors": []}}
    for _ in range(5):
        assert b"Cake" in await _bytes(warm, ana, variables)


async def test_what_a_viewer_may_not_see_is_not_there_for_being_written(
    world: World, warm: Client
) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana), "Loaf")
    variables = {"id": to_global_id("Pin", pin.id)}
    for _ in range(5):
        assert b"Loaf" in await _bytes(warm, ben, variables)
    await warm.execute(
        "mutation ($id: ID!) { blockUser(input: {userId: $id}) { userErrors { message } } }",
        ana,
        id=to_global_id("User", ben.id),
    )
    assert await _bytes(warm, ben, variables) == b'{"data":{"pin":null}'
    assert b"Loaf" in await _bytes(warm, ana, variables)


def test_what_is_kept_is_bounded_and_what_is_used_stays() -> None:
    fragments = Fragments(most_bytes=40_000)
    shelf, other = Shelf(fragments), Shelf(fragments)
    often, values = "often", [f"value {number}" for number in range(200)]
    nothing = Beginning({}, ())
    shelf.keep(often, nothing, 1)
    for value in values:
        other.keep(value, nothing, 1)
        entry = shelf.find(often)
        assert entry is not None
        assert entry.value is often
        assert len(fragments) <= 26  # 1,501 bytes each
    assert other.find(values[-1]) is not None
    assert other.find(values[0]) is None
    assert shelf.find(values[-1]) is None
