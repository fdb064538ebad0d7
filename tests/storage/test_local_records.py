"""Records at hand: how long they are, what drops them, and how much memory they take."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import REGISTRY

from domain.record import Id
from domain.topics import TopicRecord
from storage.local_records import LEASE_S, TTL_S, LocalKind, LocalRecords
from tests.storage.loads import A, B, C

MOST_BYTES = 10_000
SIZE = 1_300
"""What an entry of 400 encoded bytes takes: seven of them fit."""


class Clock:
    """The time, which stands still until a test says otherwise."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock that leases and entries end by."""
    clock = Clock()
    monkeypatch.setattr("storage.local_records.monotonic", clock)
    return clock


@pytest.fixture
def local(clock: Clock) -> LocalRecords:
    """Room for a little, and Redis tells of changes."""
    local = LocalRecords(MOST_BYTES)
    local.open(clock.now)
    return local


@pytest.fixture
def topics(local: LocalRecords) -> LocalKind[TopicRecord]:
    """The topics at hand."""
    return local.kind("topics")


def keep(topics: LocalKind[TopicRecord], *records: TopicRecord, encoded: int = 400) -> None:
    """Keeps records that Redis was asked for, and had."""
    marks = topics.mark([each.id for each in records])
    for each in records:
        topics.keep(marks, each.id, each, encoded)
    topics.unmark(marks)


def many(count: int) -> list[TopicRecord]:
    """Some topics."""
    return [TopicRecord(id=Id(f"{n:024x}"), key=str(n), name=str(n)) for n in range(count)]


# Finding


def test_what_was_kept_is_found_and_each_other_id_named_once(
    topics: LocalKind[TopicRecord],
) -> None:
    keep(topics, A, B)
    assert topics.find([A.id, C.id, B.id, C.id, A.id]) == ({A.id: A, B.id: B}, [C.id])
    assert topics.find(iter([B.id, B.id])) == ({B.id: B}, [])
    assert topics.find([]) == ({}, [])


def test_what_is_missing_is_known_to_be(topics: LocalKind[TopicRecord]) -> None:
    keep(topics, A)
    marks = topics.mark([B.id])
    topics.keep(marks, B.id, None, 0)
    assert topics.find([A.id, B.id, C.id]) == ({A.id: A}, [C.id])


def test_every_kind_has_entries_of_its_own(
    local: LocalRecords, topics: LocalKind[TopicRecord]
) -> None:
    keep(topics, A)
    assert local.kind("users").find([A.id]) == ({}, [A.id])
    assert local.kind("topics").find([A.id]) == ({A.id: A}, [])


# Leases


def test_nothing_is_found_when_the_lease_is_over_and_all_when_there_is_another(
    local: LocalRecords, topics: LocalKind[TopicRecord], clock: Clock
) -> None:
    keep(topics, A)
    asked_at = clock.now
    clock.now += LEASE_S
    assert topics.find([A.id, A.id]) == ({}, [A.id])
    # The lease begins when Redis was asked, however long it took to answer.
    local.renew(asked_at + LEASE_S / 2)
    assert topics.find([A.id]) == ({A.id: A}, [])
    clock.now += LEASE_S / 2
    assert topics.find([A.id]) == ({}, [A.id])


def test_without_redis_everything_is_dropped_and_nothing_kept(
    local: LocalRecords, topics: LocalKind[TopicRecord], clock: Clock
) -> None:
    keep(topics, A)
    asked = topics.mark([B.id])
    local.close()
    assert topics.find([A.id]) == ({}, [A.id])
    keep(topics, C)
    local.open(clock.now)
    topics.keep(asked, B.id, B, 400)
    assert topics.find([A.id, B.id, C.id]) == ({}, [A.id, B.id, C.id])
    keep(topics, A)
    assert topics.find([A.id]) == ({A.id: A}, [])


# Changes


