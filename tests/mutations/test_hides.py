"""`hidePin` and `unhidePin`: what the viewer does not want is in no feed of theirs (DOMAIN e.2)."""

import asyncio
from typing import Any

import pytest

from domain.boards import BoardPrivacy
from domain.pins import PinRecord
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from storage.counters import recount_all, stale_trends
from tests.client import Client
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.queries.feeds import advertise, page, strangers, titles
from tests.queries.test_following_feed import FOLLOWING
from tests.queries.test_following_feed import page as following_page
from tests.queries.test_following_feed import titles as following_titles
from tests.world import World

HIDE = """
mutation($input: HidePinInput!) {
  hidePin(input: $input) { pin { title } hiddenPinId userErrors { code field } }
}
"""
UNHIDE = """
mutation($input: UnhidePinInput!) {
  unhidePin(input: $input) { pin { title } userErrors { code field } }
}
"""


async def hide(
    client: Client, viewer: UserRecord, pin: PinRecord, reason: str = "NOT_INTERESTED"
) -> Any:
    """Hides a pin; gives the payload."""
    data = await client.data(HIDE, viewer, input={"pinId": gid(pin), "reason": reason})
    return data["hidePin"]


async def unhide(client: Client, viewer: UserRecord, pin: PinRecord) -> Any:
    """Lets a pin be shown again; gives the payload."""
    return (await client.data(UNHIDE, viewer, input={"pinId": gid(pin)}))["unhidePin"]


async def stored(world: World) -> list[dict[str, Any]]:
    """All hides, by what they say."""
    hides = world.storage.mongo.collection("hides").find(sort=[("_id", 1)])
    found: list[dict[str, Any]] = await hides.to_list(None)
    return found


async def consistent(world: World) -> None:
    """Hides are counted, and pins that many hide are less popular."""
    await assert_consistent(world, "pins.engagement.hides")
    pins = world.storage.mongo.collection("pins")
    assert await pins.count_documents(stale_trends()) == 0


@pytest.fixture
async def viewer(world: World) -> UserRecord:
    """The viewer, who follows nothing."""
    return await world.user("viewer")


# What is stored ----------------------------------------------------------------------------------


