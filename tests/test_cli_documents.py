"""`documents`, as a person types it: published, listed, checked, pruned, and told what is wrong."""

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from hashlib import md5
from pathlib import Path

import pytest

from cli.__main__ import main
from config import Settings
from domain.documents import DocumentUse, sha256_of
from schema.api import print_schema
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.memory import throwaway_directory
from tests.stores import throwaway_stores
from tests.test_cli import Shell

ME = "query Me {\n  viewer {\n    user {\n      username\n    }\n  }\n}"
PIN = "query PinTitle($id: ID!) { node(id: $id) { ... on Pin { title } } }"
WRONG = "query Wrong($id: ID!) {\n  node(id: $id) { ... on Pin { titel } }\n  nothing\n}"

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[Shell, EmbeddedStores]]:
    """A shell beside stores that run, as beside a server."""
    with throwaway_directory() as data_dir, throwaway_stores(data_dir) as stores:
        yield Shell(data_dir), stores


@pytest.fixture
async def stored(running: tuple[Shell, EmbeddedStores]) -> AsyncIterator[Storage]:
    """What the commands work on, empty at first."""
    _, stores = running
    mongo = Mongo(stores.mongo_url, database=Settings().mongo_database, deadline_ms=30_000)
    storage = Storage(mongo, Redis(stores.redis_url, deadline_ms=5_000))
    await storage.prepare()
    for name in ("documents", "document_uses"):
        await storage.mongo.collection(name).delete_many({})
    await storage.redis.client.flushdb()
    yield storage
    await storage.close()


