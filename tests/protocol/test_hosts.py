"""Only our own hosts are served."""

import pytest

from tests.protocol.wire import ADD, Wire, answered, refused


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.0.0.1:8000",
        "localhost",
        "LocalHost:80",
        "[::1]",
        "[::1]:8000",
        "api.example.com",
        "a.b.example.com:443",
    ],
)
async def test_our_hosts(wire: Wire, host: str) -> None:
    assert answered(await wire.post("{ hello }", headers={"Host": host}))


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.2",
        "example.com",
        "notexample.com",
        "localhost@evil.example",
        "localhost:80@evil.example",
        "localhost/",
        "localhost:x",
        "[::2]",
        "::1",
        ":80",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/graphql", "/healthz"])
async def test_other_hosts_are_400(wire: Wire, host: str, path: str) -> None:
    response = await wire.http.post(path, json={"query": ADD}, headers={"Host": host})
    refused(response, 400, "BAD_REQUEST")
    assert "evil" not in response.text
    assert wire.ledger.additions == 0


async def test_two_hosts_or_none_are_400(wire: Wire) -> None:
    body = b'{"query":"mutation{add}"}'
    head = b"POST /graphql HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n"
    for hosts in (b"", b"Host: localhost\r\nHost: evil.example\r\n"):
        answer = await wire.send_bytes(head % len(body) + hosts + b"\r\n" + body)
        assert b" 400 " in answer.split(b"\r\n")[0]
    assert wire.ledger.additions == 0
