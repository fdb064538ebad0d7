"""The home feed: what is in it, in which order, and pages that never shift (DOMAIN e)."""

import asyncio
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from bson import ObjectId

from domain.boards import BoardPrivacy, Collaborator
from domain.follows import FollowKind
from domain.pins import Engagement, PinRecord
from domain.record import Id
from domain.users import UserRecord, UserStatus
from resolvers.nodes import global_id
from server import create_app
from storage import keys
from storage.codec import object_id
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.queries.feeds import advertise, ask, delete, flags, page, places, strangers, titles
from tests.queries.wire import moment
from tests.world import World

# What is in a feed, and why ----------------------------------------------------------------------


async def follow_four(world: World, viewer: UserRecord) -> None:
    """Lets the viewer follow four people without pins.

    With one more source a viewer is no newcomer: nothing is in the feed because it is trending.
    """
    for i in range(4):
        await world.follow(viewer, await world.user(f"quiet{i}"))


async def reasons(client: Client, viewer: UserRecord) -> dict[str, tuple[str, str | None]]:
    """For each title in a feed the kind of its reason, and what the reason names."""
    found = await page(client, viewer, first=100, refresh=True)
    return {
        edge["node"]["title"]: (edge["reason"]["kind"], _named(edge["reason"]))
        for edge in found["edges"]
    }


def _named(reason: Any) -> str | None:
    given = [
        reason[what][name]
        for what, name in (("user", "username"), ("board", "name"), ("topic", "name"))
        if reason[what] is not None
    ]
    assert len(given) <= 1
    return given[0] if given else None


async def test_every_field(client: Client, world: World) -> None:
    viewer, ana = await world.user("viewer"), await world.user("ana")
    pin = await world.pin(await world.board(ana), "A pin")
    await world.follow(viewer, ana)
    found = await page(client, viewer)
    (edge,) = found["edges"]
    created_at = datetime.fromisoformat(found["session"]["createdAt"])
    assert datetime.now(UTC) - created_at < timedelta(minutes=1)
    assert found == {
        "edges": [
            {
                "cursor": edge["cursor"],
                "position": 1,
                "trackingToken": edge["trackingToken"],
                "reason": {
                    "kind": "FOLLOWS_USER",
                    "user": {"username": "ana"},
                    "board": None,
                    "topic": None,
                },
                "node": {"__typename": "Pin", "id": global_id(pin), "title": "A pin"},
            }
        ],
        "nodes": [{"__typename": "Pin", "id": global_id(pin), "title": "A pin"}],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": edge["cursor"],
            "endCursor": edge["cursor"],
        },
        "session": {
            "id": found["session"]["id"],
            "createdAt": moment(created_at),
            "wasRebuilt": False,
        },
        "newItemCount": 0,
    }


async def test_the_best_comes_first(client: Client, world: World) -> None:
    viewer, stranger = await world.user("viewer"), await world.user("stranger")
    for saves in (1, 1000, 0, 10, 100):
        followed = await world.user(f"saved{saves}")
        await world.follow(viewer, followed)
        board = await world.board(followed)
        await world.pin(board, f"{saves} saves", engagement=Engagement(saves=saves))
    await world.pin(
        await world.board(stranger), "a stranger's", engagement=Engagement(saves=10_000)
    )
    hidden = Engagement(saves=1000, hides=1000)
    await world.pin(await world.board(await world.user("shunned")), "shunned", engagement=hidden)
    assert titles(await page(client, viewer)) == [
        *("1000 saves", "100 saves", "10 saves", "1 saves"),
        "a stranger's",
        "0 saves",
        "shunned",
    ]


