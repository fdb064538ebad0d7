"""What caches are told: the policy of an operation, the headers of an answer, and its ETag."""

from typing import Annotated

import pytest
import strawberry
from graphql import OperationDefinitionNode, parse, validate
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import empty_receive

from protocol.caching import (
    NO_STORE,
    NOT_KEPT,
    CacheHint,
    CachePolicy,
    CacheScope,
    CdnRule,
    Freshness,
    cache_control,
    etag_of,
    freshness_of,
    gzip_etag,
    hint_type,
    is_unchanged,
    operation_policy,
)
from protocol.incoming import Incoming
from tests.protocol.wire import guarded

PUBLIC, PRIVATE = CacheScope.PUBLIC, CacheScope.PRIVATE


def hinted(max_age_s: int | None = None, scope: CacheScope | None = None) -> dict[str, CacheHint]:
    """What a field says of itself, where Strawberry keeps it."""
    return {"cache": CacheHint(max_age_s, scope)}


@strawberry.interface
class Named:
    """An interface that says how long its own fields may be kept."""

    name: str


@strawberry.interface
class Sized:
    """An interface that says nothing."""

    size: int


@strawberry.type
class Stone(Named, Sized):
    """May be kept for 60 s."""

    weight: int
    colour: str = strawberry.field(metadata=hinted(20))
    owner: str = strawberry.field(metadata=hinted(scope=PRIVATE))
    note: str = strawberry.field(metadata=hinted(0, PRIVATE))
    shape: str = strawberry.field(metadata=hinted(900))


@strawberry.type
class Diary(Named, Sized):
    """May be kept for 90 s, by its reader only."""

    text: str


@strawberry.type
class Pebble(Stone):
    """Says nothing, and is a stone to Python only."""


for each, hint in {
    Named: CacheHint(40),
    Stone: CacheHint(60),
    Diary: CacheHint(90, PRIVATE),
}.items():
    hint_type(each, hint)

Found = Annotated[Stone | Diary, strawberry.union("Found")]


@strawberry.type
class Page:
    """A list that says nothing of itself."""

    total: int
    nodes: list[Found]
    things: list[Sized]


@strawberry.type
class Query:
    """What the tests ask for; nothing is executed."""

    plain: int
    fresh: int = strawberry.field(metadata=hinted(30))
    secret: int = strawberry.field(metadata=hinted(scope=PRIVATE))
    stone: Stone
    slow: Stone = strawberry.field(metadata=hinted(300))
    diary: Diary
    open: Diary = strawberry.field(metadata=hinted(scope=PUBLIC))
    page: Page
    search: Page = strawberry.field(metadata=hinted(30))
    long: Page = strawberry.field(metadata=hinted(500))
    named: Named
    sized: Sized
    thing: Sized = strawberry.field(metadata=hinted(500))
    pebble: Pebble
    pebbled: Pebble = strawberry.field(metadata=hinted(700))


@strawberry.type
class Mutation:
    """What could be kept if it were only read."""

    stone: Stone


SCHEMA = strawberry.Schema(Query, Mutation, types=[Stone, Diary, Pebble])._schema


def policy_of(text: str, name: str | None = None) -> CachePolicy:
    """The policy of an operation of a document, which must be valid."""
    document = parse(text)
    assert validate(SCHEMA, document) == []
    operation = next(
        each
        for each in document.definitions
        if isinstance(each, OperationDefinitionNode)
        and (name is None or (each.name is not None and each.name.value == name))
    )
    return operation_policy(SCHEMA, document, operation)


