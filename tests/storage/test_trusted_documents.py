"""Trusted documents and their uses, in the stores as they are."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
)

from domain.documents import (
    OTHER,
    AppVersion,
    DocumentRecord,
    DocumentUse,
    IdTaken,
    NewDocument,
    OperationKind,
    Published,
    Release,
    sha256_of,
)
from domain.errors import StoreUnavailable
from storage.documents import MOST_RELEASES, DocumentStore
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
TODAY = date(2026, 5, 1)
IOS_8 = Release("ios", "8.1", NOW)
IOS_9 = Release("ios", "9.0", NOW + timedelta(days=1))
WEB = Release("web", "$version", NOW)

MD5 = "0123456789abcdef0123456789abcdef"


def new(name: str, *custom_ids: str) -> NewDocument:
    """A document of one query."""
    return NewDocument(f"query {name} {{ a }}", name, OperationKind.QUERY, custom_ids)


FEED, PIN = new("Feed", MD5), new("Pin")


def own_id(document: NewDocument) -> str:
    """The id that a document's text gives."""
    return document.ids[0]


def hash_of(document: NewDocument) -> str:
    """The hash of a document's text."""
    return sha256_of(document.text)


@pytest.fixture
def documents(storage: Storage) -> DocumentStore:
    """No documents yet."""
    return storage.documents


async def stored(documents: DocumentStore) -> dict[str, DocumentRecord]:
    """All documents, by name."""
    return {each.name: each async for each in documents.every()}


# Found by id


async def test_a_document_is_found_by_each_of_its_ids(documents: DocumentStore) -> None:
    await documents.publish(IOS_8, [FEED, PIN])
    for spelling in (own_id(FEED), hash_of(FEED), MD5):
        for _ in ("from MongoDB", "from Redis"):
            found = await documents.get(spelling)
            assert found is not None
            assert (found.sha256, found.text, found.name) == (hash_of(FEED), FEED.text, "Feed")
            assert found.ids == (own_id(FEED), MD5)
            assert found.kind is OperationKind.QUERY
            assert found.releases == ()
    assert await documents.get(own_id(new("Another"))) is None


async def test_mongodb_is_asked_once_for_what_is_there_and_for_what_is_not(
    documents: DocumentStore, calls: list[str]
) -> None:
    await documents.publish(IOS_8, [FEED])
    for known, is_there in ((own_id(FEED), True), (own_id(PIN), False), ("hostile", False)):
        calls.clear()
        assert (await documents.get(known) is not None) == is_there
        assert calls == ["cache.documents", "documents.get", "cache.fill_documents"]
        calls.clear()
        assert (await documents.get(known.removeprefix("sha256:")) is not None) == is_there
        assert calls == ["cache.documents"]


@pytest.mark.parametrize("hostile", ["", "a" * 129, "sha256:*", "md5:a", "{a}", "a\r\nFLUSHALL"])
async def test_what_can_be_no_id_is_not_looked_for(
    documents: DocumentStore, calls: list[str], hostile: str
) -> None:
    assert await documents.get(hostile) is None
    assert calls == []


async def test_a_missing_document_is_forgotten_soon(
    storage: Storage, documents: DocumentStore
) -> None:
    await documents.get("nothing")
    [key] = await storage.redis.client.keys("*")
    assert 20_000 < await storage.redis.client.pttl(key) <= 33_000


async def test_a_published_document_shows_at_once(documents: DocumentStore) -> None:
    assert await documents.get(MD5) is None
    await documents.publish(IOS_8, [FEED])
    assert await documents.get(MD5) is not None


