"""What must hold between stored documents, declared so that a reconciler can prove it.

A check is a pipeline over one collection that gives its offenders, one document at a time, so the
same pipeline finds them all and looks again at a few. Offenders that a running cascade will see to,
or that may still be taken back, are in progress: nothing is wrong with them yet.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from domain.boards import MAX_COLLABORATORS, BoardPrivacy, InviteStatus
from domain.follows import FollowKind
from storage.codec import Document
from storage.counters import engagement_and_trend, stale_trends


class Fix(StrEnum):
    """How an offender is set right: it is deleted, or takes the values in its row's `right`."""

    DELETE = "DELETE"
    SET = "SET"


class Check(msgspec.Struct, frozen=True):
    """Something that must hold for every document of `collection`.

    `stages` give a row {_id} for each offender. It may have `right`, what `Fix.SET` sets, and
    `held_by`: the ids of documents that explain the offence while an undo holds them or a cascade
    works on them, or on a board of theirs. Without a `fix` a person must decide. Where all
    documents are looked at, `narrow` comes first: it leaves out most that are right, and none that
    is wrong.
    """

    name: str
    invariant: str
    collection: str
    stages: Sequence[Document]
    fix: Fix | None = None
    narrow: Sequence[Document] = ()

    def offenders(self, ids: Sequence[Any] | None = None) -> list[Document]:
        """A pipeline that gives {_id, in_progress, right}; of `ids` alone, as BSON has them."""
        some = self.narrow if ids is None else [{"$match": {"_id": {"$in": list(ids)}}}]
        return [*some, *self.stages, *_IN_PROGRESS]


def _joined(target: str, field: str, foreign: str = "_id", to: str = "found") -> Document:
    """A stage that puts the documents of `target` that `field` names into `to`, an array."""
    return {"$lookup": {"from": target, "localField": field, "foreignField": foreign, "as": to}}


_IN_PROGRESS: Final[Sequence[Document]] = (
    _joined("cascades", "held_by", "board_id", to="of_board"),
    _joined("cascades", "held_by", "owner_id", to="of_owner"),
    {
        "$lookup": {
            "from": "undo_steps",
            "localField": "held_by",
            "foreignField": "before._id",
            "pipeline": [{"$match": {"after": None}}, {"$limit": 1}],
            "as": "undos",
        }
    },
    {
        "$project": {
            "right": 1,
            "in_progress": {
                "$or": [{"$ne": [f"${each}", []]} for each in ("of_board", "of_owner", "undos")]
            },
        }
    },
)


def _where(condition: Document) -> Document:
    return {"$match": {"$expr": condition}}


def _held_by(*fields: str) -> Document:
    return {"$set": {"held_by": [f"${field}" for field in fields]}}


def _right(**values: Any) -> Document:
    return {"$set": {"right": values}}


def _one(target: str, field: str) -> list[Document]:
    """Stages that join the document that `field` names; `found` is missing when it is gone."""
    return [_joined(target, field), {"$set": {"found": {"$first": "$found"}}}]


def _gone(field: str, target: str, *, held_by: Sequence[str] = ()) -> list[Document]:
    """Stages that keep the documents whose `field` names a document that is gone."""
    return [
        {"$match": {field: {"$ne": None}}},
        {"$project": dict.fromkeys((field, *held_by), 1)},
        _joined(target, field),
        {"$match": {"found": []}},
        _held_by(field, *held_by),
    ]


def _follows(*kinds: FollowKind) -> Document:
    return {"$match": {"kind": {"$in": [kind.value for kind in kinds]}}}


_ACCEPTED_MEMBERS: Final[Document] = {
    "$map": {
        "input": {
            "$filter": {
                "input": "$found.collaborators",
                "cond": {"$eq": ["$$this.status", InviteStatus.ACCEPTED.value]},
            }
        },
        "in": "$$this.user_id",
    }
}

