"""Trusted documents: their ids, the names of apps, and what must stay."""

from collections.abc import Set
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import (
    OTHER,
    UNKNOWN,
    AppVersion,
    DocumentRecord,
    DocumentUse,
    NewDocument,
    OperationKind,
    Release,
    canonical_id,
    is_release_name,
    retention,
    sha256_of,
)
from domain.record import Id

HASH = "ab" * 32
MD5 = "0123456789abcdef0123456789abcdef"

NOW = datetime(2026, 5, 1, tzinfo=UTC)
SINCE = NOW - timedelta(days=90)
BEFORE, AFTER = SINCE - timedelta(seconds=1), SINCE + timedelta(seconds=1)

IOS_8, IOS_9, WEB = AppVersion("ios", "8"), AppVersion("ios", "9"), AppVersion("web", "1")


def document(*releases: AppVersion, sha256: str = HASH) -> DocumentRecord:
    """A document of some releases, each pushed long ago."""
    return DocumentRecord(
        id=Id("a" * 24),
        sha256=sha256,
        ids=(f"sha256:{sha256}",),
        text="{ a }",
        name="A",
        kind=OperationKind.QUERY,
        created_at=BEFORE,
        releases=tuple(Release(app, version, BEFORE) for app, version in releases),
    )


# Ids


def test_the_hash_is_of_the_bytes_of_the_text() -> None:
    assert sha256_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of("{ é }") != sha256_of("{ e\u0301 }")
    with pytest.raises(UnicodeEncodeError):
        sha256_of("\ud800")


@pytest.mark.parametrize(
    ("sent", "known"),
    [
        (f"sha256:{HASH}", f"sha256:{HASH}"),
        (HASH, f"sha256:{HASH}"),
        (MD5, MD5),
        (HASH.upper(), HASH.upper()),
        ("a" * 128, "a" * 128),
        ("HomeFeed_v1.2-b", "HomeFeed_v1.2-b"),
        ("x-relay:" + MD5, "x-relay:" + MD5),
        ("x-2:a", "x-2:a"),
        *(
            (refused, None)
            for refused in (
                "",
                "a" * 129,
                "a" * 100_000,
                f"sha256:{HASH.upper()}",
                f"SHA256:{HASH}",
                f"sha256:{HASH}0",
                f"sha256:{HASH[1:]}",
                f"sha256:sha256:{HASH}",
                "sha256:",
                f"md5:{MD5}",
                f"sha1:{MD5}",
                ":a",
                "x-:a",
                "x-a:",
                "x-a:b:c",
                "X-a:b",
                "a b",
                "a\n",
                f"{HASH}\n",
                "a\x00",
                "ä",
                "{a}",
                "a*",
                "__proto__/..",
                "\ud800",
                "٣",
            )
        ),
    ],
)
def test_an_id_has_one_spelling_or_is_none(sent: str, known: str | None) -> None:
    assert canonical_id(sent) == known


@given(st.text())
def test_whatever_comes_the_known_spelling_is_final_and_plain(sent: str) -> None:
    known = canonical_id(sent)
    if known is not None:
        assert canonical_id(known) == known
        assert known.isascii()
        assert 1 <= len(known) <= 128
        assert not set(known) & set(" {}*?[]\\\"'\n")


def test_the_id_that_a_text_gives_is_the_first_of_its_ids() -> None:
    own = f"sha256:{sha256_of('{ a }')}"
    for custom in ((), (own,)):
        assert NewDocument("{ a }", "A", OperationKind.QUERY, custom).ids == (own,)
    new = NewDocument("{ a }", "A", OperationKind.QUERY, ("A1", own, MD5))
    assert new.ids == (own, "A1", MD5)


@pytest.mark.parametrize(
    "name", ["ios", "8.1", "8.1 (1234)", "@acme/web", "1.0.0-rc.1+5", "a" * 64]
)
def test_apps_and_versions_have_plain_names(name: str) -> None:
    assert is_release_name(name)


@pytest.mark.parametrize(
    "name", ["", "a" * 65, "a\n", "ä", "$a", "{a}", "a\x1b[0m", OTHER, UNKNOWN]
)
def test_other_names_are_not_taken(name: str) -> None:
    assert not is_release_name(name)


# What must stay


def test_a_version_lives_while_it_was_pushed_or_used() -> None:
    pushes = {IOS_8: BEFORE, IOS_9: SINCE, WEB: BEFORE}
    kept = retention(pushes, {DocumentUse("b" * 64, "web", "1")}, SINCE)
    assert kept.living == {IOS_9, WEB}
    assert kept.used == {"b" * 64}


def test_a_document_stays_while_a_living_version_was_built_with_it() -> None:
    kept = retention({IOS_8: BEFORE, IOS_9: AFTER, WEB: AFTER}, set(), SINCE)
    assert not kept.is_removable(document(IOS_8, WEB, IOS_9))
    assert kept.needed_by(document(IOS_8, WEB, IOS_9)) == [IOS_9, WEB]
    assert kept.is_removable(document(IOS_8))
    assert kept.is_removable(document())
    # Another document of the same version was used: that one needs all of its documents.
    kept = retention({IOS_8: BEFORE}, {DocumentUse("b" * 64, "ios", "8")}, SINCE)
    assert not kept.is_removable(document(IOS_8))


def test_a_document_stays_while_anybody_uses_it() -> None:
    use = DocumentUse(HASH, OTHER, OTHER)
    assert not retention({IOS_8: BEFORE}, {use}, SINCE).is_removable(document(IOS_8))
    assert retention({IOS_8: BEFORE}, {use}, SINCE).is_removable(document(IOS_8, sha256="b" * 64))


VERSIONS = st.sampled_from([IOS_8, IOS_9, WEB])
USES = st.frozensets(
    st.builds(lambda sha256, each: DocumentUse(sha256, *each), st.just(HASH), VERSIONS)
)


@given(
    st.frozensets(VERSIONS),
    st.dictionaries(VERSIONS, st.sampled_from([BEFORE, SINCE, AFTER])),
    USES,
    USES,
)
def test_more_uses_never_remove_more(
    releases: frozenset[AppVersion],
    pushes: dict[AppVersion, datetime],
    uses: Set[DocumentUse],
    more: Set[DocumentUse],
) -> None:
    before, after = retention(pushes, uses, SINCE), retention(pushes, uses | more, SINCE)
    ours = document(*releases, sha256="c" * 64)
    assert before.is_removable(ours) or not after.is_removable(ours)
    assert after.is_removable(ours) == (not any(each in after.living for each in releases))
