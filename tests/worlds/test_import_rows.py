"""What each row of a world becomes in the database, and the counters at the end."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from bson import ObjectId

from domain.follows import FollowKind, FollowRecord
from domain.pins import Engagement, PinRecord, trend
from domain.positions import at_top
from domain.record import Id
from storage.codec import document
from storage.mongo import Mongo
from tests.worlds.contents import Contents
from tests.worlds.folders import BERT, Row, small_world, write_world
from worlds.ids import UNKNOWN_TIME
from worlds.importer import import_world

Look = Callable[[Mongo], Contents]


def _time(text: str) -> datetime:
    """A time as the plain driver gives it: UTC without saying so."""
    return datetime.fromisoformat(text)


async def test_a_user(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    row = {
        "id": "site:x",
        "username": "Soup_Site",
        "full_name": "  Soup\nSite Zoe\u0308 ",
        "about": "Soups.\nMore soups.",
        "website_url": "http://soup.example/",
        "account_type": "BUSINESS",
        "created_at": "2024-03-01T01:02:03.456789+02:00",
    }
    report = await import_world(mongo, write_world(tmp_path, users=[row]))

    [user] = contents(mongo).all("users")
    # The first four bytes are 2024-02-29T23:02:03Z, the others the hash of the kind and the id.
    assert user.pop("_id") == ObjectId("65e10ceb" + "8e66984a5c292273")
    assert user == {
        "username": "soup_site",
        "full_name": "Soup Site Zoë",
        "created_at": _time("2024-02-29T23:02:03.456000"),
        "about": "Soups.\nMore soups.",
        "website_url": "http://soup.example/",
        "avatar": None,
        "account_type": "BUSINESS",
        "business_name": "Soup Site Zoë",
        "is_verified_merchant": False,
        "verified_website": None,
        "status": "ACTIVE",
        "home_topic_ids": [],
        "follower_count": 0,
        "following_count": 0,
        "board_count": 0,
        "pin_count": 0,
        "monthly_views": None,
        "revision": 1,
    }
    assert (report.rows, report.inserted, report.bad_rows) == ({"users": 1}, {"users": 1}, 0)


async def test_a_board(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    board = {
        "id": "x",
        "owner": "a",
        "name": "Søppel & sånt",
        "privacy": "SECRET",
        "collaborators": ["b", "a", "b"],
        "created_at": "2024-01-05",
    }
    await import_world(mongo, small_world(tmp_path, boards=[board]))

    look = contents(mongo)
    alice, bert = (look.one("users", username=name)["_id"] for name in ("alice", "bert"))
    stored = look.one("boards", name="Søppel & sånt")
    created_at = _time("2024-01-05T00:00:00")
    assert stored["slug"] == "søppel-sånt"
    assert (stored["owner_id"], stored["privacy"], stored["is_ads_only"]) == (
        alice,
        "SECRET",
        False,
    )
    assert stored["created_at"] == stored["pins_modified_at"] == created_at
    assert stored["collaborators"] == [
        {
            "user_id": bert,
            "role": "EDITOR",
            "status": "ACCEPTED",
            "invited_by_id": alice,
            "invited_at": None,
            "joined_at": created_at,
            "can_invite": False,
        }
    ]
    made_at = datetime.fromisoformat("2024-01-05T00:00:00Z")
    assert stored["position"] == at_top(made_at, Id(str(stored["_id"])))


async def test_slugs_are_unique_per_owner(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    boards = [
        {"id": "1", "owner": "a", "name": "soups!"},
        {"id": "2", "owner": "a", "name": "SOUPS"},
        {"id": "3", "owner": "b", "name": "Soups"},
        {"id": "4", "owner": "b", "name": "🍲"},
    ]
    await import_world(mongo, small_world(tmp_path, boards=boards))

    look = contents(mongo)
    alice = look.one("users", username="alice")["_id"]
    slugs = [(b["owner_id"] == alice, b["slug"]) for b in look.all("boards")]
    assert sorted(slugs) == [
        (False, "board"),
        (False, "dinner"),
        (False, "soups"),
        (True, "soups"),
        (True, "soups-2"),
        (True, "soups-3"),
    ]


async def test_a_pin_and_its_topics(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    pin = {
        "id": "p",
        "creator": "a",
        "board": "soups",
        "title": "Borscht ",
        "description": "",
        "alt_text": "A bowl",
        "link": "HTTPS://www.Soup.example:8080/borscht",
        "image": {"url": "https://img.example/1.jpg", "width": 600, "height": 900},
        "dominant_color": "#AA00ff",
        "topics": ["Hot soup", "Beetroot", "hot  Soup!"],
        "created_at": "2024-02-03T04:05:06Z",
    }
    await import_world(mongo, small_world(tmp_path, pins=[pin]))

    look = contents(mongo)
    stored = look.one("pins", title="Borscht")
    alice, soups = look.one("users", username="alice"), look.one("boards", name="Soups")
    hot, beetroot = look.one("topics", key="hot-soup"), look.one("topics", key="beetroot")
    assert (hot["name"], hot["pin_count"], beetroot["name"]) == ("Hot soup", 1, "Beetroot")
    created_at = datetime.fromisoformat("2024-02-03T04:05:06Z")
    assert stored == {
        "_id": stored["_id"],
        "owner_id": alice["_id"],
        "creator_id": alice["_id"],
        "board_id": soups["_id"],
        "section_id": None,
        "root_id": stored["_id"],
        "parent_id": None,
        "is_repin": False,
        "privacy": "PUBLIC",
        "created_at": created_at.replace(tzinfo=None),
        "title": "Borscht",
        "description": None,
        "alt_text": "A bowl",
        "link": "HTTPS://www.Soup.example:8080/borscht",
        "domain": "soup.example",
        "dominant_color": "#AA00ff",
        "creative_type": "REGULAR",
        "media": {
            "kind": "image",
            "image": {
                "source_url": "https://img.example/1.jpg",
                "width": 600,
                "height": 900,
                "dominant_color": "#AA00ff",
                "blur_hash": None,
            },
        },
        "topic_ids": [hot["_id"], beetroot["_id"]],
        "note": None,
        "position": at_top(created_at, Id(str(stored["_id"]))),
        "engagement": {
            "saves": 0,
            "outbound_clicks": 0,
            "comments": 0,
            "closeups": 0,
            "hides": 0,
        },
        "trend": trend(Engagement(), created_at),
        "save_count": 0,
        "comment_count": 0,
        "reaction_counts": {},
        "aggregated_save_count": 0,
        "has_been_promoted": False,
        "revision": 1,
    }


async def test_a_save_is_a_pin_of_its_own(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    secret = {"id": "secret", "owner": "b", "name": "Mine", "privacy": "SECRET"}
    save = {"pin": "broth", "user": "b", "board": "secret", "created_at": "2024-03-01T00:00:00Z"}
    await import_world(mongo, small_world(tmp_path, boards=[secret], saves=[save]))

    look = contents(mongo)
    root, copy = look.one("pins", is_repin=False), look.one("pins", is_repin=True)
    bert, board = look.one("users", username="bert"), look.one("boards", name="Mine")
    created_at = datetime.fromisoformat("2024-03-01T00:00:00Z")
    record = PinRecord(
        id=Id(str(copy["_id"])),
        owner_id=Id(str(bert["_id"])),
        creator_id=Id(str(root["creator_id"])),
        board_id=Id(str(board["_id"])),
        root_id=Id(str(root["_id"])),
        parent_id=Id(str(root["_id"])),
        is_repin=True,
        privacy=board["privacy"],
        created_at=created_at,
        title="Broth",
        link="https://www.Example.org/broth",
        domain="example.org",
        position=at_top(created_at, Id(str(copy["_id"]))),
        trend=trend(Engagement(), created_at),
    )
    assert copy == document(record) | {"created_at": created_at.replace(tzinfo=None)}
    assert copy["_id"].generation_time == created_at


async def test_what_is_not_said_follows_from_the_rest(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    folder = write_world(
        tmp_path,
        users=[{"id": "a", "username": "alice"}, BERT],
        boards=[
            {"id": "soups", "owner": "a", "name": "Soups", "created_at": None},
            {"id": "late", "owner": "b", "name": "Late", "created_at": "2024-05-05T00:00:00Z"},
        ],
        pins=[{"id": "p", "creator": "a", "board": "soups"}],
        saves=[{"pin": "p", "user": "b", "board": "late"}],
        follows=[{"follower": "a", "user": "b"}],
        comments=[{"id": "c", "pin": "p", "author": "b", "text": "Yes"}],
    )
    report = await import_world(mongo, folder)

    look = contents(mongo)
    unknown = UNKNOWN_TIME.replace(tzinfo=None)
    alice, root = look.one("users", username="alice"), look.one("pins", is_repin=False)
    assert (alice["full_name"], alice["created_at"]) == ("alice", unknown)
    assert look.one("boards", name="Soups")["created_at"] == unknown
    assert (root["created_at"], root["title"], root["media"]) == (unknown, None, None)
    assert look.one("pins", is_repin=True)["created_at"] == _time("2024-05-05T00:00:00")
    assert look.one("follows")["created_at"] == _time("2024-01-02T10:00:00")
    assert look.one("comments")["created_at"] == unknown
    assert report.bad_rows == 0


async def test_following_a_board_follows_its_owner_implicitly(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    boards = [{"id": name, "owner": "a", "name": name} for name in ("stews", "pies")]
    follows = [
        {"follower": "b", "board": "stews", "created_at": "2024-06-02T00:00:00Z"},
        {"follower": "b", "board": "soups", "created_at": "2024-06-01T00:00:00Z"},
        {"follower": "b", "board": "pies", "created_at": "2024-06-03T00:00:00Z"},
        {"follower": "a", "board": "dinner"},
        {"follower": "a", "user": "b", "created_at": "2024-06-03T00:00:00Z"},
    ]
    await import_world(mongo, small_world(tmp_path, boards=boards, follows=follows))

    look = contents(mongo)
    alice, bert = (look.one("users", username=name) for name in ("alice", "bert"))
    implied = look.one("follows", kind="USER", follower_id=bert["_id"])
    assert implied == document(
        FollowRecord(
            id=Id(str(implied["_id"])),
            follower_id=Id(str(bert["_id"])),
            kind=FollowKind.USER,
            target_id=Id(str(alice["_id"])),
            created_at=datetime.fromisoformat("2024-06-01T00:00:00Z"),
            is_explicit=False,
        )
    ) | {"created_at": _time("2024-06-01T00:00:00")}
    explicit = look.one("follows", kind="USER", follower_id=alice["_id"])
    assert (explicit["is_explicit"], explicit["target_id"]) == (True, bert["_id"])
    assert look.count("follows") == 6


async def test_promotions_make_accounts_campaigns_groups_and_ads(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    terms = {
        "advertiser": "a",
        "pin": "broth",
        "campaign": "Always on",
        "ad_group": "Group 0",
        "billable_event": "CLICKTHROUGH",
        "bid_micros": 400_000,
        "daily_budget_micros": 20_000_000,
        "predicted_ctr_ppm": 3_000,
        "frequency_cap": None,
        "targeting": {"topics": ["Hot soup"]},
    }
    promotions: list[Row] = [
        terms | {"id": "ad1"},
        terms | {"id": "ad2"},
        terms | {"id": "ad3", "bid_micros": 410_000, "frequency_cap": 3, "targeting": None},
    ]
    report = await import_world(mongo, small_world(tmp_path, promotions=promotions))

    look = contents(mongo)
    alice, pin = look.one("users", username="alice"), look.one("pins")
    account, campaign = look.one("ad_accounts"), look.one("campaigns")
    assert (account["owner_id"], account["name"]) == (alice["_id"], "alice")
    assert (account["currency"], account["country"], account["status"]) == ("USD", "US", "ACTIVE")
    assert (campaign["ad_account_id"], campaign["name"]) == (account["_id"], "Always on")

    group = look.one("ad_groups", bid_micros=400_000)
    assert (group["campaign_id"], group["ad_account_id"]) == (campaign["_id"], account["_id"])
    assert (group["name"], group["billable_event"]) == ("Group 0", "CLICKTHROUGH")
    assert (group["daily_budget_micros"], group["frequency_cap"]) == (20_000_000, None)
    assert group["targeting"]["topic_ids"] == [look.one("topics", key="hot-soup")["_id"]]
    other = look.one("ad_groups", bid_micros=410_000)
    assert (other["name"], other["frequency_cap"], other["targeting"]["topic_ids"]) == (
        "Group 0",
        3,
        [],
    )

    ads = {ad["name"]: ad for ad in look.all("ads")}
    assert [ads[name]["ad_group_id"] for name in ("ad1", "ad2", "ad3")] == [
        group["_id"],
        group["_id"],
        other["_id"],
    ]
    first = ads["ad1"]
    assert (first["pin_id"], first["pctr_ppm"]) == (pin["_id"], 3_000)
    assert first["destination_url"] == "https://www.Example.org/broth"
    assert (first["created_at"], first["review_status"]) == (pin["created_at"], "APPROVED")
    assert pin["has_been_promoted"] is True
    assert report.inserted["ad_groups"] == 2


async def test_counters_are_right_at_the_end(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    folder = small_world(
        tmp_path,
        users=[{"id": "c", "username": "carl"}],
        boards=[
            {"id": "hidden", "owner": "b", "name": "Hidden", "privacy": "SECRET"},
            {"id": "empty", "owner": "b", "name": "Empty"},
        ],
        pins=[
            {"id": "p2", "creator": "a", "board": "soups", "topics": ["Soup"]},
            {"id": "p3", "creator": "b", "board": "hidden", "topics": ["Soup"]},
        ],
        saves=[
            {"pin": "broth", "user": "b", "board": "dinner", "created_at": "2024-04-01T00:00:00Z"},
            {"pin": "broth", "user": "b", "board": "hidden"},
            {"pin": "p2", "user": "b", "board": "dinner"},
        ],
        follows=[
            {"follower": "c", "user": "a"},
            {"follower": "b", "board": "soups"},
            {"follower": "c", "board": "soups"},
        ],
        comments=[{"id": "1", "pin": "broth", "author": "b", "text": "Mm"}],
    )
    await import_world(mongo, folder)

    look = contents(mongo)
    users = {
        user["username"]: [
            user[f"{name}_count"] for name in ("follower", "following", "board", "pin")
        ]
        for user in look.all("users")
    }
    # Bert's secret board, and the pin and the copy on it, are not counted; his follow of Alice is
    # implied by that of her board. A topic counts the roots of its page.
    assert users == {"alice": [2, 0, 1, 2], "bert": [0, 1, 2, 2], "carl": [0, 1, 0, 0]}
    boards = {b["name"]: (b["pin_count"], b["follower_count"]) for b in look.all("boards")}
    assert boards == {"Soups": (2, 2), "Dinner": (2, 0), "Hidden": (2, 0), "Empty": (0, 0)}
    assert look.one("topics", key="soup")["pin_count"] == 1

    broth = look.one("pins", title="Broth", is_repin=False)
    assert (broth["save_count"], broth["aggregated_save_count"], broth["comment_count"]) == (
        2,
        2,
        1,
    )
    assert (broth["engagement"]["saves"], broth["engagement"]["comments"]) == (2, 1)
    created_at = datetime.fromisoformat("2024-02-01T10:00:00Z")
    expected = trend(Engagement(saves=2, comments=1), created_at)
    assert broth["trend"] == pytest.approx(expected, abs=1e-9)
    assert look.one("boards", name="Dinner")["pins_modified_at"] == _time("2024-04-01T00:00:00")
    assert look.one("boards", name="Empty")["pins_modified_at"] == _time("2024-01-02T10:00:00")
