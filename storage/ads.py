"""Ads: by id, and all that could be served now.

What could be served is the same for every viewer, so each process keeps it in memory and reads it
again every few seconds: serving an ad asks no store.
"""

from collections.abc import Iterable, Sequence
from typing import TypeVar

from pymongo import IndexModel

from domain.ad_candidates import AdCandidate, ad_candidate
from domain.boards import BoardRecord
from domain.campaigns import (
    AdAccountRecord,
    AdGroupRecord,
    AdRecord,
    AdReviewStatus,
    CampaignRecord,
    EntityStatus,
)
from domain.pins import PinRecord
from domain.record import Id, Record
from storage.codec import object_id, object_ids, records
from storage.mongo import Mongo
from storage.transactions import Transaction

R = TypeVar("R", bound=Record)

MAX_LIVE = 10_000
"""How many live ads a process holds; the newest, when there are more."""


MAX_OF_PIN = 100
"""How many ads of one pin are looked at."""


class AdStore:
    """Reads ads, and joins those that are live with everything that decides about them."""

    COLLECTION = "ads"
    INDEXES = (
        IndexModel([("status", 1), ("review_status", 1), ("_id", 1)]),
        IndexModel([("ad_group_id", 1), ("_id", 1)]),
        IndexModel([("pin_id", 1), ("_id", 1)]),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo
        self.live: Sequence[AdCandidate] = ()

    async def get_many(self, ids: Sequence[Id]) -> dict[Id, AdRecord]:
        """The ads that exist, by id."""
        return await self._by_id("ads", ids, AdRecord)

    async def of_pin(self, tx: Transaction, pin_id: Id) -> list[AdRecord]:
        """The ads that promote a pin, the newest `MAX_OF_PIN`."""
        return await tx.find(
            AdRecord, {"pin_id": object_id(pin_id)}, sort=[("_id", -1)], limit=MAX_OF_PIN
        )

    async def refresh(self) -> int:
        """Reads `live` again, and says how many ads it holds. Raises `StoreError`; `live` stays."""
        found = await self._mongo.find(
            "ads.live",
            self.COLLECTION,
            {"status": EntityStatus.ACTIVE.value, "review_status": AdReviewStatus.APPROVED.value},
            sort=[("_id", -1)],
            limit=MAX_LIVE,
        )
        ads = records(found, AdRecord)
        accounts = await self._by_id("ad_accounts", _ids(ads, "ad_account_id"), AdAccountRecord)
        campaigns = await self._by_id("campaigns", _ids(ads, "campaign_id"), CampaignRecord)
        groups = await self._by_id("ad_groups", _ids(ads, "ad_group_id"), AdGroupRecord)
        pins = await self._by_id("pins", _ids(ads, "pin_id"), PinRecord)
        boards = await self._by_id("boards", _ids(pins.values(), "board_id"), BoardRecord)
        self.live = [
            ad_candidate(
                accounts[ad.ad_account_id],
                campaigns[ad.campaign_id],
                groups[ad.ad_group_id],
                ad,
                pin := pins.get(ad.pin_id),
                boards.get(pin.board_id) if pin else None,
            )
            for ad in ads
            if ad.ad_account_id in accounts
            and ad.campaign_id in campaigns
            and ad.ad_group_id in groups
        ]
        return len(self.live)

    async def _by_id(self, collection: str, ids: Sequence[Id], record_type: type[R]) -> dict[Id, R]:
        if not ids:
            return {}
        found = await self._mongo.find(
            f"{collection}.get_many", collection, {"_id": {"$in": object_ids(ids)}}, keys=len(ids)
        )
        return {record.id: record for record in records(found, record_type)}


def _ids(rows: Iterable[Record], field: str) -> list[Id]:
    return list({getattr(row, field) for row in rows})
