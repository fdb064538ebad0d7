"""Arranging pins, sections and boards by hand, over real HTTP: order, and room for it (b.3)."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.pins import PinRecord
from domain.positions import MAX_POSITION, at_place
from domain.record import Id
from resolvers import arranging
from resolvers.arranging import MAX_MOVED
from server import create_app
from storage import arranging as storage_arranging
from storage.arranging import REACH, RUN_STEP, loosen, pins_of
from storage.arranging import put as put_stored
from storage.codec import Document, document, new_id, object_id
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from storage.transactions import Transaction
from tests.client import Client, serving, settings_of
from tests.mutations.about_boards import process_of
from tests.mutations.arranged import Item, Lists, ids_of, lists_of, move, put, stored_order
from tests.mutations.wire import gid
from tests.world import World

LISTED = """
query ($board: ID!) {
  board(by: {id: $board}) {
    pins(first: 50) { edges { cursor position node { entityId } } }
    sections(first: 50) { edges { cursor node { entityId position } } }
    owner {
      boards(first: 50, includeArchived: true, orderBy: {field: CUSTOM}) {
        edges { cursor node { entityId } }
      }
    }
  }
}
"""


async def _listed(client: Client, lists: Lists) -> dict[str, list[Any]]:
    """The edges of the lists, as clients read them."""
    board = (await client.data(LISTED, lists.owner, board=gid(lists.board)))["board"]
    return {
        "pins": board["pins"]["edges"],
        "sections": board["sections"]["edges"],
        "boards": board["owner"]["boards"]["edges"],
    }


# The law


@st.composite
def _moves(draw: st.DrawFn, size: int) -> list[tuple[list[int], tuple[str, Any]]]:
    """Some moves: the numbers of the items that move, and where to."""
    moves = []
    for _ in range(draw(st.integers(1, 8))):
        moving = draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=3, unique=True))
        others = [number for number in range(size) if number not in moving]
        ends = st.tuples(st.just("at"), st.sampled_from(["TOP", "BOTTOM"]))
        beside = st.tuples(st.sampled_from(["afterId", "beforeId"]), st.sampled_from(others))
        moves.append((moving, draw(st.one_of(beside, beside, ends))))
    return moves


@pytest.mark.parametrize("kind", ["pins", "sections", "boards"])
@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(moves=_moves(6), is_run=st.booleans())
async def test_any_moves_give_the_order_of_a_list(
    client: Client, prepared: Storage, kind: str, moves: list[Any], is_run: bool
) -> None:
    """Also where all positions are equal at first, as imported lists have them."""
    for name in ("users", "boards", "sections", "pins"):
        await prepared.mongo.database[name].delete_many({})
    await prepared.redis.client.flushdb()
    world = World(prepared)
    lists = await lists_of(world, 6)
    items: list[Item] = list(getattr(lists, kind))
    if is_run:
        items.sort(key=lambda item: item.id)
        await _make_equal(world, kind, items)
    model = list(items)

    for moving, (where, value) in moves:
        place = (where, value if where == "at" else items[value])
        moved = [items[number] for number in moving]
        done = await move(client, lists, kind, moved, place)
        model = put(model, moved, place)

        edges = (await _listed(client, lists))[kind]
        assert done["userErrors"] == []
        assert ids_of(edges) == [item.id for item in model]
        by_id = {edge["node"]["entityId"]: edge for edge in edges}
        assert ids_of(done["edges"]) == [item.id for item in moved]
        assert [edge["cursor"] for edge in done["edges"]] == [
            by_id[item.id]["cursor"] for item in moved
        ]
        if kind == "sections":
            assert [edge["node"]["position"] for edge in edges] == list(range(6))
            assert [edge["node"]["position"] for edge in done["edges"]] == [
                model.index(item) for item in moved
            ]


@pytest.fixture
async def other_client(stores: EmbeddedStores, storage: Storage) -> AsyncIterator[Client]:
    """A client of another process: there, nobody waits for the turn of one who is here."""
    own = process_of(stores)
    options = settings_of(stores)
    async with serving(create_app(options, own)) as url:
        client = Client(url, options)
        yield client
        await client.http.aclose()
    await own.close()


@pytest.mark.parametrize("kind", ["pins", "sections", "boards"])
async def test_twenty_moves_at_once_lose_nothing(
    world: World, client: Client, other_client: Client, kind: str
) -> None:
    """All go to one place, from two processes, and none gets the position of another."""
    lists = await lists_of(world, 21)
    items: list[Item] = getattr(lists, kind)

    done = await asyncio.gather(
        *(
            move(each, lists, kind, [item], ("afterId", items[0]))
            for item, each in zip(items[1:], [client, other_client] * 10, strict=True)
        )
    )

    assert [each["userErrors"] for each in done] == [[]] * 20
    stored = await stored_order(world, kind)
    assert sorted(id for _, id in stored) == sorted(item.id for item in items)
    assert stored[0][1] == items[0].id
    assert all(a < b for (a, _), (b, _) in pairwise(stored))


# Room


async def test_three_hundred_are_put_in_one_place(world: World) -> None:
    """More than one gap has room for: neighbours that came before make some."""
    lists = await lists_of(world, 2)
    pins = await _many(world, lists, 300, None)
    top = lists.pins[0]

    for pin in pins:
        await world.storage.transactions.run("test", partial(_put_below, lists, pin, top))

    stored = await stored_order(world, "pins")
    assert [id for _, id in stored[1:302]] == [top.id, *(pin.id for pin in reversed(pins))]
    assert all(a < b for (a, _), (b, _) in pairwise(stored[1:]))
    assert max(len(position) for position, _ in stored) <= MAX_POSITION


async def _put_below(lists: Lists, pin: PinRecord, beside: PinRecord, tx: Transaction) -> None:
    """What the mutation does, without the rest of it."""
    fresh = await tx.get_many(PinRecord, [pin.id, beside.id])
    board = pins_of(lists.board)
    await put_stored(tx, board, [fresh[pin.id]], fresh[beside.id], below=True)


@pytest.mark.parametrize("size", [300, 1_500])
async def test_pins_move_within_a_run_of_equal_positions(
    world: World, client: Client, size: int
) -> None:
    lists = await lists_of(world, 2)
    pins = await _many(world, lists, size, "f00000000000")
    model = [pin.id for pin in pins]

    for number, (moving, place) in enumerate(
        [
            ([pins[0], pins[-1]], ("afterId", pins[size // 2])),
            ([pins[1]], ("beforeId", pins[3])),
            ([pins[size // 2]], ("at", "BOTTOM")),
            ([pins[5]], ("afterId", pins[size // 2 - 2])),
        ]
    ):
        done = await move(client, lists, "pins", moving, place)
        assert done["userErrors"] == [], number
        model = [p.id for p in put([_by_id(pins)[id] for id in model], moving, place)]
        stored = [id for _, id in await stored_order(world, "pins") if id in model]
        assert stored == model


async def test_a_long_run_is_loosened_in_steps_that_stay(
    world: World, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has no time for all of them comes back and finds less to do. The order stays."""
    monkeypatch.setattr(arranging, "PATIENCE_S", 0)
    lists = await lists_of(world, 1)
    pins = await _many(world, lists, 2_000, "f00000000000")
    moving, place = pins[-1:], ("afterId", pins[REACH + 10])
    message = "This long list is being made ready to be arranged: try again in a moment."
    not_yet = {"code": "CONFLICT", "message": message, "field": ["input"]}

    for step in range(1, 3):
        refused = await move(client, lists, "pins", moving, place)
        assert refused["userErrors"] == [not_yet]
        stored = await stored_order(world, "pins")
        assert [id for _, id in stored[1:]] == [pin.id for pin in pins]
        assert len({position for position, _ in stored[1:]}) == step * RUN_STEP + 1
    done = await move(client, lists, "pins", moving, place)

    assert done["userErrors"] == []
    stored = await stored_order(world, "pins")
    expected = put(list(pins), moving, place)
    assert [id for _, id in stored[1:]] == [pin.id for pin in expected]
    assert max(len(position) for position, _ in stored) <= 16


