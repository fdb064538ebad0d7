"""Bearer tokens: from a JWT to a `Viewer`, once per request (DESIGN 5).

The algorithm is ours to say and never the token's. No token is logged, and none is kept: what was
verified is remembered under the header's hash, because a client sends the same one again and again.
"""

import re
import time
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

import jwt

from domain.errors import InvalidToken
from domain.ids import is_entity_id
from domain.viewer import ANONYMOUS, Scope, StaffRole, Viewer
from protocol.signing_keys import SigningKeys

SECRET_BYTES: Final = 32
"""The least an HS256 secret may have: as much as its hash (RFC 7518, 3.2)."""

_REQUIRED: Final = ("exp", "iat", "sub", "aud", "iss")
_BEARER: Final = re.compile(r"bearer +([A-Za-z0-9_=.-]+) *", re.IGNORECASE)
_NO_BEARER: Final = "Authorization must be `Bearer` and a token."
_LONGEST_TOKEN: Final = 8_192
_LEEWAY_S: Final = 10
_REMEMBERED_FOR_S: Final = 60
_MOST_REMEMBERED: Final = 4_096
_SCOPES: Final = {scope.value: scope for scope in Scope}
_STAFF: Final = {role.value.lower(): role for role in StaffRole}


class Authenticator:
    """Verifies tokens: HS256 with a shared secret, or RS256 and ES256 with the keys at a URL."""

    def __init__(
        self,
        *,
        issuer: str,
        audience: str,
        secret: bytes | None = None,
        jwks_url: str | None = None,
        jwks_retry_s: float = 10.0,
    ) -> None:
        if (secret is None) == (jwks_url is None):
            raise ValueError("Give a secret or a JWKS URL, and not both.")
        if secret is not None and len(secret) < SECRET_BYTES:
            raise ValueError(f"The secret has {len(secret)} bytes; it needs {SECRET_BYTES}.")
        self._issuer = issuer
        self._audience = audience
        self._secret = secret
        self._keys = None if jwks_url is None else SigningKeys(jwks_url, retry_s=jwks_retry_s)
        self._remembered: OrderedDict[bytes, tuple[Viewer, float]] = OrderedDict()

    async def viewer(self, authorization: str | None) -> Viewer:
        """The viewer of an `Authorization` header; anonymous without one.

        Raises `InvalidToken`, or `KeysUnavailable` when the JWKS URL never answered.
        """
        if authorization is None:
            return ANONYMOUS
        if len(authorization) > _LONGEST_TOKEN:
            raise InvalidToken(_NO_BEARER)
        digest = sha256(authorization.encode()).digest()
        remembered = self._remembered.get(digest)
        if remembered is not None and time.time() < remembered[1]:
            return remembered[0]
        bearer = _BEARER.fullmatch(authorization)
        if bearer is None:
            raise InvalidToken(_NO_BEARER)
        claims = await self._verify(bearer[1])
        viewer = _viewer_of(claims)
        self._remember(digest, viewer, float(claims["exp"]))
        return viewer

    def mint(
        self,
        user_id: str,
        scopes: frozenset[Scope],
        lifetime: timedelta,
        staff: StaffRole | None = None,
    ) -> str:
        """A token for a user: for development, and only with a shared secret."""
        if self._secret is None:
            raise ValueError("Tokens are made by whoever holds the private key of the JWKS URL.")
        now = datetime.now(UTC)
        claims = {
            "sub": user_id,
            "scope": " ".join(sorted(scopes)),
            "iat": now,
            "exp": now + lifetime,
            "iss": self._issuer,
            "aud": self._audience,
        }
        if staff is not None:
            claims["staff"] = staff.value.lower()
        return jwt.encode(claims, self._secret, algorithm="HS256")

    async def _verify(self, token: str) -> dict[str, Any]:
        """The claims of a token that is ours and in time."""
        try:
            if self._keys is None:
                return self._decode(token, self._secret, ["HS256"])
            key = await self._keys.find(jwt.get_unverified_header(token).get("kid"))
            return self._decode(token, key, ["RS256", "ES256"])
        except jwt.ExpiredSignatureError:
            raise InvalidToken("The token has expired.") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise InvalidToken("The token is not one that this server accepts.") from None

    def _decode(
        self, token: str, key: bytes | jwt.PyJWK | None, algorithms: list[str]
    ) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            key or b"",
            algorithms=algorithms,
            audience=self._audience,
            issuer=self._issuer,
            leeway=_LEEWAY_S,
            options={"require": list(_REQUIRED)},
        )
        return claims

    def _remember(self, digest: bytes, viewer: Viewer, expires_at: float) -> None:
        until = min(expires_at, time.time() + _REMEMBERED_FOR_S)
        self._remembered[digest] = (viewer, until)
        self._remembered.move_to_end(digest)
        if len(self._remembered) > _MOST_REMEMBERED:
            self._remembered.popitem(last=False)


def _viewer_of(claims: dict[str, Any]) -> Viewer:
    """Scopes that we do not know are for somebody else, and are left out.

    So is a staff role: a claim that one does not understand is to be ignored (RFC 7519, 4), and
    whoever holds such a token is then an ordinary user. The app is `client_id` (RFC 9068) or `azp`
    (OpenID Connect Core, 2).
    """
    user_id, scope = claims["sub"], claims.get("scope", "")
    if not isinstance(user_id, str) or not is_entity_id(user_id) or not isinstance(scope, str):
        raise InvalidToken("The token does not name a user.")
    app, staff = claims.get("client_id") or claims.get("azp"), claims.get("staff")
    return Viewer(
        user_id,
        frozenset(_SCOPES[name] for name in scope.split() if name in _SCOPES),
        app if isinstance(app, str) else None,
        _STAFF.get(staff) if isinstance(staff, str) else None,
    )