async def test_the_reason_of_each_source(client: Client, world: World) -> None:
    viewer = await world.user("viewer")
    await follow_four(world, viewer)
    names = ("ana", "ben", "cleo", "dan", "eve")
    ana, ben, cleo, dan, eve = [await world.user(name) for name in names]
    food = await world.topic("Food")
    bens = await world.board(ben, "Ben's")
    for target in (ana, bens, food):
        await world.follow(viewer, target)
    await world.pin(await world.board(ana), "of a user")
    await world.pin(bens, "of a board")
    await world.pin(await world.board(ben, "Other"), "of no followed board")
    await world.pin(await world.board(cleo), "of a topic", topics=(food,))
    dans = await world.board(dan)
    saved = await world.pin(dans, "saved")
    await world.pin(dans, "beside what was saved")
    await world.save(saved, await world.board(viewer, "Ideas"))
    await world.pin(await world.board(eve), "new")
    assert await reasons(client, viewer) == {
        "of a user": ("FOLLOWS_USER", "ana"),
        "of a board": ("FOLLOWS_BOARD", "Ben's"),
        "of no followed board": ("PICKED_FOR_YOU", None),
        "of a topic": ("FOLLOWS_TOPIC", "Food"),
        "saved": ("PICKED_FOR_YOU", None),
        "beside what was saved": ("RELATED_TO_BOARD", "Ideas"),
        "new": ("PICKED_FOR_YOU", None),
    }


async def test_a_reason_that_is_hidden_names_nothing(client: Client, world: World) -> None:
    viewer, ana = await world.user("viewer"), await world.user("ana")
    food = await world.topic("Food")
    await world.pin(await world.board(ana), "of a topic", topics=(food,))
    await world.follow(viewer, food)
    assert await reasons(client, viewer) == {"of a topic": ("FOLLOWS_TOPIC", "Food")}
    await page(client, viewer)
    await world.storage.mongo.collection("topics").delete_many({})
    await world.storage.redis.client.unlink(keys.record("topics", food.id))
    (edge,) = (await page(client, viewer))["edges"]
    nothing = {"user": None, "board": None, "topic": None}
    assert edge["reason"] == {"kind": "FOLLOWS_TOPIC"} | nothing


async def test_a_board_that_was_unfollowed_is_no_source(client: Client, world: World) -> None:
    viewer, ana, ben = [await world.user(name) for name in ("viewer", "ana", "ben")]
    await follow_four(world, viewer)
    await world.follow(viewer, ana)
    kept, left = await world.board(ana, "Kept"), await world.board(ana, "Left")
    await world.follow(viewer, left, kind=FollowKind.UNFOLLOWED_BOARD)
    closed = await world.board(ben, privacy=BoardPrivacy.SECRET)
    for board in (kept, left):
        root = await world.pin(closed)
        await world.save(root, board, title=f"saved to {board.name}")
        await world.pin(board, f"made on {board.name}")
    assert await reasons(client, viewer) == {
        "saved to Kept": ("FOLLOWS_USER", "ana"),
        "made on Kept": ("FOLLOWS_USER", "ana"),
        "made on Left": ("PICKED_FOR_YOU", None),
    }


async def test_an_implicit_follow_brings_no_other_board(client: Client, world: World) -> None:
    viewer, ana, ben = [await world.user(name) for name in ("viewer", "ana", "ben")]
    await follow_four(world, viewer)
    followed, other = await world.board(ana, "Followed"), await world.board(ana, "Other")
    await world.follow(viewer, followed)
    await world.follow(viewer, ana, is_explicit=False)
    closed = await world.board(ben, privacy=BoardPrivacy.SECRET)
    for board in (followed, other):
        await world.save(await world.pin(closed), board, title=f"on {board.name}")
    assert await reasons(client, viewer) == {"on Followed": ("FOLLOWS_BOARD", "Followed")}


async def test_a_newcomer_sees_the_topics_chosen_at_sign_up(client: Client, world: World) -> None:
    ana, ben = await world.user("ana"), await world.user("ben")
    food = await world.topic("Food")
    await world.pin(await world.board(ana), "food", topics=(food,))
    await world.pin(await world.board(ben), "anything")
    viewer = await world.user("viewer", home_topic_ids=(food.id,))
    assert await reasons(client, viewer) == {
        "food": ("FOLLOWS_TOPIC", "Food"),
        "anything": ("TRENDING", None),
    }
    art = await world.topic("Art")
    await world.follow(viewer, art)
    assert await reasons(client, viewer) == {
        "food": ("TRENDING", None),
        "anything": ("TRENDING", None),
    }


async def test_a_newcomer_without_topics_sees_what_is_trending(
    client: Client, world: World
) -> None:
    viewer = await world.user("viewer")
    await strangers(world, 3)
    assert titles(await page(client, viewer)) == ["0", "1", "2"]
    assert set((await reasons(client, viewer)).values()) == {("TRENDING", None)}


