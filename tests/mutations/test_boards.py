"""`createBoard` and `updateBoard` over real HTTP (INV-6, INV-8, INV-9; DOMAIN b.3)."""

import asyncio
from typing import Any

import pytest

from domain.boards import (
    MAX_BOARDS,
    BoardPrivacy,
    BoardRecord,
    Collaborator,
)
from domain.follows import FollowKind
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from server import create_app
from storage.codec import document, object_id
from storage.counters import recount_all
from storage.embedded import EmbeddedStores
from tests.client import Client, serving, settings_of
from tests.mutations.about_boards import (
    BOARDS,
    edges_of,
    error,
    pin_privacies,
    plain,
    process_of,
    stored,
)
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.world import World

SECRET = BoardPrivacy.SECRET

CREATE = """
mutation Create($input: CreateBoardInput!) {
  createBoard(input: $input) {
    boardEdge { cursor node { name slug description privacy revision pinCount viewerRole } }
    board { slug }
    owner { username boardCount }
    userErrors { code message field }
  }
}
"""

UPDATE = """
mutation Update($input: UpdateBoardInput!) {
  updateBoard(input: $input) {
    board { name slug description privacy revision followerCount }
    owner { boardCount }
    userErrors { __typename code message field ... on ConflictError { currentRevision } }
  }
}
"""

# createBoard


async def test_a_board_is_made(world: World, client: Client) -> None:
    ana = await world.user("ana")
    await world.board(ana, "Older")
    await recount_all(world.storage.mongo)

    asked = {"name": "  Crème brûlée ", "description": "All of it.\r\nReally."}
    made = (await client.data(CREATE, ana, input=asked))["createBoard"]
    listed = await client.data(BOARDS, ana, username="ana")

    made["boardEdge"].pop("cursor")
    assert made == {
        "boardEdge": {
            "node": {
                "name": "Crème brûlée",
                "slug": "crème-brûlée",
                "description": "All of it.\nReally.",
                "privacy": "PUBLIC",
                "revision": 1,
                "pinCount": 0,
                "viewerRole": "OWNER",
            }
        },
        "board": {"slug": "crème-brûlée"},
        "owner": {"username": "ana", "boardCount": 2},
        "userErrors": [],
    }
    names = [each["name"] for each in listed["user"]["boards"]["nodes"]]
    assert names == ["Crème brûlée", "Older"]
    await assert_consistent(world)


async def test_boards_of_one_name_have_addresses_of_their_own(world: World, client: Client) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    await world.board(ana, "Kitchen garden")

    slugs = [await _slug(client, ana, name) for name in ("Kitchen", "kitchen!", "Kitchen", "🍋")]

    assert slugs == ["kitchen", "kitchen-2", "kitchen-3", "board"]
    assert await _slug(client, ben, "Kitchen") == "kitchen"


async def test_twenty_boards_of_one_name_at_once(world: World, client: Client) -> None:
    ana = await world.user("ana")

    slugs = await asyncio.gather(*(_slug(client, ana, "Kitchen") for _ in range(20)))

    expected = ["kitchen", *(f"kitchen-{number}" for number in range(2, 21))]
    assert sorted(slugs) == sorted(expected)
    await assert_consistent(world)


async def test_a_secret_board_counts_for_nobody_and_needs_the_scope(
    world: World, client: Client
) -> None:
    """INV-6."""
    ana = await world.user("ana")
    asked = {"name": "Presents", "privacy": "SECRET"}
    before = await snapshot(world)

    limited = client.with_tokens(EVERY_SCOPE - {Scope.BOARDS_WRITE_SECRET})
    refused = await limited.execute(CREATE, ana, input=asked)
    assert (refused.codes, await snapshot(world)) == (["FORBIDDEN"], before)
    made = (await client.data(CREATE, ana, input=asked))["createBoard"]

    assert made["boardEdge"]["node"]["privacy"] == "SECRET"
    assert made["owner"] == {"username": "ana", "boardCount": 0}
    assert await client.data(BOARDS, username="ana") == {"user": {"boards": {"nodes": []}}}
    await assert_consistent(world)


async def test_everything_that_is_wrong_with_a_new_board(world: World, client: Client) -> None:
    ana = await world.user("ana")
    before = await snapshot(world)

    asked = {"name": " ", "description": "x" * 501, "privacy": "PROTECTED"}
    made = (await client.data(CREATE, ana, input=asked))["createBoard"]

    assert made == {
        "boardEdge": None,
        "board": None,
        "owner": None,
        "userErrors": [
            error("BLANK", "It needs 1–180 characters; it was blank.", "name"),
            error("TOO_LONG", _too_long(500, 501), "description"),
            error("INVALID", "It must be PUBLIC or SECRET; it was PROTECTED.", "privacy"),
        ],
    }
    assert await snapshot(world) == before


