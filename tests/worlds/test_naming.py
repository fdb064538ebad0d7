"""Ids, slugs and links: what names become."""

from datetime import UTC, datetime, timedelta

import pytest
from bson import ObjectId
from hypothesis import given
from hypothesis import strategies as st

from domain.links import domain_of, split_link
from domain.slugs import MAX_SLUG, free_slug, slug_of
from worlds.ids import EARLIEST, LATEST, Kind, name_of, stable_id, topic_id

_TIMES = st.datetimes(
    EARLIEST.replace(tzinfo=None),
    LATEST.replace(tzinfo=None) - timedelta(seconds=1),
    timezones=st.just(UTC),
)


def test_an_id_depends_on_kind_name_and_second() -> None:
    noon = datetime(2024, 1, 1, 12, tzinfo=UTC)
    base = stable_id(Kind.PIN, "p1", noon)
    assert base == stable_id(Kind.PIN, "p1", noon + timedelta(milliseconds=999))
    others = [
        stable_id(Kind.SAVE, "p1", noon),
        stable_id(Kind.PIN, "p2", noon),
        stable_id(Kind.PIN, "p1", noon + timedelta(seconds=1)),
    ]
    assert len({base, *others}) == 4
    assert topic_id("food").startswith("00000000")


@given(_TIMES, _TIMES)
def test_ids_sort_by_time(one: datetime, other: datetime) -> None:
    first, second = (ObjectId(stable_id(Kind.USER, "u", time)) for time in (one, other))
    assert first.generation_time == one.replace(microsecond=0)
    if one.replace(microsecond=0) < other.replace(microsecond=0):
        assert first < second


def test_parts_of_a_name_do_not_run_together() -> None:
    assert name_of("ab", "c") != name_of("a", "bc")


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Weeknight dinners!", "weeknight-dinners"),
        ("  --Crème  brûlée-- ", "crème-brûlée"),
        ("Creme\u0301", "cremé"),
        ("STRASSE straße", "strasse-strasse"),
        ("京都の散歩道 ⛩️", "京都の散歩道"),
        ("मसाला चाय", "मसाला-चाय"),
        ("ต้มยำกุ้ง", "ต้มยำกุ้ง"),
        ("طيّب", "طيّب"),
        ("🍲🍜", "board"),
        ("", "board"),
        ("x" * 300, "x" * MAX_SLUG),
    ],
)
def test_slugs(name: str, slug: str) -> None:
    assert slug_of(name, fallback="board") == slug


@given(st.text())
def test_a_slug_is_a_slug_of_itself(name: str) -> None:
    slug = slug_of(name, fallback="board")
    assert slug_of(slug, fallback="other") == slug
    assert 0 < len(slug) <= MAX_SLUG
    assert "/" not in slug and not slug.startswith("-")


def test_a_free_slug_is_numbered() -> None:
    taken = {"soups", "soups-2"}
    assert free_slug("soups", lambda slug: slug not in taken) == "soups-3"
    assert free_slug("stews", lambda slug: slug not in taken) == "stews"


@pytest.mark.parametrize(
    ("link", "domain"),
    [
        ("https://www.Example.org/a?b#c", "example.org"),
        ("HTTP://example.org:8080", "example.org"),
        ("https://wwwx.example/", "wwwx.example"),
        ("http://[2001:db8::1]/", "2001:db8::1"),
    ],
)
def test_domains(link: str, domain: str) -> None:
    assert domain_of(link) == domain


@pytest.mark.parametrize(
    "link",
    [
        "",
        "example.org",
        "//example.org",
        "ftp://example.org",
        "javascript:alert(1)",
        "https://",
        "https:///path",
        "https://user@example.org",
        "https://exa mple.org",
        "https://example.org/\n",
        "http://[::1",
        "https://example.org/" + "x" * 2048,
    ],
)
def test_what_is_no_link(link: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        split_link(link)