@pytest.mark.row("G1")
@pytest.mark.parametrize(
    ("text", "max_age_s", "scope"),
    [
        ("{ fresh }", 30, PUBLIC),
        ("{ plain }", 0, PUBLIC),  # nobody said that it may be kept
        ("{ plain fresh }", 0, PUBLIC),
        ("{ secret }", 0, PRIVATE),
        ("{ fresh secret }", 0, PRIVATE),
        ("{ stone { weight } }", 60, PUBLIC),  # the hint of the type
        ("{ slow { weight } }", 300, PUBLIC),  # the hint of the field goes before it
        ("{ slow { shape } }", 300, PUBLIC),
        ("{ stone { shape } }", 60, PUBLIC),
        ("{ stone { weight colour } }", 20, PUBLIC),
        ("{ stone { weight owner } }", 60, PRIVATE),
        ("{ stone { note } }", 0, PRIVATE),
        ("{ diary { text } }", 90, PRIVATE),
        ("{ open { text } }", 90, PUBLIC),  # each half of a hint on its own
        ("{ stone { weight } diary { text } }", 60, PRIVATE),
        ("{ diary { text } open { text } }", 90, PRIVATE),  # and what is closed stays closed
        ("{ open { text } diary { text } }", 90, PRIVATE),
        ("{ page { total } }", 0, PUBLIC),
        ("{ search { total } }", 30, PUBLIC),
        ("{ search { nodes { __typename } } }", 30, PUBLIC),
        ("{ pebble { weight } }", 0, PUBLIC),  # a hint is not inherited in Python
        ("{ pebbled { weight } }", 700, PUBLIC),
    ],
)
def test_the_strictest_hint_counts(text: str, max_age_s: int, scope: CacheScope) -> None:
    assert policy_of(text) == CachePolicy(max_age_s, scope)


@pytest.mark.row("G1")
@pytest.mark.parametrize(
    ("text", "max_age_s", "scope"),
    [
        ("{ long { nodes { ... on Stone { weight } } } }", 60, PUBLIC),
        ("{ long { nodes { ... on Stone { weight } ... on Diary { text } } } }", 60, PRIVATE),
        ("{ long { nodes { ... on Diary { __typename } } } }", 90, PRIVATE),
        # What any type may be behind is as strict as all of them.
        ("{ long { things { size } } }", 60, PRIVATE),
        ("{ thing { __typename ... on Stone { weight } } }", 60, PUBLIC),
        ("{ thing { ... on Sized { size } } }", 60, PRIVATE),
        ("{ sized { ... on Stone { weight } } }", 0, PUBLIC),
        # An interface may speak for its own fields.
        ("{ named { name } }", 40, PUBLIC),
        ("{ named { name ... on Stone { colour } } }", 20, PUBLIC),
        ("{ named { name ... on Diary { text } } }", 40, PRIVATE),
        ("{ long { nodes { ... on Named { name } } } }", 40, PUBLIC),
        # A fragment on the type that is there anyway adds nothing.
        ("{ slow { ... on Stone { weight } } }", 300, PUBLIC),
        ("{ slow { ... { weight } } }", 300, PUBLIC),
        ("{ slow { ...S } } fragment S on Stone { weight }", 300, PUBLIC),
        ("{ long { nodes { ...S } } } fragment S on Stone { weight }", 60, PUBLIC),
        ("{ long { nodes { ...D } } } fragment D on Diary { __typename }", 90, PRIVATE),
        # It is entered once, and counts wherever it narrows a type.
        (
            "{ slow { ...S } long { nodes { ...S } } } fragment S on Stone { weight }",
            60,
            PUBLIC,
        ),
        ("{ ...Q } fragment Q on Query { plain }", 0, PUBLIC),
        ("{ ...Q } fragment Q on Query { fresh ...R } fragment R on Query { secret }", 0, PRIVATE),
    ],
)
def test_what_an_abstract_type_may_be_counts(text: str, max_age_s: int, scope: CacheScope) -> None:
    assert policy_of(text) == CachePolicy(max_age_s, scope)


@pytest.mark.row("G1")
def test_what_might_be_left_out_counts() -> None:
    text = "query ($no: Boolean!) { stone { weight note @include(if: $no) } }"
    assert policy_of(text) == CachePolicy(0, PRIVATE)
    assert policy_of("{ stone { weight note @skip(if: true) } }") == CachePolicy(0, PRIVATE)


@pytest.mark.row("G1")
@pytest.mark.parametrize(
    "text",
    [
        "mutation { stone { weight } }",
        "{ __schema { queryType { name } } }",
        '{ fresh __type(name: "Stone") { name } }',
        "{ __typename }",
    ],
)
def test_it_may_not_be_kept(text: str) -> None:
    assert policy_of(text) == NOT_KEPT


