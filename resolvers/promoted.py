"""Promoted pins: what a viewer sees of a served ad. Never a bid, a price or a budget."""

from asyncio import Future
from collections.abc import Sequence

import msgspec

from domain.ads import (
    AdReason,
    AdSlot,
    Surface,
    TargetingKey,
)
from domain.ads import (
    advertiser_name as name_of,
)
from domain.ads import (
    disclosure_label as label_of,
)
from domain.campaigns import AdRecord, CallToAction, GridClickType
from domain.ids import to_global_id
from domain.record import Id
from domain.tokens import slot_token
from domain.topics import TopicRecord
from loaders.ads import AdByIdLoader
from loaders.pins import AdvertisedPinByIdLoader
from loaders.topics import TopicByIdLoader
from loaders.users import UserByIdLoader
from resolvers.context import Info
from resolvers.declared import batch, from_loader


class PromotedPinRecord(msgspec.Struct, frozen=True):
    """An ad in one place of one session; `position` is the place."""

    slot: AdSlot
    position: int
    surface: Surface


pin = from_loader(AdvertisedPinByIdLoader, "slot.pin_id")
advertiser = from_loader(UserByIdLoader, "slot.advertiser_id")


@batch
async def reason_topic(reasons: Sequence[AdReason], info: Info) -> list[TopicRecord | None]:
    """The topic of each reason that is about one."""
    ids = [Id(r.value) if r.key is TargetingKey.TOPIC and r.value else None for r in reasons]
    known = await info.context.loaders(TopicByIdLoader).load_mapping(i for i in ids if i)
    return [known.get(i) if i else None for i in ids]


def global_id(promoted: PromotedPinRecord) -> str:
    """The `id` of a served place."""
    return to_global_id("PromotedPin", promoted.slot.slot_id)


def entity_id(promoted: PromotedPinRecord) -> str:
    """The UUID of a served place."""
    return promoted.slot.slot_id


@batch
async def disclosure_label(promoted: Sequence[PromotedPinRecord], info: Info) -> list[str | None]:
    """The words that mark each ad."""
    users = await info.context.loaders(UserByIdLoader).load_many(
        each.slot.advertiser_id for each in promoted
    )
    return [label_of(user) for user in users]


@batch
async def advertiser_name(promoted: Sequence[PromotedPinRecord], info: Info) -> list[str | None]:
    """The name of each advertiser."""
    users = await info.context.loaders(UserByIdLoader).load_many(
        each.slot.advertiser_id for each in promoted
    )
    return [None if user is None else name_of(user) for user in users]


@batch
async def destination_url(promoted: Sequence[PromotedPinRecord], info: Info) -> list[str | None]:
    """Where a click leads: the ad's own page, or the pin's link."""
    on_their_way = _ads(promoted, info)
    pins = await info.context.loaders(AdvertisedPinByIdLoader).load_many(
        each.slot.pin_id for each in promoted
    )
    ads = await on_their_way
    return [
        (ad.destination_url if ad else None) or (pin.link if pin else None)
        for ad, pin in zip(ads, pins, strict=True)
    ]


@batch
async def call_to_action(
    promoted: Sequence[PromotedPinRecord], info: Info
) -> list[CallToAction | None]:
    """The words on the button of each ad."""
    return [ad.call_to_action if ad else None for ad in await _ads(promoted, info)]


@batch
async def click_behavior(promoted: Sequence[PromotedPinRecord], info: Info) -> list[GridClickType]:
    """What a click in the grid does."""
    ads = await _ads(promoted, info)
    return [ad.grid_click_type if ad else GridClickType.CLOSEUP for ad in ads]


def tracking_token(promoted: PromotedPinRecord, info: Info) -> str:
    """The signed token of the slot."""
    context = info.context
    return slot_token(
        context.signer,
        promoted.slot,
        context.viewer_key,
        promoted.surface,
        promoted.position,
    )


def why_this_ad(promoted: PromotedPinRecord) -> tuple[AdReason, ...]:
    """The targeting keys that matched."""
    return promoted.slot.why


def reason_value(reason: AdReason) -> str | None:
    """The viewer's own value of the key, where it is not a topic."""
    return None if reason.key is TargetingKey.TOPIC else reason.value


def _ads(promoted: Sequence[PromotedPinRecord], info: Info) -> "Future[list[AdRecord | None]]":
    return info.context.loaders(AdByIdLoader).load_many(each.slot.ad_id for each in promoted)
