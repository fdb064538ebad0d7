"""What a change of the schema does to clients, by class, and the command that checks it."""

import subprocess
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from graphql.utilities.find_schema_changes import (
    BreakingChangeType,
    DangerousChangeType,
    SafeChangeType,
    find_schema_changes,
)

from schema.api import print_schema
from schema.evolution import (
    Change,
    ChangeKind,
    SchemaTextError,
    compare,
    describe,
    read_schema,
)
from tests import programs

RELEASED = programs.ROOT / "schema" / "released.graphql"

TODAY = date(2027, 1, 1)
BREAKING, DANGEROUS, SAFE = ChangeKind
QUERY = "type Query { a: Int }"
GONE = '@deprecated(reason: "Use b. Removal on 2027-01-01 UTC.")'
LATER = '@deprecated(reason: "Use b. Removal on 2027-01-02 UTC.")'
NOTICED = '@deprecated(reason: "Use b. Removal on 2027-04-01 UTC.")'
HASTY = '@deprecated(reason: "Use b. Removal on 2027-03-31 UTC.")'


def found(before: str, after: str) -> list[tuple[ChangeKind, str, str]]:
    """The changes that are not announced, each as a triple."""
    changes = compare(before, after, TODAY)
    assert [change.announced for change in changes] == [None] * len(changes)
    return [(change.kind, change.path, change.message) for change in changes]


def query(fields: str, rest: str = "") -> str:
    """A schema whose root has `a` and some fields."""
    return f"type Query {{ a: Int {fields} }} {rest}"


