"""Promoted pins in the home feed: which, where, and what the viewer is told (DOMAIN c)."""

from itertools import pairwise
from typing import Any

import msgspec
import pytest

from domain.boards import BoardPrivacy
from domain.campaigns import CallToAction, GridClickType, TargetingSpec
from domain.ids import to_global_id
from domain.pins import PinRecord
from domain.signing import Signer
from domain.tokens import read_item_token, read_slot_token
from domain.users import AccountType, UserRecord, UserStatus
from resolvers.feed_ads import AUCTIONS
from resolvers.nodes import global_id
from storage import keys
from storage.codec import object_id
from storage.embedded import EmbeddedStores
from tests.client import Client, settings_of
from tests.queries.feeds import advertise, delete, flags, page, places, strangers, titles
from tests.world import World


@pytest.fixture
async def viewer(world: World) -> UserRecord:
    """Somebody who follows nothing."""
    return await world.user("viewer")


def ads(found: Any) -> dict[int, str]:
    """The ads of a page, by the place of their edge on it."""
    shown = enumerate(titles(found))
    return {place: title[4:] for place, title in shown if title.startswith("ad: ")}


async def deactivate(world: World, user: UserRecord) -> None:
    """Deactivates an account, as a mutation will."""
    status = {"$set": {"status": UserStatus.DEACTIVATED.value}}
    users = world.storage.mongo.collection("users")
    await users.update_one({"_id": object_id(user.id)}, status)
    await world.storage.redis.client.unlink(keys.record("users", user.id))


# What the viewer is told -------------------------------------------------------------------------

EVERY_FIELD = """
query ($first: Int) {
  viewer {
    homeFeed(first: $first) {
      edges {
        trackingToken
        reason { kind }
        node {
          ... on PromotedPin {
            id entityId disclosureLabel advertiserName destinationUrl callToAction trackingToken
            clickBehavior
            whyThisAd { key value topic { name } }
            advertiser { username }
            pin { id title owner { username } board { name } section { title } root { title } }
          }
        }
      }
    }
  }
}
"""


async def promoted(client: Client, viewer: UserRecord) -> Any:
    """The edge of the only ad among the first ten edges of a feed."""
    data = await client.data(EVERY_FIELD, viewer, first=10)
    (edge,) = [edge for edge in data["viewer"]["homeFeed"]["edges"] if edge["node"]]
    return edge


async def test_every_field(
    client: Client, world: World, viewer: UserRecord, stores: EmbeddedStores
) -> None:
    await strangers(world, 9)
    shop = await world.user(
        "shop", account_type=AccountType.BUSINESS, business_name="Lampy & Żarówki 💡"
    )
    pin = await advertise(
        world,
        shop,
        "A lamp",
        destination_url="https://lamps.example/?a=1",
        call_to_action=CallToAction.SHOP_NOW,
        grid_click_type=GridClickType.DIRECT_TO_DESTINATION,
    )
    edge = await promoted(client, viewer)
    slot = edge["node"]["entityId"]
    assert edge == {
        "trackingToken": edge["trackingToken"],
        "reason": None,
        "node": {
            "id": to_global_id("PromotedPin", slot),
            "entityId": slot,
            "disclosureLabel": "Promoted by Lampy & Żarówki 💡",
            "advertiserName": "Lampy & Żarówki 💡",
            "destinationUrl": "https://lamps.example/?a=1",
            "callToAction": "SHOP_NOW",
            "trackingToken": edge["trackingToken"],
            "clickBehavior": "DIRECT_TO_DESTINATION",
            "whyThisAd": [],
            "advertiser": {"username": "shop"},
            "pin": {
                "id": global_id(pin),
                "title": "A lamp",
                "owner": {"username": "shop"},
                "board": None,
                "section": None,
                "root": None,
            },
        },
    }
    token = read_slot_token(Signer(settings_of(stores).secrets.signing), edge["trackingToken"])
    assert token is not None
    assert (token.slot_id, token.pin_id, token.position) == (slot, pin.id, 6)
    assert (token.price_micros, token.currency) == (500_000, "USD")


