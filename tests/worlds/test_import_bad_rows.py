"""Rows that an import cannot take: each is named, and the rest goes in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from storage.mongo import Mongo
from tests.worlds.contents import Contents
from tests.worlds.folders import ALICE, BERT, BROTH, Row, small_world, write_world
from worlds.importer import WorldNotFound, import_world
from worlds.report import MAX_NAMED, ImportReport
from worlds.source import MAX_LINE_BYTES

Look = Callable[[Mongo], Contents]

_USER = {"id": "x", "username": "xxx"}
_BOARD = {"id": "x", "owner": "a", "name": "X"}
_PIN = BROTH | {"id": "x"}
_SAVE = {"pin": "broth", "user": "b", "board": "dinner"}
_COMMENT = {"id": "x", "pin": "broth", "author": "b", "text": "Mm"}

_BAD_ROWS: dict[str, list[tuple[Row, str]]] = {
    "users": [
        ({"id": "x"}, "Object missing required field `username`"),
        (_USER | {"id": 7}, "Expected `str`, got `int` - at `$.id`"),
        (_USER | {"id": ""}, "Expected `str` of length >= 1 - at `$.id`"),
        (_USER | {"username": "no"}, "username: 'no' is not 3–30 of a-z, 0-9 and _"),
        (_USER | {"username": "12345"}, "username: '12345' is not 3–30 of a-z, 0-9 and _, or is"),
        (_USER | {"username": "Alice"}, "username: 'alice' is taken by an earlier row"),
        (_USER | {"id": "a"}, "id: 'a' is used by an earlier row"),
        (_USER | {"about": "x" * 501}, "about: 501 characters, at most 500 are allowed"),
        (_USER | {"full_name": "a\x07b"}, "full_name: has control characters"),
        (_USER | {"website_url": "ftp://x.example"}, "website_url: is not an absolute http or"),
        (_USER | {"account_type": "ROBOT"}, "Invalid enum value 'ROBOT' - at `$.account_type`"),
        (_USER | {"created_at": "yesterday"}, "created_at: 'yesterday' is not an RFC 3339 time"),
        (_USER | {"created_at": "2024-01-01T00:00:00"}, "created_at: '2024-01-01T00:00:00' has no"),
        (
            _USER | {"created_at": "1969-12-31T00:00:00Z"},
            "created_at: '1969-12-31T00:00:00Z' is no",
        ),
        ('{"id": "x", "userna', "is not JSON: JSON is malformed"),
        ("[]", "Expected `object`, got `array`"),
        (b'{"id": "x\xff", "username": "xxx"}', "is not JSON: "),
    ],
    "boards": [
        (_BOARD | {"owner": "z"}, "owner: unknown reference 'z'"),
        (_BOARD | {"name": " "}, "name: is empty"),
        (_BOARD | {"name": "x" * 181}, "name: 181 characters, at most 180 are allowed"),
        (_BOARD | {"collaborators": ["z"]}, "collaborators: unknown reference 'z'"),
        (_BOARD | {"collaborators": ["b"] * 101}, "collaborators: 101, at most 100 are allowed"),
        (_BOARD | {"id": "soups"}, "id: 'soups' is used by an earlier row"),
    ],
    "pins": [
        (_PIN | {"creator": "z"}, "creator: unknown reference 'z'"),
        (_PIN | {"board": "z"}, "board: unknown reference 'z'"),
        (_PIN | {"creator": "b"}, "creator: may not add pins to board 'soups'"),
        (BROTH, "id: 'broth' is used by an earlier row"),
        (_PIN | {"title": "é" * 101}, "title: 101 characters, at most 100 are allowed"),
        (_PIN | {"link": "//x.example"}, "link: is not an absolute http or https address"),
        (_PIN | {"link": "https://u:p@x.example"}, "link: holds credentials"),
        (_PIN | {"link": "https://x.example/" + "x" * 2048}, "link: is longer than 2048"),
        (_PIN | {"dominant_color": "red"}, "dominant_color: 'red' is not #RRGGBB"),
        (
            _PIN | {"image": {"url": "https://x.example", "width": 0, "height": 1}},
            "Expected `int` >= 1 - at `$.image.width`",
        ),
        (
            _PIN | {"image": {"url": "https://x.example", "width": 1}},
            "Object missing required field `height` - at `$.image`",
        ),
        (_PIN | {"image": {"url": " ", "width": 1, "height": 1}}, "image.url: is empty"),
        (_PIN | {"topics": list("abcdefghijk")}, "topics: 11 names, at most 10 are allowed"),
        (_PIN | {"topics": ["!!"]}, "topics: '!!' has no letter or digit"),
    ],
    "saves": [
        (_SAVE | {"pin": "z"}, "pin: unknown reference 'z'"),
        (_SAVE | {"user": "z"}, "user: unknown reference 'z'"),
        (_SAVE | {"board": "z"}, "board: unknown reference 'z'"),
        (_SAVE | {"board": "soups"}, "user: may not add pins to board 'soups'"),
    ],
    "follows": [
        ({"follower": "a"}, "needs one of user and board"),
        ({"follower": "a", "user": "b", "board": "dinner"}, "needs one of user and board"),
        ({"follower": "a", "user": "a"}, "follower: 'a' follows themself"),
        ({"follower": "a", "board": "soups"}, "follower: 'a' follows a board of their own"),
        ({"follower": "a", "board": "z"}, "board: unknown reference 'z'"),
    ],
    "comments": [
        (_COMMENT | {"author": "z"}, "author: unknown reference 'z'"),
        (_COMMENT | {"text": ""}, "text: is empty"),
        (_COMMENT | {"text": "x" * 501}, "text: 501 characters, at most 500 are allowed"),
    ],
}


@pytest.mark.parametrize("kind", _BAD_ROWS)
async def test_bad_rows_are_named_and_leave_no_trace(
    mongo: Mongo,
    contents: Look,
    tmp_path: Path,
    open_database: Callable[[], Mongo],
    kind: str,
) -> None:
    undisturbed = open_database()
    await import_world(undisturbed, small_world(tmp_path / "good"))
    good_rows = {"users": 2, "boards": 2, "pins": 1}.get(kind, 0)
    bad_rows = [row for row, _ in _BAD_ROWS[kind]]

    report = await import_world(mongo, small_world(tmp_path / "bad", **{kind: bad_rows}))

    for number, (row, reason) in enumerate(_BAD_ROWS[kind], start=good_rows + 1):
        named = report.named[number - good_rows - 1]
        assert (named.file, named.line) == (f"{kind}.jsonl.gz", number)
        assert named.reason.startswith(reason), row
    assert report.bad == {kind: len(bad_rows)}
    assert await contents(mongo).digest() == await contents(undisturbed).digest()


_PROMOTION = {
    "id": "x",
    "advertiser": "a",
    "pin": "broth",
    "billable_event": "IMPRESSION",
    "bid_micros": 1,
    "daily_budget_micros": 1,
}
_BAD_PROMOTIONS: list[tuple[dict[str, Any], str]] = [
    ({"advertiser": "z"}, "advertiser: unknown reference 'z'"),
    ({"pin": "z"}, "pin: unknown reference 'z'"),
    ({"advertiser": "b"}, "pin: 'broth' is not the advertiser's"),
    ({"pin": "hidden"}, "pin: 'hidden' is on a secret board"),
    ({"pin": "bare"}, "pin: 'bare' has no link"),
    ({"bid_micros": 0}, "Expected `int` >= 1 - at `$.bid_micros`"),
    ({"billable_event": "VIEW"}, "Invalid enum value 'VIEW' - at `$.billable_event`"),
    ({"predicted_ctr_ppm": -1}, "Expected `int` >= 0 - at `$.predicted_ctr_ppm`"),
]


async def test_bad_promotions_are_named(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    folder = small_world(
        tmp_path,
        boards=[{"id": "secret", "owner": "a", "name": "Secret", "privacy": "SECRET"}],
        pins=[
            BROTH | {"id": "hidden", "board": "secret"},
            {"id": "bare", "creator": "a", "board": "soups"},
        ],
        promotions=[_PROMOTION | changes for changes, _ in _BAD_PROMOTIONS],
    )
    report = await import_world(mongo, folder)

    assert _named(report) == [
        f"promotions.jsonl.gz, line {line}: {reason}"
        for line, (_, reason) in enumerate(_BAD_PROMOTIONS, start=1)
    ]
    for collection in ("ad_accounts", "campaigns", "ad_groups", "ads"):
        assert contents(mongo).count(collection) == 0


async def test_what_refers_to_a_bad_row_is_bad_and_the_rest_goes_in(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    folder = small_world(
        tmp_path,
        boards=[{"id": "x", "owner": "nobody", "name": "X"}],
        pins=[BROTH | {"id": "y", "board": "x"}, BROTH | {"id": "z", "title": "Last"}],
        saves=[_SAVE | {"pin": "y"}],
    )
    report = await import_world(mongo, folder)

    assert _named(report) == [
        "boards.jsonl.gz, line 3: owner: unknown reference 'nobody'",
        "pins.jsonl.gz, line 2: board: unknown reference 'x'",
        "saves.jsonl.gz, line 1: pin: unknown reference 'y'",
    ]
    assert contents(mongo).one("pins", title="Last")


async def test_only_a_strict_import_with_bad_rows_ends_non_zero(
    mongo: Mongo, tmp_path: Path
) -> None:
    bad = small_world(tmp_path / "bad", users=["nonsense"])
    good = small_world(tmp_path / "good")

    assert (await import_world(mongo, bad)).exit_status == 0
    assert (await import_world(mongo, bad, strict=True)).exit_status == 1
    assert (await import_world(mongo, good, strict=True)).exit_status == 0


async def test_bad_rows_beyond_some_are_counted_without_names(mongo: Mongo, tmp_path: Path) -> None:
    rows = ["nonsense"] * (MAX_NAMED + 5)
    report = await import_world(mongo, write_world(tmp_path, users=rows))

    assert (len(report.named), report.bad_rows) == (MAX_NAMED, MAX_NAMED + 5)
    assert "and 5 more bad rows" in report.lines()
    assert report.lines()[0] == f"read users: {MAX_NAMED + 5} rows, {MAX_NAMED + 5} bad"


async def test_an_overlong_line_is_skipped(mongo: Mongo, contents: Look, tmp_path: Path) -> None:
    rows: list[Row] = ["x" * (3 * MAX_LINE_BYTES), ALICE, "", BERT]
    report = await import_world(mongo, write_world(tmp_path, users=rows))

    assert _named(report) == [
        f"users.jsonl.gz, line 1: the line is longer than {MAX_LINE_BYTES:,} bytes"
    ]
    assert contents(mongo).count("users") == 2


async def test_a_damaged_file_is_read_up_to_the_damage(
    mongo: Mongo, contents: Look, tmp_path: Path
) -> None:
    users = [{"id": str(n), "username": f"user_{n}"} for n in range(20_000)]
    path = write_world(tmp_path, users=users) / "users.jsonl.gz"
    path.write_bytes(path.read_bytes()[:-2_000])

    report = await import_world(mongo, tmp_path)

    [named] = report.named
    assert named.reason.startswith("the file is damaged from here on: ")
    assert contents(mongo).count("users") == named.line - 1 > 10_000


async def test_a_file_that_is_not_compressed(mongo: Mongo, tmp_path: Path) -> None:
    (tmp_path / "users.jsonl.gz").write_text('{"id": "a", "username": "alice"}\n')

    report = await import_world(mongo, tmp_path)

    [named] = report.named
    assert (named.line, "Not a gzipped file" in named.reason) == (1, True)


async def test_a_folder_without_a_world(mongo: Mongo, tmp_path: Path) -> None:
    with pytest.raises(WorldNotFound, match="holds none of users"):
        await import_world(mongo, tmp_path)


def _named(report: ImportReport) -> list[str]:
    return [str(row) for row in report.named]
