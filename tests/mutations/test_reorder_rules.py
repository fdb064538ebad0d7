"""What reordering leaves as it is, and what it refuses, over real HTTP (DOMAIN b.3)."""

from typing import Any

import pytest

from domain.boards import BoardPrivacy, BoardRole, Collaborator
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from resolvers.arranging import MAX_MOVED
from storage.codec import object_id
from tests.client import Client
from tests.mutations.about_boards import error
from tests.mutations.arranged import (
    BOARDS,
    PINS,
    SECTIONS,
    Item,
    Lists,
    Place,
    ids_of,
    lists_of,
    missing,
    move,
    stored_order,
)
from tests.mutations.wire import gid, snapshot
from tests.world import World

# What else a move is


async def test_a_move_is_no_edit(world: World, client: Client) -> None:
    """No revision rises, no board counts as changed, and nothing but positions is another."""
    lists = await lists_of(world, 3)
    before = await snapshot(world)

    done = await move(client, lists, "pins", [lists.pins[2]], ("at", "TOP"))

    (edge,) = done["edges"]
    assert edge["node"] == {"entityId": lists.pins[2].id, "revision": 1}
    assert edge["position"] < lists.pins[0].position
    assert done["board"]["revision"] == 1
    after = await snapshot(world)
    assert after["boards"][0].pop("guard", None) or after["boards"][2].pop("guard") == 1
    assert after["boards"] == before["boards"]
    (moved,) = [pin for pin in after["pins"] if pin["_id"] == lists.pins[2].id]
    moved["position"] = lists.pins[2].position
    assert after == before


@pytest.mark.parametrize("kind", ["pins", "sections", "boards"])
async def test_what_is_in_its_place_stays_there(world: World, client: Client, kind: str) -> None:
    lists = await lists_of(world, 4)
    items: list[Item] = getattr(lists, kind)
    before = await snapshot(world)

    places: list[tuple[list[Item], Place]] = [
        (items[:2], ("at", "TOP")),
        (items[1:3], ("beforeId", items[3])),
        ([items[2]], ("afterId", items[1])),
        (items[2:], ("at", "BOTTOM")),
    ]
    for moving, place in places:
        done = await move(client, lists, kind, moving, place)
        assert (ids_of(done["edges"]), done["userErrors"]) == ([item.id for item in moving], [])

    assert await snapshot(world) == before


async def test_a_section_has_the_order_of_its_board(world: World, client: Client) -> None:
    lists = await lists_of(world, 1)
    section = lists.sections[0]
    inside = [await world.pin(lists.board, f"I{n}", section_id=section.id) for n in range(3)][::-1]

    await move(client, lists, "pins", [inside[2]], ("beforeId", inside[1]))

    document = (
        "query ($id: ID!) { node(id: $id) { ...on BoardSection { pins { nodes { entityId } } } } }"
    )
    shown = (await client.data(document, lists.owner, id=gid(section)))["node"]["pins"]["nodes"]
    expected = [inside[0], inside[2], inside[1]]
    assert [each["entityId"] for each in shown] == [pin.id for pin in expected]


async def test_secret_and_archived_boards_have_their_places(world: World, client: Client) -> None:
    lists = await lists_of(world, 2)
    ana = lists.owner
    secret = [
        await world.board(ana, f"Secret {number}", privacy=BoardPrivacy.SECRET)
        for number in range(3)
    ]
    archived = await world.board(ana, "Old", archived_at=secret[0].created_at)
    first, last = lists.boards

    await move(client, lists, "boards", [archived, *secret], ("afterId", first))
    await move(client, lists, "boards", [first], ("afterId", archived))
    await move(client, lists, "boards", [last], ("beforeId", secret[1]))

    expected = [archived, first, secret[0], last, *secret[1:]]
    assert [id for _, id in await stored_order(world, "boards")] == [each.id for each in expected]


# What is refused


async def test_who_may_arrange_a_board(world: World, client: Client) -> None:
    """Owner and editors; neither a stranger, nor somebody who was only let in to read."""
    ana, ben, cleo, dan = [await world.user(name) for name in ("anna", "ben", "cleo", "dan")]
    members = (
        Collaborator(user_id=ben.id),
        Collaborator(user_id=cleo.id, role=BoardRole.VIEWER),
    )
    board = await world.board(ana, collaborators=members)
    pins = [await world.pin(board) for _ in range(2)]
    sections = [await world.section(board, "S", number) for number in range(2)]
    lists = Lists(ana, board, pins, sections, [board, await world.board(ana, "Other")])
    before = await snapshot(world)

    for kind, at in (("pins", "boardId"), ("sections", "boardId")):
        for viewer in (cleo, dan):
            items = getattr(lists, kind)
            done = await move(client, lists, kind, items[:1], ("at", "BOTTOM"), viewer)
            assert done["userErrors"] == [
                error("NOT_ALLOWED", "You may not do this: NOT_MEMBER.", at)
            ]
    done = await move(client, lists, "boards", [board], ("at", "TOP"), ben)
    assert done["userErrors"] == [
        error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "boardIds", "0")
    ]
    theirs = await world.board(ben, "Theirs")
    done = await move(client, lists, "boards", [theirs], ("afterId", board), ben)
    assert done["userErrors"] == [
        error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "place", "afterId")
    ]
    await world.storage.mongo.collection("boards").delete_one({"_id": object_id(theirs.id)})
    assert await snapshot(world) == before

    for kind in ("pins", "sections"):
        items = getattr(lists, kind)
        done = await move(client, lists, kind, items[1:], ("at", "TOP"), ben)
        assert ids_of(done["edges"]) == [items[1].id]


