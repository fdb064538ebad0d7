"""Users: every field, every name, and what the viewer has to do with them."""

import pytest

from domain.boards import BoardPrivacy
from domain.media import CreativeType, Image
from domain.users import AccountType, UserStatus
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import World

EVERY_FIELD = """
query ($by: UserBy!) {
  user(by: $by) {
    id entityId username fullName about websiteUrl accountType businessName isVerifiedMerchant
    verifiedWebsite followerCount followingCount boardCount pinCount monthlyViews createdAt
    avatar { url width height }
    viewerFollows viewerIsFollowedBy viewerHasBlocked viewerIsSelf
  }
}
"""

USERNAME = "query ($by: UserBy!) { user(by: $by) { username } }"


async def test_every_scalar_of_a_business(client: Client, world: World) -> None:
    avatar = Image(source_url="https://images.example/ana.jpg", width=200, height=100)
    ana = await world.user(
        "ana",
        full_name="Ana 🍅 García",
        about="مرحبا\nŻółć",
        website_url="https://ana.example/",
        avatar=avatar,
        account_type=AccountType.BUSINESS,
        business_name="Ana's Kitchen",
        is_verified_merchant=True,
        verified_website="https://kitchen.example/",
        follower_count=1,
        following_count=2,
        board_count=3,
        pin_count=4,
        monthly_views=5,
    )
    assert await client.data(EVERY_FIELD, by={"username": "ana"}) == {
        "user": {
            "id": global_id(ana),
            "entityId": ana.id,
            "username": "ana",
            "fullName": "Ana 🍅 García",
            "about": "مرحبا\nŻółć",
            "websiteUrl": "https://ana.example/",
            "accountType": "BUSINESS",
            "businessName": "Ana's Kitchen",
            "isVerifiedMerchant": True,
            "verifiedWebsite": "https://kitchen.example/",
            "followerCount": 1,
            "followingCount": 2,
            "boardCount": 3,
            "pinCount": 4,
            "monthlyViews": 5,
            "createdAt": moment(ana.created_at),
            "avatar": {"url": "https://images.example/ana.jpg", "width": 200, "height": 100},
            "viewerFollows": False,
            "viewerIsFollowedBy": False,
            "viewerHasBlocked": False,
            "viewerIsSelf": False,
        }
    }


async def test_what_a_user_did_not_give_is_null(client: Client, world: World) -> None:
    ben = await world.user("ben")
    assert await client.data(EVERY_FIELD, ben, by={"id": global_id(ben)}) == {
        "user": {
            "id": global_id(ben),
            "entityId": ben.id,
            "username": "ben",
            "fullName": "Ben",
            "about": None,
            "websiteUrl": None,
            "accountType": "PINNER",
            "businessName": None,
            "isVerifiedMerchant": False,
            "verifiedWebsite": None,
            "followerCount": 0,
            "followingCount": 0,
            "boardCount": 0,
            "pinCount": 0,
            "monthlyViews": None,
            "createdAt": moment(ben.created_at),
            "avatar": None,
            "viewerFollows": False,
            "viewerIsFollowedBy": False,
            "viewerHasBlocked": False,
            "viewerIsSelf": True,
        }
    }


async def test_by_each_name(client: Client, world: World) -> None:
    ana = await world.user("ana")
    for by in (
        {"username": "ana"},
        {"username": "ANA"},
        {"id": global_id(ana)},
        {"entityId": ana.id},
    ):
        assert await client.data(USERNAME, by=by) == {"user": {"username": "ana"}}