async def test_an_empty_database_gives_an_empty_feed(client: Client, world: World) -> None:
    viewer = await world.user("viewer")
    await world.pin(await world.board(viewer), "own")
    for arguments in ({}, {"last": 5}, {"first": 0}):
        found = await page(client, viewer, **arguments)
        assert (found["edges"], flags(found)) == ([], (False, False))


async def test_some_pins_are_in_nobodys_feed(client: Client, world: World) -> None:
    viewer, ana, ben = [await world.user(name) for name in ("viewer", "ana", "ben")]
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    food = await world.topic("Food")
    share = (Collaborator(user_id=viewer.id),)
    for target in (ana, gone, food):
        await world.follow(viewer, target)
    for privacy in (BoardPrivacy.SECRET, BoardPrivacy.PROTECTED):
        board = await world.board(
            ana, slug=privacy.value.lower(), privacy=privacy, collaborators=share
        )
        await world.follow(viewer, board)
        await world.pin(board, privacy.value, topics=(food,))
    own = await world.board(viewer)
    await world.pin(own, "own", topics=(food,))
    bens = await world.board(ben, collaborators=share)
    await world.pin(bens, "own on a shared board", owner=viewer)
    await world.pin(await world.board(gone), "of a deactivated user", topics=(food,))
    blocker, blocked = await world.user("blocker"), await world.user("blocked")
    for other in (blocker, blocked):
        await world.follow(viewer, other)
        await world.pin(await world.board(other), f"of {other.username}", topics=(food,))
    await world.block(blocker, viewer)
    await world.block(viewer, blocked)
    await world.pin(await world.board(ana, "Open"), "the one that is shown")
    found = await page(client, viewer)
    assert titles(found) == ["the one that is shown"]
    assert flags(found) == (False, False)


async def test_a_picture_is_shown_once(client: Client, world: World) -> None:
    viewer = await world.user("viewer")
    (pin,) = await strangers(world, 1)
    ana, ben = await world.user("ana"), await world.user("ben")
    await world.follow(viewer, ana)
    await world.save(pin, await world.board(ana), title="a copy")
    await world.pin(await world.board(ben), "the same picture", media=pin.media)
    assert titles(await page(client, viewer)) == ["0"]


# Pages -------------------------------------------------------------------------------------------


@pytest.fixture
async def viewer(world: World) -> UserRecord:
    """Somebody who follows nothing."""
    return await world.user("viewer")


async def test_the_same_page_is_the_same(client: Client, world: World, viewer: UserRecord) -> None:
    await strangers(world, 7)
    first = await page(client, viewer, first=3)
    second = await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])
    assert await page(client, viewer, first=3) == first
    again = await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])
    assert again == second
    assert titles(first) + titles(second) == ["0", "1", "2", "3", "4", "5"]


async def test_pages_have_flags(client: Client, world: World, viewer: UserRecord) -> None:
    await strangers(world, 5)
    for size in (1, 2, 5, 6):
        after = None
        for start in range(0, 5, size):
            found = await page(client, viewer, first=size, after=after)
            assert flags(found) == (start > 0, start + size < 5), (size, start)
            after = found["pageInfo"]["endCursor"]
    beyond = await page(client, viewer, first=2, after=after)
    assert (beyond["edges"], flags(beyond)) == ([], (True, False))
    nothing = await page(client, viewer, first=0)
    assert (nothing["edges"], flags(nothing)) == ([], (False, True))


async def test_by_default_a_page_has_25_and_at_most_100(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 26)
    assert len((await page(client, viewer))["edges"]) == 25
    assert len((await page(client, viewer, first=100))["edges"]) == 26


async def test_pages_of_any_sizes_are_the_whole_session(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 23)
    whole = await page(client, viewer, first=100)
    assert titles(whole) == [str(i) for i in range(23)]
    assert [edge["position"] for edge in whole["edges"]] == [2 * i + 1 for i in range(23)]
    random = Random(1)  # noqa: S311  # a seed, and no secret
    for _ in range(3):
        edges, after, more = [], None, True
        while more:
            found = await page(client, viewer, first=random.randint(1, 9), after=after)
            edges += places(found)
            after, more = found["pageInfo"]["endCursor"], flags(found)[1]
        assert edges == places(whole)