CHANGES = {
    # What graphql-core finds, one row for each of its types of change.
    "TYPE_REMOVED": (
        query("t: T", "type T { a: Int }"),
        query("t: Int"),
        [
            (BREAKING, "Query.t", "Field Query.t changed type from T to Int."),
            (BREAKING, "T", "T was removed."),
        ],
    ),
    "TYPE_CHANGED_KIND": (
        query("t: T", "type T { a: Int }"),
        query("t: T", "scalar T"),
        [(BREAKING, "T", "T changed from an Object type to a Scalar type.")],
    ),
    "TYPE_REMOVED_FROM_UNION": (
        query("u: U t: T", "type T { a: Int } union U = Query | T"),
        query("u: U t: T", "type T { a: Int } union U = Query"),
        [(BREAKING, "U", "T was removed from union type U.")],
    ),
    "VALUE_REMOVED_FROM_ENUM": (
        query("e: E", "enum E { X Y }"),
        query("e: E", "enum E { X }"),
        [(BREAKING, "E.Y", "Enum value E.Y was removed.")],
    ),
    "REQUIRED_INPUT_FIELD_ADDED": (
        query("f(i: I): Int", "input I { x: Int }"),
        query("f(i: I): Int", "input I { x: Int y: Int! }"),
        [(BREAKING, "I.y", "A required field I.y was added.")],
    ),
    "IMPLEMENTED_INTERFACE_REMOVED": (
        query("t: T n: N", "interface N { a: Int } type T implements N { a: Int }"),
        query("t: T n: N", "interface N { a: Int } type T { a: Int }"),
        [(BREAKING, "T", "T no longer implements interface N.")],
    ),
    "FIELD_REMOVED": (
        query("b: Int"),
        query(""),
        [(BREAKING, "Query.b", "Field Query.b was removed.")],
    ),
    "FIELD_CHANGED_KIND": (
        query("b: Int!"),
        query("b: Int"),
        [(BREAKING, "Query.b", "Field Query.b changed type from Int! to Int.")],
    ),
    "REQUIRED_ARG_ADDED": (
        query("b: Int"),
        query("b(x: Int!): Int"),
        [(BREAKING, "Query.b(x:)", "A required argument Query.b(x:) was added.")],
    ),
    "ARG_REMOVED": (
        query("b(x: Int): Int"),
        query("b: Int"),
        [(BREAKING, "Query.b(x:)", "Argument Query.b(x:) was removed.")],
    ),
    "ARG_CHANGED_KIND": (
        query("b(x: Int): Int"),
        query("b(x: Int!): Int"),
        [
            (
                BREAKING,
                "Query.b(x:)",
                "Argument Query.b(x:) has changed type from Int to Int!.",
            )
        ],
    ),
    "DIRECTIVE_REMOVED": (
        QUERY + "directive @d on FIELD",
        QUERY,
        [(BREAKING, "@d", "Directive @d was removed.")],
    ),
    "DIRECTIVE_ARG_REMOVED": (
        QUERY + "directive @d(x: Int) on FIELD",
        QUERY + "directive @d on FIELD",
        [(BREAKING, "@d(x:)", "Argument @d(x:) was removed.")],
    ),
    "REQUIRED_DIRECTIVE_ARG_ADDED": (
        QUERY + "directive @d on FIELD",
        QUERY + "directive @d(x: Int!) on FIELD",
        [(BREAKING, "@d(x:)", "A required argument @d(x:) was added.")],
    ),
    "DIRECTIVE_REPEATABLE_REMOVED": (
        QUERY + "directive @d repeatable on FIELD",
        QUERY + "directive @d on FIELD",
        [(BREAKING, "@d", "Repeatable flag was removed from @d.")],
    ),
    "DIRECTIVE_LOCATION_REMOVED": (
        QUERY + "directive @d on FIELD | QUERY",
        QUERY + "directive @d on FIELD",
        [(BREAKING, "@d", "QUERY was removed from @d.")],
    ),
    "VALUE_ADDED_TO_ENUM": (
        query("e: E", "enum E { X }"),
        query("e: E", "enum E { X Y }"),
        [(DANGEROUS, "E.Y", "Enum value E.Y was added.")],
    ),
    "TYPE_ADDED_TO_UNION": (
        query("u: U t: T", "type T { a: Int } union U = Query"),
        query("u: U t: T", "type T { a: Int } union U = Query | T"),
        [(DANGEROUS, "U", "T was added to union type U.")],
    ),
    "OPTIONAL_INPUT_FIELD_ADDED": (
        query("f(i: I): Int", "input I { x: Int }"),
        query("f(i: I): Int", "input I { x: Int y: Int! = 1 }"),
        [(DANGEROUS, "I.y", "An optional field I.y was added.")],
    ),
    "OPTIONAL_ARG_ADDED": (
        query("b: Int"),
        query("b(x: Int): Int"),
        [(DANGEROUS, "Query.b(x:)", "An optional argument Query.b(x:) was added.")],
    ),
    "IMPLEMENTED_INTERFACE_ADDED": (
        query("t: T n: N", "interface N { a: Int } type T { a: Int }"),
        query("t: T n: N", "interface N { a: Int } type T implements N { a: Int }"),
        [(DANGEROUS, "T", "N added to interfaces implemented by T.")],
    ),
    "ARG_DEFAULT_VALUE_CHANGE": (
        query('b(x: String = "Pin.title"): Int'),
        query('b(x: String = "y"): Int'),
        [
            (
                DANGEROUS,
                "Query.b(x:)",
                'Query.b(x:) has changed defaultValue from "Pin.title" to "y".',
            )
        ],
    ),
    "INPUT_FIELD_DEFAULT_VALUE_CHANGE": (
        query("f(i: I): Int", "input I { x: Int = 1 }"),
        query("f(i: I): Int", "input I { x: Int }"),
        [(DANGEROUS, "I.x", "I.x defaultValue was removed.")],
    ),
    "TYPE_ADDED": (
        QUERY,
        query("t: T", "type T { a: Int }"),
        [(SAFE, "Query.t", "Field Query.t was added."), (SAFE, "T", "T was added.")],
    ),
    "DIRECTIVE_ADDED": (
        QUERY,
        QUERY + "directive @d on FIELD",
        [(SAFE, "@d", "Directive @d was added.")],
    ),
    "FIELD_ADDED": (
        QUERY,
        query("b: Int"),
        [(SAFE, "Query.b", "Field Query.b was added.")],
    ),
    "DIRECTIVE_REPEATABLE_ADDED": (
        QUERY + "directive @d on FIELD",
        QUERY + "directive @d repeatable on FIELD",
        [(SAFE, "@d", "Repeatable flag was added to @d.")],
    ),
    "DIRECTIVE_LOCATION_ADDED": (
        QUERY + "directive @d on FIELD",
        QUERY + "directive @d on FIELD | QUERY",
        [(SAFE, "@d", "QUERY was added to @d.")],
    ),
    "OPTIONAL_DIRECTIVE_ARG_ADDED": (
        QUERY + "directive @d on FIELD",
        QUERY + "directive @d(x: Int) on FIELD",
        [(SAFE, "@d(x:)", "An optional argument @d(x:) was added.")],
    ),
    "FIELD_CHANGED_KIND_SAFE": (
        query("b: Int"),
        query("b: Int!"),
        [(SAFE, "Query.b", "Field Query.b changed type from Int to Int!.")],
    ),
    "ARG_CHANGED_KIND_SAFE": (
        query("b(x: Int!): Int"),
        query("b(x: Int): Int"),
        [(SAFE, "Query.b(x:)", "Argument Query.b(x:) has changed type from Int! to Int.")],
    ),
    "ARG_DEFAULT_VALUE_ADDED": (
        query("b(x: Int): Int"),
        query("b(x: Int = 1): Int"),
        [(SAFE, "Query.b(x:)", "Query.b(x:) added a defaultValue 1.")],
    ),
    "INPUT_FIELD_DEFAULT_VALUE_ADDED": (
        query("f(i: I): Int", "input I { x: Int }"),
        query("f(i: I): Int", "input I { x: Int = 1 }"),
        [(SAFE, "I.x", "I.x added a defaultValue 1.")],
    ),
    "DESCRIPTION_CHANGED": (QUERY, '"""Everything."""' + QUERY, []),
}

