"""What may be gone: what the released schema announced, from its day on, and nothing else."""

from datetime import date

import pytest

from schema.evolution import ChangeKind, compare

TODAY = date(2027, 1, 1)
QUERY = "type Query { a: Int }"
GONE = '@deprecated(reason: "Use b. Removal on 2027-01-01 UTC.")'
NOTICED = '@deprecated(reason: "Use b. Removal on 2027-04-01 UTC.")'


def query(fields: str, rest: str = "") -> str:
    """A schema whose root has `a` and some fields."""
    return f"type Query {{ a: Int {fields} }} {rest}"


REMOVALS = {
    "a field": (query(f"b: Int {GONE}"), query(""), ["Query.b"]),
    "an argument": (query(f"b(x: Int {GONE}): Int"), query("b: Int"), ["Query.b(x:)"]),
    "a field with its arguments": (query(f"b(x: Int): Int {GONE}"), query(""), ["Query.b"]),
    "an argument of a field that may be gone": (
        query(f"b(x: Int): Int {GONE}"),
        query(f"b: Int {GONE}"),
        ["Query.b(x:)"],
    ),
    "an input field": (
        query("f(i: I): Int", f"input I {{ x: Int y: Int {GONE} }}"),
        query("f(i: I): Int", "input I { x: Int }"),
        ["I.y"],
    ),
    "an enum value": (
        query("e: E", f"enum E {{ X Y {GONE} }}"),
        query("e: E", "enum E { X }"),
        ["E.Y"],
    ),
    "an argument of a directive": (
        QUERY + f"directive @d(x: Int {GONE}) on FIELD",
        QUERY + "directive @d on FIELD",
        ["@d(x:)"],
    ),
    "a type with the last field that returns it, and what only it refers to": (
        query(f"c: C {GONE}", "type C { edges: [E] } type E { at: When } scalar When"),
        query(""),
        ["C", "E", "Query.c", "When"],
    ),
    "a type whose fields all left": (
        query(
            "n: N u: U", f"interface N {{ a: Int }} union U = Query | T type T {{ b: Int {GONE} }}"
        ),
        query("n: N u: U", "interface N { a: Int } union U = Query"),
        ["T", "U"],
    ),
    "an input with the last argument of its type": (
        query(f"f(i: I {GONE}): Int", "input I { x: Float }"),
        query("f: Int"),
        ["Float", "I", "Query.f(i:)"],
    ),
}


@pytest.mark.parametrize(("before", "after", "paths"), REMOVALS.values(), ids=REMOVALS)
def test_what_was_announced_may_go_on_its_day(before: str, after: str, paths: list[str]) -> None:
    changes = compare(before, after, TODAY)
    assert [change.path for change in changes] == paths
    assert {change.kind for change in changes} == {ChangeKind.BREAKING}
    assert {change.announced for change in changes} == {TODAY}
    assert not any(change.is_refused for change in changes)


@pytest.mark.parametrize(("before", "after", "paths"), REMOVALS.values(), ids=REMOVALS)
def test_what_was_announced_may_not_go_the_day_before(
    before: str, after: str, paths: list[str]
) -> None:
    changes = compare(before, after, date(2026, 12, 31))
    assert [change.path for change in changes if change.is_refused] == paths


def test_a_type_goes_with_the_last_of_its_fields() -> None:
    earlier = GONE.replace("2027-01-01", "2026-12-01")
    before = query("n: N", f"interface N {{ x: Int {GONE} y: Int {earlier} }}")
    changes = compare(before, query(f"n: Int {NOTICED}"), TODAY)
    assert [(c.path, c.announced) for c in changes if c.path == "N"] == [("N", TODAY)]


REFUSALS = {
    "a type of which nothing was said": (
        query("b: Int", "type T { a: Int }"),
        query(f"b: Int {NOTICED}"),
        ["T"],
    ),
    "what was deprecated without a day": (
        query('b: Int @deprecated(reason: "Old.")'),
        query(""),
        ["Query.b"],
    ),
    "another type for a field that may be gone": (
        query(f"b: Int {GONE}"),
        query(f"b: String {GONE}"),
        ["Query.b"],
    ),
    "a type that something else still returned": (
        query(f"b: T {GONE} c: T", "type T { x: Int }"),
        query("c: Int"),
        ["Query.c", "T"],
    ),
    "a type that an interface still returned": (
        query(f"b: T {GONE} n: N", "interface N { a: Int } type T implements N { a: Int }"),
        query("n: N", "interface N { a: Int }"),
        ["T"],
    ),
    "a type that a union still returned": (
        query(f"b: T {GONE} u: U", "union U = Query | T type T { x: Int }"),
        query("u: U", "union U = Query"),
        ["T", "U"],
    ),
    "a root": (
        "type Query { a: Int } type Mutation { b: Int }",
        "type Query { a: Int }",
        ["Mutation"],
    ),
}


@pytest.mark.parametrize(("before", "after", "paths"), REFUSALS.values(), ids=REFUSALS)
def test_what_was_not_announced_is_refused(before: str, after: str, paths: list[str]) -> None:
    assert [c.path for c in compare(before, after, TODAY) if c.is_refused] == paths
