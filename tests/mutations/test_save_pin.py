"""`savePin` over real HTTP (INV-2, INV-3, decision 1)."""

import asyncio
from typing import Any

from domain.boards import BoardPrivacy
from domain.pins import PinRecord
from tests.client import Client
from tests.mutations.wire import gid, snapshot
from tests.world import World

SAVE = """
mutation Save($input: SavePinInput!) {
  savePin(input: $input) {
    alreadySaved
    clientMutationId
    pinEdge { addedAt node { entityId title note isRepin parent { entityId } owner { username } } }
    board { pinCount }
    savedPin { saveCount aggregatedSaveCount viewerHasSaved }
    userErrors { __typename code message field }
  }
}
"""


async def test_a_save_is_a_copy(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana), "Lemon cake")
    board = await world.board(ben, "Cakes")

    data = await client.data(
        SAVE, ben, input={"pinId": gid(pin), "boardId": gid(board), "note": " For Sunday ☀️ "}
    )

    saved = data["savePin"]
    copy_id = saved["pinEdge"]["node"].pop("entityId")
    saved["pinEdge"].pop("addedAt")
    assert saved == {
        "alreadySaved": False,
        "clientMutationId": None,
        "pinEdge": {
            "node": {
                "title": "Lemon cake",
                "note": "For Sunday ☀️",
                "isRepin": True,
                "parent": {"entityId": pin.id},
                "owner": {"username": "ben"},
            }
        },
        "board": {"pinCount": 1},
        "savedPin": {"saveCount": 1, "aggregatedSaveCount": 1, "viewerHasSaved": True},
        "userErrors": [],
    }
    copy = (await world.storage.pins.get_many([copy_id]))[copy_id]
    assert (copy.root_id, copy.creator_id, copy.save_count) == (pin.id, ana.id, 0)


async def test_saving_twice_gives_the_copy_that_is_there(world: World, client: Client) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    board = await world.board(ana, "Cakes")
    asked = {"pinId": gid(pin), "boardId": gid(board)}

    first = (await client.data(SAVE, ana, input=asked))["savePin"]
    again = (await client.data(SAVE, ana, input=asked))["savePin"]
    other = (await client.data(SAVE, ana, input={**asked, "allowDuplicate": True}))["savePin"]

    assert [each["alreadySaved"] for each in (first, again, other)] == [False, True, False]
    assert again["pinEdge"]["node"] == first["pinEdge"]["node"]
    assert again["board"] == {"pinCount": 1}
    assert other["board"] == {"pinCount": 2}
    assert other["savedPin"]["saveCount"] == 2


async def test_a_save_without_a_board_goes_to_the_latest(world: World, client: Client) -> None:
    """DOMAIN b.3: null is the default board; who has none gets one, and one only."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    pins = [await world.pin(board), await world.pin(board)]
    await world.board(ben, "Secret", privacy=BoardPrivacy.SECRET)
    save = "mutation($id: ID!) { savePin(input: {pinId: $id}) { board { name slug pinCount } } }"

    made = await asyncio.gather(*(client.data(save, ben, id=gid(pin)) for pin in pins))
    await world.board(ben, "Later")
    again = await client.data(save, ben, id=gid(pins[0]))

    quick = {"name": "Quick saves", "slug": "quick-saves"}
    counts = sorted(each["savePin"]["board"].pop("pinCount") for each in made)
    assert [each["savePin"]["board"] for each in made] == [quick, quick]
    assert counts == [1, 2]
    assert again["savePin"]["board"] == quick | {"pinCount": 2}


async def test_fifty_duplicate_saves_at_once_leave_one_copy(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana))
    board = await world.board(ben, "Cakes")
    asked = {"pinId": gid(pin), "boardId": gid(board)}

    answers = await asyncio.gather(*(client.data(SAVE, ben, input=asked) for _ in range(50)))

    saves = [answer["savePin"] for answer in answers]
    assert sum(not save["alreadySaved"] for save in saves) == 1
    assert len({save["pinEdge"]["node"]["entityId"] for save in saves}) == 1
    assert await _counts(world, pin) == (1, 1, 1)


async def test_fifty_people_save_one_pin_at_once(world: World, client: Client) -> None:
    pin = await world.pin(await world.board(await world.user("ana")))
    people = [await world.user(f"user{number}") for number in range(50)]
    boards = [await world.board(person) for person in people]

    answers = await asyncio.gather(
        *(
            client.data(SAVE, person, input={"pinId": gid(pin), "boardId": gid(board)})
            for person, board in zip(people, boards, strict=True)
        )
    )

    assert not any(answer["savePin"]["userErrors"] for answer in answers)
    assert await _counts(world, pin) == (50, 50, 50)


async def test_everything_that_is_wrong_is_told_at_once(world: World, client: Client) -> None:
    ana = await world.user("ana")
    pin = await world.pin(await world.board(ana))
    before = await snapshot(world)

    asked = {"pinId": gid(ana), "boardId": "nonsense", "note": "x" * 501, "sectionId": gid(pin)}
    save = (await client.data(SAVE, ana, input=asked))["savePin"]

    assert save.pop("userErrors") == [
        _error("INVALID", "It must be the id of a Pin; it was the id of a User.", "pinId"),
        _error("INVALID", "It must be the id of a Board; it was something else.", "boardId"),
        _error(
            "INVALID", "It must be the id of a BoardSection; it was the id of a Pin.", "sectionId"
        ),
        _error("TOO_LONG", "It may have at most 500 characters; there were 501.", "note"),
    ]
    assert save == {
        "alreadySaved": False,
        "clientMutationId": None,
        "pinEdge": None,
        "board": None,
        "savedPin": None,
    }
    assert await snapshot(world) == before


async def test_a_secret_pin_does_not_exist_for_others(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    pin = await world.pin(await world.board(ana, privacy=BoardPrivacy.SECRET))
    board = await world.board(ben, "Cakes")
    before = await snapshot(world)

    asked = {"pinId": gid(pin), "boardId": gid(board)}
    refused = (await client.data(SAVE, ben, input=asked))["savePin"]
    asked["pinId"] = gid(pin, "ffffffffffffffffffffffff")
    missing = (await client.data(SAVE, ben, input=asked))["savePin"]

    assert refused == missing
    assert refused["userErrors"] == [_error("NOT_FOUND", "There is no such pin.", "pinId")]
    assert await snapshot(world) == before


async def test_another_s_board_is_not_to_be_saved_to(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    pin = await world.pin(board)
    before = await snapshot(world)

    asked = {"pinId": gid(pin), "boardId": gid(board)}
    refused = (await client.data(SAVE, ben, input=asked))["savePin"]

    assert refused["userErrors"] == [
        _error("NOT_ALLOWED", "You may not do this: NOT_MEMBER.", "boardId")
    ]
    assert await snapshot(world) == before


async def _counts(world: World, pin: PinRecord) -> tuple[int, int, int]:
    """The stored counters of a pin, and how many copies there are."""
    found = (await world.storage.pins.get_many([pin.id]))[pin.id]
    copies = world.storage.mongo.collection("pins")
    return (
        found.save_count,
        found.aggregated_save_count,
        await copies.count_documents({"is_repin": True}),
    )


def _error(code: str, message: str, *field: str) -> dict[str, Any]:
    return {
        "__typename": "InputError",
        "code": code,
        "message": message,
        "field": ["input", *field],
    }
