"""`updateFeedPreferences`: what the home feed begins with, and what ads may do (DOMAIN c.2.5)."""

import asyncio
from typing import Any

import pytest

from domain.campaigns import TargetingSpec
from domain.ids import to_global_id
from domain.record import Id
from domain.users import UserRecord, UserStatus
from domain.viewer import EVERY_SCOPE, Scope
from storage.codec import object_id
from tests.client import Client
from tests.mutations.wire import gid, snapshot
from tests.queries.feeds import advertise, page, strangers, titles
from tests.world import START, World

PREFERENCES = """
fragment Preferences on Viewer {
  feedPreferences {
    topics { name }
    hiddenAdvertisers { totalCount nodes { username } edges { hiddenAt node { username } } }
    personalizedAds
  }
}
"""
UPDATE = f"""
mutation($input: UpdateFeedPreferencesInput!) {{
  updateFeedPreferences(input: $input) {{
    viewer {{ ...Preferences }} userErrors {{ code field }}
  }}
}} {PREFERENCES}
"""
READ = f"{{ viewer {{ ...Preferences }} }} {PREFERENCES}"
PAGE = """
query($first: Int, $after: String, $last: Int, $before: String) {
  viewer {
    feedPreferences {
      hiddenAdvertisers(first: $first, after: $after, last: $last, before: $before) {
        nodes { username } pageInfo { hasNextPage endCursor startCursor }
      }
    }
  }
}
"""
NOTHING: dict[str, Any] = {"topics": [], "hidden": [], "personalizedAds": True}


def shown(preferences: Any) -> dict[str, Any]:
    """Preferences by names, which agree with themselves."""
    hidden = preferences["hiddenAdvertisers"]
    assert hidden["nodes"] == [edge["node"] for edge in hidden["edges"]]
    assert all(edge["hiddenAt"] for edge in hidden["edges"])
    return {
        "topics": [topic["name"] for topic in preferences["topics"]],
        "hidden": [user["username"] for user in hidden["nodes"]],
        "personalizedAds": preferences["personalizedAds"],
    }


async def update(client: Client, viewer: UserRecord, **input: Any) -> dict[str, Any]:
    """Changes preferences; gives them as they are then, which is how others read them."""
    payload = (await client.data(UPDATE, viewer, input=input))["updateFeedPreferences"]
    assert payload["userErrors"] == []
    assert (await client.data(READ, viewer))["viewer"] == payload["viewer"]
    return shown(payload["viewer"]["feedPreferences"])


async def refused(client: Client, viewer: UserRecord, **input: Any) -> list[tuple[str, str]]:
    """The code and path of each error of a change that is refused."""
    payload = (await client.data(UPDATE, viewer, input=input))["updateFeedPreferences"]
    assert payload["viewer"] is None
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


@pytest.fixture
async def viewer(world: World) -> UserRecord:
    """The viewer, who follows nothing."""
    return await world.user("viewer")


# What is stored ----------------------------------------------------------------------------------


async def test_who_has_stated_nothing(client: Client, viewer: UserRecord) -> None:
    data = await client.data(READ, viewer)
    assert shown(data["viewer"]["feedPreferences"]) == NOTHING
    assert await update(client, viewer) == NOTHING


async def test_what_is_omitted_stays(client: Client, world: World, viewer: UserRecord) -> None:
    food, wood, glass = [await world.topic(name) for name in ("Food", "Wood", "Glass")]
    ana, ben = await world.user("ana"), await world.user("ben")

    chosen = await update(client, viewer, topicIds=[gid(wood), gid(food), gid(wood)])
    assert chosen == NOTHING | {"topics": ["Wood", "Food"]}
    hidden = await update(client, viewer, hideAdvertiserIds=[gid(ana)], personalizedAds=False)
    expected = {"topics": ["Wood", "Food"], "hidden": ["ana"], "personalizedAds": False}
    assert hidden == expected
    more = await update(client, viewer, hideAdvertiserIds=[gid(ana), gid(ben)])
    assert more == expected | {"hidden": ["ben", "ana"]}
    fewer = await update(client, viewer, unhideAdvertiserIds=[gid(ana)], topicIds=[gid(glass)])
    assert fewer == expected | {"topics": ["Glass"], "hidden": ["ben"]}
    none = await update(
        client, viewer, topicIds=None, unhideAdvertiserIds=[gid(ben)], personalizedAds=True
    )
    assert none == NOTHING


