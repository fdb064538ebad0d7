"""Asking for the price alone: which documents may, which requests do, and what is executed then."""

from typing import Any

import pytest
from graphql import (
    DocumentNode,
    OperationDefinitionNode,
    build_schema,
    execute_sync,
    get_operation_ast,
    parse,
    validate,
)

from protocol.dry_run import DryRun, dry_run, may_be_dry_run

SCHEMA = build_schema("""
    type Query {
        rateLimit(dryRun: Boolean = false, exact: Boolean): RateLimit
        pin(id: ID, dryRun: Boolean): Pin
        fails: Int
    }
    type RateLimit { cost: Int, limit: Int }
    type Pin { id: ID, rateLimit(dryRun: Boolean): Int }
    type Mutation { rateLimit(dryRun: Boolean): RateLimit }
""")


class Root:
    """Answers, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rateLimit(self, _info: object, dryRun: bool | None) -> dict[str, int]:
        """The charge."""
        self.asked.append("rateLimit")
        return {"cost": 7, "limit": 100}

    def pin(self, _info: object, id: str | None = None) -> dict[str, str | None]:
        """What nobody pays for in a dry run."""
        self.asked.append("pin")
        return {"id": id}


def prepared(text: str) -> tuple[DocumentNode, OperationDefinitionNode]:
    """A valid document and its operation: the one named `It`, or the only one."""
    document = parse(text)
    assert validate(SCHEMA, document) == []
    operation = get_operation_ast(document) or get_operation_ast(document, "It")
    assert operation is not None
    return document, operation


def found(text: str, **variables: Any) -> DryRun | None:
    """The dry run of a document, if it is one; asks both functions, as the server does."""
    document, operation = prepared(text)
    dry = dry_run(SCHEMA, document, operation, variables)
    assert dry is None or may_be_dry_run(document, operation)
    return dry


def answer(text: str, **variables: Any) -> dict[str, Any] | None:
    """The data of a dry run, of which nothing but `rateLimit` is executed."""
    dry = found(text, **variables)
    assert dry is not None
    root = Root()
    name = "It" if "query It" in text else None
    result = execute_sync(
        SCHEMA, dry.document, root, variable_values=variables, operation_name=name
    )
    assert result.errors is None
    assert set(root.asked) == {"rateLimit"}
    return dry.complete(result.data)


# Which documents may


@pytest.mark.parametrize(
    "text",
    [
        "{ rateLimit(dryRun: true) { cost } }",
        "{ pin { id } price: rateLimit(dryRun: true) { cost } }",
        "query($dry: Boolean) { rateLimit(dryRun: $dry) { cost } }",
        "{ ... { ... on Query { rateLimit(dryRun: true) { cost } } } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { "
        "rateLimit(dryRun: true) { cost } }",
        "query($on: Boolean!) { rateLimit(dryRun: true) @include(if: $on) { cost } }",
        "query It { rateLimit(dryRun: true) { cost } } query Other { pin { id } }",
    ],
)
def test_a_document_that_may_ask_for_its_price_alone(text: str) -> None:
    assert may_be_dry_run(*prepared(text))


@pytest.mark.parametrize(
    "text",
    [
        "{ pin { id } }",
        "{ rateLimit { cost } }",
        "{ rateLimit(dryRun: false) { cost } }",
        "{ rateLimit(exact: true) { cost } }",
        "{ pin(dryRun: true) { id } }",
        "{ rateLimit: pin { id } }",
        "{ pin { rateLimit(dryRun: true) } }",
        "{ pin { ...P } } fragment P on Pin { rateLimit(dryRun: true) }",
        "mutation { rateLimit(dryRun: true) { cost } }",
        "query It { pin { id } } query Other { rateLimit(dryRun: true) { cost } }",
    ],
)
def test_a_document_that_never_asks_for_its_price_alone(text: str) -> None:
    document, operation = prepared(text)
    assert not may_be_dry_run(document, operation)


def test_a_fragment_is_entered_once() -> None:
    levels = 60
    fragments = "".join(
        f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }} " for n in range(levels)
    )
    text = f"{{ ...F0 ...F0 }} {fragments} fragment F{levels} on Query {{ pin {{ id }} }}"
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation is not None
    assert not may_be_dry_run(document, operation)
    asks = parse(text.replace("{ pin { id } }", "{ rateLimit(dryRun: true) { cost } pin { id } }"))
    operation = get_operation_ast(asks)
    assert operation is not None
    assert may_be_dry_run(asks, operation)
    dry = dry_run(SCHEMA, asks, operation, {})
    assert dry is not None
    assert dry.keys == ("rateLimit", "pin")


# What is answered


def test_all_but_the_price_is_null_and_in_its_place() -> None:
    data = answer("{ before: pin { id } rateLimit(dryRun: true) { cost } pin { id } fails }")
    assert data == {"before": None, "rateLimit": {"cost": 7}, "pin": None, "fails": None}
    assert list(data) == ["before", "rateLimit", "pin", "fails"]


def test_the_price_keeps_its_alias_and_what_is_about_the_schema_is_answered() -> None:
    data = answer(
        "{ __typename pin { id } price: rateLimit(dryRun: true) { c: cost } "
        '__type(name: "Pin") { name } }'
    )
    assert data == {
        "__typename": "Query",
        "pin": None,
        "price": {"c": 7},
        "__type": {"name": "Pin"},
    }


def test_one_price_of_several_is_enough() -> None:
    data = answer("{ a: rateLimit { cost } b: rateLimit(dryRun: true) { limit } pin { id } }")
    assert data == {"a": {"cost": 7}, "b": {"limit": 100}, "pin": None}


def test_fields_of_one_key_are_one_field() -> None:
    data = answer(
        "{ ...A ... on Query { pin { id } rateLimit(dryRun: true) { limit } } } "
        "fragment A on Query { pin { id } rateLimit(dryRun: true) { ...B } } "
        "fragment B on RateLimit { cost }"
    )
    assert data == {"pin": None, "rateLimit": {"cost": 7, "limit": 100}}


def test_a_variable_decides() -> None:
    text = "query($dry: Boolean) { rateLimit(dryRun: $dry) { cost } pin { id } }"
    assert answer(text, dry=True) == {"rateLimit": {"cost": 7}, "pin": None}
    assert found(text, dry=False) is None
    assert found(text, dry=None) is None
    assert found(text) is None
    default = text.replace("Boolean", "Boolean = true")
    assert answer(default) == {"rateLimit": {"cost": 7}, "pin": None}
    assert found(default, dry=False) is None


def test_what_is_skipped_does_not_ask_and_has_no_place() -> None:
    text = (
        "query($on: Boolean!) { rateLimit(dryRun: true) @include(if: $on) { cost } "
        "a: pin @skip(if: $on) { id } ... @include(if: $on) { b: pin { id } } }"
    )
    assert answer(text, on=True) == {"rateLimit": {"cost": 7}, "b": None}
    assert found(text, on=False) is None


def test_other_operations_of_the_document_are_left_alone() -> None:
    text = (
        "query It($id: ID) { pin(id: $id) { id } rateLimit(dryRun: true) { cost } } "
        "query Other { pin { id } }"
    )
    assert answer(text, id="1") == {"pin": None, "rateLimit": {"cost": 7}}
    document, _ = prepared(text)
    other = get_operation_ast(document, "Other")
    assert other is not None
    assert not may_be_dry_run(document, other)
    assert dry_run(SCHEMA, document, other, {}) is None


@pytest.mark.parametrize("variables", [{"dry": "yes"}, {"dry": [True]}])
def test_variables_that_do_not_fit_are_for_execution_to_refuse(variables: dict[str, Any]) -> None:
    text = "query($dry: Boolean) { rateLimit(dryRun: $dry) { cost } }"
    assert found(text, **variables) is None


def test_a_null_that_nobody_can_know_beforehand_is_for_execution_to_refuse() -> None:
    text = "query($on: Boolean = true) { rateLimit(dryRun: true) @include(if: $on) { cost } }"
    assert answer(text) == {"rateLimit": {"cost": 7}}
    assert found(text, on=None) is None


def test_nothing_stays_nothing() -> None:
    dry = found("{ rateLimit(dryRun: true) { cost } pin { id } }")
    assert dry is not None
    assert dry.complete(None) is None
