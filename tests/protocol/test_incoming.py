"""Headers of requests, read once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers
from starlette.requests import empty_receive
from starlette.types import Scope

from protocol.incoming import Incoming, IncomingHeaders, headers_of

NAMES = st.sampled_from([b"accept", b"cookie", b"host", b"x-a"])


@given(st.lists(st.tuples(NAMES, st.binary(max_size=5))), NAMES)
def test_they_say_what_starlettes_headers_say(raw: list[tuple[bytes, bytes]], name: bytes) -> None:
    ours, theirs = IncomingHeaders(raw), Headers(raw=raw)
    assert ours.get(name) == theirs.get(name.decode())
    assert ours.all(name) == theirs.getlist(name.decode())
    assert (name in ours) == (name.decode() in theirs)


def test_of_several_the_first_counts() -> None:
    headers = IncomingHeaders([(b"accept", b"a/b"), (b"host", b"h"), (b"accept", b"c/d")])
    assert headers.get(b"accept") == "a/b"
    assert headers.all(b"accept") == ["a/b", "c/d"]
    assert headers.get(b"host") == "h"
    assert headers.get(b"cookie") is None


def test_all_layers_share_them() -> None:
    scope = {"type": "http", "method": "GET", "headers": [(b"accept", b"a/b")]}
    first = headers_of(scope)
    assert headers_of(scope) is first
    assert Incoming(scope, empty_receive).headers is first


def test_a_layer_that_changes_headers_is_heard() -> None:
    scope = {"type": "http", "method": "GET", "headers": [(b"accept", b"a/b")]}
    assert headers_of(scope).get(b"accept") == "a/b"
    assert headers_of({**scope, "headers": []}).get(b"accept") is None


@pytest.mark.parametrize(
    ("client", "address"), [(("10.0.0.1", 5), "10.0.0.1"), (None, ""), ((), "")]
)
def test_the_address(client: tuple[str, int] | None, address: str) -> None:
    scope: Scope = {"type": "http", "method": "GET", "headers": [], "client": client}
    assert Incoming(scope, empty_receive).address == address