async def test_pages_go_backwards_too(client: Client, world: World, viewer: UserRecord) -> None:
    await strangers(world, 7)
    whole = await page(client, viewer, first=100)
    for size in (1, 3, 7, 100):
        edges: list[Any] = []
        before, more = None, True
        while more:
            found = await page(client, viewer, last=size, before=before)
            assert flags(found) == (7 - len(edges) > size, before is not None)
            edges = places(found) + edges
            before, more = found["pageInfo"]["startCursor"], flags(found)[0]
        assert edges == places(whole)
    middle = await page(client, viewer, first=3)
    back = await page(client, viewer, last=1, before=middle["pageInfo"]["endCursor"])
    assert (titles(back), flags(back)) == (["1"], (True, True))
    nothing = await page(client, viewer, last=0)
    assert (nothing["edges"], flags(nothing)) == ([], (True, False))


async def test_any_cursor_of_a_page_leads_on(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 5)
    whole = await page(client, viewer, first=4)
    for place, edge in enumerate(whole["edges"]):
        after = await page(client, viewer, first=1, after=edge["cursor"])
        assert titles(after) == [str(place + 1)]
        before = await page(client, viewer, last=1, before=edge["cursor"])
        assert titles(before) == [str(place - 1)] * (place > 0)


async def new_pin(world: World, board: Any, title: str) -> PinRecord:
    """A pin of this very moment: those of the world are two days old."""
    return await world.pin(board, title, id=Id(str(ObjectId())), created_at=datetime.now(UTC))


async def age(world: World, session_id: str) -> None:
    """Makes a session an hour older."""
    feeds = world.storage.feeds
    session, _ = await feeds.get(session_id)
    assert session is not None
    created_at = session.created_at - timedelta(hours=1)
    await feeds.put(msgspec.structs.replace(session, created_at=created_at))


async def test_new_pins_are_counted_and_shift_nothing(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 4)
    ana, ben = await world.user("ana"), await world.user("ben")
    board = await world.board(ana)
    await world.follow(viewer, ana)
    first = await page(client, viewer, first=2)
    await age(world, first["session"]["id"])
    first = await page(client, viewer, first=2)
    second = await page(client, viewer, first=2, after=first["pageInfo"]["endCursor"])
    assert (first["newItemCount"], second["newItemCount"]) == (0, 0)
    for i in range(2):
        await new_pin(world, board, f"new {i}")
    await new_pin(world, await world.board(ben), "new, of a stranger")
    assert await page(client, viewer, first=2) == first | {"newItemCount": 2}
    again = await page(client, viewer, first=2, after=first["pageInfo"]["endCursor"])
    assert again == second | {"newItemCount": 2}
    fresh = await page(client, viewer, refresh=True)
    assert fresh["session"]["id"] != first["session"]["id"]
    assert set(titles(fresh)) >= {"new 0", "new 1", "new, of a stranger"}
    assert fresh["newItemCount"] == 0
    assert await page(client, viewer) == fresh
    old = await page(client, viewer, first=2, after=first["pageInfo"]["endCursor"])
    assert old == again


async def test_what_vanished_is_passed_over_and_the_page_is_topped_up(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pins = await strangers(world, 20)
    first = await page(client, viewer, first=3)
    assert titles(first) == ["0", "1", "2"]
    await delete(world, pins[1])
    await delete(world, pins[4])
    secret = {"$set": {"privacy": "SECRET"}}
    mongo = world.storage.mongo
    await mongo.collection("boards").update_one({"_id": object_id(pins[5].board_id)}, secret)
    await world.storage.redis.client.unlink(keys.record("boards", pins[5].board_id))
    author = (await world.storage.users.get_many([pins[6].owner_id]))[pins[6].owner_id]
    await world.block(author, viewer)
    for i in range(9, 19):
        await delete(world, pins[i])
    second = await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])
    assert titles(second) == ["3", "7", "8"]
    assert [edge["position"] for edge in second["edges"]] == [7, 15, 17]
    assert flags(second) == (True, True)
    third = await page(client, viewer, first=3, after=second["pageInfo"]["endCursor"])
    assert (titles(third), flags(third)) == (["19"], (True, False))
    back = await page(client, viewer, last=2, before=third["pageInfo"]["startCursor"])
    assert (titles(back), flags(back)) == (["7", "8"], (True, True))
    back = await page(client, viewer, last=5, before=back["pageInfo"]["startCursor"])
    assert (titles(back), flags(back)) == (["0", "2", "3"], (False, True))
    assert titles(await page(client, viewer, first=3)) == ["0", "2", "3"]


