"""What is stored: listed, pruned by the rule that keeps what people need, checked by a schema."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from graphql import build_schema

from domain.documents import (
    AppVersion,
    DocumentUse,
    NewDocument,
    OperationKind,
    Release,
    sha256_of,
)
from protocol.inventory import UNUSED_FOR, check, listed, prune
from protocol.publishing import Verifier
from storage.storage import Storage

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)

RECENT, EDGE, PAST = 1, 90, 91
"""Days ago: of the last ninety, just so, and before them."""


def text(name: str, field: str = "a") -> str:
    """The text of a query of a field."""
    return f"query {name} {{ {field} }}"


async def push(storage: Storage, app: str, version: str, days_ago: int, *names: str) -> None:
    """Publishes queries, each of a field of its name in lower case."""
    release = Release(app, version, NOW - timedelta(days=days_ago))
    await storage.documents.publish(
        release,
        [NewDocument(text(name, name.lower()), name, OperationKind.QUERY) for name in names],
    )


async def use(storage: Storage, name: str, app: str, version: str, days_ago: int) -> None:
    """Counts three uses of a query."""
    day = (NOW - timedelta(days=days_ago)).date()
    sha256 = sha256_of(text(name, name.lower()))
    await storage.document_uses.count({DocumentUse(sha256, app, version): 3}, day)


async def names(storage: Storage) -> set[str]:
    """What is stored."""
    return {each.name async for each in storage.documents.every()}


# Listed


async def test_documents_are_listed_with_the_uses_of_each_version(storage: Storage) -> None:
    await push(storage, "ios", "9", RECENT, "Pin", "Feed")
    await push(storage, "ios", "10", RECENT, "Pin")
    await push(storage, "web", "1", RECENT, "Feed")
    await use(storage, "Pin", "ios", "9", RECENT)
    await use(storage, "Pin", "ios", "9", 30)
    await use(storage, "Pin", "ios", "10", 31)
    await use(storage, "Feed", "stolen", "1", RECENT)
    feed, pin = await listed(storage, app=None, unused_for=None, now=NOW)
    assert list(feed.lines()) == [
        f"Feed  query  sha256:{sha256_of(text('Feed', 'feed'))}",
        "    ios 9: 0 uses in 30 days",
        "    other clients: 3 uses in 30 days",
        "    web 1: 0 uses in 30 days",
    ]
    assert pin.name == "Pin"
    assert pin.uses == {AppVersion("ios", "9"): 6, AppVersion("ios", "10"): 0}
    assert [each.name for each in await listed(storage, app="web", unused_for=None, now=NOW)] == [
        "Feed"
    ]


async def test_only_what_nobody_used_for_so_long_is_listed(storage: Storage) -> None:
    await push(storage, "ios", "9", RECENT, "Pin", "Feed", "Board")
    await use(storage, "Pin", "ios", "9", 5)
    await use(storage, "Feed", "ios", "9", 50)
    expected: Mapping[int, list[str]] = {
        4: ["Board", "Feed", "Pin"],
        5: ["Board", "Feed"],
        50: ["Board"],
    }
    for days, unused in expected.items():
        found = await listed(storage, app="ios", unused_for=timedelta(days=days), now=NOW)
        assert [each.name for each in found] == unused


async def test_a_document_of_no_version_says_so(storage: Storage) -> None:
    await push(storage, "ios", "9", RECENT, "Pin")
    await storage.documents.retire(AppVersion("ios", "9"))
    [pin] = await listed(storage, app=None, unused_for=None, now=NOW)
    assert list(pin.lines())[1:] == ["    no version of any app"]


# Pruned


async def test_what_a_living_version_needs_is_never_deleted(storage: Storage) -> None:
    await push(storage, "ios", "8", PAST, "Dead", "Shared", "SentByStrangers")
    await push(storage, "ios", "9", RECENT, "Shared", "Pushed")
    await push(storage, "ios", "9-edge", EDGE, "OnTheEdge")
    await push(storage, "web", "1", PAST, "InUse", "WithoutUse")
    await push(storage, "web", "2", PAST, "LongUnused")
    await use(storage, "InUse", "web", "1", EDGE)
    await use(storage, "LongUnused", "web", "2", PAST)
    await use(storage, "SentByStrangers", "nobody", "0", RECENT)
    everything = await names(storage)

    proposed = await prune(storage, unused_for=UNUSED_FOR, now=NOW, apply=False)
    assert [each.name for each in proposed.removable] == ["Dead", "LongUnused"]
    assert proposed.deleted == 0
    assert await names(storage) == everything

    pruned = await prune(storage, unused_for=UNUSED_FOR, now=NOW, apply=True)
    assert pruned == proposed._replace(deleted=2)
    assert await names(storage) == everything - {"Dead", "LongUnused"}
    again = await prune(storage, unused_for=UNUSED_FOR, now=NOW, apply=True)
    assert (again.removable, again.deleted) == ([], 0)


async def test_a_version_that_was_pushed_again_keeps_what_it_was_first_built_with(
    storage: Storage,
) -> None:
    first = [f"Operation{number}" for number in range(20)]
    await push(storage, "ios", "8", PAST, *first)
    await push(storage, "ios", "8", RECENT, "Operation7", "Another")
    pruned = await prune(storage, unused_for=UNUSED_FOR, now=NOW, apply=True)
    assert pruned.removable == []
    assert await names(storage) == {*first, "Another"}


async def test_a_pruned_document_is_not_served_from_redis(storage: Storage) -> None:
    await push(storage, "ios", "8", PAST, "Dead", "Dying")
    ids = [sha256_of(text(name, name.lower())) for name in ("Dead", "Dying")]
    assert await storage.documents.get(ids[0]) is not None
    assert (await prune(storage, unused_for=UNUSED_FOR, now=NOW, apply=True)).deleted == 2
    assert [await storage.documents.get(each) for each in ids] == [None, None]


async def test_the_time_that_counts_is_for_the_operator_to_say(storage: Storage) -> None:
    await push(storage, "ios", "8", 40, "Feed")
    for days, removable in ((39, 1), (40, 0), (41, 0)):
        found = await prune(storage, unused_for=timedelta(days=days), now=NOW, apply=False)
        assert len(found.removable) == removable


async def test_more_than_a_page_is_pruned(storage: Storage) -> None:
    await push(storage, "ios", "8", PAST, *(f"Dead{number}" for number in range(1_001)))
    await push(storage, "ios", "9", RECENT, "Dead7", "Living")
    pruned = await prune(storage, unused_for=UNUSED_FOR, now=NOW, apply=True)
    assert (len(pruned.removable), pruned.deleted) == (1_000, 1_000)
    assert await names(storage) == {"Dead7", "Living"}


# Checked


async def test_a_schema_is_checked_by_what_living_versions_send(storage: Storage) -> None:
    await push(storage, "ios", "8", PAST, "Gone", "Sent")
    await push(storage, "ios", "9", RECENT, "Feed", "Gone2", "Old")
    await push(storage, "web", "1", RECENT, "Gone2")
    await use(storage, "Sent", "unknown", "unknown", RECENT)
    schema = build_schema(
        'type Query { feed: Int, old: Int @deprecated(reason: "Use feed."), gone3: Int }'
    )
    checked = await check(storage, Verifier(schema), unused_for=UNUSED_FOR, now=NOW)
    assert list(checked.lines()) == [
        "Would break:",
        "  Gone2: Cannot query field 'gone2' on type 'Query'. Did you mean 'gone3'? (1:15)",
        "      needed by ios 9, web 1",
        "  Sent: Cannot query field 'sent' on type 'Query'. (1:14)",
        "      needed by nobody that we know",
        "Deprecated:",
        "  Old: The field Query.old is deprecated. Use feed. (1:13)",
        "      needed by ios 9",
        "5 documents checked: 2 would break, 1 use what is deprecated; "
        "1 that nobody needs would break as well.",
    ]


async def test_a_schema_that_breaks_nothing(storage: Storage) -> None:
    await push(storage, "ios", "9", RECENT, "Feed")
    verifier = Verifier(build_schema("type Query { feed: Int }"))
    checked = await check(storage, verifier, unused_for=UNUSED_FOR, now=NOW)
    assert (checked.total, checked.broken, checked.deprecated, checked.unneeded) == (1, [], [], 0)
    assert len(list(checked.lines())) == 1
