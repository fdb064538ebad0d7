"""Manifests of each tool, and everything that can be wrong with one."""

import json
from collections.abc import Mapping
from hashlib import md5
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import manifests
from domain.documents import canonical_id, sha256_of
from domain.manifests import InvalidManifest, ManifestEntry, read_manifest

FEED = "query HomeFeed {\n  viewer {\n    id\n  }\n}"
SAVE = "mutation Save($id: ID!) { save(id: $id) { ok } }"
FORMAT = "apollo-persisted-query-manifest"

WHAT_IDS_ARE = (
    "expected `sha256:` and 64 lower-case hexadecimal digits, "
    "or at most 128 letters, digits, `_`, `.` and `-`"
)


def own_id(text: str) -> str:
    """The id that a text gives."""
    return f"sha256:{sha256_of(text)}"


def operation(text: str, name: str, **fields: object) -> dict[str, object]:
    """An operation of an Apollo manifest."""
    return {"id": sha256_of(text), "name": name, "type": "query", "body": text, **fields}


def apollo(*operations: object, **fields: object) -> dict[str, object]:
    """An Apollo manifest."""
    return {"format": FORMAT, "version": 1, "operations": list(operations), **fields}


def read(manifest: object) -> list[ManifestEntry]:
    """The operations of a manifest."""
    return read_manifest(json.dumps(manifest).encode())


def mistakes(manifest: object) -> list[str]:
    """What is wrong with a manifest, or with its bytes."""
    content = manifest if isinstance(manifest, bytes) else json.dumps(manifest).encode()
    with pytest.raises(InvalidManifest) as raised:
        read_manifest(content)
    assert str(raised.value) == "\n".join(raised.value.mistakes)
    return raised.value.mistakes


# What is read


def test_apollos_manifest() -> None:
    entries = read(
        apollo(
            operation(FEED, "HomeFeed"),
            # Keys that we do not know are for others; Apollo's iOS tools add some.
            operation(SAVE, "Save", type="mutation", clientName="ios"),
            generatedBy="a tool",
        )
    )
    assert entries == [
        ManifestEntry(own_id(FEED), FEED, "HomeFeed"),
        ManifestEntry(own_id(SAVE), SAVE, "Save"),
    ]


def test_relays_map_from_md5_to_text() -> None:
    ids = {text: md5(text.encode()).hexdigest() for text in (FEED, SAVE)}  # noqa: S324  # Relay's
    assert read({ids[FEED]: FEED, ids[SAVE]: SAVE}) == [
        ManifestEntry(ids[FEED], FEED),
        ManifestEntry(ids[SAVE], SAVE),
    ]


def test_codegens_maps_from_every_hash_that_it_offers() -> None:
    sha1 = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
    assert read({sha1: FEED}) == [ManifestEntry(sha1, FEED)]
    for spelling in (sha256_of(FEED), own_id(FEED)):
        assert read({spelling: FEED}) == [ManifestEntry(own_id(FEED), FEED)]


def test_a_text_may_have_several_ids_and_an_id_may_come_twice_with_one_text() -> None:
    both = apollo(operation(FEED, "HomeFeed"), operation(FEED, "HomeFeed", id=own_id(FEED)))
    assert read(both) == [ManifestEntry(own_id(FEED), FEED, "HomeFeed")] * 2
    assert read({"feed": FEED, own_id(FEED): FEED}) == [
        ManifestEntry("feed", FEED),
        ManifestEntry(own_id(FEED), FEED),
    ]


def test_a_text_is_taken_to_the_letter() -> None:
    text = "# Crème 東京 🧁\r\n{ a\u2028}  "
    [entry] = read({"a": text})
    assert entry.text == text


def test_a_byte_order_mark_is_no_part_of_a_manifest() -> None:
    assert read_manifest(b"\xef\xbb\xbf" + json.dumps({"a": FEED}).encode()) == [
        ManifestEntry("a", FEED)
    ]


@given(st.dictionaries(st.text("abc.-_", min_size=1, max_size=9), st.text(min_size=1), max_size=5))
def test_a_map_is_read_as_it_is_or_refused(documents: dict[str, str]) -> None:
    try:
        entries = read(documents)
    except InvalidManifest:
        assert not documents or any(not text.strip() for text in documents.values())
    else:
        assert {entry.id: entry.text for entry in entries} == documents
        assert all(canonical_id(entry.id) == entry.id for entry in entries)


# What is wrong, and where


