"""Values for the tests of the rules: valid as they come, changed where a test says so."""

from datetime import UTC, datetime

from msgspec.structs import replace

from domain.ad_candidates import AdCandidate
from domain.ad_slots import AdSlot, ad_slot
from domain.boards import BoardPrivacy
from domain.campaigns import BillableEvent
from domain.feed import Candidate, FeedItem, FeedReasonKind, FeedSession, FeedSource
from domain.media import Image, ImageMedia
from domain.pins import PinRecord
from domain.record import Id

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
NOW_MS = 1_772_366_400_000


def entity_id(number: int) -> Id:
    """A stored id that sorts as its number does."""
    return Id(f"{number:024x}")


def make_ad(number: int = 1, **changes: object) -> AdCandidate:
    """An ad that everybody may see: a CPM bid of 4 units; all of its ids differ by `number`."""
    ad = AdCandidate(
        ad_id=entity_id(0xAD0000 + number),
        ad_group_id=entity_id(0xA60000 + number),
        campaign_id=entity_id(0xCA0000 + number),
        ad_account_id=entity_id(0xAC0000 + number),
        advertiser_id=entity_id(0xAE0000 + number),
        pin_id=entity_id(0xF10000 + number),
        root_id=entity_id(0xF10000 + number),
        billable_event=BillableEvent.IMPRESSION,
        bid_micros=4_000_000,
        currency="USD",
        destination_url="https://shop.example/",
        pin_owner_id=entity_id(0xAE0000 + number),
        board_privacy=BoardPrivacy.PUBLIC,
    )
    return replace(ad, **changes)


def make_slot(number: int = 1, gap: int = 3, session_id: str = "s1") -> AdSlot:
    """A served ad of `make_ad(number)`."""
    return ad_slot(make_ad(number), 2_000_000, session_id, gap, NOW_MS)


def make_pin(number: int = 1, **changes: object) -> PinRecord:
    """A public root pin with a picture; its owner and board are its own."""
    pin = PinRecord(
        id=entity_id(number),
        owner_id=entity_id(0xB0000 + number),
        creator_id=entity_id(0xB0000 + number),
        board_id=entity_id(0xD0000 + number),
        root_id=entity_id(number),
        created_at=NOW,
        media=ImageMedia(
            image=Image(source_url=f"https://pictures.example/{number}.jpg", width=600, height=800)
        ),
    )
    return replace(pin, **changes)


def make_candidate(
    number: int = 1, source: FeedSource = FeedSource.FOLLOWING, **changes: object
) -> Candidate:
    """What a source offers; `changes` are the pin's."""
    return Candidate(
        pin=make_pin(number, **changes), source=source, reason=FeedReasonKind.FOLLOWS_USER
    )


def make_session(length: int, session_id: str = "s1") -> FeedSession:
    """A session of `length` items, pins 1 to `length`."""
    items = tuple(
        FeedItem(
            entity_id(number),
            entity_id(number),
            FeedSource.FOLLOWING,
            FeedReasonKind.FOLLOWS_USER,
        )
        for number in range(1, length + 1)
    )
    return FeedSession(id=session_id, viewer_key="v1", created_at=NOW, items=items)
