"""What the feed's tokens and cursors hold (DOMAIN c.6, e.4); `signing` makes them tamper-proof.

Payloads are MessagePack arrays, so that a token stays short: fields may only be added at the end,
and any other change needs a new `VERSION`. Times are milliseconds since 1970.
"""

from binascii import hexlify, unhexlify
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import TypeVar

import msgspec

from domain.ad_slots import AdSlot
from domain.campaigns import BillableEvent
from domain.errors import InvalidCursor
from domain.record import Id
from domain.signing import Purpose, Signer
from domain.targeting import Surface

VERSION = 1
IMPRESSION_WINDOW_MS = 3_600_000
"""How long after serving an impression may be charged: 1 hour."""

CLICK_WINDOW_MS = 30 * 86_400_000
"""How long after serving a click may be charged: 30 days."""

MAX_SEEN = 50
_ID_BYTES = 12


class SlotToken(msgspec.Struct, frozen=True, array_like=True):
    """One served ad: everything that billing an event of it needs, fixed at the auction.

    `viewer_hash` is `viewer_hash` of the viewer it was served to, `position` the place in the
    feed, `price_micros` per billable event (for IMPRESSION per 1,000). An event is billable until
    `impression_expires_at` or `click_expires_at`.
    """

    version: int
    slot_id: str
    ad_id: Id
    ad_group_id: Id
    campaign_id: Id
    pin_id: Id
    viewer_hash: bytes
    surface: Surface
    position: int
    billable_event: BillableEvent
    price_micros: int
    currency: str
    served_at: int
    impression_expires_at: int
    click_expires_at: int


class ItemToken(msgspec.Struct, frozen=True, array_like=True):
    """One organic item of a feed: the session it was shown in, its position, and the pin."""

    version: int
    session_id: str
    viewer_hash: bytes
    position: int
    pin: bytes

    @property
    def pin_id(self) -> Id:
        """The pin that was shown."""
        return unpack_ids(self.pin)[0]


class FeedCursor(msgspec.Struct, frozen=True, array_like=True):
    """A place in a feed session: `position` is the one after the edge that carries the cursor.

    `seen` holds up to 50 pins that were delivered last, 12 bytes each: what a feed is resumed from
    when the session is gone.
    """

    version: int
    session_id: str
    viewer_hash: bytes
    created_at: int
    position: int
    seen: bytes = b""

    @property
    def seen_ids(self) -> tuple[Id, ...]:
        """The pins that were delivered last."""
        return unpack_ids(self.seen)


Payload = TypeVar("Payload", SlotToken, ItemToken, FeedCursor)

_encoder = msgspec.msgpack.Encoder()
_slot_decoder = msgspec.msgpack.Decoder(SlotToken)
_item_decoder = msgspec.msgpack.Decoder(ItemToken)
_cursor_decoder = msgspec.msgpack.Decoder(FeedCursor)


def viewer_hash(viewer_key: str) -> bytes:
    """8 bytes that stand for a viewer or a device in a token that others may read."""
    return blake2b(viewer_key.encode(), digest_size=8, person=b"pinery.viewer").digest()


def pack_ids(ids: Iterable[str]) -> bytes:
    """Ids of 24 hex digits as 12 bytes each."""
    return unhexlify("".join(ids))


def unpack_ids(packed: bytes) -> tuple[Id, ...]:
    """The ids that `pack_ids` packed."""
    digits = hexlify(packed).decode("ascii")
    step = 2 * _ID_BYTES
    return tuple(Id(digits[start : start + step]) for start in range(0, len(digits), step))


def slot_token(
    signer: Signer, slot: AdSlot, viewer_key: str, surface: Surface, position: int
) -> str:
    """The token of a served ad: the same slot, viewer and position give the same token."""
    payload = SlotToken(
        version=VERSION,
        slot_id=slot.slot_id,
        ad_id=slot.ad_id,
        ad_group_id=slot.ad_group_id,
        campaign_id=slot.campaign_id,
        pin_id=slot.pin_id,
        viewer_hash=viewer_hash(viewer_key),
        surface=surface,
        position=position,
        billable_event=slot.billable_event,
        price_micros=slot.price_micros,
        currency=slot.currency,
        served_at=slot.served_at,
        impression_expires_at=slot.served_at + IMPRESSION_WINDOW_MS,
        click_expires_at=slot.served_at + CLICK_WINDOW_MS,
    )
    return signer.sign(Purpose.AD_SLOT, _encoder.encode(payload))


def read_slot_token(signer: Signer, token: str) -> SlotToken | None:
    """What a slot token says; None when it is not ours. Expiry is for the caller to judge."""
    return _read(signer.verify(Purpose.AD_SLOT, token), _slot_decoder)


def item_token(signer: Signer, session_id: str, viewer_key: str, position: int, pin_id: str) -> str:
    """The tracking token of an organic item."""
    payload = ItemToken(VERSION, session_id, viewer_hash(viewer_key), position, pack_ids([pin_id]))
    return signer.sign(Purpose.FEED_ITEM, _encoder.encode(payload))


def read_item_token(signer: Signer, token: str) -> ItemToken | None:
    """What the token of an organic item says; None when it is not ours."""
    return _read(signer.verify(Purpose.FEED_ITEM, token), _item_decoder)


def feed_cursor(
    signer: Signer,
    session_id: str,
    viewer_key: str,
    created_at: int,
    position: int,
    seen: Sequence[str] = (),
) -> str:
    """The cursor of an edge; of `seen`, pins in the order of delivery, the last 50 are kept.

    Each seen pin adds 16 characters, so give them only where they are of use: with the last edge
    of a page.
    """
    payload = FeedCursor(
        version=VERSION,
        session_id=session_id,
        viewer_hash=viewer_hash(viewer_key),
        created_at=created_at,
        position=position,
        seen=pack_ids(seen[-MAX_SEEN:]),
    )
    return signer.sign(Purpose.FEED_CURSOR, _encoder.encode(payload))


def read_feed_cursor(signer: Signer, cursor: str, viewer_key: str) -> FeedCursor:
    """What a cursor says; raises `InvalidCursor` when it is not ours, or another viewer's."""
    read = _read(signer.verify(Purpose.FEED_CURSOR, cursor), _cursor_decoder)
    if read is None or read.viewer_hash != viewer_hash(viewer_key):
        raise InvalidCursor("This cursor does not belong to this feed.")
    return read


def _read(payload: bytes | None, decoder: msgspec.msgpack.Decoder[Payload]) -> Payload | None:
    if payload is None:
        return None
    try:
        value = decoder.decode(payload)
    except msgspec.DecodeError:  # signed by us, in another version's layout
        return None
    return value if value.version == VERSION else None