async def test_repeating_changes_nothing(client: Client, world: World, viewer: UserRecord) -> None:
    food, ana = await world.topic("Food"), await world.user("ana")
    input: dict[str, Any] = {
        "topicIds": [gid(food)],
        "hideAdvertiserIds": [gid(ana)],
        "personalizedAds": False,
    }
    first = await update(client, viewer, **input)
    before = await snapshot(world)

    assert await update(client, viewer, **input) == first
    nobody = to_global_id("User", "f" * 24)
    assert await update(client, viewer, unhideAdvertiserIds=[nobody]) == first

    assert await snapshot(world) == before


async def test_changes_at_once_are_all_made(
    client: Client, world: World, viewer: UserRecord
) -> None:
    people = await asyncio.gather(*(world.user(f"person{n:02}") for n in range(20)))

    await asyncio.gather(
        *(client.data(UPDATE, viewer, input={"hideAdvertiserIds": [gid(who)]}) for who in people)
    )

    stated = await world.storage.preferences.get_many([viewer.id])
    hidden = {each.user_id for each in stated[viewer.id].hidden_advertisers}
    assert hidden == {who.id for who in people}


async def test_pages_of_hidden_advertisers_meet(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """The last hidden comes first; who is gone is not listed."""
    names = ["a", "b", "c", "d", "e"]
    people = [await world.user(name) for name in names]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    for who in people:
        await update(client, viewer, hideAdvertiserIds=[gid(who)])
    await world.storage.mongo.collection("preferences").update_one(
        {}, {"$push": {"hidden_advertisers": {"user_id": object_id(gone.id), "hidden_at": START}}}
    )

    async def read(**window: Any) -> Any:
        data = await client.data(PAGE, viewer, **window)
        return data["viewer"]["feedPreferences"]["hiddenAdvertisers"]

    first = await read(first=2)
    second = await read(first=2, after=first["pageInfo"]["endCursor"])
    third = await read(first=3, after=second["pageInfo"]["endCursor"])
    back = await read(last=1, before=second["pageInfo"]["startCursor"])
    listed = [[user["username"] for user in part["nodes"]] for part in (first, second, third, back)]
    assert listed == [["e", "d"], ["c", "b"], ["a"], ["d"]]
    assert third["pageInfo"]["hasNextPage"] is False


async def test_all_that_is_wrong_is_told_at_once(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana, foe, food = await world.user("ana"), await world.user("foe"), await world.topic("Food")
    await world.block(foe, viewer)
    before = await snapshot(world)
    nothing = "f" * 24

    assert await refused(
        client,
        viewer,
        topicIds=[gid(food)] * 51,
        hideAdvertiserIds=[gid(food), gid(ana)],
        unhideAdvertiserIds=[gid(ana)],
        personalizedAds=None,
    ) == [
        ("LIMIT_EXCEEDED", "input.topicIds"),
        ("INVALID", "input.hideAdvertiserIds.0"),
        ("INVALID", "input.unhideAdvertiserIds.0"),
        ("BLANK", "input.personalizedAds"),
    ]
    assert await refused(
        client,
        viewer,
        topicIds=[gid(food), to_global_id("Topic", nothing)],
        hideAdvertiserIds=[gid(ana), gid(foe), to_global_id("User", nothing)],
    ) == [
        ("NOT_FOUND", "input.topicIds.1"),
        ("NOT_FOUND", "input.hideAdvertiserIds.1"),
        ("NOT_FOUND", "input.hideAdvertiserIds.2"),
    ]
    assert await refused(client, viewer, hideAdvertiserIds=[gid(ana)] * 101) == [
        ("LIMIT_EXCEEDED", "input.hideAdvertiserIds")
    ]

    assert await snapshot(world) == before


async def test_nobody_hides_more_than_a_thousand(
    client: Client, world: World, viewer: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("resolvers.mutations.update_feed_preferences.MAX_HIDDEN_ADVERTISERS", 2)
    people = [await world.user(name) for name in ("a", "b", "c")]
    await update(client, viewer, hideAdvertiserIds=[gid(who) for who in people[:2]])
    before = await snapshot(world)

    error = [("LIMIT_EXCEEDED", "input.hideAdvertiserIds")]
    assert await refused(client, viewer, hideAdvertiserIds=[gid(people[2])]) == error

    assert await snapshot(world) == before
    await update(
        client,
        viewer,
        hideAdvertiserIds=[gid(people[2])],
        unhideAdvertiserIds=[gid(people[0])],
    )


async def test_a_token_must_grant_it(client: Client, world: World, viewer: UserRecord) -> None:
    before = await snapshot(world)
    input = {"personalizedAds": False}
    reading = client.with_tokens(EVERY_SCOPE - {Scope.USER_ACCOUNTS_WRITE})
    writing = client.with_tokens(EVERY_SCOPE - {Scope.USER_ACCOUNTS_READ})

    assert (await reading.execute(UPDATE, viewer, input=input)).codes == ["FORBIDDEN"]
    assert (await client.execute(UPDATE, None, input=input)).codes == ["UNAUTHENTICATED"]
    assert await snapshot(world) == before

    answer = await writing.execute(READ, viewer)
    assert (answer.data, answer.codes) == ({"viewer": {"feedPreferences": None}}, ["FORBIDDEN"])
    assert await client.data(READ) == {"viewer": None}


# What feeds show ---------------------------------------------------------------------------------


async def test_a_new_feed_begins_with_the_topics(
    client: Client, world: World, viewer: UserRecord
) -> None:
    food = await world.topic("Food")
    ana = await world.user("ana")
    await world.pin(await world.board(ana), "soup", topics=(food,))

    async def reason() -> Any:
        (edge,) = (await page(client, viewer, refresh=True))["edges"]
        return edge["reason"]["kind"], edge["reason"]["topic"]

    assert await reason() == ("TRENDING", None)
    await update(client, viewer, topicIds=[gid(food)])
    assert await reason() == ("FOLLOWS_TOPIC", {"name": "Food"})


async def test_ads_of_a_hidden_advertiser_end_with_the_next_page(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """DOMAIN c.8: in the session that runs, and where they were delivered before."""
    await strangers(world, 40)
    shop, other = await world.user("shop"), await world.user("other")
    await advertise(world, shop, "lamp", bid_micros=9_000_000)
    await advertise(world, shop, "shade", bid_micros=9_000_000)
    await advertise(world, other, "chair")
    first = await page(client, viewer, first=10)
    assert "ad: lamp" in titles(first) or "ad: shade" in titles(first)

    await update(client, viewer, hideAdvertiserIds=[gid(shop)])

    second = await page(client, viewer, first=10, after=first["pageInfo"]["endCursor"])
    assert [title for title in titles(second) if title.startswith("ad:")] == ["ad: chair"]
    assert len(second["edges"]) == 10
    again = await page(client, viewer, first=10)
    nodes = zip(first["nodes"], again["nodes"], strict=True)
    assert [was["__typename"] for was, now in nodes if now is None] == ["PromotedPin"]

    await update(client, viewer, unhideAdvertiserIds=[gid(shop)])
    assert titles(await page(client, viewer, first=10)) == titles(first)


async def test_ads_may_not_be_personal(client: Client, world: World, viewer: UserRecord) -> None:
    """DOMAIN c.2.5: without personal keys an ad may be shown all the same."""
    food = await world.topic("Food")
    await world.follow(viewer, food)
    await strangers(world, 20)
    personal = TargetingSpec(topic_ids=(Id(food.id),))
    await advertise(world, await world.user("cook"), "spoon", targeting=personal)

    async def ads() -> list[str]:
        found = titles(await page(client, viewer, first=20, refresh=True))
        return [title for title in found if title.startswith("ad:")]

    assert await ads() == ["ad: spoon"]
    await update(client, viewer, personalizedAds=False)
    assert await ads() == []
    await advertise(world, await world.user("shop"), "lamp")
    assert await ads() == ["ad: lamp"]


async def test_a_later_page_reads_the_wishes_once(
    client: Client, world: World, viewer: UserRecord, calls: list[str]
) -> None:
    """And a first page reads them with what the viewer follows."""
    await strangers(world, 10)
    calls.clear()
    first = await page(client, viewer, first=3)
    assert ("tastes.wishes" in calls, calls.count("tastes.of_user")) == (False, 2)
    calls.clear()
    await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])
    assert calls.count("tastes.wishes") == 1