HOUSE_CHANGES = {
    "a deprecation with notice": (
        query("b: Int"),
        query(f"b: Int {NOTICED}"),
        [
            (
                SAFE,
                "Query.b",
                "Query.b is deprecated: Use b. Removal on 2027-04-01 UTC.",
            )
        ],
    ),
    "a deprecation at short notice": (
        query("b: Int"),
        query(f"b: Int {HASTY}"),
        [
            (
                BREAKING,
                "Query.b",
                "Query.b is deprecated at short notice: its removal on 2027-03-31 is 89 days from "
                "2027-01-01; clients get 90.",
            )
        ],
    ),
    "an old deprecation, short before its day": (
        query(f"b: Int {LATER}"),
        query(f"b: Int {LATER}"),
        [],
    ),
    "an old deprecation with another reason, as late as before": (
        query(f"b: Int {LATER}"),
        query('b: Int @deprecated(reason: "Use c. Removal on 2027-01-02 UTC.")'),
        [(SAFE, "Query.b", "Query.b is deprecated: Use c. Removal on 2027-01-02 UTC.")],
    ),
    "a removal brought forward": (
        query(f"b: Int {NOTICED}"),
        query(f"b: Int {HASTY}"),
        [
            (
                BREAKING,
                "Query.b",
                "Query.b is deprecated at short notice: its removal on 2027-03-31 is 89 days from "
                "2027-01-01; clients get 90.",
            )
        ],
    ),
    "a deprecation without a day": (
        query("b(x: Int): Int"),
        query('b(x: Int @deprecated(reason: "Old.")): Int'),
        [
            (
                BREAKING,
                "Query.b(x:)",
                "Query.b(x:) is deprecated without notice. A deprecation reads "
                '"Use X. Removal on 2027-01-01 UTC."; this one reads "Old.".',
            )
        ],
    ),
    "a day for what had none, at short notice": (
        query('b: Int @deprecated(reason: "Old.")'),
        query(f"b: Int {HASTY}"),
        [
            (
                BREAKING,
                "Query.b",
                "Query.b is deprecated at short notice: its removal on 2027-03-31 is 89 days from "
                "2027-01-01; clients get 90.",
            )
        ],
    ),
    "a deprecation withdrawn": (
        query(f"b: Int {LATER}"),
        query("b: Int"),
        [(SAFE, "Query.b", "Query.b is no longer deprecated.")],
    ),
    "a dearer field": (
        query("b: Int", "directive @cost(weight: Int!) on FIELD_DEFINITION"),
        query("b: Int @cost(weight: 5)", "directive @cost(weight: Int!) on FIELD_DEFINITION"),
        [(DANGEROUS, "Query.b", "Query.b changed its price from none to @cost(weight: 5).")],
    ),
    "another directive on a field": (
        query("b: Int", "directive @kept(s: Int) on FIELD_DEFINITION"),
        query("b: Int @kept(s: 5)", "directive @kept(s: Int) on FIELD_DEFINITION"),
        [],
    ),
    "no mutations any more": (
        query("m: M", "type M { a: Int } schema { query: Query mutation: M }"),
        query("m: M", "type M { a: Int } schema { query: Query }"),
        [(BREAKING, "M", "M is no longer where every mutation starts.")],
    ),
    "mutations, for the first time": (
        query("m: M", "type M { a: Int } schema { query: Query }"),
        query("m: M", "type M { a: Int } schema { query: Query mutation: M }"),
        [],
    ),
    "an input that takes exactly one": (
        query("f(i: I): Int", "input I { x: Int }"),
        query("f(i: I): Int", "input I @oneOf { x: Int }"),
        [(BREAKING, "I", "I takes exactly one of its fields now.")],
    ),
    "an input that takes any": (
        query("f(i: I): Int", "input I @oneOf { x: Int }"),
        query("f(i: I): Int", "input I { x: Int }"),
        [(SAFE, "I", "I takes any of its fields now, no longer exactly one.")],
    ),
    "a scalar written in another way": (
        query("s: S", 'scalar S @specifiedBy(url: "https://a.example")'),
        query("s: S", "scalar S"),
        [(DANGEROUS, "S", "S is specified by nothing, and was by https://a.example.")],
    ),
    "a new type behind an old interface": (
        query("n: N", "interface N { a: Int }"),
        query("n: N", "interface N { a: Int } type T implements N { a: Int }"),
        [
            (DANGEROUS, "T", "T is new, and comes where N is returned."),
            (SAFE, "T", "T was added."),
        ],
    ),
    "nothing": (QUERY, QUERY, []),
}


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [*CHANGES.values(), *HOUSE_CHANGES.values()],
    ids=[*CHANGES, *HOUSE_CHANGES],
)
def test_a_change_and_its_class(
    before: str, after: str, changes: list[tuple[ChangeKind, str, str]]
) -> None:
    assert found(before, after) == changes