async def test_a_run_of_any_length_gets_room_for_all_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many steps it takes, the first ones leave room for the last."""
    monkeypatch.setattr(storage_arranging, "RUN_STEP", 10)
    lists = await lists_of(world, 1)
    run = "f00000000000"
    pins = await _many(world, lists, 600, run)

    for _ in range(60):
        step = partial(loosen, arranged=pins_of(lists.board), run=run)
        await world.storage.transactions.run("test", step)

    stored = await stored_order(world, "pins")
    assert [id for _, id in stored[1:]] == [pin.id for pin in pins]
    assert all(a < b for (a, _), (b, _) in pairwise([(run, ""), *stored[1:]]))
    assert max(len(position) for position, _ in stored) <= 16


async def test_of_ten_thousand_pins_those_close_by_are_read(
    world: World, client: Client, commands: list[str]
) -> None:
    lists = await lists_of(world, 1)
    pins = await _many(world, lists, 10_000, None)
    await move(client, lists, "pins", [pins[2]], ("at", "TOP"))
    before = await stored_order(world, "pins")
    looked_at = await _looked_at(world)
    commands.clear()

    done = await move(client, lists, "pins", [pins[17], pins[9_000]], ("beforeId", pins[5_000]))

    now = await _looked_at(world)
    keys, documents = (now[0] - looked_at[0], now[1] - looked_at[1])
    assert done["userErrors"] == []
    assert len(commands) <= 12
    assert keys < 120
    assert documents < 40
    changed = set(await stored_order(world, "pins")) - set(before)
    assert {id for _, id in changed} == {pins[17].id, pins[9_000].id}


async def test_fifty_go_where_they_are_told_in_their_order(world: World, client: Client) -> None:
    lists = await lists_of(world, 1)
    pins = await _many(world, lists, 60, None)
    moving = pins[:MAX_MOVED][::-1]

    done = await move(client, lists, "pins", moving, ("afterId", pins[55]))

    assert ids_of(done["edges"]) == [pin.id for pin in moving]
    stored = [id for _, id in await stored_order(world, "pins")][1:]
    assert stored == [pin.id for pin in [*pins[50:56], *moving, *pins[56:]]]


# What these tests say again and again


def _by_id(items: Sequence[Item]) -> dict[Id, Item]:
    return {item.id: item for item in items}


async def _make_equal(world: World, kind: str, items: Sequence[Item]) -> None:
    ids = [object_id(item.id) for item in items]
    change = {"$set": {"position": "f00000000000"}}
    await world.storage.mongo.collection(kind).update_many({"_id": {"$in": ids}}, change)


async def _many(world: World, lists: Lists, size: int, position: str | None) -> list[PinRecord]:
    """Many pins below those that are there, at one position or each in its place."""
    pins = []
    for number in range(size):
        id = new_id()
        place = position or "f1" + at_place(number)
        pins.append(msgspec.structs.replace(lists.pins[0], id=id, root_id=id, position=place))
    rows: list[Document] = [document(pin) for pin in pins]
    collection = world.storage.mongo.collection("pins")
    await collection.update_many({}, {"$set": {"position": "1"}})
    for start in range(0, size, 1_000):
        await collection.insert_many(rows[start : start + 1_000])
    return pins


async def _looked_at(world: World) -> tuple[int, int]:
    """How many keys and documents MongoDB has looked at for queries since it started."""
    status: Document = await world.storage.mongo.database.command("serverStatus")
    executor = status["metrics"]["queryExecutor"]
    return executor["scanned"], executor["scannedObjects"]