async def test_a_cursor_of_a_pin_that_vanished_still_leads_on(
    client: Client, world: World, viewer: UserRecord
) -> None:
    pins = await strangers(world, 4)
    first = await page(client, viewer, first=2)
    await delete(world, pins[1])
    second = await page(client, viewer, first=2, after=first["pageInfo"]["endCursor"])
    assert titles(second) == ["2", "3"]
    back = await page(client, viewer, last=5, before=first["pageInfo"]["endCursor"])
    assert (titles(back), flags(back)) == (["0"], (False, True))


async def test_a_full_page_before_many_that_vanished_says_there_is_more(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """Of what is read to fill the page, nothing is left over."""
    pins = await strangers(world, 30)
    end = (await page(client, viewer, first=30))["edges"][29]["cursor"]
    for pin in pins[17:26]:
        await delete(world, pin)
    found = await page(client, viewer, last=3, before=end)
    assert (titles(found), flags(found)) == (["26", "27", "28"], (True, True))


# Bad arguments -----------------------------------------------------------------------------------


async def test_bad_arguments_are_field_errors(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 3)
    cursor = (await page(client, viewer, first=1))["pageInfo"]["endCursor"]
    payload, _, signature = cursor.partition(".")
    other = await world.user("other")
    another = (await page(client, other, first=1))["pageInfo"]["endCursor"]
    ours = urlsafe_b64encode(b'[1,"newest",null,"' + b"0" * 24 + b'"]').decode()
    for arguments, code in (
        ({"first": -1}, "BAD_USER_INPUT"),
        ({"first": 101}, "BAD_USER_INPUT"),
        ({"last": 101}, "BAD_USER_INPUT"),
        ({"first": 1, "last": 1}, "BAD_USER_INPUT"),
        ({"first": 1, "before": cursor}, "BAD_USER_INPUT"),
        ({"last": 1, "after": cursor}, "BAD_USER_INPUT"),
        ({"before": cursor}, "BAD_USER_INPUT"),
        ({"after": cursor, "refresh": True}, "BAD_USER_INPUT"),
        ({"last": 1, "before": cursor, "refresh": True}, "BAD_USER_INPUT"),
        ({"after": ""}, "INVALID_CURSOR"),
        ({"after": "garbage"}, "INVALID_CURSOR"),
        ({"after": "🙂"}, "INVALID_CURSOR"),
        ({"after": ours}, "INVALID_CURSOR"),
        ({"after": another}, "INVALID_CURSOR"),
        ({"after": payload}, "INVALID_CURSOR"),
        ({"after": f"{payload}.{signature[::-1]}"}, "INVALID_CURSOR"),
        ({"after": f"{payload[:-2]}AA.{signature}"}, "INVALID_CURSOR"),
        ({"after": cursor + "A"}, "INVALID_CURSOR"),
        ({"after": cursor * 100}, "INVALID_CURSOR"),
    ):
        answer = await ask(client, viewer, **arguments)
        assert answer.data == {"viewer": {"homeFeed": None}}, arguments
        assert answer.codes == [code], arguments
        assert answer.errors[0]["path"] == ["viewer", "homeFeed"]


async def test_a_tracking_token_is_no_cursor(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 2)
    token = (await page(client, viewer, first=1))["edges"][0]["trackingToken"]
    answer = await ask(client, viewer, after=token)
    assert (answer.data, answer.codes) == ({"viewer": {"homeFeed": None}}, ["INVALID_CURSOR"])


async def test_nobody_has_no_feed(client: Client, world: World) -> None:
    await strangers(world, 1)
    assert (await client.data("{ viewer { homeFeed { newItemCount } } }")) == {"viewer": None}


# Sessions that are lost --------------------------------------------------------------------------


async def test_a_lost_session_is_taken_anew(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 7)
    first = await page(client, viewer, first=3)
    assert first["session"]["wasRebuilt"] is False
    await world.storage.redis.client.flushdb()
    second = await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"])
    assert second["session"] == first["session"] | {"wasRebuilt": True}
    assert await page(client, viewer, first=3, after=first["pageInfo"]["endCursor"]) == second
    await world.storage.redis.client.flushdb()
    third = await page(client, viewer, first=3, after=second["pageInfo"]["endCursor"])
    assert titles(first) + titles(second) + titles(third) == [str(i) for i in range(7)]
    assert flags(third) == (True, False)
    await world.storage.redis.client.flushdb()
    back = await page(client, viewer, last=2, before=third["pageInfo"]["startCursor"])
    assert titles(back) == ["4", "5"]
    assert back["session"]["wasRebuilt"] is True


async def test_a_session_that_was_taken_anew_shows_nothing_twice(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """Places may have changed since: what the cursor says was seen is left out."""
    pins = await strangers(world, 8)
    first = await page(client, viewer, first=4)
    assert titles(first) == ["0", "1", "2", "3"]
    await world.storage.redis.client.flushdb()
    pins_of = world.storage.mongo.collection("pins")
    popular = {"$set": {"engagement.saves": 1_000_000}}
    await pins_of.update_one({"_id": object_id(pins[7].id)}, popular)
    await pins_of.update_one({"_id": object_id(pins[6].id)}, popular)
    second = await page(client, viewer, first=4, after=first["pageInfo"]["endCursor"])
    assert titles(second) == ["4", "5"]
    assert second["session"]["wasRebuilt"] is True


async def test_pins_made_since_are_not_in_a_session_that_was_taken_anew(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 3)
    first = await page(client, viewer, first=1)
    board = await world.board(await world.user("ana"))
    later = datetime.now(UTC) + timedelta(seconds=1)
    await world.pin(board, "new", id=Id(str(ObjectId())), created_at=later)
    await world.storage.redis.client.flushdb()
    rest = await page(client, viewer, first=10, after=first["pageInfo"]["endCursor"])
    assert titles(rest) == ["1", "2"]


async def test_a_first_page_after_the_session_is_lost_is_a_new_session(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 2)
    first = await page(client, viewer)
    await world.storage.redis.client.flushdb()
    second = await page(client, viewer)
    assert second["session"]["id"] != first["session"]["id"]
    assert second["session"]["wasRebuilt"] is False
    assert titles(second) == titles(first)


async def test_without_redis_the_feed_is_slower_and_the_same(own_stores: EmbeddedStores) -> None:
    storage = Storage(
        Mongo(own_stores.mongo_url, database="tests"), Redis(own_stores.redis_url, deadline_ms=1000)
    )
    settings = settings_of(own_stores)
    world = World(storage)
    async with serving(create_app(settings, storage)) as url:
        client = Client(url, settings)
        viewer = await world.user("viewer")
        await strangers(world, 7)
        with_redis = await page(client, viewer, first=2)
        own_stores.redis.kill()
        shown, after, more = titles(with_redis), with_redis["pageInfo"]["endCursor"], True
        while more:
            found = await page(client, viewer, first=2, after=after)
            assert found["session"]["wasRebuilt"] is True
            shown += titles(found)
            after, more = found["pageInfo"]["endCursor"], flags(found)[1]
        assert shown == [str(i) for i in range(7)]
        first, again = [await page(client, viewer, first=3) for _ in range(2)]
        assert titles(first) == titles(again) == ["0", "1", "2"]
        assert first["session"]["wasRebuilt"] is False
        back = await page(client, viewer, last=2)
        assert titles(back) == ["5", "6"]
        await client.http.aclose()
    await storage.close()


async def test_a_page_asked_for_twice_at_once_is_the_same(
    client: Client, world: World, viewer: UserRecord
) -> None:
    await strangers(world, 12)
    await advertise(world, await world.user("advertiser"))
    start = (await page(client, viewer, first=1))["pageInfo"]["endCursor"]
    pages = await asyncio.gather(*(page(client, viewer, first=8, after=start) for _ in range(4)))
    assert titles(pages[0]).count("ad: promoted") == 1
    assert all(found == pages[0] for found in pages)