async def test_a_name_of_nobody_is_null(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    for by in (
        {"username": "nobody"},
        {"username": ""},
        {"username": "ana\u0000"},
        {"entityId": board.id},
        {"entityId": "x"},
        {"entityId": ""},
        {"id": "VXNlcjowMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDA="},
    ):
        assert await client.data(USERNAME, by=by) == {"user": None}


@pytest.mark.parametrize("malformed", ["", "?", "VXNlcjo=", "VXNlcjoxMjM="])
async def test_a_malformed_id_is_a_field_error(
    client: Client, world: World, malformed: str
) -> None:
    await world.user("ana")
    answer = await client.execute(
        'query ($id: ID!) { user(by: {id: $id}) { id } ana: user(by: {username: "ana"}) '
        "{ username } }",
        id=malformed,
    )
    assert answer.data == {"user": None, "ana": {"username": "ana"}}
    assert answer.codes == ["BAD_USER_INPUT"]
    assert answer.errors[0]["path"] == ["user"]


async def test_an_id_of_another_type_is_a_field_error(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    answer = await client.execute(USERNAME, by={"id": global_id(board)})
    assert answer.data == {"user": None}
    assert answer.codes == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "by", ["{}", '{username: "ana", entityId: "x"}', "{username: null}", '{name: "ana"}']
)
async def test_exactly_one_name_is_given(client: Client, world: World, by: str) -> None:
    await world.user("ana")
    answer = await client.execute(f"{{ user(by: {by}) {{ username }} }}")
    assert answer.data is None
    assert answer.codes == ["GRAPHQL_VALIDATION_FAILED"]


async def test_exactly_one_name_is_given_in_variables(client: Client, world: World) -> None:
    await world.user("ana")
    for by in ({}, {"username": "ana", "entityId": "x"}, {"username": None}, "ana", None):
        answer = await client.execute(USERNAME, by=by)
        assert answer.data is None
        assert answer.codes == ["BAD_USER_INPUT"]


async def test_users_keep_the_order_of_their_ids(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    ids = [global_id(each) for each in (ben, gone, ana, ben)]
    data = await client.data("query ($ids: [ID!]!) { users(ids: $ids) { username } }", ids=ids)
    assert data == {"users": [{"username": "ben"}, None, {"username": "ana"}, {"username": "ben"}]}


async def test_users_takes_a_hundred_ids(client: Client, world: World) -> None:
    ana = await world.user("ana")
    users = "query ($ids: [ID!]!) { users(ids: $ids) { username } viewer { user { id } } }"
    data = await client.data(users, ids=[global_id(ana)] * 100)
    assert data["users"] == [{"username": "ana"}] * 100
    answer = await client.execute(users, ana, ids=[global_id(ana)] * 101)
    assert answer.data == {"users": None, "viewer": {"user": {"id": global_id(ana)}}}
    assert answer.codes == ["BAD_USER_INPUT"]


async def test_deactivated_users_are_null_for_all_but_themselves(
    client: Client, world: World
) -> None:
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    ana = await world.user("ana")
    for by in ({"username": "gone"}, {"id": global_id(gone)}, {"entityId": gone.id}):
        assert await client.data(USERNAME, by=by) == {"user": None}
        assert await client.data(USERNAME, ana, by=by) == {"user": None}
        assert await client.data(USERNAME, gone, by=by) == {"user": {"username": "gone"}}


FLAGS = """
query ($ids: [ID!]!) {
  users(ids: $ids) {
    username viewerFollows viewerIsFollowedBy viewerHasBlocked viewerIsSelf
  }
}
"""


async def test_viewer_flags_are_batched(client: Client, world: World, calls: list[str]) -> None:
    viewer, ana, ben = [await world.user(name) for name in ("viewer", "ana", "ben")]
    board = await world.board(ben)
    await world.follow(viewer, ana)
    await world.follow(ana, viewer)
    await world.follow(viewer, ben, is_explicit=False)
    await world.follow(viewer, board)
    calls.clear()
    data = await client.data(FLAGS, viewer, ids=[global_id(u) for u in (viewer, ana, ben)])
    assert data == {
        "users": [
            {
                "username": "viewer",
                "viewerFollows": False,
                "viewerIsFollowedBy": False,
                "viewerHasBlocked": False,
                "viewerIsSelf": True,
            },
            {
                "username": "ana",
                "viewerFollows": True,
                "viewerIsFollowedBy": True,
                "viewerHasBlocked": False,
                "viewerIsSelf": False,
            },
            {
                "username": "ben",
                "viewerFollows": False,
                "viewerIsFollowedBy": False,
                "viewerHasBlocked": False,
                "viewerIsSelf": False,
            },
        ]
    }
    assert sorted(calls) == [
        "blocks.of_user",
        "cache.fill_users",
        "cache.users",
        "follows.followers_of",
        "follows.targets_user",
        "users.get_many",
    ]


async def test_nobody_signed_in_has_no_flags_and_asks_nothing(
    client: Client, world: World, calls: list[str]
) -> None:
    ana = await world.user("ana")
    calls.clear()
    data = await client.data(FLAGS, ids=[global_id(ana)])
    assert data == {
        "users": [
            {
                "username": "ana",
                "viewerFollows": False,
                "viewerIsFollowedBy": False,
                "viewerHasBlocked": False,
                "viewerIsSelf": False,
            }
        ]
    }
    assert sorted(calls) == ["cache.fill_users", "cache.users", "users.get_many"]


async def test_viewer_is_null_when_nobody_is_signed_in(client: Client, world: World) -> None:
    ana = await world.user("ana")
    viewer = "{ viewer { user { username viewerIsSelf } } }"
    assert await client.data(viewer) == {"viewer": None}
    assert await client.data(viewer, ana) == {
        "viewer": {"user": {"username": "ana", "viewerIsSelf": True}}
    }


NAMES = "nodes { name } totalCount"


async def test_boards_by_privacy(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    for name, privacy in (
        ("Open", BoardPrivacy.PUBLIC),
        ("Ads", BoardPrivacy.PROTECTED),
        ("Closed", BoardPrivacy.SECRET),
    ):
        await world.board(ana, name, privacy=privacy)
    await world.board(ana, "Old", archived_at=ana.created_at)
    await world.board(ben, "Ben's")
    document = f"""
    {{
      user(by: {{username: "ana"}}) {{
        all: boards {{ {NAMES} }}
        secret: boards(privacy: SECRET) {{ {NAMES} }}
        protected: boards(privacy: PROTECTED) {{ {NAMES} }}
        public: boards(privacy: PUBLIC) {{ {NAMES} }}
        archived: boards(includeArchived: true) {{ {NAMES} }}
      }}
    }}
    """

    def page(*names: str) -> dict[str, object]:
        return {"nodes": [{"name": name} for name in names], "totalCount": len(names)}

    public = {
        "all": page("Open"),
        "secret": page(),
        "protected": page(),
        "public": page("Open"),
        "archived": page("Old", "Open"),
    }
    assert await client.data(document) == {"user": public}
    assert await client.data(document, ben) == {"user": public}
    assert await client.data(document, ana) == {
        "user": {
            "all": page("Closed", "Ads", "Open"),
            "secret": page("Closed"),
            "protected": page("Ads"),
            "public": page("Open"),
            "archived": page("Old", "Closed", "Ads", "Open"),
        }
    }


async def test_boards_in_each_order(client: Client, world: World) -> None:
    ana = await world.user("ana")
    for name, position, second in (("b", "3", 1), ("c", "1", 2), ("a", "2", 0)):
        saved_at = ana.created_at.replace(second=second)
        await world.board(ana, name, position=position, pins_modified_at=saved_at)
    document = """
    query ($orderBy: BoardOrder) {
      user(by: {username: "ana"}) { boards(orderBy: $orderBy) { nodes { name } } }
    }
    """
    for field, direction, expected in (
        (None, None, "cba"),
        ("LAST_SAVED", None, "cba"),
        ("LAST_SAVED", "DESC", "cba"),
        ("LAST_SAVED", "ASC", "abc"),
        ("ALPHABETICAL", None, "abc"),
        ("ALPHABETICAL", "ASC", "abc"),
        ("ALPHABETICAL", "DESC", "cba"),
        ("CREATED_AT", None, "acb"),
        ("CREATED_AT", "DESC", "acb"),
        ("CREATED_AT", "ASC", "bca"),
        ("CUSTOM", None, "cab"),
        ("CUSTOM", "ASC", "cab"),
        ("CUSTOM", "DESC", "bac"),
    ):
        order = None if field is None else {"field": field, "direction": direction}
        data = await client.data(document, orderBy=order)
        names = [board["name"] for board in data["user"]["boards"]["nodes"]]
        assert "".join(names) == expected, (field, direction)


TITLES = "nodes { title } totalCount"


async def test_created_and_saved_pins(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    open_board = await world.board(ana, "Open")
    closed = await world.board(ana, "Closed", privacy=BoardPrivacy.SECRET)
    bens = await world.board(ben)
    await world.pin(open_board, "made")
    await world.pin(open_board, "film", creative_type=CreativeType.VIDEO)
    await world.pin(open_board, "promoted", has_been_promoted=True)
    await world.pin(closed, "hidden")
    original = await world.pin(bens, "ben's")
    await world.save(original, open_board, title="saved")
    await world.save(original, open_board, title="saved film", creative_type=CreativeType.MAX_VIDEO)
    await world.save(original, closed, title="saved in secret")
    document = f"""
    {{
      user(by: {{username: "ana"}}) {{
        created: createdPins {{ {TITLES} }}
        films: createdPins(creativeTypes: [VIDEO, CAROUSEL]) {{ {TITLES} }}
        promoted: createdPins(promotedOnly: true) {{ {TITLES} }}
        saved: savedPins {{ {TITLES} }}
        savedFilms: savedPins(creativeTypes: [MAX_VIDEO]) {{ {TITLES} }}
      }}
    }}
    """

    def page(*titles: str) -> dict[str, object]:
        return {"nodes": [{"title": title} for title in titles], "totalCount": len(titles)}

    seen = {
        "created": page("promoted", "film", "made"),
        "films": page("film"),
        "promoted": page("promoted"),
        "saved": page("saved film", "saved"),
        "savedFilms": page("saved film"),
    }
    assert await client.data(document, ben) == {"user": seen}
    assert await client.data(document, ana) == {
        "user": seen
        | {
            "created": page("hidden", "promoted", "film", "made"),
            "saved": page("saved in secret", "saved film", "saved"),
        }
    }


async def test_a_block_hides_both_from_each_other(client: Client, world: World) -> None:
    ana, ben, cleo = [await world.user(name) for name in ("ana", "ben", "cleo")]
    await world.block(ana, ben)
    assert await client.data(USERNAME, ana, by={"username": "ben"}) == {"user": None}
    assert await client.data(USERNAME, ben, by={"username": "ana"}) == {"user": None}
    for viewer in (None, cleo):
        for name in ("ana", "ben"):
            data = await client.data(USERNAME, viewer, by={"username": name})
            assert data == {"user": {"username": name}}