async def test_nobody_has_more_boards_than_allowed(world: World, client: Client) -> None:
    """Also when the last two are made at once."""
    ana = await world.user("ana")
    boards = world.storage.mongo.collection("boards")
    board = document(await world.board(ana, "Number 0"))
    await boards.insert_many(
        board | {"_id": object_id(f"{number:024x}"), "slug": f"number-{number}"}
        for number in range(1, MAX_BOARDS - 1)
    )

    answers = await asyncio.gather(
        *(client.data(CREATE, ana, input={"name": f"Last {number}"}) for number in range(3))
    )

    errors = [error for answer in answers for error in answer["createBoard"]["userErrors"]]
    message = "You have 2,000 boards, which is as many as a user may have."
    assert errors == [error("LIMIT_EXCEEDED", message)] * 2
    assert await boards.count_documents({}) == MAX_BOARDS


async def test_two_processes_together_make_no_board_too_many(
    world: World, client: Client, stores: EmbeddedStores
) -> None:
    """Secret ones, which change no counter of the user, and each with another address."""
    ana = await world.user("ana")
    own = process_of(stores)
    board = document(await world.board(ana, "Number 0"))
    await own.mongo.collection("boards").insert_many(
        board | {"_id": object_id(f"{number:024x}"), "slug": f"number-{number}"}
        for number in range(1, MAX_BOARDS - 1)
    )
    settings = settings_of(stores)
    async with serving(create_app(settings, own)) as url:
        other = Client(url, settings)
        answers = await asyncio.gather(
            *(
                each.data(CREATE, ana, input={"name": f"{name} {number}", "privacy": "SECRET"})
                for number in range(5)
                for name, each in (("Here", client), ("There", other))
            )
        )
        await other.http.aclose()
    await own.close()

    errors = [each["code"] for answer in answers for each in answer["createBoard"]["userErrors"]]
    assert errors == ["LIMIT_EXCEEDED"] * 9
    assert await stored(world, "boards") == (MAX_BOARDS,)


# updateBoard


async def test_a_board_is_edited_and_its_address_stays(world: World, client: Client) -> None:
    ana = await world.user("ana")
    board = await world.board(ana, "Kitchen", description="Pots")

    renamed = await _update(client, ana, board, name="Cellar", expectedRevision=1)
    emptied = await _update(client, ana, board, description=None)
    same = await _update(client, ana, board, name="Cellar", description=None, privacy="PUBLIC")

    expected = {
        "name": "Cellar",
        "slug": "kitchen",
        "description": "Pots",
        "privacy": "PUBLIC",
        "revision": 2,
        "followerCount": 0,
    }
    assert renamed["board"] == expected
    assert emptied["board"] == expected | {"description": None, "revision": 3}
    assert same["board"] == emptied["board"]


