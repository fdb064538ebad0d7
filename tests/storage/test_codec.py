"""Records become documents and come back the same, whatever is in them."""

from collections.abc import Iterator
from datetime import UTC, datetime
from enum import Enum
from functools import cache
from pkgutil import iter_modules
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from bson import ObjectId, decode, encode
from bson.errors import InvalidId
from hypothesis import given
from hypothesis import strategies as st

import domain
from domain.boards import BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.campaigns import TargetingSpec
from domain.follows import FollowRecord
from domain.media import CarouselVideo, MultiVideoMedia, VideoMedia
from domain.pins import PinRecord, ReactionType
from domain.record import Id, Record
from storage.codec import CODEC, document, object_id, object_ids, record, records
from tests.world import World


def record_types() -> Iterator[type[Record]]:
    """Every record of the domain."""
    for module in iter_modules(domain.__path__, "domain."):
        __import__(module.name)
    yield from Record.__subclasses__()


RECORDS = [each for each in record_types() if each.__module__.startswith("domain.")]

ids = st.binary(min_size=12, max_size=12).map(lambda raw: Id(raw.hex()))
texts = st.text() | st.sampled_from(["null", "true", "1", "1.5", "a" * 24, "2026-03-01", "\x00"])
times = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=time.microsecond // 1000 * 1000)
)
integers = st.integers(-(2**63), 2**63 - 1)
numbers = st.floats(allow_nan=False)


@cache
def values(annotation: Any) -> st.SearchStrategy[Any]:
    """All values of a field's type; made once, which takes longer than to draw some."""
    plain: dict[Any, st.SearchStrategy[Any]] = {
        Id: ids,
        str: texts,
        bool: st.booleans(),
        int: integers,
        float: numbers,
        datetime: times,
        NoneType: st.none(),
    }
    if annotation in plain:
        return plain[annotation]
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin in (Union, UnionType):
        return st.one_of(*map(values, arguments))
    if origin is tuple:
        return st.lists(values(arguments[0]), max_size=3).map(tuple)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    if issubclass(annotation, Enum):
        return st.sampled_from(annotation)
    assert issubclass(annotation, msgspec.Struct), annotation
    hints = get_type_hints(annotation)
    return st.builds(annotation, **{name: values(hint) for name, hint in hints.items()})


def there_and_back(fields: dict[str, Any]) -> dict[str, Any]:
    """A document as it comes back from a collection that is opened with `CODEC`."""
    return decode(encode(fields), codec_options=CODEC)


def test_all_records_are_tested() -> None:
    assert {PinRecord, BoardRecord, FollowRecord} < set(RECORDS)
    assert len(RECORDS) >= 11


@pytest.mark.parametrize("record_type", RECORDS)
@given(data=st.data())
def test_a_record_comes_back_as_it_was(record_type: type[Record], data: Any) -> None:
    value = data.draw(values(record_type))
    stored = there_and_back(document(value))
    assert stored.keys() == {info.encode_name for info in msgspec.structs.fields(record_type)}
    assert record(stored, record_type) == value
    assert records([stored, stored], record_type) == [value, value]


def test_ids_are_object_ids_wherever_the_type_says_so() -> None:
    one, two, three, four = (Id(f"{number:024x}") for number in range(4))
    joined = datetime(2026, 3, 1, tzinfo=UTC)
    board = BoardRecord(
        id=one,
        owner_id=two,
        name=three,  # looks like an id, and is a name
        slug="b",
        created_at=joined,
        pins_modified_at=joined,
        collaborators=(
            Collaborator(user_id=three, invited_by_id=four),
            Collaborator(user_id=four, role=BoardRole.VIEWER, status=InviteStatus.PENDING),
        ),
    )
    stored = document(board)
    assert (stored["_id"], stored["owner_id"]) == (ObjectId(one), ObjectId(two))
    assert stored["name"] == three
    assert stored["archived_at"] is None
    assert [
        (member["user_id"], member["invited_by_id"], member["role"], member["status"])
        for member in stored["collaborators"]
    ] == [
        (ObjectId(three), ObjectId(four), "EDITOR", "ACCEPTED"),
        (ObjectId(four), None, "VIEWER", "PENDING"),
    ]
    assert all(type(member["role"]) is str for member in stored["collaborators"])


def test_lists_of_ids_are_lists_of_object_ids() -> None:
    targeting = TargetingSpec(topic_ids=(Id("a" * 24),), countries=("US",))

    class Targeted(Record, frozen=True, kw_only=True):
        targeting: TargetingSpec

    stored = document(Targeted(id=Id("b" * 24), targeting=targeting))
    assert stored["targeting"]["topic_ids"] == [ObjectId("a" * 24)]
    assert stored["targeting"]["countries"] == ["US"]


def test_media_keep_their_kind_at_every_depth() -> None:
    class Shown(Record, frozen=True, kw_only=True):
        media: MultiVideoMedia | VideoMedia

    video = VideoMedia(video_url="https://videos.example/1")
    stored = document(
        Shown(id=Id("a" * 24), media=MultiVideoMedia(items=(CarouselVideo(video=video),)))
    )
    assert stored["media"]["kind"] == "videos"
    assert stored["media"]["items"][0]["kind"] == "video"
    assert stored["media"]["items"][0]["video"]["kind"] == "video"


@pytest.mark.parametrize("text", ["", "x", "A" * 23, "g" * 24, "a" * 25, "a" * 24 + "\n"])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidId):
        object_id(text)
    with pytest.raises(InvalidId):
        object_ids(["a" * 24, text])


def test_a_document_that_is_no_record_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        record({"_id": "a" * 24}, FollowRecord)


async def test_both_drivers_store_what_they_are_given(world: World) -> None:
    ana = await world.user("ana", monthly_views=2**40, about="東京 \U0001f9c1")
    board = await world.board(ana, collaborators=(Collaborator(user_id=ana.id),))
    pin = await world.pin(
        board, reaction_counts={ReactionType.LOVE: 2}, trend=1e300, description="null"
    )
    storage = world.storage
    assert await storage.users.get_many([ana.id]) == {ana.id: ana}
    assert await storage.boards.get_many([board.id]) == {board.id: board}
    assert await storage.pins.get_many([pin.id]) == {pin.id: pin}