def test_every_mistake_is_named_with_its_place() -> None:
    wrong = apollo(
        operation(FEED, "HomeFeed", id="sha1:abc"),
        operation(SAVE, "Save", id=sha256_of(FEED)),
        operation(SAVE, "Save", id=7, body=None),
        operation(FEED, "HomeFeed"),
        {},
    )
    assert mistakes(wrong) == [
        f"operations[0].id: {WHAT_IDS_ARE}; it was 'sha1:abc'.",
        f"operations[1].id: expected the hash of the text, {own_id(SAVE)}; it was {own_id(FEED)}.",
        f"operations[2].id: {WHAT_IDS_ARE}; it was '7'.",
        "operations[2].body: expected the text of an operation; it was missing.",
        f"operations[4].id: {WHAT_IDS_ARE}; it was missing.",
        "operations[4].body: expected the text of an operation; it was missing.",
    ]


def test_mistakes_in_a_map_are_named_by_its_ids() -> None:
    assert mistakes({"ok": FEED, "not ok": FEED, "empty": "  ", own_id(FEED): SAVE, "o": {}}) == [
        f"'not ok': {WHAT_IDS_ARE}; it was 'not ok'.",
        "'empty': expected the text of an operation; it was '  '.",
        f"'sha256:{sha256_of(FEED)[:53]}…': expected the hash of the text, {own_id(SAVE)}; "
        f"it was {own_id(FEED)}.",
        "'o': expected the text of an operation; it was an object.",
    ]


def test_an_id_names_one_text() -> None:
    assert mistakes(apollo(operation(FEED, "A", id="feed"), operation(SAVE, "B", id="feed"))) == [
        "operations[1].id: names another text than operations[0].id."
    ]
    assert mistakes(b'{"a": "{ a }", "b": "{ b }", "a": "{ c }"}') == ["'a': stands here twice."]
    assert mistakes(
        b'{"operations": [], "operations": [], "format": "%s", "version": 1}' % (FORMAT.encode())
    ) == ["'operations': stands here twice."]


@pytest.mark.parametrize(
    ("manifest", "sentence"),
    [
        (b"", "The manifest is not JSON: Expecting value (line 1, column 1)."),
        (b'{"a": }', "The manifest is not JSON: Expecting value (line 1, column 7)."),
        (b'{"a": "\xff"}', "The manifest is not UTF-8: byte 7."),
        (b"[" * 100_000, "The manifest is nested too deeply."),
        (b'{"a": ' + b"1" * 5_000 + b"}", "The manifest has a number of too many digits."),
        ([], "The manifest must be a JSON object; it was a list."),
        (None, "The manifest must be a JSON object; it was missing."),
        ("x" * 100, f"The manifest must be a JSON object; it was '{'x' * 60}…'."),
        ({}, "The manifest has no operations."),
        (apollo(), "The manifest has no operations."),
        (apollo(version=2), "version: expected 1; it was '2'."),
        (apollo(version=True), "version: expected 1; it was 'True'."),
        (apollo(format="another"), f"format: expected '{FORMAT}'; it was 'another'."),
        ({"operations": []}, f"format: expected '{FORMAT}'; it was missing."),
        ({"format": FORMAT, "version": 1}, "operations: expected a list; it was missing."),
        (apollo(operations={}), "operations: expected a list; it was an object."),
        (apollo("a"), "operations[0]: expected an object; it was 'a'."),
        ({"a": "\x1b[31m"}, None),
        ({"\x1b[31m": "{ a }"}, f"'\\x1b[31m': {WHAT_IDS_ARE}; it was '\\x1b[31m'."),
    ],
)
def test_a_manifest_of_another_shape(manifest: object, sentence: str | None) -> None:
    if sentence is None:
        assert read(manifest)  # what a text may hold is for the parser of GraphQL to say
    else:
        assert mistakes(manifest) == [sentence]


def test_half_a_surrogate_pair_is_no_text() -> None:
    assert mistakes(rb'{"a": "{ a(b: \"\ud800\") }"}') == [
        "'a': has half a surrogate pair, which is no character."
    ]
    assert read_manifest(rb'{"a": "\ud83e\uddc1"}') == [ManifestEntry("a", "🧁")]


# Bounds


def test_the_longest_text() -> None:
    longest = "é" * 50_000
    assert read({"a": longest})[0].text == longest
    assert mistakes({"a": longest + "!"}) == ["'a': may have 100,000 bytes, not 100,001."]


def test_the_most_operations() -> None:
    most: Mapping[str, Any] = {f"id{number}": FEED for number in range(10_000)}
    assert len(read(most)) == 10_000
    assert mistakes({**most, "one more": FEED}) == [
        "A manifest may have 10,000 operations, not 10,001."
    ]


def test_the_largest_manifest() -> None:
    content = json.dumps({"a": FEED}).encode()
    largest = content.ljust(manifests.MOST_BYTES)
    assert read_manifest(largest) == [ManifestEntry("a", FEED)]
    assert mistakes(largest + b" ") == ["A manifest may have 10,000,000 bytes; this one has more."]