def test_typename_costs_no_age() -> None:
    assert policy_of("{ __typename fresh stone { __typename weight } }") == CachePolicy(30, PUBLIC)


def test_each_operation_of_a_document_has_its_own() -> None:
    text = """
        query A { fresh } query B { diary { ...D } } query C { slow { weight } }
        fragment D on Diary { text }
    """
    assert policy_of(text, "A") == CachePolicy(30, PUBLIC)
    assert policy_of(text, "B") == CachePolicy(90, PRIVATE)
    assert policy_of(text, "C") == CachePolicy(300, PUBLIC)


ROOTS = (
    "fresh",
    "plain",
    "secret",
    "stone { weight }",
    "slow { colour }",
    "diary { text }",
    "search { nodes { ... on Stone { owner } } }",
    "thing { size }",
    "named { name }",
)


@settings(deadline=None)
@given(st.lists(st.sampled_from(ROOTS), min_size=1), st.lists(st.sampled_from(ROOTS), min_size=1))
def test_more_fields_never_make_it_laxer(some: list[str], more: list[str]) -> None:
    """Together they are as strict as the stricter of both, whether in fragments or not."""
    one, other = (policy_of(f"{{ {' '.join(each)} }}") for each in (some, more))
    strictest = CachePolicy(
        min(one.max_age_s, other.max_age_s),
        PRIVATE if PRIVATE in (one.scope, other.scope) else PUBLIC,
    )
    assert policy_of(f"{{ {' '.join(some + more)} }}") == strictest
    spread = f"{{ ...A ...B }} fragment A on Query {{ {' '.join(some)} }}"
    assert policy_of(f"{spread} fragment B on Query {{ {' '.join(more)} }}") == strictest


@pytest.mark.row("T15")
def test_fragments_are_entered_once() -> None:
    """Each of 60 fragments spreads the next one twice: 2⁶⁰ visits, or 60."""
    last = 60
    bomb = "query { fresh ...F0 }"
    for i in range(last):
        bomb += f" fragment F{i} on Query {{ ...F{i + 1} ... on Query {{ ...F{i + 1} }} }}"
    document = parse(f"{bomb} fragment F{last} on Query {{ slow {{ colour }} }}")
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    with guarded():
        assert operation_policy(SCHEMA, document, operation) == CachePolicy(20, PUBLIC)


@pytest.mark.parametrize(
    ("policy", "rule", "said"),
    [
        (CachePolicy(60, PUBLIC), None, "max-age=60, public"),
        (CachePolicy(60, PUBLIC), CdnRule(), "max-age=60, public"),
        (CachePolicy(60, PUBLIC), CdnRule(max_age_s=5), "max-age=5, public"),
        (
            CachePolicy(60, PUBLIC),
            CdnRule(max_age_s=0, s_maxage_s=9),
            "max-age=0, public, s-maxage=9",
        ),
        (CachePolicy(60, PUBLIC), CdnRule(s_maxage_s=900), "max-age=60, public, s-maxage=900"),
        (
            CachePolicy(60, PUBLIC),
            CdnRule(600, 0, 30),
            "max-age=600, public, s-maxage=0, stale-while-revalidate=30",
        ),
        (CachePolicy(60, PRIVATE), None, "max-age=60, private"),
        (CachePolicy(0, PRIVATE), None, "private, no-cache"),
        (NOT_KEPT, None, "no-store"),
    ],
)
@pytest.mark.row("G1", "G4")
def test_cache_control(policy: CachePolicy, rule: CdnRule | None, said: str) -> None:
    assert cache_control(policy, rule) == said


@pytest.mark.row("G4")
@pytest.mark.parametrize("policy", [CachePolicy(60, PRIVATE), CachePolicy(0, PRIVATE), NOT_KEPT])
def test_no_rule_makes_an_answer_public(policy: CachePolicy) -> None:
    assert cache_control(policy, CdnRule(900, 900, 900)) == cache_control(policy)