def test_a_change_drops_an_entry(local: LocalRecords, topics: LocalKind[TopicRecord]) -> None:
    keep(topics, A, B)
    local.changed("topics", A.id)
    local.changed("nothing of ours", B.id)
    assert topics.find([A.id, B.id]) == ({B.id: B}, [A.id])


def test_a_flush_drops_all(local: LocalRecords, topics: LocalKind[TopicRecord]) -> None:
    keep(topics, A, B)
    asked = topics.mark([C.id])
    local.flushed()
    topics.keep(asked, C.id, C, 400)
    assert topics.find([A.id, B.id, C.id]) == ({}, [A.id, B.id, C.id])


@pytest.mark.parametrize("is_own", [False, True], ids=["elsewhere", "here"])
def test_an_answer_from_before_a_change_is_not_kept(
    local: LocalRecords, topics: LocalKind[TopicRecord], is_own: bool
) -> None:
    asked = topics.mark([A.id, B.id])
    if is_own:
        topics.drop([A.id], "written")
    else:
        local.changed("topics", A.id)
    topics.keep(asked, A.id, A, 400)
    topics.keep(asked, B.id, B, 400)
    assert topics.find([A.id, B.id]) == ({B.id: B}, [A.id])


def test_readers_at_the_same_time_share_a_mark(topics: LocalKind[TopicRecord]) -> None:
    """The second keeps what came, also if the first has given up or kept it before."""
    for gives_up in (False, True):
        first, second = topics.mark([A.id]), topics.mark([A.id])
        assert first == second
        if not gives_up:
            topics.keep(first, A.id, A, 400)
            topics.unmark(first)
            assert topics.find([A.id]) == ({A.id: A}, [])
        topics.keep(second, A.id, A, 400)
        topics.unmark(second)
        assert topics.find([A.id]) == ({A.id: A}, [])
        topics.drop([A.id], "written")


def test_who_asked_after_a_change_keeps_its_answer_and_who_asked_before_does_not(
    local: LocalRecords, topics: LocalKind[TopicRecord]
) -> None:
    before = topics.mark([A.id])
    local.changed("topics", A.id)
    after = topics.mark([A.id])
    topics.keep(before, A.id, B, 400)
    topics.unmark(before)
    assert topics.find([A.id]) == ({}, [A.id])
    topics.keep(after, A.id, A, 400)
    assert topics.find([A.id]) == ({A.id: A}, [])


def test_an_answer_that_nobody_asked_for_is_not_kept(topics: LocalKind[TopicRecord]) -> None:
    topics.keep({}, A.id, A, 400)
    asked = topics.mark([B.id])
    topics.keep(asked, A.id, A, 400)
    topics.unmark(asked)
    topics.keep(asked, B.id, B, 400)
    assert topics.find([A.id, B.id]) == ({}, [A.id, B.id])


# Memory


def test_entries_end(local: LocalRecords, topics: LocalKind[TopicRecord], clock: Clock) -> None:
    keep(topics, A)
    clock.now += TTL_S / 2
    keep(topics, B)
    clock.now += TTL_S / 2
    local.renew(clock.now)
    local.tidy()
    assert topics.find([A.id, B.id]) == ({B.id: B}, [A.id])
    assert local.bytes == SIZE


def test_what_came_first_makes_room(local: LocalRecords, topics: LocalKind[TopicRecord]) -> None:
    records = many(9)
    keep(topics, *records)
    assert local.bytes == 7 * SIZE
    found, unknown = topics.find([each.id for each in records])
    assert list(found.values()) == records[2:]
    assert unknown == [each.id for each in records[:2]]


def test_kinds_share_the_room(local: LocalRecords, topics: LocalKind[TopicRecord]) -> None:
    keep(topics, A)
    keep(local.kind("others"), *many(7))
    assert topics.find([A.id]) == ({}, [A.id])
    assert len(local.kind("others")) == 7


def test_what_would_take_all_of_it_is_not_kept(
    local: LocalRecords, topics: LocalKind[TopicRecord]
) -> None:
    keep(topics, A)
    keep(topics, B, encoded=4_000)
    assert topics.find([A.id, B.id]) == ({A.id: A}, [B.id])