def test_the_table_has_every_type_of_change() -> None:
    """So that the place is read from each sentence of graphql-core, after an upgrade as well."""
    kinds = [*BreakingChangeType, *DangerousChangeType, *SafeChangeType]
    unused = {"SafeChangeType.OPTIONAL_INPUT_FIELD_ADDED", "SafeChangeType.OPTIONAL_ARG_ADDED"}
    assert CHANGES.keys() == {kind.name for kind in kinds if str(kind) not in unused}
    for name, (before, after, _) in CHANGES.items():
        changes = find_schema_changes(read_schema(before), read_schema(after))
        assert name in {change.type.name for change in changes}


def test_changes_are_told_by_class_the_worst_first() -> None:
    before = query(f"b: Int c: Int {GONE} d: Int e: E", "enum E { X }")
    after = query("d: Int! e: E", "enum E { X Y }")
    changes = compare(before, after, TODAY)
    assert [change.path for change in changes] == ["Query.b", "Query.c", "E.Y", "Query.d"]
    assert list(describe(changes)) == [
        "Breaking, and not announced (1):",
        "  Field Query.b was removed.",
        "Breaking, as announced (1):",
        "  Field Query.c was removed.",
        "Dangerous (1):",
        "  Enum value E.Y was added.",
        "Safe (1):",
        "  Field Query.d changed type from Int to Int!.",
    ]
    assert list(describe([])) == ["Nothing changed for clients."]


def test_a_change_is_refused_unless_it_was_announced() -> None:
    assert Change(BREAKING, "A.b", "Gone.").is_refused
    assert not Change(BREAKING, "A.b", "Gone.", TODAY).is_refused
    assert not Change(DANGEROUS, "A.b", "Odd.").is_refused


@pytest.mark.parametrize("text", ["", "type Query {", "type Query { a: Nothing }", "no schema"])
def test_what_is_no_schema_is_refused(text: str) -> None:
    with pytest.raises(SchemaTextError, match=r"^This is no schema in SDL: "):
        compare(text, QUERY, TODAY)


def test_the_schema_breaks_no_client_of_the_released_one() -> None:
    """`make release-schema` makes this schema the released one."""
    changes = compare(RELEASED.read_text(), print_schema(), datetime.now(UTC).date())
    assert [change.message for change in changes if change.is_refused] == []


def run(*words: str) -> subprocess.CompletedProcess[str]:
    """`python -m cli schema …`, as a person types it."""
    return programs.run("schema", *words, environment=programs.usual_environment())


def test_the_command_ends_with_one_when_a_change_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "released.graphql"
    later = '@deprecated(reason: "Use `Query.pin`. Removal on 2027-01-01 UTC.")'
    head, root, rest = print_schema().partition("type Query {\n")
    file.write_text(f"{head}{root}  pinned: Int {later}\n{rest}")

    early = run("--check", str(file), "--today", "2026-12-31")
    assert early.stdout.splitlines() == [
        "Breaking, and not announced (1):",
        "  Field Query.pinned was removed.",
    ]
    assert early.returncode == 1

    due = run("--check", str(file), "--today", "2027-01-01")
    assert due.stdout.splitlines() == [
        "Breaking, as announced (1):",
        "  Field Query.pinned was removed.",
    ]
    assert due.returncode == 0


def test_the_command_finds_nothing_between_a_schema_and_itself(tmp_path: Path) -> None:
    file = tmp_path / "released.graphql"
    file.write_text(print_schema())
    same = run("--check", str(file))
    assert (same.returncode, same.stdout) == (0, "Nothing changed for clients.\n")


def test_mistakes_of_the_command_get_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff")
    (tmp_path / "notes.txt").write_text("no schema")
    for words, status, sentence in (
        (("--check", str(tmp_path / "absent")), 1, "absent cannot be read: "),
        (("--check", str(tmp_path / "picture.png")), 1, "picture.png cannot be read: "),
        (("--check", str(tmp_path / "notes.txt")), 1, "This is no schema in SDL: "),
        (("--check", str(RELEASED), "--today", "soon"), 2, "invalid fromisoformat value: 'soon'"),
    ):
        ended = run(*words)
        assert ended.returncode == status
        assert sentence in " ".join(ended.stderr.split())
        assert "Traceback" not in ended.stderr