_PINS: Final = (
    Check("pins.board", "INV-5", "pins", _gone("board_id", "boards")),
    Check("pins.owner", "INV-1", "pins", _gone("owner_id", "users")),
    Check(
        "pins.privacy",
        "INV-7",
        "pins",
        [
            {"$project": {"board_id": 1, "privacy": 1}},
            *_one("boards", "board_id"),
            {"$match": {"found": {"$exists": True}}},
            _where({"$ne": ["$found.privacy", "$privacy"]}),
            _held_by("board_id"),
            _right(privacy="$found.privacy"),
        ],
        Fix.SET,
    ),
    # Gone, or of another board.
    Check(
        "pins.section",
        "INV-1",
        "pins",
        [
            {"$match": {"section_id": {"$ne": None}}},
            {"$project": {"board_id": 1, "section_id": 1}},
            *_one("sections", "section_id"),
            _where({"$ne": ["$found.board_id", "$board_id"]}),
            _held_by("board_id", "section_id"),
            _right(section_id=None),
        ],
        Fix.SET,
    ),
    Check(
        "pins.parent",
        "INV-4",
        "pins",
        [*_gone("parent_id", "pins"), _right(parent_id=None)],
        Fix.SET,
    ),
    # A root is its own root and nobody's copy; a copy is not its own root.
    Check(
        "pins.root",
        "INV-2",
        "pins",
        [
            {"$project": {"is_repin": 1, "parent_id": 1, "is_root": {"$eq": ["$root_id", "$_id"]}}},
            {
                "$match": {
                    "$or": [
                        {"is_repin": True, "is_root": True},
                        {"is_repin": False, "is_root": False},
                        {"is_repin": False, "parent_id": {"$ne": None}},
                    ]
                }
            },
        ],
    ),
    Check(
        "pins.tree",
        "INV-2",
        "pins",
        [
            {"$match": {"parent_id": {"$ne": None}}},
            {"$project": {"parent_id": 1, "root_id": 1}},
            *_one("pins", "parent_id"),
            {"$match": {"found": {"$exists": True}}},
            _where({"$ne": ["$found.root_id", "$root_id"]}),
        ],
    ),
)

_BOARDS: Final = (
    Check("boards.owner", "INV-5", "boards", _gone("owner_id", "users")),
    # Too many, twice the same, or the owner.
    Check(
        "boards.members",
        "INV-10",
        "boards",
        [
            {"$project": {"owner_id": 1, "members": "$collaborators.user_id"}},
            {"$set": {"different": {"$setUnion": ["$members"]}}},
            _where(
                {
                    "$or": [
                        {"$gt": [{"$size": "$members"}, MAX_COLLABORATORS]},
                        {"$ne": [{"$size": "$members"}, {"$size": "$different"}]},
                        {"$in": ["$owner_id", "$members"]},
                    ]
                }
            ),
        ],
    ),
    Check("sections.board", "INV-5", "sections", _gone("board_id", "boards"), Fix.DELETE),
)

_ABOUT_BOARDS: Final = (FollowKind.BOARD, FollowKind.UNFOLLOWED_BOARD)

_FOLLOWS: Final = (
    Check(
        "follows.user",
        "INV-11",
        "follows",
        [_follows(FollowKind.USER), *_gone("target_id", "users")],
        Fix.DELETE,
    ),
    Check(
        "follows.board",
        "INV-5",
        "follows",
        [_follows(*_ABOUT_BOARDS), *_gone("target_id", "boards")],
        Fix.DELETE,
    ),
    Check(
        "follows.topic",
        "INV-11",
        "follows",
        [_follows(FollowKind.TOPIC), *_gone("target_id", "topics")],
        Fix.DELETE,
    ),
    Check(
        "follows.self",
        "INV-11",
        "follows",
        [_follows(FollowKind.USER), _where({"$eq": ["$follower_id", "$target_id"]})],
        Fix.DELETE,
    ),
    # Nobody follows a user, or a user's board, when one of the two blocked the other.
    Check(
        "follows.blocked",
        "INV-11",
        "follows",
        [
            _follows(FollowKind.USER, *_ABOUT_BOARDS),
            {"$project": {"follower_id": 1, "target_id": 1}},
            *_one("boards", "target_id"),
            {"$set": {"whom": {"$ifNull": ["$found.owner_id", "$target_id"]}}},
            _joined("blocks", "follower_id", "blocker_id", to="made"),
            _joined("blocks", "follower_id", "blocked_id", to="met"),
            _where(
                {
                    "$or": [
                        {"$in": ["$whom", "$made.blocked_id"]},
                        {"$in": ["$whom", "$met.blocker_id"]},
                    ]
                }
            ),
            _held_by("target_id"),
        ],
        Fix.DELETE,
    ),
    Check(
        "follows.secret",
        "INV-8",
        "follows",
        [
            _follows(FollowKind.BOARD),
            {"$project": {"follower_id": 1, "target_id": 1}},
            *_one("boards", "target_id"),
            {"$match": {"found.privacy": BoardPrivacy.SECRET.value}},
            _where({"$ne": ["$follower_id", "$found.owner_id"]}),
            _where({"$not": {"$in": ["$follower_id", _ACCEPTED_MEMBERS]}}),
            _held_by("target_id"),
        ],
        Fix.DELETE,
    ),
    # Who follows a board of somebody else follows its owner, if only implicitly.
    Check(
        "follows.owner",
        "INV-11",
        "follows",
        [
            _follows(FollowKind.BOARD),
            {"$project": {"follower_id": 1, "target_id": 1}},
            *_one("boards", "target_id"),
            {"$match": {"found": {"$exists": True}}},
            _where({"$ne": ["$follower_id", "$found.owner_id"]}),
            {
                "$lookup": {
                    "from": "follows",
                    "localField": "follower_id",
                    "foreignField": "follower_id",
                    "let": {"owner": "$found.owner_id"},
                    "pipeline": [
                        _follows(FollowKind.USER),
                        _where({"$eq": ["$target_id", "$$owner"]}),
                    ],
                    "as": "edges",
                }
            },
            {"$match": {"edges": []}},
            _held_by("target_id"),
        ],
    ),
    # Nobody follows a user implicitly who follows none of the user's boards.
    Check(
        "follows.implicit",
        "INV-11",
        "follows",
        [
            {"$match": {"kind": FollowKind.USER.value, "is_explicit": False}},
            {"$project": {"follower_id": 1, "target_id": 1}},
            {
                "$lookup": {
                    "from": "follows",
                    "localField": "follower_id",
                    "foreignField": "follower_id",
                    "let": {"owner": "$target_id"},
                    "pipeline": [
                        _follows(FollowKind.BOARD),
                        _joined("boards", "target_id"),
                        _where({"$in": ["$$owner", "$found.owner_id"]}),
                        {"$limit": 1},
                    ],
                    "as": "boards",
                }
            },
            {"$match": {"boards": []}},
            _held_by("target_id"),
        ],
        Fix.DELETE,
    ),
)

