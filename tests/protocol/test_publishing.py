"""Manifests against a schema: what is published, and what is refused with its reason and place."""

import json

import pytest
from graphql import build_schema

from domain.documents import AppVersion, OperationKind, Published, sha256_of
from domain.manifests import InvalidManifest, ManifestEntry
from protocol.limits import TRUSTED_FACTOR, Limits
from protocol.publishing import (
    ManifestRefused,
    Problem,
    Verifier,
    publish,
    read_documents,
)
from storage.storage import Storage

SCHEMA = build_schema(
    """
    directive @oneOf on INPUT_OBJECT
    type Query { pin(id: ID!): Pin, find(by: By!): Pin, old: Int @deprecated(reason: "Use new.") }
    type Mutation { save(id: ID!): Pin }
    type Subscription { saves: Pin }
    type Pin { id: ID!, title(length: Int): String, board: Board }
    type Board { id: ID!, pins: [Pin!]! }
    input By @oneOf { id: ID, title: String }
    """
)
READ_ONLY = build_schema("type Query { a: Int }")

PIN = "query Pin($id: ID!) {\n  pin(id: $id) {\n    title\n  }\n}"
SAVE = "mutation Save($id: ID!) { save(id: $id) { id } }"
WRONG = "query Wrong($id: ID!) {\n  pin(id: $id) {\n    x\n    y\n  }\n}"


@pytest.fixture
def verifier() -> Verifier:
    """Verifies by the schema of these tests."""
    return Verifier(SCHEMA)


def entry(text: str, name: str | None = None) -> ManifestEntry:
    """An operation under an id of its own."""
    return ManifestEntry(sha256_of(text)[:32], text, name)


def problems(verifier: Verifier, *entries: ManifestEntry) -> list[str]:
    """What is wrong with a manifest, of which nothing else would be published."""
    return [str(problem) for problem in verifier.verify(entries, app="ios").problems]


# What can be served


def test_a_valid_document_knows_its_name_and_kind(verifier: Verifier) -> None:
    texts = {
        PIN: ("Pin", OperationKind.QUERY),
        SAVE: ("Save", OperationKind.MUTATION),
        "subscription S { saves { id } }": ("S", OperationKind.SUBSCRIPTION),
        "{ old }": ("", OperationKind.QUERY),
        "query A { old } mutation B { save(id: 1) { id } } subscription C { saves { id } }": (
            "A, B, C",
            OperationKind.MUTATION,
        ),
        "query A { old } subscription C { saves { id } }": ("A, C", OperationKind.SUBSCRIPTION),
    }
    documents, wrong = verifier.verify(map(entry, texts), app="ios")
    assert wrong == []
    assert [each.text for each in documents] == list(texts)
    assert [(each.name, each.kind) for each in documents] == list(texts.values())
    assert documents[0].ids == (f"sha256:{sha256_of(PIN)}", sha256_of(PIN)[:32])


def test_a_manifest_names_what_its_text_does_not(verifier: Verifier) -> None:
    [document] = verifier.verify([entry("{ old }", "FromTheManifest")], app="ios").documents
    assert document.name == "FromTheManifest"


def test_introspection_is_for_whoever_publishes_to_ask(verifier: Verifier) -> None:
    assert problems(verifier, entry("{ __schema { types { name } } }")) == []