async def test_each_store_stands_in_for_the_other(own_stores: EmbeddedStores) -> None:
    storage = Storage(
        Mongo(own_stores.mongo_url, database="own", deadline_ms=500),
        Redis(own_stores.redis_url, deadline_ms=500),
    )
    await storage.prepare()
    documents = storage.documents
    await documents.publish(IOS_8, [FEED, PIN])
    feed = await documents.get(MD5)
    assert feed is not None
    own_stores.mongo.kill()
    assert await documents.get(MD5) == feed
    with pytest.raises(StoreUnavailable):
        await documents.get(own_id(PIN))
    own_stores.mongo.start()
    own_stores.redis.kill()
    async with asyncio.timeout(30):
        while True:  # until the breaker lets MongoDB be asked again
            try:
                assert await documents.get(MD5) == feed
                break
            except StoreUnavailable:
                await asyncio.sleep(0.1)
    assert (await documents.publish(IOS_8, [new("Third")])) == Published(1, 0)
    own_stores.mongo.kill()
    with pytest.raises(StoreUnavailable):
        await documents.get(MD5)
    await storage.close()


# Published


async def test_a_document_remembers_who_was_built_with_it(documents: DocumentStore) -> None:
    assert await documents.publish(IOS_8, [FEED, PIN]) == Published(added=2, known=0)
    assert await documents.publish(WEB, [PIN, new("Board")]) == Published(added=1, known=1)
    found = await stored(documents)
    assert {name: each.releases for name, each in found.items()} == {
        "Feed": (IOS_8,),
        "Pin": (IOS_8, WEB),
        "Board": (WEB,),
    }
    assert found["Pin"].text == PIN.text
    assert found["Pin"].ids == (own_id(PIN),)


async def test_to_publish_again_renews_the_push_and_nothing_else(
    documents: DocumentStore,
) -> None:
    await documents.publish(IOS_8, [FEED])
    for _ in range(2):
        await documents.publish(WEB, [FEED])
    before = (await stored(documents))["Feed"]
    later = Release("ios", "8.1", NOW + timedelta(days=3))
    assert await documents.publish(later, [FEED, FEED]) == Published(added=0, known=1)
    assert await stored(documents) == {"Feed": replace(before, releases=(WEB, later))}


async def test_a_text_gains_ids(documents: DocumentStore) -> None:
    await documents.publish(IOS_8, [new("Feed", "first")])
    await documents.publish(IOS_9, [new("Feed"), new("Feed", "second", "x-a:third")])
    feed = await documents.get("second")
    assert feed is not None
    assert feed.ids == (own_id(FEED), "first", "second", "x-a:third")
    assert await documents.get("first") == await documents.get("x-a:third") == feed


async def test_a_document_remembers_its_latest_releases(
    storage: Storage, documents: DocumentStore
) -> None:
    await documents.publish(IOS_8, [FEED])
    many = [
        {"app": "ios", "version": f"7.{number}", "pushed_at": NOW}
        for number in range(MOST_RELEASES)
    ]
    await storage.mongo.collection("documents").update_one({}, {"$set": {"releases": many}})
    await documents.publish(IOS_9, [FEED])
    releases = (await stored(documents))["Feed"].releases
    assert len(releases) == MOST_RELEASES
    assert (releases[0].version, releases[-1]) == ("7.1", IOS_9)


async def test_an_id_never_comes_to_name_another_text(documents: DocumentStore) -> None:
    await documents.publish(IOS_8, [FEED])
    before = await stored(documents)
    with pytest.raises(IdTaken, match=f"The id {MD5} names another document already") as raised:
        await documents.publish(IOS_9, [new("Board"), FEED, new("Pin", MD5), new("Last")])
    assert raised.value.document_id == MD5
    assert hash_of(FEED) in str(raised.value)
    assert await stored(documents) == before
    with pytest.raises(IdTaken, match="The id same names"):
        await documents.publish(IOS_9, [new("Board", "same"), new("Last", "same")])
    assert await stored(documents) == before


async def test_the_same_manifest_pushed_many_times_at_once(documents: DocumentStore) -> None:
    manifest = [new(f"Operation{number}", f"id{number}") for number in range(30)]
    releases = [Release("ios", str(number), NOW) for number in range(4)]
    results = await asyncio.gather(
        *(documents.publish(release, manifest) for release in releases),
        *(documents.publish(release, manifest[::-1]) for release in releases),
    )
    assert sum(result.added for result in results) == 30
    assert all(result.added + result.known == 30 for result in results)
    found = await stored(documents)
    assert found.keys() == {each.name for each in manifest}
    for document in found.values():
        assert sorted(each.version for each in document.releases) == list("0123")


