"""Tokens that are verified with public keys at a URL: rotation, forgery, and a URL that is down."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from domain.errors import InvalidToken
from protocol.authentication import Authenticator
from protocol.signing_keys import KeysUnavailable, SigningKeys
from tests.client import serving
from tests.protocol.conftest import Logs
from tests.protocol.example import AUDIENCE, ISSUER, USER_ID, Example
from tests.protocol.wire import (
    ADD,
    GRAPHQL_RESPONSE,
    JSON,
    PATIENCE_S,
    Wire,
    answered,
    example_server,
    refused,
)

WHO = "{ viewerId }"


class Issuer:
    """Whoever signs tokens, with a key of a name."""

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id
        self.private_key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    def token(self, **headers: object) -> str:
        """A good token."""
        return jwt.encode(
            _claims(), self.private_key, "RS256", headers={"kid": self.key_id, **headers}
        )

    @property
    def public(self) -> dict[str, Any]:
        """The key as it is published."""
        jwk: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(
            self.private_key.public_key(), as_dict=True
        )
        return {**jwk, "kid": self.key_id, "alg": "RS256", "use": "sig"}


ADA, BOB = Issuer("ada"), Issuer("bob")


@dataclass
class KeyServer:
    """Serves whatever `answer` is, and counts how often it was asked."""

    answer: Response = field(default_factory=Response)
    asked: int = 0
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    url: str = ""

    def publish(self, *keys: dict[str, Any]) -> None:
        """Serves these keys from now on."""
        self.answer = Response(json.dumps({"keys": keys}), media_type="application/json")

    async def respond(self, _request: Request) -> Response:
        """One request."""
        self.asked += 1
        await self.is_open.wait()
        return self.answer


@pytest.fixture(scope="module")
async def shared_key_server() -> AsyncIterator[KeyServer]:
    """One key server for all tests, on the loopback."""
    server = KeyServer()
    app = Starlette(routes=[Route("/keys", server.respond), Route("/moved", _moved)])
    async with serving(app) as url:
        server.url = f"{url}/keys"
        yield server


@pytest.fixture
def key_server(shared_key_server: KeyServer) -> Iterator[KeyServer]:
    """A key server that was never asked, and publishes Ada's key."""
    shared_key_server.asked = 0
    shared_key_server.publish(ADA.public)
    shared_key_server.is_open.set()
    yield shared_key_server
    shared_key_server.is_open.set()


async def _moved(_request: Request) -> Response:
    return RedirectResponse("/keys")


def _authenticator(url: str, retry_s: float = 10) -> Authenticator:
    return Authenticator(issuer=ISSUER, audience=AUDIENCE, jwks_url=url, jwks_retry_s=retry_s)


@asynccontextmanager
async def _verifying(url: str, retry_s: float = 10) -> AsyncIterator[Wire]:
    async with example_server(Example(authenticator=_authenticator(url, retry_s))) as wire:
        yield wire


def _claims() -> dict[str, Any]:
    now = int(time.time())
    return {"sub": USER_ID, "iat": now, "exp": now + 300, "iss": ISSUER, "aud": AUDIENCE}


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_a_token_is_verified_with_the_published_key(key_server: KeyServer) -> None:
    async with _verifying(key_server.url) as wire:
        for _ in range(3):
            response = await wire.post(WHO, headers=_bearer(ADA.token()))
            assert answered(response) == {"viewerId": USER_ID}
        assert key_server.asked == 1


async def test_a_key_of_an_elliptic_curve(key_server: KeyServer) -> None:
    private_key = ec.generate_private_key(ec.SECP256R1())
    public: dict[str, Any] = jwt.algorithms.ECAlgorithm.to_jwk(
        private_key.public_key(), as_dict=True
    )
    key_server.publish({**public, "kid": "eve", "alg": "ES256"})
    async with _verifying(key_server.url) as wire:
        token = jwt.encode(_claims(), private_key, "ES256", headers={"kid": "eve"})
        assert answered(await wire.post(WHO, headers=_bearer(token))) == {"viewerId": USER_ID}


async def test_keys_are_not_fetched_for_anonymous_viewers(key_server: KeyServer) -> None:
    async with _verifying(key_server.url) as wire:
        assert answered(await wire.post(WHO)) == {"viewerId": None}
    assert key_server.asked == 0


async def test_two_hundred_at_once_fetch_the_keys_once(key_server: KeyServer) -> None:
    keys = SigningKeys(key_server.url, retry_s=0)
    found = await asyncio.gather(*(keys.find("ada") for _ in range(200)))
    assert len(set(map(id, found))) == 1
    assert key_server.asked == 1


