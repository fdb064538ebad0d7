"""The viewer: who a request is for, read from its token once."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Scope(StrEnum):
    """What a token allows (DOMAIN a.3). `DEVELOPER` is for those who write clients: any text, and
    the schema, also where only trusted documents are served (DOMAIN g.14)."""

    BOARDS_READ = "boards:read"
    BOARDS_READ_SECRET = "boards:read_secret"
    BOARDS_WRITE = "boards:write"
    BOARDS_WRITE_SECRET = "boards:write_secret"
    PINS_READ = "pins:read"
    PINS_READ_SECRET = "pins:read_secret"
    PINS_WRITE = "pins:write"
    PINS_WRITE_SECRET = "pins:write_secret"
    USER_ACCOUNTS_READ = "user_accounts:read"
    USER_ACCOUNTS_WRITE = "user_accounts:write"
    ADS_READ = "ads:read"
    ADS_WRITE = "ads:write"
    BILLING_READ = "billing:read"
    BILLING_WRITE = "billing:write"
    DEVELOPER = "developer"


EVERY_SCOPE = frozenset(Scope) - {Scope.DEVELOPER}
"""What a user can allow an app to do. A developer's permission is not theirs to give."""


class StaffRole(StrEnum):
    """What somebody who works here may do besides (RELIABILITY, matrix): SUPPORT reads what is
    hidden and not secret; ADMIN reads everything, and moderates. A user cannot be given it: only
    whoever signs tokens can say it."""

    SUPPORT = "SUPPORT"
    ADMIN = "ADMIN"


class Viewer(msgspec.Struct, frozen=True):
    """The person behind a request; `ANONYMOUS` when there is no token.

    `user_id` is the 24 hex digits of the user's id, and None for an anonymous viewer. `app` is the
    client that the token was issued to, where it says so. `staff` is None for everybody else.
    """

    user_id: str | None = None
    scopes: frozenset[Scope] = frozenset()
    app: str | None = None
    staff: StaffRole | None = None

    @property
    def is_signed_in(self) -> bool:
        """True when a verified token named a user."""
        return self.user_id is not None

    def may(self, scope: Scope) -> bool:
        """Whether the token grants `scope`."""
        return scope in self.scopes

    @property
    def as_user(self) -> Viewer:
        """The same person without the rights of staff: what they may do then is theirs anyway."""
        return self if self.staff is None else msgspec.structs.replace(self, staff=None)


ANONYMOUS = Viewer()
