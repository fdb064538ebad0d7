"""Documents are prepared once and kept within bounds."""

import pytest

from domain.errors import ErrorCode
from protocol.documents import Document, DocumentCache
from protocol.errors import InvalidOperation, RequestError
from protocol.limits import Limits
from tests.protocol.example import example_schema
from tests.protocol.wire import Wire, answered


def _cache(limits: Limits | None = None) -> DocumentCache:
    schema = example_schema()._schema
    return DocumentCache(schema, limits or Limits(), hints=True)


def _prepare(cache: DocumentCache, text: str) -> Document:
    return cache.validate(cache.parse(text))


def test_the_same_text_is_the_same_prepared_document() -> None:
    cache = _cache()
    assert _prepare(cache, "{ hello }") is _prepare(cache, "{ hello }")


def test_another_text_is_another_document() -> None:
    cache = _cache()
    first, second = _prepare(cache, "{ hello }"), _prepare(cache, "{ hello } ")
    assert first is not second
    assert first.text != second.text


def test_a_document_is_kept_only_once_it_was_found_valid() -> None:
    cache = _cache()
    first = cache.parse("{ hello }")
    assert cache.parse("{ hello }") is not first
    valid = cache.validate(first)
    assert cache.parse("{ hello }") is valid


def test_what_is_not_valid_is_not_kept() -> None:
    cache = _cache()
    for _ in range(2):
        with pytest.raises(InvalidOperation, match="Cannot query field 'unknown'"):
            cache.validate(cache.parse("{ unknown }"))


def test_the_least_recently_used_document_makes_room() -> None:
    cache = _cache(Limits(cached_documents=2))
    a, b = _prepare(cache, "{ a: hello }"), _prepare(cache, "{ b: hello }")
    assert cache.parse("{ a: hello }") is a  # now `b` was used the longest ago
    c = _prepare(cache, "{ c: hello }")
    assert cache.parse("{ a: hello }") is a
    assert cache.parse("{ c: hello }") is c
    assert cache.parse("{ b: hello }") is not b


def test_large_documents_make_room_for_themselves() -> None:
    """The bound is on tokens, which are what a syntax tree is made of."""
    small = "{ hello }"
    large = "{" + " hello" * 20 + "}"
    cache = _cache(Limits(cached_tokens=30))
    first = _prepare(cache, small)
    assert cache.parse(small) is first
    kept = _prepare(cache, large)
    assert cache.parse(large) is kept
    assert cache.parse(small) is first
    other = _prepare(cache, large + " ")
    assert cache.parse(large + " ") is other
    assert cache.parse(large) is not kept
    assert cache.parse(small) is first


def test_a_document_larger_than_the_cache_is_not_kept_and_takes_nothing_for_good() -> None:
    cache = _cache(Limits(cached_tokens=10))
    large = "{" + " hello" * 20 + "}"
    document = _prepare(cache, large)
    assert cache.parse(large) is not document
    small = _prepare(cache, "{ hello }")
    assert cache.parse("{ hello }") is small


def test_validating_a_kept_document_again_counts_it_once() -> None:
    cache = _cache(Limits(cached_tokens=10))
    for _ in range(5):
        document = _prepare(cache, "{ hello }")
    other = _prepare(cache, "{ a: hello }")
    assert cache.parse("{ hello }") is document
    assert cache.parse("{ a: hello }") is other


def test_two_requests_that_prepare_the_same_document_at_once_keep_it_once() -> None:
    cache = _cache(Limits(cached_tokens=10))
    first, second = cache.parse("{ hello }"), cache.parse("{ hello }")
    kept = cache.validate(first)
    assert cache.validate(second) is kept
    other = _prepare(cache, "{ a: hello }")
    assert cache.parse("{ hello }") is kept
    assert cache.parse("{ a: hello }") is other


def test_the_operation_that_is_meant() -> None:
    two = _cache().parse("query A { hello } query B { additions }")
    named = two.operation("B").name
    assert named is not None
    assert named.value == "B"
    with pytest.raises(RequestError, match="2 operations") as refused:
        two.operation(None)
    assert refused.value.errors[0]["extensions"]["code"] == ErrorCode.OPERATION_RESOLUTION_FAILURE
    with pytest.raises(RequestError, match="no operation called 'C'"):
        two.operation("C")


async def test_a_kept_document_is_executed_anew_each_time(wire: Wire) -> None:
    for count in (1, 2, 3):
        assert answered(await wire.post("mutation { add }")) == {"add": count}
    query = "query($name: String!) { hello(name: $name) }"
    for name in ("Ada", "Zoë"):
        response = await wire.post(query, variables={"name": name})
        assert answered(response) == {"hello": f"hello {name}"}