async def test_a_new_key_is_found_and_a_withdrawn_one_is_gone(key_server: KeyServer) -> None:
    async with _verifying(key_server.url, retry_s=0) as wire:
        assert answered(await wire.post(WHO, headers=_bearer(ADA.token())))
        key_server.publish(BOB.public)
        assert answered(await wire.post(WHO, headers=_bearer(BOB.token())))
        response = await wire.post(WHO, headers=_bearer(ADA.token(typ="other")))
        refused(response, 401, "UNAUTHENTICATED")


async def test_invented_key_ids_do_not_make_us_ask_again_and_again(key_server: KeyServer) -> None:
    async with _verifying(key_server.url) as wire:
        for number in range(20):
            token = ADA.token(kid=f"invented-{number}")
            refused(await wire.post(ADD, headers=_bearer(token)), 401, "UNAUTHENTICATED")
        assert key_server.asked == 1
        assert wire.ledger.additions == 0


def _signed_with_the_public_key() -> str:
    """HS256 with the published key as the secret: what a server that asks the token accepts."""
    pem = ADA.private_key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    header = {"alg": "HS256", "typ": "JWT", "kid": "ada"}
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in (header, _claims())
    ]
    signature = hmac.digest(pem, ".".join(parts).encode(), hashlib.sha256)
    return ".".join([*parts, base64.urlsafe_b64encode(signature).rstrip(b"=").decode()])


FORGED: dict[str, Callable[[], str]] = {
    "another key under the same id": lambda: Issuer("ada").token(),
    "HS256 with the public key": _signed_with_the_public_key,
    "not signed": lambda: jwt.encode(_claims(), "", "none", headers={"kid": "ada"}),
    "PS256": lambda: jwt.encode(_claims(), ADA.private_key, "PS256", headers={"kid": "ada"}),
    "RS512": lambda: jwt.encode(_claims(), ADA.private_key, "RS512", headers={"kid": "ada"}),
    "without a key id": lambda: jwt.encode(_claims(), ADA.private_key, "RS256"),
    "with its own key": lambda: BOB.token(jwk=BOB.public, kid="bob"),
    "with a URL for its key": lambda: BOB.token(jku="http://127.0.0.1:1/keys", kid="bob"),
    "a key id that is a path": lambda: BOB.token(kid="../../etc/passwd"),
    "garbage": lambda: "a.b.c",
}


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_token_is_refused(key_server: KeyServer, name: str) -> None:
    authenticator = _authenticator(key_server.url)
    assert (await authenticator.viewer(f"Bearer {ADA.token()}")).user_id == USER_ID
    with pytest.raises(InvalidToken):
        await authenticator.viewer(f"Bearer {FORGED[name]()}")


async def test_a_forged_token_is_401(key_server: KeyServer) -> None:
    async with _verifying(key_server.url) as wire:
        response = await wire.post(ADD, headers=_bearer(Issuer("ada").token()))
        refused(response, 401, "UNAUTHENTICATED")
        assert wire.ledger.additions == 0


async def test_a_key_for_encryption_signs_nothing(key_server: KeyServer) -> None:
    key_server.publish(BOB.public, {**ADA.public, "use": "enc"})
    with pytest.raises(InvalidToken):
        await SigningKeys(key_server.url).find("ada")


UNUSABLE = {
    "an error": Response("no", 500),
    "not found": Response("no", 404),
    "not JSON": Response("<html>"),
    "not UTF-8": Response(b"\xff\xfe"),
    "a list": Response("[]"),
    "null": Response("null"),
    "no keys": Response("{}"),
    "an empty list of keys": Response('{"keys": []}'),
    "keys that are none": Response('{"keys": [1, null, {"kty": "RSA"}, {"kid": "ada"}]}'),
    "keys that are no list": Response('{"keys": "ada"}'),
    "too deep": Response("[" * 100_000),
    "too large": Response(json.dumps({"keys": [ADA.public]}) + " " * 300_000),
}


@pytest.mark.parametrize("what", UNUSABLE)
async def test_an_answer_without_usable_keys(key_server: KeyServer, logs: Logs, what: str) -> None:
    key_server.answer = UNUSABLE[what]
    keys = SigningKeys(key_server.url)
    for _ in range(2):
        with pytest.raises(KeysUnavailable):
            await keys.find("ada")
    assert key_server.asked == 1
    assert "jwks_not_fetched" in [each["event"] for each in logs]