async def test_of_two_texts_that_want_one_id_at_once_one_gets_it(
    documents: DocumentStore,
) -> None:
    for round_ in range(5):
        manifests = [
            [new(f"Before{n}Round{round_}"), new(f"Wants{n}Round{round_}", f"wanted{round_}")]
            for n in range(4)
        ]
        results = await asyncio.gather(
            *(documents.publish(IOS_8, manifest) for manifest in manifests),
            return_exceptions=True,
        )
        refused = [result for result in results if isinstance(result, IdTaken)]
        assert len(refused) == 3, results
        [winner] = [n for n, result in enumerate(results) if result == Published(2, 0)]
        names = {each for each in await stored(documents) if each.endswith(f"Round{round_}")}
        assert names == {each.name for each in manifests[winner]}


# Listed and deleted


async def test_documents_come_page_by_page(documents: DocumentStore) -> None:
    await documents.publish(IOS_8, [new(f"Operation{number}") for number in range(7)])
    await documents.publish(WEB, [new("Operation3"), new("Other")])
    everything = await documents.page()
    assert [each.sha256 for each in everything] == sorted(each.sha256 for each in everything)
    assert len(everything) == 8
    assert await documents.page(limit=3) == everything[:3]
    assert await documents.page(after=everything[2].sha256, limit=3) == everything[3:6]
    assert await documents.page(after=everything[-1].sha256) == []
    web = [each async for each in documents.every(app="web")]
    assert {each.name for each in web} == {"Operation3", "Other"}
    assert [each async for each in documents.every(app="android")] == []


async def test_a_retired_release_has_no_documents(documents: DocumentStore) -> None:
    await documents.publish(IOS_8, [FEED, PIN])
    await documents.publish(IOS_9, [FEED])
    await documents.publish(Release("web", "8.1", NOW), [FEED])
    assert await documents.retire(AppVersion("ios", "8.1")) == 2
    assert await documents.retire(AppVersion("ios", "8.1")) == 0
    found = await stored(documents)
    assert [each.app_version for each in found["Feed"].releases] == [("ios", "9.0"), ("web", "8.1")]
    assert found["Pin"].releases == ()


async def test_a_deleted_document_is_gone_at_once(documents: DocumentStore) -> None:
    await documents.publish(IOS_8, [FEED, PIN])
    assert await documents.get(MD5) is not None
    after = NOW + timedelta(seconds=1)
    assert await documents.delete([hash_of(FEED), "f" * 64], pushed_before=after) == 1
    assert await documents.get(MD5) is None
    assert (await stored(documents)).keys() == {"Pin"}
    assert await documents.delete([], pushed_before=after) == 0


async def test_a_release_that_comes_in_between_keeps_its_documents(
    documents: DocumentStore,
) -> None:
    await documents.publish(IOS_8, [FEED, PIN])
    await documents.publish(IOS_9, [FEED])
    hashes = [hash_of(FEED), hash_of(PIN)]
    assert await documents.delete(hashes, pushed_before=IOS_9.pushed_at) == 1
    assert (await stored(documents)).keys() == {"Feed"}


class WriteRecorder(CommandListener):
    """Remembers the updates and deletions that are sent."""

    def __init__(self) -> None:
        self.commands: list[dict[str, Any]] = []

    def started(self, event: CommandStartedEvent) -> None:
        """Called by the driver before it sends a command."""
        for name, parts in (("update", "updates"), ("delete", "deletes")):
            if event.command_name == name:
                self.commands += [
                    {name: event.command[name], parts: [part]} for part in event.command[parts]
                ]

    def succeeded(self, event: CommandSucceededEvent) -> None:
        """Called by the driver after an answer."""

    def failed(self, event: CommandFailedEvent) -> None:
        """Called by the driver after an error."""