async def test_by_default_an_ad_leads_where_its_pin_does(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    pin = await advertise(world, await world.user("ana", full_name="Ana García"))
    node = (await promoted(client, viewer))["node"]
    assert node["destinationUrl"] == pin.link
    assert node["callToAction"] is None
    assert node["clickBehavior"] == "CLOSEUP"
    assert node["disclosureLabel"] == "Promoted by Ana García"


async def test_an_organic_edge_has_a_token_of_its_own(
    client: Client, world: World, viewer: UserRecord, stores: EmbeddedStores
) -> None:
    (pin,) = await strangers(world, 1)
    found = await page(client, viewer)
    signer = Signer(settings_of(stores).secrets.signing)
    token = read_item_token(signer, found["edges"][0]["trackingToken"])
    assert token is not None
    assert (token.pin_id, token.session_id) == (pin.id, found["session"]["id"])


async def test_why_this_ad_tells_only_what_the_viewer_is(client: Client, world: World) -> None:
    food, art = await world.topic("Food"), await world.topic("Art")
    viewer = await world.user("viewer", home_topic_ids=(food.id,))
    await strangers(world, 9)
    shop = await world.user("shop")
    await advertise(world, shop, targeting=TargetingSpec(topic_ids=(art.id, food.id)))
    assert (await promoted(client, viewer))["node"]["whyThisAd"] == [
        {"key": "TOPIC", "value": None, "topic": {"name": "Food"}}
    ]
    other = await world.user("other", home_topic_ids=(art.id,))
    assert (await promoted(client, other))["node"]["whyThisAd"] == [
        {"key": "TOPIC", "value": None, "topic": {"name": "Art"}}
    ]
    uninterested = await world.user("uninterested")
    assert ads(await page(client, uninterested)) == {}


async def test_why_this_ad_gives_other_facts_as_they_are(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    await advertise(
        world, await world.user("shop"), targeting=TargetingSpec(genders=("unknown", "female"))
    )
    assert (await promoted(client, viewer))["node"]["whyThisAd"] == [
        {"key": "GENDER", "value": "unknown", "topic": None}
    ]


async def test_a_served_place_cannot_be_refetched(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    pin = await advertise(world, await world.user("shop"))
    node = (await promoted(client, viewer))["node"]
    document = "query ($slot: ID!, $pin: ID!) { node(id: $slot) { id } pin(id: $pin) { title } }"
    data = await client.data(document, viewer, slot=node["id"], pin=global_id(pin))
    assert data == {"node": None, "pin": None}


# Where ads stand ---------------------------------------------------------------------------------


async def advertisers(world: World, count: int) -> list[PinRecord]:
    """Ads `0`, `1`, … of as many advertisers, each bidding less than the one before it."""
    return [
        await advertise(world, await world.user(f"shop{i}"), f"{i}", bid_micros=9_000_000 - i)
        for i in range(count)
    ]


async def test_the_first_ad_comes_fourth_and_six_pins_stand_between_two(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 40)
    await advertisers(world, 6)
    first = await page(client, viewer, first=25)
    assert ads(first) == {3: "0", 10: "1", 17: "2"}
    organic = [title for title in titles(first) if not title.startswith("ad: ")]
    assert organic == [str(i) for i in range(22)]
    second = await page(client, viewer, first=25, after=first["pageInfo"]["endCursor"])
    assert ads(second) == {0: "3", 7: "4", 14: "5"}
    assert flags(second) == (True, False)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 10, 25])
async def test_pages_of_any_size_keep_the_distance(
    client: Client, world: World, viewer: UserRecord, size: int
) -> None:
    await strangers(world, 30)
    await advertisers(world, 6)
    edges, shown, after, more = [], list[str](), None, True
    while more:
        found = await page(client, viewer, first=size, after=after)
        assert not flags(found)[1] or len(found["edges"]) == size
        assert not flags(found)[1] or not titles(found)[-1].startswith("ad: ")
        edges += places(found)
        shown += titles(found)
        after, more = found["pageInfo"]["endCursor"], flags(found)[1]
    organic = [title for title in shown if not title.startswith("ad: ")]
    at = [place for place, title in enumerate(shown) if title.startswith("ad: ")]
    assert organic == [str(i) for i in range(30)]
    assert all(later - earlier > 6 for earlier, later in pairwise(at))
    assert min(at, default=3) >= 3
    assert len(at) <= len(shown) // 5
    assert all(shown.count(f"ad: {i}") <= 2 for i in range(6))
    assert bool(at) == (size > 1)
    whole = await page(client, viewer, first=100)
    assert places(whole) == edges


async def test_a_short_feed_has_no_ads(client: Client, world: World, viewer: UserRecord) -> None:
    await strangers(world, 3)
    await advertisers(world, 1)
    assert titles(await page(client, viewer)) == ["0", "1", "2"]


async def test_an_advertiser_has_one_ad_a_page_and_two_a_session(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 40)
    shop = await world.user("shop")
    for i in range(4):
        await advertise(world, shop, f"{i}", bid_micros=9_000_000 - i)
    pages, after = [], None
    for _ in range(4):
        found = await page(client, viewer, first=10, after=after)
        pages.append(list(ads(found).values()))
        after = found["pageInfo"]["endCursor"]
    assert pages == [["0"], ["1"], [], []]


async def test_what_is_in_the_feed_for_nothing_is_no_ad(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pins = await strangers(world, 9)
    linked = {"$set": {"link": "https://shop.example/"}}
    pins_of = world.storage.mongo.collection("pins")
    await pins_of.update_one({"_id": object_id(pins[8].id)}, linked)
    await world.ad(pins[8], bid_micros=50_000_000)
    await advertise(world, await world.user("shop"))
    assert ads(await page(client, viewer)) == {3: "promoted"}


async def test_the_price_is_the_next_advertisers(
    client: Client, world: World, viewer: UserRecord, stores: EmbeddedStores
) -> None:
    await strangers(world, 9)
    for name, bid in (("high", 9_000_000), ("low", 2_000_000)):
        await advertise(world, await world.user(name), name, bid_micros=bid)
    found = await page(client, viewer, first=8)
    assert ads(found) == {3: "high"}
    token = read_slot_token(
        Signer(settings_of(stores).secrets.signing), found["edges"][3]["trackingToken"]
    )
    assert token is not None
    assert token.price_micros == 2_010_000


# Decided once ------------------------------------------------------------------------------------


async def test_an_ad_stays_where_it_was_shown(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 20)
    await advertisers(world, 2)
    first = await page(client, viewer, first=8)
    second = await page(client, viewer, first=8, after=first["pageInfo"]["endCursor"])
    assert (ads(first), ads(second)) == ({3: "0"}, {2: "1"})
    await world.storage.mongo.collection("ads").delete_many({})
    await advertise(world, await world.user("late"), "late", bid_micros=50_000_000)
    assert await page(client, viewer, first=8) == first
    again = await page(client, viewer, first=8, after=first["pageInfo"]["endCursor"])
    assert again == second


async def test_going_backwards_shows_the_same_ads(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 20)
    await advertisers(world, 4)
    whole = await page(client, viewer, first=100)
    assert ads(whole) == {3: "0", 10: "1", 17: "2"}
    edges: list[Any] = []
    before = None
    for _ in range(6):
        found = await page(client, viewer, last=4, before=before)
        edges = places(found) + edges
        before = found["pageInfo"]["startCursor"]
    assert flags(found) == (False, True)
    assert edges == places(whole)


async def test_what_a_backward_page_delivered_without_ads_stays_without(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 20)
    await advertisers(world, 6)
    back = await page(client, viewer, last=15)
    assert titles(back) == [str(i) for i in range(5, 20)]
    whole = await page(client, viewer, first=100)
    assert ads(whole) == {3: "0"}
    assert places(await page(client, viewer, last=15)) == places(back)


async def test_without_promoted_pins(client: Client, world: World, viewer: UserRecord) -> None:
    await strangers(world, 9)
    await advertisers(world, 1)
    organic = [str(i) for i in range(9)]
    for arguments in ({}, {"last": 20}):
        found = await page(client, viewer, includePromoted=False, **arguments)
        assert titles(found) == organic
    assert ads(await page(client, viewer)) == {3: "0"}
    for arguments in ({}, {"last": 20}):
        found = await page(client, viewer, includePromoted=False, **arguments)
        assert titles(found) == organic


async def test_a_session_that_was_taken_anew_has_no_more_ads(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """Which ads were shown is gone with it: any more could be the same ones, or too close."""
    await strangers(world, 20)
    await advertisers(world, 1)
    first = await page(client, viewer, first=5)
    assert ads(first) == {3: "0"}
    await world.storage.redis.client.flushdb()
    rest = await page(client, viewer, first=20, after=first["pageInfo"]["endCursor"])
    assert titles(rest) == [str(i) for i in range(4, 20)]
    back = await page(client, viewer, last=3, before=rest["pageInfo"]["startCursor"])
    assert titles(back) == ["1", "2", "3"]
    assert ads(await page(client, viewer, refresh=True)) == {3: "0"}


# Who sees them -----------------------------------------------------------------------------------


async def test_hidden_advertisers_take_no_part(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    names = ("gone", "blocker", "blocked", "shown")
    gone, blocker, blocked, shown = [await world.user(name) for name in names]
    for i, shop in enumerate((viewer, gone, blocker, blocked, shown)):
        await advertise(world, shop, shop.username, bid_micros=9_000_000 - 1_000_000 * i)
    await deactivate(world, gone)
    await world.block(blocker, viewer)
    await world.block(viewer, blocked)
    assert ads(await page(client, viewer, first=8)) == {3: "shown"}
    assert ads(await page(client, shown, first=8)) == {3: "viewer"}


async def test_many_hidden_advertisers_leave_the_place_to_a_pin(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    for i in range(AUCTIONS + 1):
        shop = await world.user(f"gone{i}", status=UserStatus.DEACTIVATED)
        await advertise(world, shop, bid_micros=9_000_000 - i)
    found = await page(client, viewer, first=8)
    assert titles(found) == [str(i) for i in range(8)]
    assert await page(client, viewer, first=8) == found


async def test_an_ad_that_became_hidden_is_an_empty_edge(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 30)
    shops = [await world.user(f"shop{i}") for i in range(3)]
    pins = [
        await advertise(world, shop, f"{i}", bid_micros=9_000_000 - i)
        for i, shop in enumerate(shops)
    ]
    first = await page(client, viewer, first=25)
    assert ads(first) == {3: "0", 10: "1", 17: "2"}
    await deactivate(world, shops[0])
    await world.block(shops[1], viewer)
    await delete(world, pins[2])
    again = await page(client, viewer, first=25)
    for edge in [*first["edges"], *first["nodes"]]:
        assert edge is not None
    for place in (3, 10, 17):
        first["edges"][place]["node"] = first["nodes"][place] = None
    assert again == first


async def test_ads_of_secret_boards_are_never_shown(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    shop = await world.user("shop")
    for name, fields in (
        ("secret", {"privacy": BoardPrivacy.SECRET}),
        ("protected", {"privacy": BoardPrivacy.PROTECTED}),
        ("secret ads", {"privacy": BoardPrivacy.SECRET, "is_ads_only": True}),
    ):
        board = await world.board(shop, name, **fields)
        await world.ad(await world.pin(board, name, link="https://shop.example/"))
    await world.storage.ads.refresh()
    assert ads(await page(client, viewer)) == {}


# When ads fail -----------------------------------------------------------------------------------


async def test_ads_that_fail_leave_the_feed_as_it_is(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    await advertisers(world, 1)
    store = world.storage.ads
    (live,) = store.live
    store.live = [msgspec.structs.replace(live, targeting=None)]
    found = await page(client, viewer, first=8)
    assert titles(found) == [str(i) for i in range(8)]
    await store.refresh()
    assert await page(client, viewer, first=8) == found
    assert ads(await page(client, viewer, first=8, refresh=True)) == {3: "0"}


async def test_an_ad_that_cannot_be_read_is_an_empty_edge(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    (pin,) = await advertisers(world, 1)
    first = await page(client, viewer, first=8)
    broken = {"$set": {"media": "not a picture"}}
    await world.storage.mongo.collection("pins").update_one({"_id": object_id(pin.id)}, broken)
    await world.storage.redis.client.unlink(keys.record("pins", pin.id))
    first["edges"][3]["node"] = first["nodes"][3] = None
    assert await page(client, viewer, first=8) == first


async def test_an_ad_that_is_gone_still_leads_to_its_pin(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 9)
    pin = await advertise(
        world,
        await world.user("shop"),
        destination_url="https://lamps.example/",
        call_to_action=CallToAction.SHOP_NOW,
    )
    before = (await promoted(client, viewer))["node"]
    await world.storage.mongo.collection("ads").delete_many({})
    after = (await promoted(client, viewer))["node"]
    assert after == before | {"destinationUrl": pin.link, "callToAction": None}
