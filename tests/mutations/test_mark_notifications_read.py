"""`markNotificationsRead` over real HTTP."""

from typing import Any

import pytest

from domain.ids import to_global_id
from domain.notifications import NotificationRecord, NotificationType
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from tests.client import Answer, Client
from tests.mutations.wire import gid, snapshot
from tests.queries.wire import moment
from tests.world import START, World

MARK = """
mutation ($by: NotificationsBy!) {
  markNotificationsRead(input: {notifications: $by, clientMutationId: "a"}) {
    notifications { id readAt }
    viewer { unreadNotificationCount }
    clientMutationId
    userErrors { __typename code message field }
  }
}
"""
UNREAD = """
{ viewer { notifications(unreadOnly: true) { nodes { id } } unreadNotificationCount } }
"""

FOLLOW = NotificationType.FOLLOW


async def mark(client: Client, viewer: UserRecord, **by: Any) -> Any:
    """What the mutation answers, without errors."""
    data = await client.data(MARK, viewer, by=by)
    payload = data["markNotificationsRead"]
    assert (payload.pop("userErrors"), payload.pop("clientMutationId")) == ([], "a")
    return payload


async def refused(client: Client, world: World, viewer: UserRecord | None, by: Any) -> Answer:
    """The answer to what is not done: nothing was written."""
    before = await snapshot(world)
    answer = await client.execute(MARK, viewer, by=by)
    assert await snapshot(world) == before
    return answer


async def unread(client: Client, viewer: UserRecord) -> list[str]:
    """The ids of what a viewer has not read, newest first."""
    found = (await client.data(UNREAD, viewer))["viewer"]
    ids = [node["id"] for node in found["notifications"]["nodes"]]
    assert found["unreadNotificationCount"] == len(ids)
    return ids


@pytest.fixture
async def ana(world: World) -> UserRecord:
    """The viewer."""
    return await world.user("ana")


@pytest.fixture
async def told(world: World, ana: UserRecord) -> list[NotificationRecord]:
    """Four people follow ana, who has read of the first."""
    people = [await world.user(f"user{n}") for n in range(4)]
    return [
        await world.notification(ana, FOLLOW, user, read_at=None if n else START)
        for n, user in enumerate(people)
    ]


async def test_some_are_marked_and_keep_their_time(
    client: Client, ana: UserRecord, told: list[NotificationRecord]
) -> None:
    ids = [gid(each) for each in told]
    payload = await mark(client, ana, ids=[ids[2], ids[0]])
    (second, first) = payload["notifications"]
    assert (second["id"], first) == (ids[2], {"id": ids[0], "readAt": moment(START)})
    assert second["readAt"] > first["readAt"]
    assert payload["viewer"] == {"unreadNotificationCount": 2}
    assert await unread(client, ana) == [ids[3], ids[1]]
    assert await mark(client, ana, ids=[ids[2], ids[0], ids[2]]) == payload


async def test_all_up_to_one_are_marked(
    client: Client, ana: UserRecord, told: list[NotificationRecord]
) -> None:
    ids = [gid(each) for each in told]
    payload = await mark(client, ana, upTo=ids[2])
    assert [each["id"] for each in payload["notifications"]] == [ids[2]]
    assert payload["notifications"][0]["readAt"] is not None
    assert payload["viewer"] == {"unreadNotificationCount": 1}
    assert await unread(client, ana) == [ids[3]]
    assert await mark(client, ana, upTo=ids[2]) == payload


async def test_what_is_not_there_is_passed_over_and_looks_like_what_never_was(
    client: Client, world: World, ana: UserRecord, told: list[NotificationRecord]
) -> None:
    blocker, cleo = await world.user("blocker"), await world.user("cleo")
    hidden = await world.notification(ana, FOLLOW, blocker)
    await world.block(blocker, ana)
    of_cleo = await world.notification(cleo, FOLLOW, ana)
    nobodys = to_global_id("Notification", "f" * 24)
    payload = await mark(client, ana, ids=[gid(of_cleo), nobodys, gid(hidden), gid(told[1])])
    assert payload["notifications"][:3] == [None] * 3
    assert payload["notifications"][3]["id"] == gid(told[1])
    assert payload["viewer"] == {"unreadNotificationCount": 2}
    assert await unread(client, cleo) == [gid(of_cleo)]
    payload = await mark(client, ana, upTo=gid(of_cleo))
    assert payload == {"notifications": [None], "viewer": {"unreadNotificationCount": 0}}
    assert await unread(client, cleo) == [gid(of_cleo)]


async def test_everything_wrong_is_told_at_once(
    client: Client, world: World, ana: UserRecord, told: list[NotificationRecord]
) -> None:
    answer = await refused(client, world, ana, {"ids": [gid(told[1]), gid(ana), "garbage"]})
    payload = answer.data["markNotificationsRead"]
    assert [(e["code"], e["field"], e["message"]) for e in payload["userErrors"]] == [
        (
            "INVALID",
            ["input", "notifications", "ids", "1"],
            "It must be the id of a Notification; it was the id of a User.",
        ),
        (
            "INVALID",
            ["input", "notifications", "ids", "2"],
            "It must be the id of a Notification; it was something else.",
        ),
    ]
    assert payload["notifications"] == []


@pytest.mark.parametrize(("count", "code"), [(0, "BLANK"), (101, "LIMIT_EXCEEDED")])
async def test_there_are_one_to_a_hundred(
    client: Client,
    world: World,
    ana: UserRecord,
    told: list[NotificationRecord],
    count: int,
    code: str,
) -> None:
    answer = await refused(client, world, ana, {"ids": [gid(told[1])] * count})
    (error,) = answer.data["markNotificationsRead"]["userErrors"]
    assert (error["code"], error["field"]) == (code, ["input", "notifications", "ids"])


@pytest.mark.parametrize("both", [True, False])
async def test_exactly_one_way_to_name_them(
    client: Client, world: World, ana: UserRecord, told: list[NotificationRecord], both: bool
) -> None:
    by = {"ids": [gid(told[1])], "upTo": gid(told[1])} if both else {}
    answer = await refused(client, world, ana, by)
    assert len(answer.errors) == 1
    assert answer.data is None


async def test_who_may_not_changes_nothing(
    client: Client, world: World, ana: UserRecord, told: list[NotificationRecord]
) -> None:
    by = {"ids": [gid(told[1])]}
    answer = await refused(client, world, None, by)
    assert (answer.data, answer.codes) == ({"markNotificationsRead": None}, ["UNAUTHENTICATED"])
    limited = client.with_tokens(EVERY_SCOPE - {Scope.USER_ACCOUNTS_WRITE})
    answer = await refused(limited, world, ana, by)
    assert (answer.data, answer.codes) == ({"markNotificationsRead": None}, ["FORBIDDEN"])
    stranger = await world.user("stranger")
    assert (await refused(client, world, stranger, by)).data == {
        "markNotificationsRead": {
            "notifications": [None],
            "viewer": {"unreadNotificationCount": 0},
            "clientMutationId": "a",
            "userErrors": [],
        }
    }
