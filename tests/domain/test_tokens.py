import msgspec
import pytest

from domain.campaigns import BillableEvent
from domain.errors import InvalidCursor
from domain.record import Id
from domain.signing import Purpose, Signer
from domain.targeting import Surface
from domain.tokens import (
    FeedCursor,
    ItemToken,
    SlotToken,
    feed_cursor,
    item_token,
    pack_ids,
    read_feed_cursor,
    read_item_token,
    read_slot_token,
    slot_token,
    unpack_ids,
    viewer_hash,
)
from tests.domain.builders import NOW_MS, entity_id, make_slot

SIGNER = Signer(b"0123456789abcdef0123456789abcdef")
OTHER = Signer(b"another key, of thirty-two bytes")
SLOT = make_slot(1, gap=3)


def test_a_slot_token_fixes_ad_price_place_and_expiry() -> None:
    token = slot_token(SIGNER, SLOT, "user:1", Surface.HOME_FEED, 7)
    assert read_slot_token(SIGNER, token) == SlotToken(
        version=1,
        slot_id=SLOT.slot_id,
        ad_id=SLOT.ad_id,
        ad_group_id=SLOT.ad_group_id,
        campaign_id=SLOT.campaign_id,
        pin_id=SLOT.pin_id,
        viewer_hash=viewer_hash("user:1"),
        surface=Surface.HOME_FEED,
        position=7,
        billable_event=BillableEvent.IMPRESSION,
        price_micros=2_000_000,
        currency="USD",
        served_at=NOW_MS,
        impression_expires_at=NOW_MS + 60 * 60 * 1000,
        click_expires_at=NOW_MS + 30 * 24 * 60 * 60 * 1000,
    )


def test_the_same_slot_gives_the_same_token() -> None:
    tokens = {slot_token(SIGNER, SLOT, "user:1", Surface.HOME_FEED, 7) for _ in range(2)}
    assert len(tokens) == 1


def test_an_item_token_names_session_position_and_pin() -> None:
    token = item_token(SIGNER, "s1", "user:1", 8, entity_id(0xABC))
    read = read_item_token(SIGNER, token)
    assert read == ItemToken(1, "s1", viewer_hash("user:1"), 8, bytes(10) + b"\x0a\xbc")
    assert read.pin_id == entity_id(0xABC)


def test_a_cursor_comes_back_as_it_was() -> None:
    seen = [entity_id(1), entity_id(2)]
    cursor = feed_cursor(SIGNER, "s1", "user:1", NOW_MS, 14, seen)
    read = read_feed_cursor(SIGNER, cursor, "user:1")
    assert read == FeedCursor(1, "s1", viewer_hash("user:1"), NOW_MS, 14, pack_ids(seen))
    assert read.seen_ids == (entity_id(1), entity_id(2))


def test_a_cursor_keeps_the_last_fifty_seen() -> None:
    seen = [entity_id(number) for number in range(60)]
    read = read_feed_cursor(SIGNER, feed_cursor(SIGNER, "s1", "user:1", NOW_MS, 1, seen), "user:1")
    assert read.seen_ids == tuple(seen[10:])


def test_a_cursor_without_seen_pins_is_short() -> None:
    assert len(feed_cursor(SIGNER, "0" * 32, "user:1", NOW_MS, 1000)) < 130


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "garbage",
        feed_cursor(OTHER, "s1", "user:1", NOW_MS, 1),
        feed_cursor(SIGNER, "s1", "user:2", NOW_MS, 1),
        item_token(SIGNER, "s1", "user:1", 1, entity_id(1)),
        slot_token(SIGNER, SLOT, "user:1", Surface.HOME_FEED, 7),
        SIGNER.sign(Purpose.FEED_CURSOR, b"not msgpack"),
        SIGNER.sign(
            Purpose.FEED_CURSOR, msgspec.msgpack.encode([2, "s1", viewer_hash("user:1"), 0, 1, b""])
        ),
    ],
    ids=["empty", "garbage", "key", "viewer", "item", "slot", "layout", "version"],
)
def test_what_is_not_a_cursor_of_this_viewer_is_refused(cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        read_feed_cursor(SIGNER, cursor, "user:1")


def test_tokens_do_not_stand_in_for_each_other() -> None:
    cursor = feed_cursor(SIGNER, "s1", "user:1", NOW_MS, 1)
    item = item_token(SIGNER, "s1", "user:1", 1, entity_id(1))
    slot = slot_token(SIGNER, SLOT, "user:1", Surface.HOME_FEED, 7)
    assert [read_slot_token(SIGNER, token) for token in (cursor, item)] == [None, None]
    assert [read_item_token(SIGNER, token) for token in (cursor, slot)] == [None, None]


def test_ids_are_packed_in_twelve_bytes_each() -> None:
    ids = (entity_id(1), Id("0123456789abcdef01234567"))
    assert pack_ids(ids) == bytes(11) + b"\x01" + bytes.fromhex("0123456789abcdef01234567")
    assert unpack_ids(pack_ids(ids)) == ids
    assert unpack_ids(b"") == ()


def test_a_viewers_hash_hides_the_viewer() -> None:
    assert viewer_hash("user:1") == viewer_hash("user:1")
    assert viewer_hash("user:1") != viewer_hash("user:2")
    assert len(viewer_hash("user:1")) == 8