async def test_keys_that_cannot_be_had_are_503_and_not_401(key_server: KeyServer) -> None:
    """The token may be good: a client that is told 401 throws it away."""
    key_server.answer = Response("no", 500)
    async with _verifying(key_server.url) as wire:
        for accept in (JSON, GRAPHQL_RESPONSE):
            response = await wire.post(ADD, headers=_bearer(ADA.token()), accept=accept)
            refused(response, 503, "UNAVAILABLE", accept)
            assert int(response.headers["retry-after"]) >= 1
        assert wire.ledger.additions == 0
        assert await wire.is_alive()


async def test_a_url_where_nobody_listens() -> None:
    with pytest.raises(KeysUnavailable):
        await SigningKeys("http://127.0.0.1:1/keys").find("ada")


async def test_keys_come_from_no_other_place(key_server: KeyServer) -> None:
    with pytest.raises(KeysUnavailable):
        await SigningKeys(key_server.url.replace("/keys", "/moved")).find("ada")
    assert key_server.asked == 0


async def test_while_keys_are_awaited_others_are_served(key_server: KeyServer) -> None:
    key_server.is_open.clear()
    async with _verifying(key_server.url) as wire:
        waiting = asyncio.create_task(wire.post(WHO, headers=_bearer(ADA.token())))
        while not key_server.asked:  # noqa: ASYNC110  # the key server is asked by a thread
            await asyncio.sleep(0.01)
        assert await wire.is_alive()
        assert not waiting.done()
        key_server.is_open.set()
        assert answered(await waiting) == {"viewerId": USER_ID}


async def test_a_key_server_that_hangs_is_given_up(key_server: KeyServer) -> None:
    key_server.is_open.clear()
    keys = SigningKeys(key_server.url, timeout_s=0.05)
    with pytest.raises(KeysUnavailable):
        await keys.find("ada")


async def test_a_key_server_that_dribbles_is_given_up(key_server: KeyServer) -> None:
    """Each byte comes in time, and the last one never."""

    async def dribble() -> AsyncIterator[bytes]:
        while key_server.is_open.is_set():
            yield b" "
            await asyncio.sleep(0.01)

    key_server.answer = StreamingResponse(dribble())
    async with asyncio.timeout(PATIENCE_S):
        with pytest.raises(KeysUnavailable):
            await SigningKeys(key_server.url, timeout_s=0.1).find("ada")
    key_server.is_open.clear()  # else the thread would read on


async def test_one_who_stops_waiting_does_not_stop_the_others(key_server: KeyServer) -> None:
    key_server.is_open.clear()
    keys = SigningKeys(key_server.url)
    first, second = (asyncio.create_task(keys.find("ada")) for _ in range(2))
    while not key_server.asked:  # noqa: ASYNC110  # the key server is asked by a thread
        await asyncio.sleep(0.01)
    first.cancel()
    await asyncio.wait([first])
    key_server.is_open.set()
    assert (await second).key_id == "ada"
    assert key_server.asked == 1


async def test_after_a_failure_the_keys_are_fetched_again(key_server: KeyServer) -> None:
    key_server.answer = Response("no", 500)
    keys = SigningKeys(key_server.url, retry_s=0)
    with pytest.raises(KeysUnavailable):
        await keys.find("ada")
    key_server.publish(ADA.public)
    assert (await keys.find("ada")).key_id == "ada"


async def test_known_keys_outlive_their_source(key_server: KeyServer) -> None:
    keys = SigningKeys(key_server.url, retry_s=0, lifetime_s=0)
    key = await keys.find("ada")
    key_server.answer = Response("no", 500)
    for _ in range(3):
        assert await keys.find("ada") is key
    with pytest.raises(InvalidToken):
        await keys.find("bob")


async def test_old_keys_are_renewed_without_making_anybody_wait(key_server: KeyServer) -> None:
    keys = SigningKeys(key_server.url, retry_s=0, lifetime_s=0, timeout_s=2 * PATIENCE_S)
    assert (await keys.find("ada")).key_id == "ada"
    key_server.is_open.clear()
    key_server.publish(BOB.public)
    async with asyncio.timeout(PATIENCE_S):
        assert (await keys.find("ada")).key_id == "ada"  # from the old keys
    key_server.is_open.set()
    assert (await keys.find("bob")).key_id == "bob"
    with pytest.raises(InvalidToken):
        await keys.find("ada")
