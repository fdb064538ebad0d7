"""Deprecations say what to use instead and until when; nothing of ours uses what is deprecated."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from graphql import GraphQLSchema, build_schema
from hypothesis import given
from hypothesis import strategies as st

from protocol.publishing import Verifier
from schema.deprecation import Deprecation, DeprecationError
from schema.fields import attribute, field
from schema.removals import parts
from tests.client import OPERATIONS, SCHEMA

LINES = (
    st.text(st.characters(exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
    .map(str.strip)
    .filter(lambda text: text != "" and not text.endswith("."))
)


def test_a_reason_reads_as_it_is_documented() -> None:
    deprecation = Deprecation("`Pin.saves`", date(2027, 1, 1))
    assert deprecation.reason == "Use `Pin.saves`. Removal on 2027-01-01 UTC."


@given(LINES, st.dates())
def test_a_reason_can_be_read_back(use: str, removal: date) -> None:
    deprecation = Deprecation(use, removal)
    assert Deprecation.parse(deprecation.reason) == deprecation


@pytest.mark.parametrize(
    "reason",
    [
        "",
        "No longer supported",
        "Use b.",
        "Use b. Removal on 2027-01-01.",
        "Use b. Removal on 1 January 2027 UTC.",
        "Use b. Removal on 2027-02-30 UTC.",
        "Use . Removal on 2027-01-01 UTC.",
        "Use  b. Removal on 2027-01-01 UTC.",
        "Use b.. Removal on 2027-01-01 UTC.",
        "use b. Removal on 2027-01-01 UTC.",
        "Use b. Removal on 2027-01-01 UTC. Or later.",
        "Use b\nor c. Removal on 2027-01-01 UTC.",
        "Use b\u2028or c. Removal on 2027-01-01 UTC.",
    ],
)
def test_another_text_is_no_deprecation(reason: str) -> None:
    with pytest.raises(DeprecationError):
        Deprecation.parse(reason)


@pytest.mark.parametrize("use", ["", " ", "b.", " b", "b ", "b\nc", "b\n"])
def test_what_to_use_is_one_line_without_a_full_stop(use: str) -> None:
    with pytest.raises(DeprecationError, match="must be one line without a full stop"):
        Deprecation(use, date(2027, 1, 1))


def test_the_day_and_the_notice() -> None:
    removal = date(2027, 4, 1)
    deprecation = Deprecation("b", removal)
    assert deprecation.is_due(removal)
    assert not deprecation.is_due(removal - timedelta(days=1))
    assert deprecation.gives_notice(removal - timedelta(days=90))
    assert not deprecation.gives_notice(removal - timedelta(days=89))


def deprecated_uses(text: str, schema: GraphQLSchema) -> list[str]:
    """What a valid operation uses that is deprecated: a sentence for each."""
    return [each.message for each in Verifier(schema).deprecations(text, "Operation")]


def test_what_an_operation_uses_that_is_deprecated_is_named() -> None:
    schema = build_schema(
        """
        type Query {
          a(x: Int @deprecated(reason: "Use y. Removal on 2027-01-01 UTC."), y: Int): E
          b: Int @deprecated(reason: "Use a. Removal on 2027-02-01 UTC.")
          c(e: E): Int
        }
        enum E { X  Y @deprecated(reason: "Use X. Removal on 2027-03-01 UTC.") }
        """
    )
    assert deprecated_uses("{ a(y: 1) c(e: X) }", schema) == []
    assert deprecated_uses("{ a(x: 1) b ...F } fragment F on Query { c(e: Y) }", schema) == [
        "The argument 'Query.a(x:)' is deprecated. Use y. Removal on 2027-01-01 UTC.",
        "The field Query.b is deprecated. Use a. Removal on 2027-02-01 UTC.",
        "The enum value 'E.Y' is deprecated. Use X. Removal on 2027-03-01 UTC.",
    ]


def test_every_deprecation_of_the_schema_says_what_to_use_and_until_when() -> None:
    wrong = []
    for path, part in parts(SCHEMA._schema).items():
        try:
            if part.deprecation_reason is not None:
                Deprecation.parse(part.deprecation_reason)
        except DeprecationError as error:
            wrong.append(f"{path}: {error}")
    assert wrong == []


@pytest.mark.parametrize("path", sorted(OPERATIONS.glob("*.graphql")), ids=lambda path: path.stem)
def test_our_own_operations_use_nothing_deprecated(path: Path) -> None:
    """Whoever deprecates moves our own operations at once; the day of removal then breaks none."""
    assert deprecated_uses(path.read_text(), SCHEMA._schema) == []


def test_a_field_is_deprecated_by_what_to_use_and_when_it_goes() -> None:
    going = Deprecation("`Pin.saves`", date(2027, 1, 1))
    for declared in (
        attribute("How often it was saved.", deprecated=going),
        field(lambda pin: pin, "How often it was saved.", deprecated=going),
    ):
        assert declared.deprecation_reason == "Use `Pin.saves`. Removal on 2027-01-01 UTC."
    assert attribute("How often it was saved.").deprecation_reason is None
