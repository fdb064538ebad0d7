"""What the demo world shows: everything it promises, and nothing that could not be."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime
from typing import Any
from unicodedata import category, name

import pytest
from bson import ObjectId
from pymongo import MongoClient

from domain.boards import BoardRecord, SectionRecord
from domain.campaigns import AdAccountRecord, AdGroupRecord, AdRecord, CampaignRecord
from domain.follows import FollowRecord
from domain.pins import CommentRecord, PinRecord
from domain.record import Record
from domain.topics import TopicRecord
from domain.users import UserRecord
from storage.codec import CODEC, records
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.worlds.contents import Contents
from worlds.blurhash import ALPHABET
from worlds.demo import DEMO_VIEWERS, build_demo

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)
USERS, PINS = 60, 600
DATABASE = "worlds_demo"

Document = dict[str, Any]


@pytest.fixture(scope="module")
async def demo(stores: EmbeddedStores) -> AsyncIterator[Contents]:
    """One world for all tests here, which only look. Its unique indexes hold."""
    mongo = Mongo(stores.mongo_url, database=DATABASE)
    storage = Storage(mongo, Redis(stores.redis_url))
    await storage.prepare()
    await build_demo(mongo, users=USERS, pins=PINS, seed=1, now=NOW)
    client: MongoClient[Document] = MongoClient(stores.mongo_url)
    yield Contents(client, DATABASE)
    client.close()
    await mongo.drop()
    await storage.close()


def _by_id(documents: Iterable[Document]) -> dict[ObjectId, Document]:
    return {document["_id"]: document for document in documents}


# In one piece


def test_every_document_is_a_record(demo: Contents) -> None:
    types: dict[str, type[Record]] = {
        "users": UserRecord,
        "boards": BoardRecord,
        "sections": SectionRecord,
        "pins": PinRecord,
        "comments": CommentRecord,
        "follows": FollowRecord,
        "topics": TopicRecord,
        "ad_accounts": AdAccountRecord,
        "campaigns": CampaignRecord,
        "ad_groups": AdGroupRecord,
        "ads": AdRecord,
    }
    for collection, record_type in types.items():
        found = list(demo.database.get_collection(collection, CODEC).find())
        assert len(records(found, record_type)) == len(found) > 0, collection
    assert (demo.count("users"), demo.count("pins")) == (USERS, PINS)


def test_every_reference_leads_somewhere(demo: Contents) -> None:
    for collection, field, target in (
        ("boards", "owner_id", "users"),
        ("boards", "collaborators.user_id", "users"),
        ("sections", "board_id", "boards"),
        ("pins", "owner_id", "users"),
        ("pins", "creator_id", "users"),
        ("pins", "board_id", "boards"),
        ("pins", "section_id", "sections"),
        ("pins", "parent_id", "pins"),
        ("pins", "root_id", "pins"),
        ("pins", "topic_ids", "topics"),
        ("comments", "pin_id", "pins"),
        ("comments", "author_id", "users"),
        ("comments", "parent_id", "comments"),
        ("reactions", "pin_id", "pins"),
        ("reactions", "user_id", "users"),
        ("blocks", "blocker_id", "users"),
        ("blocks", "blocked_id", "users"),
        ("users", "home_topic_ids", "topics"),
        ("ad_accounts", "owner_id", "users"),
        ("campaigns", "ad_account_id", "ad_accounts"),
        ("ad_groups", "campaign_id", "campaigns"),
        ("ad_groups", "targeting.topic_ids", "topics"),
        ("ads", "ad_group_id", "ad_groups"),
        ("ads", "pin_id", "pins"),
    ):
        named = set(demo.database[collection].distinct(field)) - {None}
        assert named, f"no {collection} has {field}"
        assert named <= set(demo.database[target].distinct("_id")), (collection, field)


def test_follows_lead_somewhere_and_never_to_oneself(demo: Contents) -> None:
    boards = _by_id(demo.all("boards"))
    targets = {
        "USER": set(demo.database.users.distinct("_id")),
        "BOARD": set(boards),
        "TOPIC": set(demo.database.topics.distinct("_id")),
        "UNFOLLOWED_BOARD": set(boards),
    }
    follows = demo.all("follows")
    assert {follow["kind"] for follow in follows} >= {"USER", "BOARD", "TOPIC"}
    edges = {(f["follower_id"], f["kind"], f["target_id"]) for f in follows}
    for follow in follows:
        assert follow["target_id"] in targets[follow["kind"]]
        owner = boards.get(follow["target_id"], {}).get("owner_id", follow["target_id"])
        assert owner != follow["follower_id"]
        if follow["kind"] == "BOARD":
            assert (follow["follower_id"], "USER", owner) in edges
    assert any(not follow["is_explicit"] for follow in follows)


def test_nobody_follows_across_a_block(demo: Contents) -> None:
    follows = {(f["follower_id"], f["target_id"]) for f in demo.all("follows")}
    blocks = [(block["blocker_id"], block["blocked_id"]) for block in demo.all("blocks")]
    assert blocks
    for one, other in blocks:
        assert (one, other) not in follows and (other, one) not in follows


def test_a_copy_shows_what_its_root_shows(demo: Contents) -> None:
    pins = _by_id(demo.all("pins"))
    copies = [pin for pin in pins.values() if pin["is_repin"]]
    for copy in copies:
        root, parent = pins[copy["root_id"]], pins[copy["parent_id"]]
        assert parent["root_id"] == root["_id"] == root["root_id"]
        for field in ("title", "description", "link", "media", "topic_ids", "creator_id"):
            assert copy[field] == root[field]
        assert parent["created_at"] <= copy["created_at"]
    places = Counter((pin["root_id"], pin["board_id"]) for pin in pins.values())
    assert max(places.values()) == 1
    assert any(copy["parent_id"] != copy["root_id"] for copy in copies)


def test_pins_agree_with_their_boards(demo: Contents) -> None:
    boards, sections = _by_id(demo.all("boards")), _by_id(demo.all("sections"))
    for pin in demo.all("pins"):
        board = boards[pin["board_id"]]
        editors = {
            member["user_id"]
            for member in board["collaborators"]
            if (member["role"], member["status"]) == ("EDITOR", "ACCEPTED")
        }
        assert pin["privacy"] == board["privacy"]
        assert pin["owner_id"] in {board["owner_id"]} | editors
        assert pin["created_at"] >= board["created_at"]
        assert board["pins_modified_at"] >= pin["created_at"]
        if pin["section_id"]:
            assert sections[pin["section_id"]]["board_id"] == board["_id"]


def test_nothing_is_older_than_its_maker_or_newer_than_now(demo: Contents) -> None:
    users, now = _by_id(demo.all("users")), NOW.replace(tzinfo=None)
    for collection, maker in (("boards", "owner_id"), ("pins", "owner_id"), ("users", "_id")):
        for document in demo.all(collection):
            assert users[document[maker]]["created_at"] <= document["created_at"] < now
            assert document["_id"].generation_time <= document["created_at"].replace(tzinfo=UTC)


def test_usernames_are_valid(demo: Contents) -> None:
    for user in demo.all("users"):
        assert re.fullmatch(r"(?!\d+$)[a-z0-9_]{3,30}", user["username"]), user["username"]


def test_texts_are_within_their_limits(demo: Contents) -> None:
    for pin in demo.all("pins"):
        assert 1 <= len(pin["title"]) <= 100 and "{" not in pin["title"]
        assert len(pin["description"] or "") <= 800
    for board in demo.all("boards"):
        assert 1 <= len(board["name"]) <= 180 and board["slug"]


def test_blur_hashes_are_valid(demo: Contents) -> None:
    images = [pin["media"]["image"] for pin in demo.all("pins") if "image" in pin["media"]]
    assert images
    for image in images:
        blur_hash = image["blur_hash"]
        digits = [ALPHABET.index(character) for character in blur_hash]
        columns, rows = digits[0] % 9 + 1, digits[0] // 9 + 1
        assert len(blur_hash) == 4 + 2 * columns * rows
        mean = ((digits[2] * 83 + digits[3]) * 83 + digits[4]) * 83 + digits[5]
        assert f"#{mean:06x}" == image["dominant_color"]
        shapes = zip(digits[6::2], digits[7::2], strict=True)
        assert all(high * 83 + low < 19**3 for high, low in shapes)


# As promised


def test_popularity_is_long_tailed(demo: Contents) -> None:
    for collection, field in (
        ("users", "follower_count"),
        ("boards", "pin_count"),
        ("pins", "aggregated_save_count"),
    ):
        counts = sorted((d[field] for d in demo.all(collection)), reverse=True)
        top = sum(counts[: max(1, len(counts) // 10)])
        assert top >= 0.2 * sum(counts), (field, counts[:10])
        assert counts[-1] == 0 or field == "follower_count"


def test_boards_are_of_every_kind(demo: Contents) -> None:
    boards = demo.all("boards")
    assert {board["privacy"] for board in boards} == {"PUBLIC", "SECRET", "PROTECTED"}
    members = [member for board in boards for member in board["collaborators"]]
    assert {member["role"] for member in members} == {"EDITOR", "VIEWER"}
    assert {member["status"] for member in members} >= {"ACCEPTED", "PENDING"}
    for board in boards:
        assert (board["privacy"] == "PROTECTED") == board["is_ads_only"]
        assert board["is_ads_only"] == (board["name"] == "Ad-only Pins")
    assert any(board["section_count"] for board in boards)
    assert any(board["archived_at"] for board in boards)
    assert any(board["pin_count"] == 0 for board in boards)


def test_titles_are_in_many_scripts(demo: Contents) -> None:
    texts = [pin["title"] for pin in demo.all("pins")] + [b["name"] for b in demo.all("boards")]
    characters = {character for text in texts for character in text}
    scripts = {name(c).split()[0] for c in characters if category(c).startswith("L")}
    assert scripts >= {"LATIN", "CJK", "HIRAGANA", "CYRILLIC", "ARABIC", "HEBREW", "HANGUL"}
    assert any(category(character) == "So" for character in characters), "no emoji"
    assert any(category(character).startswith("M") for character in characters), "no marks"


def test_media_are_of_every_kind(demo: Contents) -> None:
    media = [pin["media"] for pin in demo.all("pins")]
    assert {one["kind"] for one in media} == {"image", "video", "images", "videos", "mixed"}
    for one in media:
        if "items" in one:
            assert 2 <= len(one["items"]) <= 5
        if one["kind"] == "mixed":
            assert {item["kind"] for item in one["items"]} == {"image", "video"}


def test_people_talk(demo: Contents) -> None:
    comments = _by_id(demo.all("comments"))
    replies = [comment for comment in comments.values() if comment["parent_id"]]
    assert replies
    for reply in replies:
        parent = comments[reply["parent_id"]]
        assert (parent["pin_id"], parent["parent_id"]) == (reply["pin_id"], None)
    assert {reaction["type"] for reaction in demo.all("reactions")} == {
        "GOOD_IDEA",
        "LOVE",
        "THANKS",
        "WOW",
        "HAHA",
    }


def test_the_viewers_play_their_parts(demo: Contents) -> None:
    ana, bruno, chiyo, dara, emre = (
        demo.one("users", username=viewer.username) for viewer in DEMO_VIEWERS
    )
    follows = Counter((f["follower_id"], f["kind"]) for f in demo.all("follows"))
    assert follows[ana["_id"], "USER"] >= 10
    assert follows[ana["_id"], "BOARD"] >= 10
    assert follows[ana["_id"], "TOPIC"] == 8
    assert bruno["following_count"] == 0 and bruno["home_topic_ids"]
    assert bruno["_id"] not in {follower for follower, _ in follows}

    secret = demo.one("boards", owner_id=ana["_id"], name="Surprise party 🤫")
    members = {m["user_id"]: (m["role"], m["status"]) for m in secret["collaborators"]}
    assert secret["privacy"] == "SECRET" and secret["pin_count"] >= 3
    assert members == {chiyo["_id"]: ("EDITOR", "ACCEPTED"), emre["_id"]: ("VIEWER", "ACCEPTED")}
    invited = demo.one("boards", owner_id=ana["_id"], name="Someday")["collaborators"]
    assert [(m["user_id"], m["status"]) for m in invited] == [(emre["_id"], "PENDING")]

    on_secret = demo.database.pins.distinct("_id", {"board_id": secret["_id"]})
    leaks = demo.database.pins.count_documents(
        {"owner_id": chiyo["_id"], "parent_id": {"$in": on_secret}, "privacy": "PUBLIC"}
    )
    assert leaks == 1
    assert dara["account_type"] == "BUSINESS"
    assert demo.one("ad_accounts", owner_id=dara["_id"])["name"] == dara["full_name"]
    assert demo.database.users.count_documents({"status": "DEACTIVATED"}) >= 1


def test_advertisers_compete_with_pins_that_may_be_promoted(demo: Contents) -> None:
    pins, groups = _by_id(demo.all("pins")), _by_id(demo.all("ad_groups"))
    accounts = _by_id(demo.all("ad_accounts"))
    assert len({account["owner_id"] for account in accounts.values()}) >= 3
    for ad in demo.all("ads"):
        pin = pins[ad["pin_id"]]
        assert pin["owner_id"] == accounts[ad["ad_account_id"]]["owner_id"]
        assert pin["privacy"] in ("PUBLIC", "PROTECTED") and pin["has_been_promoted"]
        assert ad["destination_url"] == pin["link"] and pin["link"].startswith("https://")
    assert {group["billable_event"] for group in groups.values()} == {"CLICKTHROUGH", "IMPRESSION"}
    for group in groups.values():
        if group["frequency_cap"] is not None:
            assert group["billable_event"] == "IMPRESSION" and group["end_at"] is not None
    assert {ad["review_status"] for ad in demo.all("ads")} == {"APPROVED", "PENDING"}