async def test_of_two_edits_of_one_revision_the_second_is_told(
    world: World, client: Client
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)

    answers = await asyncio.gather(
        *(_update(client, ana, board, name=f"N{n}", expectedRevision=1) for n in range(10))
    )

    refused = [answer for answer in answers if answer["userErrors"]]
    assert len(refused) == 9
    assert all(answer["board"] is None for answer in refused)
    assert refused[0]["userErrors"] == [
        {
            "__typename": "ConflictError",
            "code": "CONFLICT",
            "message": "It was edited meanwhile: revision 1 was expected, and it has 2.",
            "field": ["input", "expectedRevision"],
            "currentRevision": 2,
        }
    ]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"name": None, "privacy": None},
            [
                ("BLANK", "It needs 1–180 characters; it was blank.", "name"),
                ("BLANK", "It must be PUBLIC or SECRET; it was null.", "privacy"),
            ],
        ),
        (
            {"privacy": "PROTECTED"},
            [("INVALID", "It must be PUBLIC or SECRET; it was PROTECTED.", "privacy")],
        ),
    ],
)
async def test_inv8_what_a_board_cannot_become(
    world: World, client: Client, changes: dict[str, Any], errors: list[tuple[str, str, str]]
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    before = await snapshot(world)

    refused = await _update(client, ana, board, **changes)

    assert [plain(error) for error in refused["userErrors"]] == [error(*e) for e in errors]
    assert await snapshot(world) == before


async def test_inv9_an_ads_only_board_keeps_its_name_and_privacy(
    world: World, client: Client
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana, "Ad-only Pins", privacy=BoardPrivacy.PROTECTED, is_ads_only=True)
    before = await snapshot(world)

    refused = await _update(client, ana, board, name="Mine", privacy="PUBLIC")
    written = await snapshot(world)
    described = await _update(client, ana, board, description="For the summer")

    message = "You may not do this: ADS_ONLY_BOARD."
    assert [plain(error) for error in refused["userErrors"]] == [
        error("NOT_ALLOWED", message, "name"),
        error("NOT_ALLOWED", message, "privacy"),
    ]
    assert written == before
    assert described["board"]["description"] == "For the summer"


async def test_only_the_owner_edits_a_board_and_a_secret_one_does_not_exist(
    world: World, client: Client
) -> None:
    """INV-6."""
    ana, ben = await world.user("ana"), await world.user("ben")
    member = Collaborator(user_id=ben.id)
    board = await world.board(ana, collaborators=(member,))
    secret = await world.board(ana, "Presents", privacy=SECRET)
    before = await snapshot(world)

    visible = await _update(client, ben, board, name="Mine now")
    hidden = await _update(client, ben, secret, name="Mine now")
    missing = await client.data(UPDATE, ben, input={"id": gid(board, "f" * 24), "name": "N"})

    assert [plain(error) for error in visible["userErrors"]] == [
        error("NOT_ALLOWED", "You may not do this: NOT_OWNER.", "id")
    ]
    assert hidden == missing["updateBoard"]
    assert [plain(error) for error in hidden["userErrors"]] == [
        error("NOT_FOUND", "There is no such board.", "id")
    ]
    assert await snapshot(world) == before


async def test_inv8_a_board_that_becomes_secret_is_hidden_at_once(
    world: World, client: Client
) -> None:
    """Its pins are stamped, strangers follow it no longer, and who is a member still does."""
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    board = await world.board(ana, collaborators=(Collaborator(user_id=cleo.id),))
    other = await world.board(ana, "Other")
    pin = await world.pin(board)
    for follower in (ben, cleo):
        await world.follow(follower, board)
        await world.follow(follower, ana, is_explicit=False)
    await world.follow(ben, other)
    await recount_all(world.storage.mongo)

    hidden = await _update(client, ana, board, privacy="SECRET")

    assert hidden["board"]["privacy"] == "SECRET"
    assert hidden["board"]["followerCount"] == 1
    assert hidden["owner"] == {"boardCount": 1}
    seen = """query ($board: ID!, $pin: ID!) {
      board(by: {id: $board}) { name }
      pin(id: $pin) { title }
    }"""
    asked = {"board": gid(board), "pin": gid(pin)}
    assert await client.data(seen, ben, **asked) == {"board": None, "pin": None}
    assert await client.data(seen, cleo, **asked) == {
        "board": {"name": "Kitchen"},
        "pin": {"title": "A pin"},
    }
    assert await pin_privacies(world) == ["SECRET"]
    # Ben still follows another board of Ana's, and so her.
    assert await edges_of(world, ben) == {(FollowKind.USER, ana.id), (FollowKind.BOARD, other.id)}
    assert await edges_of(world, cleo) == {(FollowKind.USER, ana.id), (FollowKind.BOARD, board.id)}
    await assert_consistent(world)

    shown = await _update(client, ana, board, privacy="PUBLIC")

    assert (shown["board"]["followerCount"], shown["owner"]) == (1, {"boardCount": 2})
    assert await pin_privacies(world) == ["PUBLIC"]
    await assert_consistent(world)


async def test_inv11_the_implicit_follow_goes_with_the_last_board(
    world: World, client: Client
) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    board = await world.board(ana)
    await world.follow(ben, board)
    await world.follow(ben, ana, is_explicit=False)
    await world.follow(cleo, board)
    await world.follow(cleo, ana)
    await recount_all(world.storage.mongo)

    await _update(client, ana, board, privacy="SECRET")

    assert await edges_of(world, ben) == set()
    assert await edges_of(world, cleo) == {(FollowKind.USER, ana.id)}
    await assert_consistent(world)


async def test_inv8_feeds_show_nothing_of_a_board_that_became_secret(
    world: World, client: Client
) -> None:
    """A session that was begun before is looked at anew with each page."""
    ana, ben = await world.user("ana"), await world.user("ben")
    board, other = await world.board(ana), await world.board(ana, "Other")
    for title in ("One", "Two"):
        await world.pin(board, title)
    await world.pin(other, "Seen")
    await world.follow(ben, ana)
    await recount_all(world.storage.mongo)
    home = "{ viewer { homeFeed { edges { node { ... on Pin { title } } } } } }"
    following = "{ viewer { followingFeed { edges { node { ... on Pin { title } } } } } }"
    before = [_titles(await client.data(feed, ben)) for feed in (home, following)]

    await _update(client, ana, board, privacy="SECRET")

    assert before == [["One", "Seen", "Two"]] * 2
    after = [_titles(await client.data(feed, ben)) for feed in (home, following)]
    assert after == [["Seen"]] * 2


async def _slug(client: Client, viewer: UserRecord, name: str) -> str:
    made = (await client.data(CREATE, viewer, input={"name": name}))["createBoard"]
    assert made["userErrors"] == []
    slug: str = made["boardEdge"]["node"]["slug"]
    return slug


async def _update(
    client: Client, viewer: UserRecord, board: BoardRecord, **changes: Any
) -> dict[str, Any]:
    answer = await client.data(UPDATE, viewer, input={"id": gid(board), **changes})
    updated: dict[str, Any] = answer["updateBoard"]
    return updated


def _titles(data: Any) -> list[str]:
    (feed,) = data["viewer"].values()
    return sorted(edge["node"]["title"] for edge in feed["edges"])


def _too_long(most: int, came: int) -> str:
    return f"It may have at most {most} characters; there were {came:,}."
