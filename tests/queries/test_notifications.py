"""`viewer.notifications`: what the viewer was told, as far as they may see it now."""

from typing import Any

import pytest

from domain.boards import BoardPrivacy, Collaborator, InviteStatus
from domain.notifications import NotificationType
from domain.pins import CommentRecord
from domain.users import UserRecord, UserStatus
from domain.viewer import EVERY_SCOPE, Scope
from resolvers.nodes import global_id
from storage.codec import object_id
from tests.client import Client
from tests.queries.wire import moment
from tests.world import START, World

NOTIFICATIONS = """
query ($first: Int, $after: String, $unreadOnly: Boolean! = false) {
  viewer {
    unreadNotificationCount
    notifications(first: $first, after: $after, unreadOnly: $unreadOnly) {
      edges { cursor node { ...notification } }
      nodes { ...notification }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
      totalCountIsExact
    }
  }
}
fragment notification on Notification {
  __typename id entityId type createdAt readAt
  actor { username }
  subject {
    __typename
    ... on User { username }
    ... on Board { name }
    ... on Pin { title }
    ... on Comment { text }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { ... on Notification { type } } }"

FOLLOW = NotificationType.FOLLOW


async def page(client: Client, viewer: UserRecord, **arguments: Any) -> Any:
    """A page, which agrees with itself."""
    data = await client.data(NOTIFICATIONS, viewer, **arguments)
    found = data["viewer"]["notifications"]
    cursors = [edge["cursor"] for edge in found["edges"]]
    assert found["nodes"] == [edge["node"] for edge in found["edges"]]
    if cursors:
        assert found["pageInfo"]["startCursor"] == cursors[0]
        assert found["pageInfo"]["endCursor"] == cursors[-1]
    assert (found["totalCount"], found["totalCountIsExact"]) == (None, False)
    return found


async def unread(client: Client, viewer: UserRecord) -> int:
    """The number of unread notifications, asked for by itself."""
    data = await client.data("{ viewer { unreadNotificationCount } }", viewer)
    count: int = data["viewer"]["unreadNotificationCount"]
    return count


def actors(found: Any) -> list[str]:
    """Who did something, on a page."""
    return [node["actor"]["username"] for node in found["nodes"]]


@pytest.fixture
async def ana(world: World) -> UserRecord:
    """The viewer."""
    return await world.user("ana")


@pytest.fixture
async def ben(world: World) -> UserRecord:
    """Somebody who does things."""
    return await world.user("ben")


async def test_every_field_of_every_type_newest_first(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    board = await world.board(ana)
    pin = await world.pin(board, "Soup")
    copy = await world.save(pin, await world.board(ben, "Mine"), title="A copy")
    comment = await world.comment(pin, ben, "زيتون 🫒👩‍👩‍👧")
    subjects: dict[NotificationType, tuple[Any, dict[str, str]]] = {
        FOLLOW: (ben, {"__typename": "User", "username": "ben"}),
        NotificationType.BOARD_FOLLOW: (board, {"__typename": "Board", "name": "Kitchen"}),
        NotificationType.SAVE: (copy, {"__typename": "Pin", "title": "A copy"}),
        NotificationType.COMMENT: (comment, {"__typename": "Comment", "text": comment.text}),
        NotificationType.REPLY: (comment, {"__typename": "Comment", "text": comment.text}),
        NotificationType.REACTION: (pin, {"__typename": "Pin", "title": "Soup"}),
        NotificationType.INVITE: (board, {"__typename": "Board", "name": "Kitchen"}),
        NotificationType.INVITE_ACCEPTED: (board, {"__typename": "Board", "name": "Kitchen"}),
    }
    assert subjects.keys() == set(NotificationType)
    expected = []
    for what, (subject, shown) in subjects.items():
        read_at = START if what is NotificationType.REPLY else None
        made = await world.notification(ana, what, ben, subject, read_at=read_at)
        expected.append(
            {
                "__typename": "Notification",
                "id": global_id(made),
                "entityId": made.id,
                "type": what.value,
                "createdAt": moment(made.created_at),
                "readAt": None if read_at is None else moment(read_at),
                "actor": {"username": "ben"},
                "subject": shown,
            }
        )
    await world.notification(ben, FOLLOW, ana)
    assert (await page(client, ana))["nodes"] == expected[::-1]
    without_reply = [each for each in expected[::-1] if each["readAt"] is None]
    assert (await page(client, ana, unreadOnly=True))["nodes"] == without_reply
    assert await unread(client, ana) == 7
    for each in expected:
        found = await client.data(NODE, ana, id=each["id"])
        assert found == {"node": {"type": each["type"]}}


async def test_pages_meet(client: Client, world: World, ana: UserRecord) -> None:
    people = [await world.user(f"user{n}") for n in range(5)]
    for n, user in enumerate(people):
        await world.notification(ana, FOLLOW, user, read_at=START if n == 2 else None)
    whole = await page(client, ana)
    assert actors(whole) == ["user4", "user3", "user2", "user1", "user0"]
    for size in (1, 2, 5):
        edges, after = [], None
        for start in range(0, 5, size):
            found = await page(client, ana, first=size, after=after)
            info = found["pageInfo"]
            assert info["hasPreviousPage"] is (start > 0)
            assert info["hasNextPage"] is (start + size < 5)
            edges += found["edges"]
            after = info["endCursor"]
        assert edges == whole["edges"]
    first = await page(client, ana, first=2, unreadOnly=True)
    second = await page(client, ana, first=2, unreadOnly=True, after=first["pageInfo"]["endCursor"])
    assert (actors(first), actors(second)) == (["user4", "user3"], ["user1", "user0"])


async def test_what_the_viewer_may_not_see_was_never_told(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    """INV-6, INV-7: an actor who is hidden, and a subject that is hidden or gone."""
    blocker, blocked = await world.user("blocker"), await world.user("blocked")
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    await world.block(blocker, ana)
    await world.block(ana, blocked)
    mine = await world.pin(await world.board(ana))
    bens = await world.board(ben, "Ben's")
    copy = await world.save(mine, bens)
    lost = await world.comment(mine, ben)
    on_theirs = await world.comment(await world.pin(await world.board(blocker)), ben)
    asked = Collaborator(user_id=ana.id, status=InviteStatus.PENDING)
    secret = await world.board(ben, "Secret", privacy=BoardPrivacy.SECRET, collaborators=(asked,))
    shown = await world.notification(ana, NotificationType.REACTION, ben, mine)
    hidden = [
        await world.notification(ana, FOLLOW, blocker),
        await world.notification(ana, FOLLOW, blocked),
        await world.notification(ana, NotificationType.REACTION, gone, mine),
        await world.notification(ana, NotificationType.REPLY, ben, on_theirs),
        await world.notification(ana, NotificationType.INVITE, ben, secret),
    ]
    saved = await world.notification(ana, NotificationType.SAVE, ben, copy)
    commented = await world.notification(ana, NotificationType.COMMENT, ben, lost)

    async def listed() -> list[str]:
        ids = [node["id"] for node in (await page(client, ana))["nodes"]]
        assert await unread(client, ana) == len(ids)
        for each in (shown, *hidden, saved, commented):
            found = await client.data(NODE, ana, id=global_id(each))
            named = {"type": each.type.value} if global_id(each) in ids else None
            assert found == {"node": named}
        return ids

    assert await listed() == [global_id(each) for each in (commented, saved, shown)]
    await world.make_secret(bens)
    assert await listed() == [global_id(each) for each in (commented, shown)]
    await world.storage.mongo.collection("comments").delete_one({"_id": object_id(lost.id)})
    await world.storage.forget({CommentRecord: [lost.id]})
    assert await listed() == [global_id(shown)]


async def test_an_invitation_to_a_secret_board_is_there_once_it_is_accepted(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    member = Collaborator(user_id=ana.id, status=InviteStatus.ACCEPTED)
    secret = await world.board(ben, "Secret", privacy=BoardPrivacy.SECRET, collaborators=(member,))
    await world.notification(ana, NotificationType.INVITE, ben, secret)
    (node,) = (await page(client, ana))["nodes"]
    assert node["subject"] == {"__typename": "Board", "name": "Secret"}


async def test_a_page_that_is_hidden_as_a_whole_leads_on(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    blocker = await world.user("blocker")
    await world.block(blocker, ana)
    await world.notification(ana, FOLLOW, ben)
    pin = await world.pin(await world.board(ana))
    for subject in (blocker, pin):
        await world.notification(ana, NotificationType.REACTION, blocker, subject)
    first = await page(client, ana, first=2)
    assert (first["nodes"], first["pageInfo"]["hasNextPage"]) == ([], True)
    second = await page(client, ana, first=2, after=first["pageInfo"]["endCursor"])
    assert actors(second) == ["ben"]


async def test_nobody_reads_what_another_was_told(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    cleo = await world.user("cleo")
    told = await world.notification(ana, FOLLOW, cleo)
    found = await page(client, ben)
    assert found["edges"] == []
    assert found["pageInfo"] == {
        "hasNextPage": False,
        "hasPreviousPage": False,
        "startCursor": None,
        "endCursor": None,
    }
    assert await unread(client, ben) == 0
    for viewer in (ben, cleo, None):
        assert await client.data(NODE, viewer, id=global_id(told)) == {"node": None}
    assert await client.data(NOTIFICATIONS) == {"viewer": None}


async def test_a_hundred_are_counted_and_no_more(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    board = await world.board(ana)
    pins = [await world.pin(board) for _ in range(100)]
    for pin in pins[:99]:
        await world.notification(ana, NotificationType.REACTION, ben, pin)
    assert await unread(client, ana) == 99
    for what in (NotificationType.SAVE, NotificationType.REACTION):
        await world.notification(ana, what, ben, pins[99])
        assert await unread(client, ana) == 100


async def test_the_token_must_grant_it(
    client: Client, world: World, ana: UserRecord, ben: UserRecord
) -> None:
    told = await world.notification(ana, FOLLOW, ben)
    document = """
    query ($id: ID!) {
      viewer { user { username } notifications { nodes { id } } unreadNotificationCount }
      node(id: $id) { id }
    }
    """
    scopes = EVERY_SCOPE - {Scope.USER_ACCOUNTS_READ}
    limited = client.with_tokens(scopes)
    answer = await limited.execute(document, ana, id=global_id(told))
    assert answer.codes == ["FORBIDDEN"] * 2
    assert all("`user_accounts:read`" in error["message"] for error in answer.errors)
    assert answer.data == {
        "viewer": {
            "user": {"username": "ana"},
            "notifications": None,
            "unreadNotificationCount": None,
        },
        "node": None,
    }


async def test_bad_arguments_are_field_errors(client: Client, ana: UserRecord) -> None:
    for arguments, code in (
        ({"first": 101}, "BAD_USER_INPUT"),
        ({"first": -1}, "BAD_USER_INPUT"),
        ({"after": "garbage"}, "INVALID_CURSOR"),
    ):
        variables: dict[str, Any] = dict(arguments)
        answer = await client.execute(NOTIFICATIONS, ana, **variables)
        assert answer.data == {"viewer": {"unreadNotificationCount": 0, "notifications": None}}
        assert answer.codes == [code]
