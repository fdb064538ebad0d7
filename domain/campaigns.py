"""What advertisers manage: account → campaign → ad group → ad (DOMAIN a.2, c.1).

Money is an integer of micros of the account's currency: 1 unit is 1,000,000. Predictions are
integers in parts per million.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from domain.record import Id, Record


class EntityStatus(StrEnum):
    """The state an advertiser gives an object; ARCHIVED is final."""

    ACTIVE = "ACTIVE"
    PAUSED = "PAUSED"
    ARCHIVED = "ARCHIVED"
    DRAFT = "DRAFT"
    DELETED_DRAFT = "DELETED_DRAFT"


class AdReviewStatus(StrEnum):
    """What the review of an ad found."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    OTHER = "OTHER"


class BillableEvent(StrEnum):
    """What is paid for. The bid of IMPRESSION is per 1,000 impressions."""

    CLICKTHROUGH = "CLICKTHROUGH"
    IMPRESSION = "IMPRESSION"
    VIDEO_V_50_MRC = "VIDEO_V_50_MRC"


class PlacementGroup(StrEnum):
    """Where an ad group may appear: home feed and related pins are BROWSE."""

    ALL = "ALL"
    SEARCH = "SEARCH"
    BROWSE = "BROWSE"
    OTHER = "OTHER"


class GridClickType(StrEnum):
    """What a click on the grid does."""

    CLOSEUP = "CLOSEUP"
    DIRECT_TO_DESTINATION = "DIRECT_TO_DESTINATION"


class CallToAction(StrEnum):
    """The words on the button of an ad."""

    LEARN_MORE = "LEARN_MORE"
    SHOP_NOW = "SHOP_NOW"
    SIGN_UP = "SIGN_UP"
    BUY_NOW = "BUY_NOW"
    VISIT_SITE = "VISIT_SITE"


class TargetingSpec(msgspec.Struct, frozen=True, kw_only=True):
    """Who an ad group is for: AND over keys, OR inside one; an empty key is everyone (c.2)."""

    topic_ids: tuple[Id, ...] = ()
    genders: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    minimum_age: int | None = None
    maximum_age: int | None = None


class AdAccountRecord(Record, frozen=True, kw_only=True):
    """An advertiser's account; `owner_id` is the user whose name a promoted pin shows."""

    owner_id: Id
    name: str
    currency: str
    country: str
    created_at: datetime
    has_billing: bool = True
    status: EntityStatus = EntityStatus.ACTIVE
    time_zone: str = "UTC"


class CampaignRecord(Record, frozen=True, kw_only=True):
    """A campaign; it serves in [start_at, end_at)."""

    ad_account_id: Id
    name: str
    created_at: datetime
    status: EntityStatus = EntityStatus.ACTIVE
    start_at: datetime | None = None
    end_at: datetime | None = None


class AdGroupRecord(Record, frozen=True, kw_only=True):
    """A group of ads with one bid, budget and targeting."""

    ad_account_id: Id
    campaign_id: Id
    name: str
    created_at: datetime
    billable_event: BillableEvent
    bid_micros: int
    daily_budget_micros: int | None = None
    bid_floor_micros: int = 0
    placement_group: PlacementGroup = PlacementGroup.ALL
    targeting: TargetingSpec = TargetingSpec()
    frequency_cap: int | None = None
    status: EntityStatus = EntityStatus.ACTIVE
    start_at: datetime | None = None
    end_at: datetime | None = None


class AdRecord(Record, frozen=True, kw_only=True):
    """An ad: the promotion of one pin. `quality_ppm` is q of the auction (c.1)."""

    ad_account_id: Id
    campaign_id: Id
    ad_group_id: Id
    pin_id: Id
    name: str
    created_at: datetime
    pctr_ppm: int
    pview_ppm: int = 0
    quality_ppm: int = 1_000_000
    destination_url: str | None = None
    call_to_action: CallToAction | None = None
    grid_click_type: GridClickType = GridClickType.CLOSEUP
    status: EntityStatus = EntityStatus.ACTIVE
    review_status: AdReviewStatus = AdReviewStatus.APPROVED
    is_removable: bool = True
