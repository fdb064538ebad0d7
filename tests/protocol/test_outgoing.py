"""Headers of answers, as layers add to them."""

import pytest

from protocol.negotiation import MediaType
from protocol.outgoing import OutgoingHeaders, add_vary, put, value_of
from protocol.responses import respond
from protocol.status import Condition


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], b"Origin"),
        ([b"Accept"], b"Accept, Origin"),
        ([b"Accept, Cookie"], b"Accept, Cookie, Origin"),
        ([b"Accept", b"Cookie,Accept"], b"Accept, Cookie, Origin"),
        ([b"origin"], b"origin"),
        ([b"Origin, Accept"], b"Origin, Accept"),
        ([b""], b"Origin"),
    ],
)
def test_vary_is_one_header_and_names_each_once(before: list[bytes], after: bytes) -> None:
    headers: OutgoingHeaders = [(b"etag", b'"1"'), *((b"vary", each) for each in before)]
    add_vary(headers, "Origin")
    assert [value for name, value in headers if name == b"vary"] == [after]
    assert value_of(headers, b"etag") == b'"1"'


def test_a_header_is_put_in_place_of_all_of_its_name() -> None:
    headers = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    put(headers, b"a", b"4")
    assert headers == [(b"b", b"2"), (b"a", b"4")]
    put(headers, b"a", None)
    assert headers == [(b"b", b"2")]
    assert value_of(headers, b"a") is None


def test_headers_of_one_answer_take_the_place_of_what_all_have() -> None:
    given = {"Vary": "Origin", "X-Content-Type-Options": "nosniff", "Allow": "GET"}
    answer = respond({}, Condition.METHOD_NOT_ALLOWED, MediaType.JSON, given)
    assert sorted(answer.headers) == [
        (b"allow", b"GET"),
        (b"cache-control", b"no-store"),
        (b"content-length", b"2"),
        (b"content-type", b"application/json; charset=utf-8"),
        (b"vary", b"Origin"),
        (b"x-content-type-options", b"nosniff"),
    ]
