"""Every check made wrong by hand: how, and what a reconciler then finds."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from bson import ObjectId

from domain.boards import BoardPrivacy
from domain.follows import FollowKind
from domain.record import Id
from domain.users import UserRecord
from storage.codec import object_id
from storage.consistency import CHECKS, TREND
from storage.counters import recount_all
from tests.storage.scenes import Scene
from tests.world import START

Spoil = Callable[[Scene], Awaitable[Any]]


async def _secret_board(scene: Scene) -> None:
    await scene.world.follow(scene.cleo, scene.kitchen)
    await scene.world.follow(scene.cleo, scene.ana, is_explicit=False)
    secret = BoardPrivacy.SECRET.value
    await scene.set("boards", scene.kitchen.id, privacy=secret)
    for pin in (scene.soup, scene.copy_of_copy):
        await scene.set("pins", pin.id, privacy=secret)
    await recount_all(scene.mongo)


async def _edge(scene: Scene, kind: FollowKind, target: ObjectId, **fields: Any) -> None:
    await scene.put(
        "follows",
        follower_id=object_id(scene.cleo.id),
        kind=kind.value,
        target_id=target,
        created_at=START,
        is_explicit=True,
        **fields,
    )
    await recount_all(scene.mongo)


async def _blocked(scene: Scene, blocker: UserRecord, blocked: UserRecord) -> None:
    await scene.world.block(blocker, blocked)
    await _edge(scene, FollowKind.USER, object_id(scene.ana.id))


async def _blocked_from_board(scene: Scene) -> None:
    await _edge(scene, FollowKind.BOARD, object_id(scene.kitchen.id))
    await _blocked(scene, scene.ana, scene.cleo)


CHECKED = {check.name for check in (*CHECKS, TREND)}

FIXED: dict[str, tuple[Spoil, dict[str, int]]] = {
    "privacy": (
        lambda scene: scene.set("pins", scene.copy.id, privacy="SECRET"),
        {"pins.privacy": 1, "users.pin_count": 1},
    ),
    "section gone": (
        lambda scene: scene.set("pins", scene.soup.id, section_id=ObjectId()),
        {"pins.section": 1, "sections.pin_count": 1},
    ),
    "section of another board": (
        lambda scene: scene.set("sections", scene.soups.id, board_id=object_id(scene.travel.id)),
        {"pins.section": 1, "boards.section_count": 2},
    ),
    "parent gone": (
        lambda scene: scene.set("pins", scene.copy_of_copy.id, parent_id=ObjectId()),
        {"pins.parent": 1, "pins.save_count": 1},
    ),
    "section of no board": (
        lambda scene: scene.put(
            "sections", board_id=ObjectId(), title="Lost", position="a", created_at=START
        ),
        {"sections.board": 1},
    ),
    "follow of no user": (
        lambda scene: _edge(scene, FollowKind.USER, ObjectId()),
        {"follows.user": 1},
    ),
    "follow of no board": (
        lambda scene: _edge(scene, FollowKind.BOARD, ObjectId()),
        {"follows.board": 1},
    ),
    "no follow of no board": (
        lambda scene: _edge(scene, FollowKind.UNFOLLOWED_BOARD, ObjectId()),
        {"follows.board": 1},
    ),
    "follow of no topic": (
        lambda scene: _edge(scene, FollowKind.TOPIC, ObjectId()),
        {"follows.topic": 1},
    ),
    "follow of oneself": (
        lambda scene: _edge(scene, FollowKind.USER, object_id(scene.cleo.id)),
        {"follows.self": 1},
    ),
    "follow of one who blocked": (
        lambda scene: _blocked(scene, scene.ana, scene.cleo),
        {"follows.blocked": 1},
    ),
    "follow of one who is blocked": (
        lambda scene: _blocked(scene, scene.cleo, scene.ana),
        {"follows.blocked": 1},
    ),
    "follow of a board of one who blocked": (
        _blocked_from_board,
        {"follows.blocked": 2},
    ),
    "secret": (_secret_board, {"follows.secret": 1}),
    "implicit": (
        lambda scene: scene.remove("follows", scene.of_kitchen.id),
        {"follows.implicit": 1, "boards.follower_count": 1},
    ),
    "comment on no pin": (
        lambda scene: scene.world.comment(
            msgspec.structs.replace(scene.soup, id=Id(str(ObjectId()))), scene.ana
        ),
        {"comments.pin": 1},
    ),
    "reply to no comment": (
        lambda scene: scene.set("comments", scene.reply.id, parent_id=ObjectId()),
        {"comments.parent": 1, "comments.reply_count": 1},
    ),
    "reaction to no pin": (
        lambda scene: scene.put(
            "reactions", user_id=object_id(scene.ana.id), pin_id=ObjectId(), type="LOVE"
        ),
        {"reactions.pin": 1},
    ),
    "trend": (lambda scene: scene.set("pins", scene.soup.id, trend=1.0), {"pins.trend": 1}),
    "engagement": (
        lambda scene: scene.set("pins", scene.soup.id, engagement__saves=9),
        {"pins.trend": 1},
    ),
}


async def _members(scene: Scene, *ids: ObjectId) -> None:
    members = [{"user_id": id, "status": "ACCEPTED", "role": "EDITOR"} for id in ids]
    await scene.set("boards", scene.travel.id, collaborators=members)


LEFT: dict[str, tuple[Spoil, dict[str, int]]] = {
    "board gone": (
        lambda scene: scene.set("pins", scene.copy.id, board_id=ObjectId()),
        {"pins.board": 1, "boards.pin_count": 1},
    ),
    "owner of a pin gone": (
        lambda scene: scene.set("pins", scene.copy.id, owner_id=ObjectId()),
        {"pins.owner": 1, "users.pin_count": 1},
    ),
    "owner of a board gone": (
        lambda scene: scene.set("boards", scene.travel.id, owner_id=ObjectId()),
        {"boards.owner": 1, "users.board_count": 1},
    ),
    "root of another pin": (
        lambda scene: scene.set("pins", scene.soup.id, root_id=ObjectId()),
        {"pins.root": 1, "pins.tree": 1},
    ),
    "root with a parent": (
        lambda scene: scene.set("pins", scene.soup.id, parent_id=object_id(scene.soup.id)),
        {"pins.root": 1, "pins.save_count": 1},
    ),
    "copy without a root": (
        lambda scene: scene.set("pins", scene.copy.id, root_id=object_id(scene.copy.id)),
        {"pins.root": 1, "pins.tree": 2, "pins.aggregated_save_count": 2},
    ),
    "copy in another tree": (
        lambda scene: scene.set("pins", scene.copy_of_copy.id, root_id=object_id(scene.copy.id)),
        {"pins.tree": 1, "pins.aggregated_save_count": 2},
    ),
    "101 members": (
        lambda scene: _members(scene, *(ObjectId() for _ in range(101))),
        {"boards.members": 1},
    ),
    "owner as a member": (
        lambda scene: _members(scene, object_id(scene.bruno.id)),
        {"boards.members": 1},
    ),
    "member twice": (
        lambda scene: _members(scene, *[object_id(scene.ana.id)] * 2),
        {"boards.members": 1},
    ),
    "board without its owner": (
        lambda scene: _edge(scene, FollowKind.BOARD, object_id(scene.kitchen.id)),
        {"follows.owner": 1},
    ),
    "reply on another pin": (
        lambda scene: scene.set("comments", scene.reply.id, pin_id=object_id(scene.copy.id)),
        {"comments.thread": 1, "pins.comment_count": 2},
    ),
    "ad of no pin": (
        lambda scene: scene.put("ads", pin_id=ObjectId()),
        {"ads.pin": 1},
    ),
}
