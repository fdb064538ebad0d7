"""What a user likes and what they do not, as feeds need it: several collections in one read."""

from collections.abc import Sequence
from typing import Final

import msgspec

from domain.follows import FollowKind, FollowRecord
from domain.preferences import PreferencesRecord, Wishes
from domain.record import Id
from storage.codec import Document, object_id, record, records
from storage.follows import FollowStore
from storage.hides import HideStore
from storage.mongo import Mongo
from storage.preferences import PreferencesStore
from storage.views import View

MAX_HIDES: Final = 5_000
"""Hidden pins that feeds leave out: the newest ones of each user."""


class Tastes(msgspec.Struct, frozen=True):
    """What a user follows, newest first within each kind, and what they wish of their feed."""

    follows: list[FollowRecord]
    wishes: Wishes


class TasteStore:
    """Reads what feeds are made from, beside pins."""

    def __init__(self, mongo: Mongo, wishes: View[Wishes]) -> None:
        self._mongo = mongo
        self._wishes = wishes

    async def of_user(self, user_id: Id, most_follows: int) -> Tastes:
        """A user's newest edges of each kind, at most `most_follows` a kind, and their wishes."""
        kinds = [_newest(user_id, kind, most_follows) for kind in FollowKind]
        pipeline = [*kinds[0], *(_and(FollowStore.COLLECTION, branch) for branch in kinds[1:])]
        pipeline += [
            _and(HideStore.COLLECTION, _hidden(user_id)),
            _and(PreferencesStore.COLLECTION, _preferences(user_id)),
        ]
        found = await self._mongo.aggregate("tastes.of_user", FollowStore.COLLECTION, pipeline)
        follows = [row for row in found if "kind" in row]
        return Tastes(records(follows, FollowRecord), _wishes(found))

    def wishes_at_hand(self, user_id: Id) -> Wishes | None:
        """As `wishes`, if they need not be read."""
        return self._wishes.at_hand(user_id)

    async def wishes(self, user_id: Id) -> Wishes:
        """What a user wishes of their feed."""
        return await self._wishes.get(user_id, self._read_wishes)

    async def _read_wishes(self, user_id: Id) -> Wishes:
        pipeline = [
            *_hidden(user_id),
            _and(PreferencesStore.COLLECTION, _preferences(user_id)),
        ]
        return _wishes(await self._mongo.aggregate("tastes.wishes", HideStore.COLLECTION, pipeline))


def _newest(follower_id: Id, kind: FollowKind, limit: int) -> list[Document]:
    return [
        {"$match": {"follower_id": object_id(follower_id), "kind": kind.value}},
        {"$sort": {"_id": -1}},
        {"$limit": limit},
    ]


def _hidden(user_id: Id) -> list[Document]:
    """One row with all roots, which is several times quicker to read than a row for each."""
    return [
        {"$match": {"user_id": object_id(user_id)}},
        {"$sort": {"_id": -1}},
        {"$limit": MAX_HIDES},
        {"$project": {"_id": 0, "root_id": 1}},
        {"$group": {"_id": None, "root_ids": {"$push": "$root_id"}}},
    ]


def _preferences(user_id: Id) -> list[Document]:
    return [{"$match": {"_id": object_id(user_id)}}, {"$set": {"is_preferences": True}}]


def _and(collection: str, pipeline: Sequence[Document]) -> Document:
    return {"$unionWith": {"coll": collection, "pipeline": list(pipeline)}}


def _wishes(rows: Sequence[Document]) -> Wishes:
    roots = next((row["root_ids"] for row in rows if "root_ids" in row), ())
    stated = next((row for row in rows if "is_preferences" in row), None)
    if stated is None:
        return Wishes(hidden_root_ids=frozenset(roots))
    preferences = record(stated, PreferencesRecord)
    return Wishes(
        hidden_root_ids=frozenset(roots),
        hidden_advertiser_ids=frozenset(e.user_id for e in preferences.hidden_advertisers),
        personalized_ads=preferences.personalized_ads,
    )