@pytest.fixture
def shell(running: tuple[Shell, EmbeddedStores], stored: Storage) -> Shell:
    """A shell with nothing published."""
    return running[0]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a manifest of each kind, and one of which nothing can be published."""
    operations = [
        {"id": sha256_of(text), "name": name, "type": "query", "body": text}
        for name, text in (("Me", ME), ("PinTitle", PIN))
    ]
    apollo = {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}
    relay = {md5(PIN.encode()).hexdigest(): PIN}  # noqa: S324  # Relay's
    for name, manifest in (
        ("apollo", apollo),
        ("relay", relay),
        ("wrong", {"me": ME, "wrong": WRONG}),
        ("invalid", {"not an id": ME, "empty": ""}),
        ("taken", {"me": ME, md5(PIN.encode()).hexdigest(): f"{PIN} "}),  # noqa: S324
    ):
        (tmp_path / f"{name}.json").write_text(json.dumps(manifest))
    return tmp_path


async def documents(shell: Shell, *words: str) -> subprocess.CompletedProcess[str]:
    """A command, while our own connections stay alive."""
    return await asyncio.to_thread(shell.run, "documents", *words)


async def push(
    shell: Shell, manifest: Path, app: str, version: str
) -> subprocess.CompletedProcess[str]:
    """Publishes a manifest."""
    return await documents(shell, "push", str(manifest), "--app", app, "--version", version)


def output(ended: subprocess.CompletedProcess[str], status: int = 0) -> list[str]:
    """The lines that a command printed, and that it ended as it should."""
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stdout.splitlines()


def mistakes(ended: subprocess.CompletedProcess[str], status: int = 1) -> list[str]:
    """What a command said was wrong, when it did nothing."""
    assert output(ended, status) == []
    return ended.stderr.splitlines()


async def make_old(storage: Storage, app: str) -> None:
    """Dates the pushes of an app back by a hundred days."""
    await storage.mongo.collection("documents").update_many(
        {},
        {"$set": {"releases.$[theirs].pushed_at": NOW - timedelta(days=100)}},
        array_filters=[{"theirs.app": app}],
    )


async def test_a_manifest_is_pushed_and_listed(shell: Shell, folder: Path) -> None:
    assert output(await push(shell, folder / "apollo.json", "ios", "8.1")) == [
        "ios 8.1: 2 documents are new, 0 were known."
    ]
    assert output(await push(shell, folder / "apollo.json", "ios", "8.1")) == [
        "ios 8.1: 0 documents are new, 2 were known."
    ]
    assert output(await push(shell, folder / "relay.json", "web app", "2026-05-01 (12)")) == [
        "web app 2026-05-01 (12): 0 documents are new, 1 were known."
    ]
    me = [
        f"Me  query  sha256:{sha256_of(ME)}",
        "    ios 8.1: 0 uses in 30 days",
    ]
    pin = [
        f"PinTitle  query  sha256:{sha256_of(PIN)}  {md5(PIN.encode()).hexdigest()}",  # noqa: S324
        "    ios 8.1: 0 uses in 30 days",
        "    web app 2026-05-01 (12): 0 uses in 30 days",
    ]
    assert output(await documents(shell, "list")) == [*me, *pin]
    assert output(await documents(shell, "list", "--app", "web app")) == pin
    assert output(await documents(shell, "list", "--app", "android")) == []


async def test_uses_are_listed_by_version(shell: Shell, folder: Path, stored: Storage) -> None:
    output(await push(shell, folder / "apollo.json", "ios", "8.1"))
    await stored.document_uses.count(
        {
            DocumentUse(sha256_of(ME), "ios", "8.1"): 12_345,
            DocumentUse(sha256_of(ME), "unknown", "unknown"): 1,
        }
    )
    assert output(await documents(shell, "list"))[1:3] == [
        "    ios 8.1: 12,345 uses in 30 days",
        "    other clients: 1 use in 30 days",
    ]
    unused = output(await documents(shell, "list", "--unused-days", "7"))
    assert [line.split()[0] for line in unused] == ["PinTitle", "ios"]


async def test_a_manifest_is_refused_as_a_whole_with_reasons_and_places(
    shell: Shell, folder: Path
) -> None:
    assert mistakes(await push(shell, folder / "wrong.json", "ios", "8.1")) == [
        "ios/Wrong: Cannot query field 'titel' on type 'Pin'. "
        "Did you mean 'title' or 'note'? (2:32)",
        "ios/Wrong: Cannot query field 'nothing' on type 'Query'. (3:3)",
    ]
    invalid = mistakes(await push(shell, folder / "invalid.json", "ios", "8.1"))
    assert [line.partition(":")[0] for line in invalid] == ["'not an id'", "'empty'"]
    assert output(await documents(shell, "list")) == []


async def test_an_id_that_is_taken_is_refused(shell: Shell, folder: Path) -> None:
    output(await push(shell, folder / "relay.json", "web", "1"))
    before = output(await documents(shell, "list"))
    assert mistakes(await push(shell, folder / "taken.json", "web", "2")) == [
        f"The id {md5(PIN.encode()).hexdigest()} names another document already: "  # noqa: S324
        f"sha256:{sha256_of(PIN)}."
    ]
    assert output(await documents(shell, "list")) == before


async def test_a_manifest_that_is_not_there(shell: Shell, folder: Path) -> None:
    missing = folder / "missing.json"
    assert mistakes(await push(shell, missing, "ios", "8.1")) == [
        f"{missing} cannot be read: No such file or directory."
    ]
    assert mistakes(await push(shell, folder, "ios", "8.1")) == [
        f"{folder} cannot be read: Is a directory."
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("push a.json --app ios", "the following arguments are required: --version"),
        ("push a.json --app ios$ --version 1", "argument --app: 'ios$' must be 1 to 64 letters"),
        ("push a.json --app ios --version other", "argument --version: 'other' must be 1 to 64"),
        ("prune --unused-days 0", "'0' must be a number from 1 to 365"),
        ("list --unused-days 366", "'366' must be a number from 1 to 365"),
        ("check --unused-days soon", "'soon' must be a number from 1 to 365"),
        ("", "the following arguments are required: COMMAND"),
    ],
)
def test_mistakes_in_the_options(
    capsys: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["documents", *words.split()])
    assert ended.value.code == 2
    assert sentence in capsys.readouterr().err


async def test_only_what_nobody_needs_is_pruned(
    shell: Shell, folder: Path, stored: Storage
) -> None:
    output(await push(shell, folder / "apollo.json", "ios", "7"))
    output(await push(shell, folder / "relay.json", "web", "1"))
    await make_old(stored, "ios")
    me = [f"Me  query  sha256:{sha256_of(ME)}", "    ios 7: 0 uses in 30 days"]
    assert output(await documents(shell, "prune", "--unused-days", "101")) == [
        "Nobody needs 0 documents: `--apply` deletes."
    ]
    assert output(await documents(shell, "prune")) == [
        *me,
        "Nobody needs 1 document: `--apply` deletes.",
    ]
    assert await stored.documents.get(sha256_of(ME)) is not None
    assert output(await documents(shell, "prune", "--apply")) == [*me, "Deleted 1 document."]
    assert await stored.documents.get(sha256_of(ME)) is None
    assert [each.name async for each in stored.documents.every()] == ["PinTitle"]


async def test_a_retired_version_needs_nothing(shell: Shell, folder: Path) -> None:
    output(await push(shell, folder / "apollo.json", "ios", "8.1"))
    retire = ("retire", "--app", "ios", "--version", "8.1")
    for count in (2, 0):
        assert output(await documents(shell, *retire)) == [
            f"ios 8.1: had {count} documents. `prune` deletes those that nobody needs now."
        ]
    assert output(await documents(shell, "prune", "--apply"))[-1] == "Deleted 2 documents."


async def test_a_schema_is_checked_by_stored_operations(
    shell: Shell, folder: Path, stored: Storage
) -> None:
    output(await push(shell, folder / "apollo.json", "ios", "8.1"))
    assert output(await documents(shell, "check")) == [
        "2 documents checked: 0 would break, 0 use what is deprecated; "
        "0 that nobody needs would break as well."
    ]
    planned = folder / "planned.graphql"
    deprecated = r'\1 @deprecated(reason: "Use name.")'
    sdl = re.sub(r"(type User .*?\n  username: String!)", deprecated, print_schema(), flags=re.S)
    planned.write_text(
        re.sub(r"(type Pin .*?\n)  title: String\b", r"\1  heading: String", sdl, flags=re.S)
    )
    breaks = output(await documents(shell, "check", "--schema", str(planned)), status=1)
    assert breaks == [
        "Would break:",
        "  PinTitle: Cannot query field 'title' on type 'Pin'. Did you mean 'note'? (1:57)",
        "      needed by ios 8.1",
        "Deprecated:",
        "  Me: The field User.username is deprecated. Use name. (4:7)",
        "      needed by ios 8.1",
        "2 documents checked: 1 would break, 1 use what is deprecated; "
        "0 that nobody needs would break as well.",
    ]
    await make_old(stored, "ios")
    checked = output(await documents(shell, "check", "--schema", str(planned)))
    assert checked[-1].startswith("2 documents checked: 0 would break,")
    assert checked[-1].endswith("1 that nobody needs would break as well.")


async def test_a_schema_that_is_none(shell: Shell, folder: Path) -> None:
    text = folder / "text.graphql"
    for sdl, sentence in (
        ("no schema", "This is no schema in SDL: Syntax Error"),
        ("type Query { a(b: Int! @deprecated): Int }", "Required argument Query.a(b:) cannot be"),
    ):
        text.write_text(sdl)
        [first, *_] = mistakes(await documents(shell, "check", "--schema", str(text)))
        assert first.startswith(sentence)
    missing = folder / "missing.graphql"
    [sentence] = mistakes(await documents(shell, "check", "--schema", str(missing)))
    assert sentence.startswith(f"{missing} cannot be read: ")
