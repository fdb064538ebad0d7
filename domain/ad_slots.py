"""A served ad: what an auction decided for one place of one feed session, for good (c.3.5)."""

from hashlib import sha256
from uuid import UUID

import msgspec

from domain.ad_candidates import AdCandidate
from domain.campaigns import BillableEvent
from domain.record import Id
from domain.targeting import AdReason

PER_MILLE = 1000


class AdSlot(msgspec.Struct, frozen=True, kw_only=True):
    """One ad in the gap before organic item `gap` of a session.

    `price_micros` is per billable event, for IMPRESSION per 1,000 (see `charge_micros`), in
    `currency`; later edits of the bid do not change it. `served_at` is milliseconds since 1970.
    `why` holds the targeting keys that matched.
    """

    slot_id: str
    gap: int
    ad_id: Id
    ad_group_id: Id
    campaign_id: Id
    ad_account_id: Id
    advertiser_id: Id
    pin_id: Id
    root_id: Id
    billable_event: BillableEvent
    price_micros: int
    currency: str
    served_at: int
    image_key: str | None = None
    why: tuple[AdReason, ...] = ()

    @property
    def creative_keys(self) -> frozenset[str]:
        """What may not be shown twice: the pin, its root and its picture (c.7)."""
        keys = {self.pin_id, self.root_id, self.image_key}
        return frozenset(key for key in keys if key is not None)


def ad_slot(
    candidate: AdCandidate,
    price_micros: int,
    session_id: str,
    gap: int,
    served_at: int,
    why: tuple[AdReason, ...] = (),
) -> AdSlot:
    """The slot of a winner; `served_at` is milliseconds since 1970."""
    return AdSlot(
        slot_id=slot_id(session_id, gap, served_at),
        gap=gap,
        ad_id=candidate.ad_id,
        ad_group_id=candidate.ad_group_id,
        campaign_id=candidate.campaign_id,
        ad_account_id=candidate.ad_account_id,
        advertiser_id=candidate.advertiser_id,
        pin_id=candidate.pin_id,
        root_id=candidate.root_id,
        billable_event=candidate.billable_event,
        price_micros=price_micros,
        currency=candidate.currency,
        served_at=served_at,
        image_key=candidate.image_key,
        why=why,
    )


def slot_id(session_id: str, gap: int, served_at: int) -> str:
    """A UUIDv7 (RFC 9562): 48 bits of `served_at` in ms, then a hash in place of random bits.

    The same session, gap and time give the same id, so that a retried decision is the same slot.
    """
    random = int.from_bytes(sha256(f"{session_id}:{gap}".encode()).digest()[:10], "big")
    bits = (served_at & ((1 << 48) - 1)) << 80 | random
    bits = bits & ~(0xF << 76) | 0x7 << 76  # version 7
    bits = bits & ~(0x3 << 62) | 0x2 << 62  # the variant of RFC 9562
    return str(UUID(int=bits))


def charge_micros(billable_event: BillableEvent, price_micros: int) -> int:
    """What one event costs: the price, or a thousandth of a CPM price, rounded up (c.3.4)."""
    if billable_event is BillableEvent.IMPRESSION:
        return -(-price_micros // PER_MILLE)
    return price_micros