async def test_what_is_secret_or_elsewhere_is_not_found(world: World, client: Client) -> None:
    lists = await lists_of(world, 2)
    ana, ben = lists.owner, await world.user("ben")
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    hidden = [await world.pin(secret) for _ in range(2)]
    other = lists.boards[1]
    stray: list[Item] = [await world.pin(other), await world.section(other, "S")]
    within = Lists(ana, secret, hidden, [await world.section(secret, "S")], [secret])
    before = await snapshot(world)

    async def errors(
        which: Lists, kind: str, moving: Item, place: Place, viewer: UserRecord
    ) -> Any:
        return (await move(client, which, kind, [moving], place, viewer))["userErrors"]

    for kind, what in (("pins", "pin"), ("sections", "section")):
        item = getattr(within, kind)[0]
        assert await errors(within, kind, item, ("at", "TOP"), ben) == [
            missing("board", "boardId"),
            missing(what, f"{what}Ids", "0"),
        ]
        mine = getattr(lists, kind)
        elsewhere = stray[kind == "sections"]
        assert await errors(lists, kind, elsewhere, ("afterId", mine[0]), ana) == [
            missing(what, f"{what}Ids", "0")
        ]
        for where in ("afterId", "beforeId"):
            assert await errors(lists, kind, mine[0], (where, elsewhere), ana) == [
                missing(what, "place", where)
            ]
    assert await errors(within, "boards", secret, ("at", "TOP"), ben) == [
        missing("board", "boardIds", "0")
    ]
    assert await errors(lists, "boards", lists.boards[0], ("afterId", secret), ben) == [
        missing("board", "place", "afterId")
    ]
    assert await snapshot(world) == before


async def test_everything_that_is_wrong_is_told_at_once(world: World, client: Client) -> None:
    lists = await lists_of(world, 2)
    pins = [gid(pin) for pin in lists.pins]
    before = await snapshot(world)

    async def errors(**asked: Any) -> Any:
        return (await client.data(PINS, lists.owner, input=asked))["done"]["userErrors"]

    assert await errors(boardId=pins[0], pinIds=[], place={"afterId": gid(lists.board)}) == [
        error("INVALID", "It must be the id of a Board; it was the id of a Pin.", "boardId"),
        error("BLANK", "It needs at least 1; there were 0.", "pinIds"),
        error(
            "INVALID",
            "It must be the id of a Pin; it was the id of a Board.",
            *("place", "afterId"),
        ),
    ]
    assert await errors(boardId=gid(lists.board), pinIds=pins, place={"beforeId": pins[1]}) == [
        error(
            "INVALID",
            "It must be something that does not move itself; it is among `pinIds`.",
            *("place", "beforeId"),
        )
    ]
    many = [gid(lists.pins[0], f"{number:024x}") for number in range(MAX_MOVED + 1)]
    assert await errors(boardId=gid(lists.board), pinIds=many, place={"at": "TOP"}) == [
        error("LIMIT_EXCEEDED", "It takes at most 50; there were 51.", "pinIds")
    ]
    assert await snapshot(world) == before


@pytest.mark.parametrize("place", [{}, {"at": "TOP", "afterId": "x"}, {"at": None}])
async def test_a_place_is_one_thing(world: World, client: Client, place: dict[str, Any]) -> None:
    lists = await lists_of(world, 1)
    asked = {"boardId": gid(lists.board), "pinIds": [gid(lists.pins[0])], "place": place}
    answer = await client.execute(PINS, lists.owner, input=asked)
    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"] or answer.codes == ["BAD_USER_INPUT"]


async def test_tokens_that_do_not_reach(world: World, client: Client) -> None:
    lists = await lists_of(world, 2)
    secret = await world.board(lists.owner, "Secret", privacy=BoardPrivacy.SECRET)
    hidden = [await world.pin(secret) for _ in range(2)]
    within = Lists(lists.owner, secret, hidden, [await world.section(secret, "S")], [secret])
    before = await snapshot(world)

    for which, scopes in (
        (lists, {Scope.PINS_WRITE, Scope.BOARDS_WRITE}),
        (within, {Scope.PINS_WRITE_SECRET, Scope.BOARDS_WRITE_SECRET}),
    ):
        limited = client.with_tokens(EVERY_SCOPE - scopes)
        for mutation, ids, items in (
            (PINS, "pinIds", which.pins),
            (SECTIONS, "sectionIds", which.sections),
            (BOARDS, "boardIds", which.boards),
        ):
            asked = {ids: [gid(items[-1])], "place": {"at": "TOP"}}
            asked |= {} if mutation == BOARDS else {"boardId": gid(which.board)}
            refused = await limited.execute(mutation, lists.owner, input=asked)
            assert refused.codes == ["FORBIDDEN"]
    assert await snapshot(world) == before
