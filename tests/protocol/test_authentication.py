"""From a bearer token to a viewer, or 401 (DESIGN 5; RELIABILITY, security checklist)."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from domain.viewer import EVERY_SCOPE, Scope, StaffRole
from protocol.authentication import Authenticator
from tests.protocol.conftest import Logs
from tests.protocol.example import (
    AUDIENCE,
    ISSUER,
    SECRET,
    USER_ID,
    example_authenticator,
    example_token,
)
from tests.protocol.wire import ADD, GRAPHQL_RESPONSE, JSON, Wire, answered, refused

WHO = "{ viewerId }"


def _claims(**changes: object) -> dict[str, Any]:
    """Good claims with some changed; None takes one away."""
    now = int(time.time())
    claims = {"sub": USER_ID, "iat": now, "exp": now + 300, "iss": ISSUER, "aud": AUDIENCE}
    return {name: value for name, value in {**claims, **changes}.items() if value is not None}


def _token(algorithm: str = "HS256", key: Any = SECRET, **changes: object) -> str:
    return jwt.encode(_claims(**changes), key, algorithm=algorithm)


def _by_hand(header: object, claims: object, secret: bytes = SECRET) -> str:
    """A token that PyJWT refuses to make: any header and claims, signed with HMAC-SHA256."""
    parts = [_base64(json.dumps(part).encode()) for part in (header, claims)]
    signature = hmac.digest(secret, ".".join(parts).encode(), hashlib.sha256)
    return ".".join([*parts, _base64(signature)])


def _base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


async def _ask(
    wire: Wire, authorization: str, query: str = WHO, accept: str = JSON
) -> httpx.Response:
    return await wire.post(query, headers={"Authorization": authorization}, accept=accept)


async def test_no_token_is_an_anonymous_viewer(wire: Wire) -> None:
    assert answered(await wire.post(WHO)) == {"viewerId": None}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
async def test_a_good_token_names_the_viewer(wire: Wire, scheme: str) -> None:
    response = await _ask(wire, f"{scheme} {example_token()}")
    assert answered(response) == {"viewerId": USER_ID}
    assert response.json()["extensions"] == {"signedIn": True}


async def test_a_get_has_a_viewer_too(wire: Wire) -> None:
    headers = {"Authorization": f"Bearer {example_token()}", "X-Requested-With": "a test"}
    response = await wire.get({"query": WHO}, headers=headers)
    assert answered(response) == {"viewerId": USER_ID}


async def test_viewers_do_not_mix(wire: Wire) -> None:
    other = "65f0c0ffee65f0c0ffee65f1"
    for user_id in (USER_ID, other, USER_ID):
        response = await _ask(wire, f"Bearer {example_token(user_id)}")
        assert answered(response) == {"viewerId": user_id}
    assert answered(await wire.post(WHO)) == {"viewerId": None}


_RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)

BAD_TOKENS: dict[str, Callable[[], str]] = {
    "expired": lambda: _token(exp=int(time.time()) - 60),
    "expired long ago": lambda: _token(exp=1),
    "not yet valid": lambda: _token(nbf=int(time.time()) + 600),
    "issued in the future": lambda: _token(iat=int(time.time()) + 600),
    "of another audience": lambda: _token(aud="somebody else"),
    "of several other audiences": lambda: _token(aud=["a", "b"]),
    "of another issuer": lambda: _token(iss="somebody else"),
    "signed with another secret": lambda: _token(key=b"another secret, which is as long as ours"),
    "not signed": lambda: _token("none", ""),
    "not signed, in other letters": lambda: _by_hand({"alg": "nOnE"}, _claims()),
    "with an empty signature": lambda: _token().rpartition(".")[0] + ".",
    "without a signature": lambda: _token().rpartition(".")[0],
    "with a changed payload": lambda: _with_payload(_token(), _claims(sub="0" * 24)),
    "HS512": lambda: _token("HS512", SECRET * 2),
    "HS512 by name, HS256 in truth": lambda: _by_hand({"alg": "HS512"}, _claims()),
    "RS256": lambda: _token("RS256", _RSA),
    "RS256 by name, HS256 in truth": lambda: _by_hand({"alg": "RS256"}, _claims()),
    "without an algorithm": lambda: _by_hand({"typ": "JWT"}, _claims()),
    "with a number for an algorithm": lambda: _by_hand({"alg": 256}, _claims()),
    "with critical headers": lambda: _by_hand({"alg": "HS256", "crit": ["x"], "x": 1}, _claims()),
    "without exp": lambda: _token(exp=None),
    "without iat": lambda: _token(iat=None),
    "without sub": lambda: _token(sub=None),
    "without aud": lambda: _token(aud=None),
    "without iss": lambda: _token(iss=None),
    "exp is a text": lambda: _by_hand({"alg": "HS256"}, _claims(exp="tomorrow")),
    "exp is infinite": lambda: _by_hand({"alg": "HS256"}, _claims(exp=float("inf"))),
    "exp is a list": lambda: _by_hand({"alg": "HS256"}, _claims(exp=[1])),
    "sub is a number": lambda: _by_hand({"alg": "HS256"}, _claims(sub=5)),
    "sub is an object": lambda: _by_hand({"alg": "HS256"}, _claims(sub={"$ne": None})),
    "sub is a name": lambda: _token(sub="ada"),
    "sub is almost an id": lambda: _token(sub=USER_ID + "\n"),
    "sub is an id in capitals": lambda: _token(sub=USER_ID.upper()),
    "sub is empty": lambda: _token(sub=""),
    "scope is a list": lambda: _by_hand({"alg": "HS256"}, _claims(scope=["pins:read"])),
    "claims are a list": lambda: _by_hand({"alg": "HS256"}, [1]),
    "claims are null": lambda: _by_hand({"alg": "HS256"}, None),
    "the header is a list": lambda: _by_hand(["HS256"], _claims()),
    "claims are nested deeply": lambda: _base64(b"[" * 900) + "." + _base64(b"[" * 900) + ".x",
    "garbage": lambda: "garbage",
    "three dots": lambda: "...",
    "three words": lambda: "a.b.c",
    "five parts": lambda: "a.b.c.d.e",
    "huge": lambda: _token(filler="x" * 9_000),
    "an emoji": lambda: "\\ud83c",
}


def _with_payload(token: str, claims: object) -> str:
    header, _, signature = token.split(".")
    return ".".join([header, _base64(json.dumps(claims).encode()), signature])


@pytest.mark.parametrize("name", BAD_TOKENS)
async def test_a_bad_token_is_401_and_runs_nothing(wire: Wire, logs: Logs, name: str) -> None:
    token = BAD_TOKENS[name]()
    for accept in (JSON, GRAPHQL_RESPONSE):
        response = await _ask(wire, f"Bearer {token}", ADD, accept)
        refused(response, 401, "UNAUTHENTICATED", accept)
        assert response.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
        assert token not in response.text
    assert wire.ledger.additions == 0
    assert {each["event"] for each in logs} == {"request"}


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic YWRhOmFkYQ==",
        "Token {token}",
        "{token}",
        "Bearer{token}",
        "Bearer {token} {token}",
        "Bearer {token}, Bearer {token}",
        "Bearer token={token}",
        'Bearer "{token}"',
    ],
)
async def test_another_scheme_is_401_and_not_anonymous(wire: Wire, authorization: str) -> None:
    response = await _ask(wire, authorization.format(token=example_token()).strip())
    refused(response, 401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"].startswith("Bearer ")


async def test_two_authorization_headers_are_401(wire: Wire) -> None:
    bearer = f"Bearer {example_token()}"
    headers = [("Authorization", bearer), ("Authorization", bearer)]
    response = await wire.http.post("/graphql", json={"query": WHO}, headers=headers)
    refused(response, 401, "UNAUTHENTICATED")


async def test_an_expired_token_says_so(wire: Wire) -> None:
    token = _token(exp=int(time.time()) - 60)
    error = refused(await _ask(wire, f"Bearer {token}"), 401, "UNAUTHENTICATED")
    assert error["message"] == "The token has expired."


async def test_a_token_that_was_good_is_refused_once_it_has_expired(wire: Wire) -> None:
    """It was verified a moment ago, and what was verified is remembered: not for longer."""
    leeway = 10
    expiry = int(time.time()) - leeway + 1
    token = _token(exp=expiry)
    assert answered(await _ask(wire, f"Bearer {token}")) == {"viewerId": USER_ID}
    await asyncio.sleep(expiry + leeway + 0.1 - time.time())
    refused(await _ask(wire, f"Bearer {token}"), 401, "UNAUTHENTICATED")


async def test_clocks_may_differ_by_some_seconds(wire: Wire) -> None:
    now = int(time.time())
    token = _token(iat=now + 5, nbf=now + 5)
    assert answered(await _ask(wire, f"Bearer {token}")) == {"viewerId": USER_ID}


async def test_one_of_several_audiences_may_be_ours(wire: Wire) -> None:
    token = _token(aud=["another", AUDIENCE])
    assert answered(await _ask(wire, f"Bearer {token}")) == {"viewerId": USER_ID}


async def test_unknown_claims_and_scopes_are_for_somebody_else() -> None:
    token = _token(scope="pins:read moon:walk", nonsense=1)
    viewer = await example_authenticator().viewer(f"Bearer {token}")
    assert viewer.user_id == USER_ID
    assert viewer.scopes == {Scope.PINS_READ}


async def test_a_token_without_a_scope_grants_none() -> None:
    viewer = await example_authenticator().viewer(f"Bearer {_token()}")
    assert viewer.is_signed_in
    assert viewer.scopes == frozenset()


async def test_a_minted_token_has_the_scopes_that_were_asked_for() -> None:
    minting = example_authenticator()
    token = minting.mint(USER_ID, EVERY_SCOPE, timedelta(minutes=1))
    assert (await minting.viewer(f"Bearer {token}")).scopes == EVERY_SCOPE


@pytest.mark.parametrize("role", StaffRole)
async def test_a_minted_token_names_a_role_of_staff(role: StaffRole) -> None:
    minting = example_authenticator()
    token = minting.mint(USER_ID, EVERY_SCOPE, timedelta(minutes=1), role)
    viewer = await minting.viewer(f"Bearer {token}")
    assert viewer.staff is role
    assert viewer.as_user.staff is None
    assert (viewer.user_id, viewer.scopes) == (USER_ID, EVERY_SCOPE)


@pytest.mark.parametrize(
    ("claim", "staff"),
    [("support", StaffRole.SUPPORT), ("admin", StaffRole.ADMIN)]
    + [(other, None) for other in ("ADMIN", "root", "", True, 1, ["admin"], {"admin": True}, None)],
)
async def test_who_is_staff_is_said_by_the_issuer_alone(
    claim: object, staff: StaffRole | None
) -> None:
    """A role that we do not know is none: its holder is a user like all others."""
    viewer = await example_authenticator().viewer(f"Bearer {_token(staff=claim)}")
    assert viewer.user_id == USER_ID
    assert viewer.staff is staff


async def test_a_scope_does_not_make_staff() -> None:
    token = _token(scope="staff admin support staff:admin", role="admin", roles=["admin"])
    assert (await example_authenticator().viewer(f"Bearer {token}")).staff is None


async def test_the_token_is_in_no_log(
    wire: Wire, logs: Logs, caplog: pytest.LogCaptureFixture
) -> None:
    good, bad = example_token(), _token(key=b"another secret, which is as long as ours")
    with caplog.at_level("DEBUG"):
        for token in (good, bad):
            await _ask(wire, f"Bearer {token}", "{ broken hello }")
    assert [each["event"] for each in logs] == ["field_failed", "request", "request"]
    ours = [record for record in caplog.records if not record.name.startswith("http")]
    written = repr(logs) + repr([record.getMessage() for record in ours])
    for token in (good, bad):
        _, payload, signature = token.split(".")
        assert payload not in written
        assert signature not in written
    assert "Bearer" not in written


@pytest.mark.parametrize(
    "given", [{}, {"secret": SECRET, "jwks_url": "http://127.0.0.1/keys"}, {"secret": b"short"}]
)
def test_an_authenticator_needs_one_way_to_verify(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="secret"):
        Authenticator(issuer=ISSUER, audience=AUDIENCE, **given)


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://127.0.0.1/keys", "keys.json", ""])
def test_a_jwks_url_is_http(url: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Authenticator(issuer=ISSUER, audience=AUDIENCE, jwks_url=url)
