"""Laws that the price of every operation obeys, whatever it looks like."""

from collections import Counter
from typing import NamedTuple

from graphql import parse
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol.cost import Price, plan_price
from protocol.strict_json import Json
from tests.protocol.priced import SCHEMA
from tests.protocol.test_cost import operation_of


class Selection(NamedTuple):
    """What is asked of an object: fields with their arguments, each with what it is asked."""

    type_name: str
    fields: "list[tuple[str, Selection]]"


def selections(
    type_name: str, fields: dict[str, st.SearchStrategy[Selection]]
) -> st.SearchStrategy[Selection]:
    """Selections of up to three of the fields, in any order, also of one field twice."""
    each = st.one_of([st.tuples(st.just(name), inner) for name, inner in fields.items()])
    return st.lists(each, max_size=3).map(lambda found: Selection(type_name, found))


def of_person(persons: st.SearchStrategy[Selection]) -> st.SearchStrategy[Selection]:
    """Selections on a person: every field that is no interface, whose price would be a bound."""
    page = selections(
        "PersonConnection",
        {
            "nodes": persons,
            "edges": selections("PersonEdge", {"node": persons}),
            "summary": st.just(Selection("Summary", [])),
            "pageInfo": st.just(Selection("PageInfo", [])),
        },
    )
    dogs = selections("Dog", {"owner": persons})
    return selections(
        "Person",
        {
            "friend": persons,
            "friends(first: $n)": page,
            "friends(last: 2)": page,
            "dogs": dogs,
            "dogs(first: $n)": dogs,
        },
    )


PERSONS = st.recursive(st.just(Selection("Person", [])), of_person, max_leaves=6)
SIZES = st.integers(0, 4)


class Writer:
    """Writes a selection as a document; with fragments, each selection in one is one of its own."""

    def __init__(self, *, fragments: bool) -> None:
        self._fragments: list[str] | None = [] if fragments else None
        self._aliases = 0

    def document(self, person: Selection) -> str:
        """The document that asks this of a person. Every field has a name of its own."""
        body = "friends(first: $n) { __typename } " + self._body(person)
        return f"query($n: Int! = 0) {{ person {{ {body} }} }} {' '.join(self._fragments or ())}"

    def _body(self, selection: Selection) -> str:
        parts = ["__typename"]
        for head, inner in selection.fields:
            self._aliases += 1
            parts.append(f"a{self._aliases}: {head} {{ {self._body(inner)} }}")
        if self._fragments is None:
            return " ".join(parts)
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {selection.type_name} {{ {' '.join(parts)} }}")
        return f"...{name}"


def price(text: str, **variables: Json) -> Price:
    """The price of a document."""
    document = parse(text, no_location=True)
    return plan_price(SCHEMA._schema, document, operation_of(document)).price(variables)


def objects_in(answer: object) -> int:
    """How many objects an answer has, but for connections, their edges and `pageInfo`."""
    types: Counter[str] = Counter()
    pending = [answer]
    while pending:
        match pending.pop():
            case dict(fields):
                types[fields.get("__typename", "")] += 1
                pending.extend(fields.values())
            case list(items):
                pending.extend(items)
    return types["Person"] + types["Dog"] + types["Summary"]


@settings(deadline=None, max_examples=60)
@given(PERSONS, SIZES)
def test_as_many_nodes_as_an_answer_has_when_every_page_is_full(person: Selection, n: int) -> None:
    text = Writer(fragments=False).document(person)
    answer = SCHEMA.execute_sync(text, {"n": n})
    assert answer.errors is None
    assert price(text, n=n).nodes == objects_in(answer.data)


@settings(deadline=None, max_examples=60)
@given(PERSONS, SIZES)
def test_a_fragment_costs_what_is_in_it(person: Selection, n: int) -> None:
    inline = Writer(fragments=False).document(person)
    fragments = Writer(fragments=True).document(person)
    assert price(inline, n=n) == price(fragments, n=n)


@settings(deadline=None, max_examples=60)
@given(PERSONS, SIZES)
def test_a_variable_costs_what_its_value_does(person: Selection, n: int) -> None:
    text = Writer(fragments=True).document(person)
    literal = text.replace("query($n: Int! = 0)", "").replace("$n", str(n))
    default = text.replace("Int! = 0", f"Int! = {n}")
    assert price(text, n=n) == price(literal) == price(default)


@settings(deadline=None, max_examples=60)
@given(PERSONS, st.integers(-1, 110), st.integers(0, 110))
def test_a_longer_page_is_never_cheaper(person: Selection, n: int, more: int) -> None:
    text = Writer(fragments=True).document(person)
    short, long = price(text, n=n), price(text, n=n + more)
    assert short.cost <= long.cost
    assert short.nodes <= long.nodes


@settings(deadline=None, max_examples=60)
@given(PERSONS, PERSONS, SIZES)
def test_asking_for_more_is_never_cheaper(person: Selection, other: Selection, n: int) -> None:
    both = Selection("Person", [*person.fields, *other.fields])
    alone, together = (
        price(Writer(fragments=False).document(each), n=n) for each in (person, both)
    )
    assert alone.cost <= together.cost
    assert alone.nodes <= together.nodes