def _request(method: str = "GET", **headers: str) -> Incoming:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Incoming({"type": "http", "method": method, "headers": raw}, empty_receive)


@pytest.mark.row("G1", "G5", "P4")
@pytest.mark.parametrize("scope", CacheScope)
@pytest.mark.parametrize("max_age_s", [0, 60])
def test_what_is_not_kept_at_all(scope: CacheScope, max_age_s: int) -> None:
    policy, rule = CachePolicy(max_age_s, scope), CdnRule(900, 900, 900)
    for has_errors in (False, True):
        asked = _request("POST", if_none_match="*")
        assert freshness_of(asked, policy, has_errors=has_errors, rule=rule) == NO_STORE
    failed = freshness_of(_request(if_none_match="*"), policy, has_errors=True, rule=rule)
    assert failed == Freshness("private, no-cache, must-revalidate", is_kept=False)
    assert failed.headers["Vary"] == NO_STORE.headers["Vary"] == "Accept"


@pytest.mark.row("G1", "G3")
@pytest.mark.parametrize("name", ["authorization", "cookie"])
def test_with_credentials_it_is_private_at_best(name: str) -> None:
    policy, rule = CachePolicy(60, PUBLIC), CdnRule(900, 900, 900)
    anonymous = freshness_of(_request(), policy, has_errors=False)
    assert anonymous == Freshness("max-age=60, public", is_kept=True)
    assert anonymous.headers["Vary"] == "Accept, Authorization"
    known = freshness_of(_request(**{name: ""}), policy, has_errors=False, rule=rule)
    assert known == Freshness("max-age=60, private", is_kept=True)
    assert known.headers["Vary"] == "Accept, Authorization"
    assert freshness_of(_request(**{name: "x"}), NOT_KEPT, has_errors=False) == NO_STORE


ETAG = etag_of(b"{}", "application/json")


@pytest.mark.row("G2")
def test_an_etag_stands_for_bytes_of_a_type() -> None:
    assert etag_of(b"{}", "application/json") == ETAG
    others = {etag_of(b"{ }", "application/json"), etag_of(b"{}", "text/json"), gzip_etag(ETAG)}
    assert len({ETAG, *others}) == 4
    assert ETAG.startswith('"')
    assert ETAG.endswith('"')


@pytest.mark.row("G2")
@pytest.mark.parametrize(
    "condition",
    [
        ETAG,
        f"W/{ETAG}",
        gzip_etag(ETAG),
        f"W/{gzip_etag(ETAG)}",
        f'"a", {ETAG}',
        f'W/"a,b",{ETAG} ,"c"',
        "*",
        " * ",
    ],
)
def test_the_client_has_it(condition: str) -> None:
    assert is_unchanged(condition, ETAG)


@pytest.mark.row("G2")
@pytest.mark.parametrize(
    "condition",
    [
        "",
        '""',
        '"a"',
        '"*"',
        ETAG.strip('"'),
        ETAG[:-1],
        f"{ETAG[:-1]}-br" + '"',
        f"{ETAG[:-1]}-gzip-gzip" + '"',
        f'"a{ETAG[1:]}',
        "*" * 5_000,
        f"{'W/' * 3_000}{ETAG}",  # longer than any cache sends
    ],
)
def test_the_client_does_not_have_it(condition: str) -> None:
    assert not is_unchanged(condition, ETAG)


TAGS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters='"'))


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["", "W/"]), TAGS | st.just(ETAG.strip('"')))))
def test_a_list_is_read_tag_by_tag(listed: list[tuple[str, str]]) -> None:
    """Commas and spaces inside of a tag are part of it."""
    condition = ", ".join(f'{weak}"{tag}"' for weak, tag in listed)
    assert is_unchanged(condition, ETAG) == any(f'"{tag}"' == ETAG for _, tag in listed)


@settings(deadline=None)
@given(st.text(st.sampled_from('W/"*, ' + ETAG[1:4])))
def test_no_condition_is_too_odd(condition: str) -> None:
    assert is_unchanged(condition, ETAG) == (condition.strip() == "*")