async def test_an_index_finds_what_is_written(stores: EmbeddedStores) -> None:
    recorder = WriteRecorder()
    storage = Storage(
        Mongo(stores.mongo_url, database="explained", event_listeners=[recorder]),
        Redis(stores.redis_url),
    )
    await storage.prepare()
    recorder.commands.clear()
    await storage.documents.publish(IOS_8, [FEED])
    await storage.documents.publish(WEB, [new("Feed", "another_id")])
    await storage.document_uses.count({DocumentUse(hash_of(FEED), "ios", "8.1"): 1})
    await storage.documents.retire(AppVersion("ios", "8.1"))
    await storage.documents.delete([hash_of(FEED)], pushed_before=NOW + timedelta(days=9))
    found = [(*each.values(),)[0] for each in recorder.commands]
    assert found == ["documents", "documents", "document_uses", "documents", "documents"]
    for command in recorder.commands:
        plan = await storage.mongo.database.command(
            {"explain": command, "verbosity": "queryPlanner"}
        )
        assert "IXSCAN" in str(plan["queryPlanner"]["winningPlan"]), command
    await storage.mongo.drop()
    await storage.close()


# Used


async def test_uses_add_up_by_document_and_version(storage: Storage) -> None:
    await storage.documents.publish(IOS_8, [FEED, PIN])
    await storage.documents.publish(WEB, [FEED])
    feed_8, pin_8 = (DocumentUse(hash_of(each), "ios", "8.1") for each in (FEED, PIN))
    feed_web = DocumentUse(hash_of(FEED), "web", "$version")
    yesterday, long_ago = TODAY - timedelta(days=1), TODAY - timedelta(days=2)
    await storage.document_uses.count({feed_8: 2, pin_8: 1}, TODAY)
    await storage.document_uses.count({feed_8: 3, feed_web: 5}, TODAY)
    await storage.document_uses.count({feed_8: 10}, yesterday)
    await storage.document_uses.count({feed_web: 100}, long_ago)
    assert await storage.document_uses.since(TODAY) == {feed_8: 5, pin_8: 1, feed_web: 5}
    assert await storage.document_uses.since(yesterday) == {feed_8: 15, pin_8: 1, feed_web: 5}
    assert (await storage.document_uses.since(long_ago))[feed_web] == 105
    assert await storage.document_uses.since(TODAY + timedelta(days=1)) == {}


async def test_uses_of_no_known_day_are_of_today(storage: Storage) -> None:
    await storage.documents.publish(IOS_8, [FEED])
    use = DocumentUse(hash_of(FEED), "ios", "8.1")
    before = datetime.now(UTC).date()
    await storage.document_uses.count({use: 1})
    assert await storage.document_uses.since(before) == {use: 1}


async def test_versions_that_no_manifest_brought_are_one(storage: Storage) -> None:
    await storage.documents.publish(IOS_8, [FEED])
    await storage.documents.publish(IOS_9, [PIN])
    made_up = {DocumentUse(hash_of(FEED), "ios", f"0.{number}"): 1 for number in range(50)}
    others = {
        DocumentUse(hash_of(FEED), "ios", "9.0"): 1,  # of another document
        DocumentUse(hash_of(FEED), "android", "8.1"): 1,
        DocumentUse("f" * 64, "ios", "8.1"): 1,  # a document that is gone
    }
    await storage.document_uses.count(made_up | others, TODAY)
    assert await storage.document_uses.since(TODAY) == {
        DocumentUse(hash_of(FEED), OTHER, OTHER): 52
    }
    await storage.document_uses.count({}, TODAY)
    await storage.document_uses.count({DocumentUse("f" * 64, "ios", "8.1"): 1}, TODAY)
    assert len(await storage.document_uses.since(TODAY)) == 1


async def test_many_processes_count_at_once(storage: Storage) -> None:
    manifest = [new(f"Operation{number}") for number in range(20)]
    await storage.documents.publish(IOS_8, manifest)
    uses = {DocumentUse(hash_of(each), "ios", "8.1"): 1 for each in manifest}
    await asyncio.gather(*(storage.document_uses.count(uses, TODAY) for _ in range(10)))
    assert await storage.document_uses.since(TODAY) == dict.fromkeys(uses, 10)


async def test_mongodb_forgets_old_uses_by_itself(storage: Storage) -> None:
    indexes = await storage.mongo.collection("document_uses").index_information()
    assert indexes["day_1"]["expireAfterSeconds"] == 400 * 86_400
