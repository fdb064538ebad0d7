"""An ad with everything that decides whether and at what price it is shown, in one flat value."""

from datetime import datetime

import msgspec

from domain.boards import BoardPrivacy, BoardRecord
from domain.campaigns import (
    AdAccountRecord,
    AdGroupRecord,
    AdRecord,
    AdReviewStatus,
    BillableEvent,
    CampaignRecord,
    EntityStatus,
    PlacementGroup,
    TargetingSpec,
)
from domain.images import image_key
from domain.media import cover_image
from domain.pins import PinRecord
from domain.record import Id

MIN_QUALITY_PPM = 200_000
MAX_QUALITY_PPM = 2_000_000


class AdCandidate(msgspec.Struct, frozen=True, kw_only=True):
    """One ad before the auction; it depends on no viewer, so it may be shared and cached.

    Money is micros of `currency`; a bid is per click, per view, or per 1,000 impressions. Rates and
    quality are parts per million. It serves in [starts_at, ends_at), what campaign and ad group
    allow together. `advertiser_id` is the user who owns the account. `pin_owner_id` and
    `board_privacy` are None when the pin or its board is gone; `image_key` as in `domain.images`.
    """

    ad_id: Id
    ad_group_id: Id
    campaign_id: Id
    ad_account_id: Id
    advertiser_id: Id
    pin_id: Id
    root_id: Id
    billable_event: BillableEvent
    bid_micros: int
    currency: str
    bid_floor_micros: int = 0
    pctr_ppm: int = 0
    pview_ppm: int = 0
    quality_ppm: int = 1_000_000
    targeting: TargetingSpec = TargetingSpec()
    placement_group: PlacementGroup = PlacementGroup.ALL
    has_billing: bool = True
    account_status: EntityStatus = EntityStatus.ACTIVE
    campaign_status: EntityStatus = EntityStatus.ACTIVE
    ad_group_status: EntityStatus = EntityStatus.ACTIVE
    ad_status: EntityStatus = EntityStatus.ACTIVE
    review_status: AdReviewStatus = AdReviewStatus.APPROVED
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    destination_url: str | None = None
    image_key: str | None = None
    pin_owner_id: Id | None = None
    board_privacy: BoardPrivacy | None = None
    is_ads_only: bool = False

    @property
    def creative_keys(self) -> frozenset[str]:
        """What may not be shown twice: the pin, its root and its picture (c.7)."""
        keys = {self.pin_id, self.root_id, self.image_key}
        return frozenset(key for key in keys if key is not None)


def ad_candidate(
    account: AdAccountRecord,
    campaign: CampaignRecord,
    ad_group: AdGroupRecord,
    ad: AdRecord,
    pin: PinRecord | None,
    board: BoardRecord | None,
) -> AdCandidate:
    """The candidate of an ad and its parents; `pin` and `board` are None when they are gone.

    Quality outside the range of DOMAIN c.1 is moved to its edge.
    """
    return AdCandidate(
        ad_id=ad.id,
        ad_group_id=ad_group.id,
        campaign_id=campaign.id,
        ad_account_id=account.id,
        advertiser_id=account.owner_id,
        pin_id=ad.pin_id,
        root_id=pin.root_id if pin else ad.pin_id,
        billable_event=ad_group.billable_event,
        bid_micros=ad_group.bid_micros,
        currency=account.currency,
        bid_floor_micros=ad_group.bid_floor_micros,
        pctr_ppm=ad.pctr_ppm,
        pview_ppm=ad.pview_ppm,
        quality_ppm=min(max(ad.quality_ppm, MIN_QUALITY_PPM), MAX_QUALITY_PPM),
        targeting=ad_group.targeting,
        placement_group=ad_group.placement_group,
        has_billing=account.has_billing,
        account_status=account.status,
        campaign_status=campaign.status,
        ad_group_status=ad_group.status,
        ad_status=ad.status,
        review_status=ad.review_status,
        starts_at=max(_known(campaign.start_at, ad_group.start_at), default=None),
        ends_at=min(_known(campaign.end_at, ad_group.end_at), default=None),
        destination_url=ad.destination_url or (pin.link if pin else None),
        image_key=image_key(cover_image(pin.media)) if pin else None,
        pin_owner_id=pin.owner_id if pin else None,
        board_privacy=board.privacy if board else None,
        is_ads_only=board.is_ads_only if board else False,
    )


def _known(*times: datetime | None) -> list[datetime]:
    return [time for time in times if time is not None]