def test_an_entry_that_came_again_outlives_the_first(
    local: LocalRecords, topics: LocalKind[TopicRecord], clock: Clock
) -> None:
    keep(topics, A)
    local.changed("topics", A.id)
    clock.now += TTL_S / 2
    renamed = TopicRecord(id=A.id, key="a", name="renamed")
    keep(topics, renamed)
    clock.now += TTL_S / 2
    local.renew(clock.now)
    local.tidy()
    assert topics.find([A.id]) == ({A.id: renamed}, [])


ACTIONS = st.one_of(
    st.tuples(st.just("keep"), st.integers(0, 9), st.integers(0, 3_880)),
    st.tuples(st.sampled_from(["change", "write"]), st.integers(0, 9), st.just(0)),
    st.tuples(st.sampled_from(["close", "flush", "tidy", "wait"]), st.just(0), st.just(0)),
)


@given(actions=st.lists(ACTIONS, max_size=60))
def test_no_more_is_held_than_may_be(actions: list[tuple[str, int, int]]) -> None:
    """And all that can be found is counted, whatever was dropped meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        clock = Clock()
        patch.setattr("storage.local_records.monotonic", clock)
        local = LocalRecords(MOST_BYTES)
        local.open(clock.now)
        topics: LocalKind[TopicRecord] = local.kind("topics")
        records = many(10)
        sizes: dict[Id, int] = {}
        for action, number, encoded in actions:
            match action:
                case "keep":
                    keep(topics, records[number], encoded=encoded)
                    sizes[records[number].id] = encoded
                case "change":
                    local.changed("topics", records[number].id)
                case "write":
                    topics.drop([records[number].id], "written")
                case "close":
                    local.close()
                    local.open(clock.now)
                case "flush":
                    local.flushed()
                case "tidy":
                    local.tidy()
                case "wait":
                    clock.now += TTL_S / 3
                    local.renew(clock.now)
            found, _ = topics.find([each.id for each in records])
            assert sum(sizes[each] for each in found) <= local.bytes <= MOST_BYTES
        clock.now += TTL_S
        local.tidy()
        assert (local.bytes, len(topics)) == (0, 0)


# Metrics


@pytest.fixture
def measured(local: LocalRecords) -> Iterator[Any]:
    """What was counted since the test began."""
    names = ("pinery_local_records_hits_total", "pinery_local_records_misses_total")
    reasons = ("written", "changed", "crowded out", "expired", "lost", "flushed")

    def read() -> dict[str, float]:
        local.tidy()
        found = {name: REGISTRY.get_sample_value(name) or 0 for name in names}
        for reason in reasons:
            labels = {"reason": reason}
            count = REGISTRY.get_sample_value("pinery_local_records_drops_total", labels)
            found[reason] = count or 0
        return found

    before = read()
    yield lambda: {
        name: value - before[name] for name, value in read().items() if value != before[name]
    }


def test_what_happens_is_measured(
    local: LocalRecords, topics: LocalKind[TopicRecord], clock: Clock, measured: Any
) -> None:
    records = many(9)
    ids = [each.id for each in records]
    keep(topics, *records)
    topics.find(ids)
    topics.drop(ids[:5], "written")
    local.changed("topics", ids[5])
    assert measured() == {
        "pinery_local_records_hits_total": 7,
        "pinery_local_records_misses_total": 2,
        "crowded out": 2,
        "written": 3,
        "changed": 1,
    }
    assert REGISTRY.get_sample_value("pinery_local_records_entries") == 3
    assert REGISTRY.get_sample_value("pinery_local_records_bytes") == 7 * SIZE
    local.flushed()
    keep(topics, A)
    clock.now += TTL_S
    local.tidy()
    keep(topics, A)
    local.close()
    assert {name: measured()[name] for name in ("flushed", "expired", "lost")} == {
        "flushed": 3,
        "expired": 1,
        "lost": 1,
    }
