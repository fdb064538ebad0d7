"""Counters, compared with a count by hand over a world that has something of everything."""

from collections import Counter as Tally
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from domain.pins import Engagement, ReactionType, trend
from storage.counters import TARGETS, differences, recount_all
from storage.mongo import Mongo
from tests.worlds.contents import Contents
from worlds.demo import build_demo

Look = Callable[[Mongo], Contents]


@pytest.fixture
async def demo(mongo: Mongo, contents: Look) -> Contents:
    """A small demo world, whose builder has counted it."""
    now = datetime(2025, 5, 5, 12, tzinfo=UTC)
    await build_demo(mongo, users=40, pins=400, seed=4, now=now)
    return contents(mongo)


def _check(demo: Contents) -> None:
    """Counts everything in Python and compares."""
    pins, follows, comments = demo.all("pins"), demo.all("follows"), demo.all("comments")
    boards, sections, reactions = demo.all("boards"), demo.all("sections"), demo.all("reactions")
    public = [pin for pin in pins if pin["privacy"] == "PUBLIC"]
    copies = [pin for pin in pins if pin["is_repin"]]
    edges = Tally((follow["kind"], follow["target_id"]) for follow in follows)

    following = Tally(f["follower_id"] for f in follows if f["kind"] == "USER")
    owned = Tally(board["owner_id"] for board in boards if board["privacy"] == "PUBLIC")
    pinned = Tally(pin["owner_id"] for pin in public)
    for user in demo.all("users"):
        key = user["_id"]
        assert user["follower_count"] == edges["USER", key]
        assert user["following_count"] == following[key]
        assert user["board_count"] == owned[key]
        assert user["pin_count"] == pinned[key]

    on_board = Tally(pin["board_id"] for pin in pins)
    in_section = Tally(pin["section_id"] for pin in pins)
    of_board = Tally(section["board_id"] for section in sections)
    for board in boards:
        assert board["pin_count"] == on_board[board["_id"]]
        assert board["follower_count"] == edges["BOARD", board["_id"]]
        assert board["section_count"] == of_board[board["_id"]]
    for section in sections:
        assert section["pin_count"] == in_section[section["_id"]]

    roots = [pin for pin in public if not pin["is_repin"]]
    tagged = Tally(topic for pin in roots for topic in pin["topic_ids"])
    for topic in demo.all("topics"):
        assert topic["pin_count"] == tagged[topic["_id"]]
        assert topic["follower_count"] == edges["TOPIC", topic["_id"]]

    saved, trees = Tally(p["parent_id"] for p in copies), Tally(p["root_id"] for p in copies)
    said = Tally(comment["pin_id"] for comment in comments)
    felt = Tally((reaction["pin_id"], reaction["type"]) for reaction in reactions)
    for pin in pins:
        key = pin["_id"]
        assert pin["save_count"] == saved[key]
        assert pin["aggregated_save_count"] == trees[key]
        assert pin["comment_count"] == said[key]
        counts = {kind.value: felt[key, kind.value] for kind in ReactionType}
        assert pin["reaction_counts"] == {kind: n for kind, n in counts.items() if n}
        engagement = Engagement(saves=saved[key], comments=said[key])
        assert (pin["engagement"]["saves"], pin["engagement"]["comments"]) == (
            engagement.saves,
            engagement.comments,
        )
        created_at = pin["created_at"].replace(tzinfo=UTC)
        assert pin["trend"] == pytest.approx(trend(engagement, created_at), abs=1e-9)

    replies = Tally(comment["parent_id"] for comment in comments)
    for comment in comments:
        assert comment["reply_count"] == replies[comment["_id"]]


def test_counters_are_what_they_count(demo: Contents) -> None:
    _check(demo)
    some = {
        "users": ["follower_count", "following_count", "board_count", "pin_count"],
        "boards": ["pin_count", "follower_count", "section_count"],
        "sections": ["pin_count"],
        "topics": ["pin_count", "follower_count"],
        "pins": ["save_count", "comment_count", "reaction_counts.LOVE"],
        "comments": ["reply_count"],
    }
    for collection, fields in some.items():
        for field in fields:
            assert demo.database[collection].count_documents({field: {"$gt": 0}}), field


@pytest.mark.parametrize("wrong", [0, 7])
async def test_wrong_counters_are_set_right(mongo: Mongo, demo: Contents, wrong: int) -> None:
    right = await demo.digest()
    spoiled: dict[str, dict[str, Any]] = {
        "users": {"follower_count": wrong, "pin_count": wrong},
        "boards": {"pin_count": wrong},
        "topics": {"pin_count": wrong},
        "pins": {
            "save_count": wrong,
            "engagement.saves": wrong + 1,
            "comment_count": wrong,
            "trend": 1.0,
        },
        "comments": {"reply_count": wrong},
    }
    for collection, fields in spoiled.items():
        demo.database[collection].update_many({}, {"$set": fields})
    assert await demo.digest() != right

    await recount_all(mongo)

    assert await demo.digest() == right


async def test_reactions_that_nobody_has_are_no_counter(mongo: Mongo, demo: Contents) -> None:
    demo.database.reactions.delete_many({"type": "LOVE"})
    assert demo.database.pins.count_documents({"reaction_counts.LOVE": {"$exists": True}})

    await recount_all(mongo)

    assert not demo.database.pins.count_documents({"reaction_counts.LOVE": {"$exists": True}})
    _check(demo)


async def test_differences_name_what_is_wrong(mongo: Mongo, demo: Contents) -> None:
    for target in TARGETS:
        assert not list(demo.database[target].aggregate(differences(target)))
    board = demo.all("boards")[0]
    demo.database.boards.update_one({"_id": board["_id"]}, {"$inc": {"pin_count": 5}})

    [found] = demo.database.boards.aggregate(differences("boards"))

    assert found["_id"] == board["_id"]
    assert (found["actual_0"], found["stored_0"]) == (board["pin_count"], board["pin_count"] + 5)