def test_trusted_documents_may_be_larger_than_those_of_strangers(verifier: Verifier) -> None:
    most = Limits().document_tokens * TRUSTED_FACTOR
    fields = " ".join(f"f{number}: __typename" for number in range((most - 2) // 3))
    fits = f"{{ {fields} }}"
    assert problems(verifier, entry(fits)) == []
    [problem] = problems(verifier, entry(fits[:-1] + "old }", "Long"))
    assert problem.startswith("ios/Long: Syntax Error: Document contains more than 20000 tokens.")
    deep = "{ pin(id: 1) { " + "board { pins { " * 20 + "id" + "}" * 42
    assert problems(verifier, entry(deep)) == []


# What is refused, and where


def test_every_problem_is_named_with_its_operation_and_place(verifier: Verifier) -> None:
    assert problems(
        verifier,
        entry(PIN),
        entry(WRONG),
        entry("query { broken", "Named"),
        entry("{ broken("),
        entry("query Args { pin { id } }", "AnotherName"),
    ) == [
        "ios/Wrong: Cannot query field 'x' on type 'Pin'. (3:5)",
        "ios/Wrong: Cannot query field 'y' on type 'Pin'. (4:5)",
        "ios/Named: Syntax Error: Expected Name, found <EOF>. (1:15)",
        f"ios/{sha256_of('{ broken(')[:32]}: Syntax Error: Expected Name, found <EOF>. (1:10)",
        "ios/Args: Argument 'Query.pin(id:)' of type 'ID!' is required, "
        "but it was not provided. (1:14)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("fragment F on Pin { id }", "ios/A: Fragment 'F' is never used. (1:1)"),
        ("type A { b: Int }", "ios/A: The 'A' definition is not executable. (1:1)"),
        ("# nothing", "ios/A: Syntax Error: Unexpected <EOF>. (1:10)"),
        (
            '{ find(by: {id: 1, title: "a"}) { id } }',
            "ios/A: Within OneOf Input Object type 'By', exactly one field must be specified, "
            "and the value for that field must be non-null. (1:12)",
        ),
        (
            "query Q { old } query Q { old }",
            "ios/Q, Q: There can be only one operation named 'Q'. (1:7)",
        ),
    ],
)
def test_what_is_no_operation(verifier: Verifier, text: str, problem: str) -> None:
    assert problems(verifier, entry(text, "A")) == [problem]


@pytest.mark.parametrize("text", [SAVE, "subscription S { saves { id } }"])
def test_what_the_schema_cannot_do(text: str) -> None:
    kind = text.split()[0]
    assert problems(Verifier(READ_ONLY), entry(text, "A"))[0] == (
        f"ios/{text[len(kind) + 1 :].split('(')[0].split()[0]}: "
        f"The {kind} operation is not supported by the schema. (1:1)"
    )


def test_a_document_with_a_thousand_mistakes_names_a_few(verifier: Verifier) -> None:
    text = "{ " + " ".join(f"no{number}" for number in range(1_000)) + " }"
    named = problems(verifier, entry(text, "A"))
    assert len(named) == Limits().request_errors
    assert (
        named[-1] == "ios/A: Too many validation errors, error limit reached. Validation aborted."
    )


def test_a_problem_of_the_whole_has_no_place() -> None:
    assert str(Problem("ios/A", "Wrong.")) == "ios/A: Wrong."


# Deprecated fields


def test_what_is_deprecated_is_no_problem_and_is_named(verifier: Verifier) -> None:
    text = "{ pin(id: 1) { id }\n  old }"
    assert verifier.problems(text, "A") == []
    assert verifier.deprecations(text, "A") == [
        Problem("A", "The field Query.old is deprecated. Use new.", 2, 3)
    ]
    assert verifier.deprecations(PIN, "Pin") == []


# As a whole or not at all


def test_a_manifest_with_one_wrong_operation_is_refused(verifier: Verifier) -> None:
    content = json.dumps({"a": PIN, "b": WRONG, "c": SAVE}).encode()
    with pytest.raises(ManifestRefused) as raised:
        read_documents(content, verifier, app="ios")
    assert raised.value.problems == [
        Problem("ios/Wrong", "Cannot query field 'x' on type 'Pin'.", 3, 5),
        Problem("ios/Wrong", "Cannot query field 'y' on type 'Pin'.", 4, 5),
    ]
    assert str(raised.value) == "\n".join(map(str, raised.value.problems))


def test_a_manifest_that_cannot_be_read_is_refused_first(verifier: Verifier) -> None:
    with pytest.raises(InvalidManifest, match="not ok"):
        read_documents(json.dumps({"not ok": WRONG}).encode(), verifier, app="ios")


async def test_a_manifest_is_published(verifier: Verifier, storage: Storage) -> None:
    content = json.dumps({"pin": PIN, "save": SAVE}).encode()
    documents = read_documents(content, verifier, app="ios")
    for result in (Published(added=2, known=0), Published(added=0, known=2)):
        assert await publish(storage.documents, documents, AppVersion("ios", "8.1")) == result
    found = {each.name: each async for each in storage.documents.every()}
    assert found["Pin"].text == PIN
    assert found["Pin"].ids == (f"sha256:{sha256_of(PIN)}", "pin")
    assert [each.app_version for each in found["Save"].releases] == [("ios", "8.1")]