async def test_a_hidden_pin_is_counted_once(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pin = await world.pin(await world.board(await world.user("ana")), "spoons")

    first = await hide(client, viewer, pin)
    again = await hide(client, viewer, pin, "LOW_QUALITY")

    assert first == {"pin": {"title": "spoons"}, "hiddenPinId": gid(pin), "userErrors": []}
    assert again == first
    (kept,) = await stored(world)
    assert (kept["user_id"], kept["pin_id"], kept["root_id"]) == (viewer.id, pin.id, pin.id)
    assert kept["reason"] == "LOW_QUALITY"
    await consistent(world)
    counted = await world.storage.pins.get_many([pin.id])
    assert counted[pin.id].engagement.hides == 1


async def test_what_is_taken_back_is_as_it_was(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pin = await world.pin(await world.board(await world.user("ana")), "spoons")
    await recount_all(world.storage.mongo)
    before = await snapshot(world)
    await hide(client, viewer, pin)

    first, again = await unhide(client, viewer, pin), await unhide(client, viewer, pin)

    assert first == {"pin": {"title": "spoons"}, "userErrors": []}
    assert again == first
    assert await snapshot(world) == before


async def test_hiding_many_times_at_once_is_one_hide(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pin = await world.pin(await world.board(await world.user("ana")))
    others = await asyncio.gather(*(world.user(f"other{n}") for n in range(5)))

    await asyncio.gather(*(hide(client, who, pin) for who in [viewer, *others] for _ in range(5)))

    assert len(await stored(world)) == 6
    await consistent(world)


async def test_hiding_and_showing_at_once_ends_as_either(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pin = await world.pin(await world.board(await world.user("ana")))

    both = [hide(client, viewer, pin), unhide(client, viewer, pin)]
    await asyncio.gather(*both, *(hide(client, viewer, pin) for _ in range(5)))

    assert len(await stored(world)) in (0, 1)
    await consistent(world)


async def test_nobody_hides_what_they_may_not_see(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """INV-6: as if it did not exist."""
    secret = await world.board(await world.user("ana"), privacy=BoardPrivacy.SECRET)
    pin = await world.pin(secret)
    before = await snapshot(world)

    hidden, shown = await hide(client, viewer, pin), await unhide(client, viewer, pin)

    refusal = {"code": "NOT_FOUND", "field": ["input", "pinId"]}
    assert hidden == {"pin": None, "hiddenPinId": None, "userErrors": [refusal]}
    assert shown == {"pin": None, "userErrors": [refusal]}
    assert await snapshot(world) == before


async def test_a_token_must_grant_it(client: Client, world: World, viewer: UserRecord) -> None:
    pin = await world.pin(await world.board(await world.user("ana")))
    limited = client.with_tokens(EVERY_SCOPE - {Scope.USER_ACCOUNTS_WRITE})
    before = await snapshot(world)

    for document, input in (
        (HIDE, {"pinId": gid(pin), "reason": "OTHER"}),
        (UNHIDE, {"pinId": gid(pin)}),
    ):
        answer = await limited.execute(document, viewer, input=input)
        assert answer.codes == ["FORBIDDEN"]
        assert (await client.execute(document, None, input=input)).codes == ["UNAUTHENTICATED"]

    assert await snapshot(world) == before


# What feeds show ---------------------------------------------------------------------------------


async def test_a_hidden_pin_is_in_no_new_feed(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pins = await strangers(world, 3)
    await hide(client, viewer, pins[1])

    found = await page(client, viewer, refresh=True)
    assert titles(found) == ["0", "2"]

    await unhide(client, viewer, pins[1])
    assert sorted(titles(await page(client, viewer, refresh=True))) == ["0", "1", "2"]


async def test_a_hidden_pin_is_skipped_from_the_next_page_on(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """The session goes on, nothing shifts, and pages are as long as they were asked for."""
    pins = await strangers(world, 10)
    first = await page(client, viewer, first=3)
    assert titles(first) == ["0", "1", "2"]
    for place in (1, 4, 5):
        await hide(client, viewer, pins[place])

    second = await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])
    third = await page(client, viewer, first=3, after=second["pageInfo"]["endCursor"])
    again = await page(client, viewer, first=3)
    back = await page(client, viewer, last=3, before=second["pageInfo"]["endCursor"])

    assert titles(second) == ["3", "6", "7"]
    assert titles(third) == ["8", "9"]
    assert titles(again) == ["0", "2", "3"]
    assert titles(back) == ["2", "3", "6"]
    sessions = {found["session"]["id"] for found in (first, second, third, again, back)}
    assert len(sessions) == 1
    by_title = {edge["node"]["title"]: edge["position"] for edge in first["edges"]}
    assert by_title["2"] == again["edges"][1]["position"]


async def test_without_redis_it_is_skipped_too(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pins = await strangers(world, 6)
    first = await page(client, viewer, first=2)
    await hide(client, viewer, pins[3])
    await world.storage.redis.client.flushdb()

    second = await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])

    assert second["session"]["wasRebuilt"]
    assert sorted(titles(second)) == ["2", "4", "5"]


async def test_a_copy_of_what_is_hidden_is_hidden(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """It shows the same, whichever of the tree was hidden; and it comes back with any of them."""
    root, _ = await strangers(world, 2)
    copies = [
        await world.save(root, await world.board(await world.user(f"saver{n}"))) for n in range(2)
    ]
    (home,) = (await world.storage.boards.get_many([copies[1].board_id])).values()
    await world.follow(viewer, home)
    await hide(client, viewer, copies[0])

    assert titles(await page(client, viewer, refresh=True)) == ["1"]
    assert following_titles(await following_page(client, viewer)) == []

    await unhide(client, viewer, root)
    assert sorted(titles(await page(client, viewer, refresh=True))) == ["0", "1"]
    assert following_titles(await following_page(client, viewer)) == ["0"]


async def test_the_following_feed_goes_on_behind_hidden_pins(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """A page may be shorter, and its end leads on also when all of it is hidden."""
    ana = await world.user("ana")
    await world.follow(viewer, ana)
    board = await world.board(ana)
    pins = [await world.pin(board, f"{n}") for n in range(5)]
    for pin in pins[2:]:
        await hide(client, viewer, pin)

    first = (await client.data(FOLLOWING, viewer, first=2))["viewer"]["followingFeed"]
    assert (first["edges"], first["pageInfo"]["hasNextPage"]) == ([], True)
    after = first["pageInfo"]["endCursor"]

    data = await client.data(FOLLOWING, viewer, first=2, after=after)
    assert following_titles(data["viewer"]["followingFeed"]) == ["1"]


async def test_others_see_what_the_viewer_hid(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pins = await strangers(world, 3)
    await hide(client, viewer, pins[0])
    other = await world.user("other")
    assert "0" in titles(await page(client, other))


async def test_an_ad_is_hidden_with_its_pin(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """DOMAIN c.2.5: also where it was delivered before, nothing of it is shown any more."""
    await strangers(world, 20)
    lamp = await advertise(world, await world.user("shop"), "lamp")
    first = await page(client, viewer, first=10)
    assert "ad: lamp" in titles(first)

    # The viewer does not see the ads-only board.
    hidden = await hide(client, viewer, lamp)
    assert hidden == {"pin": None, "hiddenPinId": gid(lamp), "userErrors": []}

    again = await page(client, viewer, first=10)
    assert [edge["position"] for edge in again["edges"]] == [
        edge["position"] for edge in first["edges"]
    ]
    assert [node for node in again["nodes"] if node is None] == [None]
    fresh = await page(client, viewer, first=20, refresh=True)
    assert "ad: lamp" not in titles(fresh)
    assert await unhide(client, viewer, lamp) == {"pin": None, "userErrors": []}
    shown = await page(client, viewer, first=20, refresh=True)
    assert "ad: lamp" in titles(shown)
    await assert_consistent(world, "pins.engagement.hides")


async def test_what_nobody_advertises_cannot_be_hidden_as_an_ad(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """INV-9, INV-6: nothing is told of an ads-only board, and ads of what is secret are none."""
    ana = await world.user("ana")
    ads_only = await world.board(ana, privacy=BoardPrivacy.PROTECTED, is_ads_only=True)
    secret = await world.board(ana, "Secret", privacy=BoardPrivacy.SECRET)
    idle, leaked = await world.pin(ads_only), await world.pin(secret)
    await world.ad(leaked)
    before = await snapshot(world)
    for pin in (idle, leaked):
        refused = await hide(client, viewer, pin)
        assert [error["code"] for error in refused["userErrors"]] == ["NOT_FOUND"]
    assert await snapshot(world) == before


async def test_only_the_newest_hides_are_looked_at(
    client: Client, world: World, viewer: UserRecord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.tastes.MAX_HIDES", 2)
    pins = await strangers(world, 4)
    for pin in pins[:3]:
        await world.hide(viewer, pin)
    found = await page(client, viewer)
    assert titles(found) == ["0", "3"]
    assert [edge["position"] for edge in found["edges"]] == [1, 3]  # the hidden have no places