_ON_PINS: Final = (
    Check("comments.pin", "INV-12", "comments", _gone("pin_id", "pins"), Fix.DELETE),
    Check("comments.parent", "INV-12", "comments", _gone("parent_id", "comments"), Fix.DELETE),
    Check(
        "comments.thread",
        "INV-12",
        "comments",
        [
            {"$match": {"parent_id": {"$ne": None}}},
            {"$project": {"parent_id": 1, "pin_id": 1}},
            *_one("comments", "parent_id"),
            {"$match": {"found": {"$exists": True}}},
            _where({"$ne": ["$found.pin_id", "$pin_id"]}),
        ],
    ),
    Check("reactions.pin", "INV-12", "reactions", _gone("pin_id", "pins"), Fix.DELETE),
    # Of several reactions of one user to one pin the newest counts.
    Check(
        "reactions.one",
        "INV-12",
        "reactions",
        [
            {
                "$lookup": {
                    "from": "reactions",
                    "localField": "pin_id",
                    "foreignField": "pin_id",
                    "let": {"user": "$user_id", "id": "$_id"},
                    "pipeline": [
                        _where({"$eq": ["$user_id", "$$user"]}),
                        _where({"$gt": ["$_id", "$$id"]}),
                        {"$limit": 1},
                    ],
                    "as": "newer",
                }
            },
            {"$match": {"newer": {"$ne": []}}},
        ],
        Fix.DELETE,
        narrow=[
            {
                "$group": {
                    "_id": {"pin": "$pin_id", "user": "$user_id"},
                    "reactions": {
                        "$push": {"_id": "$_id", "pin_id": "$pin_id", "user_id": "$user_id"}
                    },
                }
            },
            {"$match": {"reactions.1": {"$exists": True}}},
            {"$unwind": "$reactions"},
            {"$replaceRoot": {"newRoot": "$reactions"}},
        ],
    ),
    Check(
        "ads.pin",
        "INV-13",
        "ads",
        [{"$match": {"is_pin_deleted": {"$ne": True}}}, *_gone("pin_id", "pins")],
    ),
)

CHECKS: Final = (*_PINS, *_BOARDS, *_FOLLOWS, *_ON_PINS)
"""Everything that must hold beside the counters."""

TREND: Final = Check(
    "pins.trend",
    "INV-12",
    "pins",
    [
        {"$match": stale_trends()},
        {"$project": {"right": engagement_and_trend()}},
    ],
    Fix.SET,
)
"""What follows from the counters of pins, to be checked after them."""
