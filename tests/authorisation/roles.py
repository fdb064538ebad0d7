"""Who asks: every kind of person that an object of somebody can meet, and every kind of token.

The names are those of the users of a scene. `owner` is whoever owns the boards; others are named
for how they stand to the owner.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple

from domain.viewer import EVERY_SCOPE, Scope, StaffRole


class Role(StrEnum):
    """A way to come. The values are the headings of the table."""

    ANONYMOUS = "anonymous"
    STRANGER = "stranger"
    FOLLOWER = "follower"
    EDITOR = "editor"
    VIEWER = "viewer"
    INVITED = "invited"
    FORMER = "former"
    OWNER = "owner"
    BLOCKED = "blocked"
    BLOCKER = "blocker"
    ADVERTISER = "advertiser"
    SUPPORT = "support"
    ADMIN = "admin"
    BLOCKED_ADMIN = "blocked admin"
    ADMIN_NO_SECRET = "admin, not secret"
    OWNER_NO_WRITE = "owner, no write"
    OWNER_NO_SECRET_WRITE = "owner, no secret write"
    OWNER_NO_SECRET = "owner, not secret"
    DEACTIVATED = "deactivated"


MEANING: Final[Mapping[Role, str]] = {
    Role.ANONYMOUS: "has no token",
    Role.STRANGER: "has an account, and nothing to do with the owner",
    Role.FOLLOWER: "follows the owner, the public board and the topic",
    Role.EDITOR: "is an accepted member who adds pins",
    Role.VIEWER: "is an accepted member who only looks",
    Role.INVITED: "has an invitation, not answered yet",
    Role.FORMER: "declined the invitation, and left a pin on the board when they were a member",
    Role.OWNER: "owns the boards",
    Role.BLOCKED: "was blocked by the owner",
    Role.BLOCKER: "blocked the owner",
    Role.ADVERTISER: "promotes a pin of their own; the owner's ads are not theirs",
    Role.SUPPORT: "is staff: sees what is hidden, and not what is secret",
    Role.ADMIN: "is staff: sees everything, and moderates",
    Role.BLOCKED_ADMIN: "is an admin whom the owner blocked",
    Role.ADMIN_NO_SECRET: "is an admin whose token grants nothing secret",
    Role.OWNER_NO_WRITE: "is the owner with a token that only reads",
    Role.OWNER_NO_SECRET_WRITE: "is the owner with a token that reads what is secret, and no more",
    Role.OWNER_NO_SECRET: "is the owner with a token that grants nothing secret",
    Role.DEACTIVATED: "is an editor whose account is deactivated, and whose token still lives",
}

WRITE: Final = frozenset(
    {Scope.BOARDS_WRITE, Scope.PINS_WRITE, Scope.USER_ACCOUNTS_WRITE}
    | {Scope.BOARDS_WRITE_SECRET, Scope.PINS_WRITE_SECRET}
)
SECRET_WRITE: Final = frozenset({Scope.BOARDS_WRITE_SECRET, Scope.PINS_WRITE_SECRET})
SECRET: Final = SECRET_WRITE | {Scope.BOARDS_READ_SECRET, Scope.PINS_READ_SECRET}


class Token(NamedTuple):
    """What a role's token says."""

    username: str
    scopes: frozenset[Scope] = EVERY_SCOPE
    staff: StaffRole | None = None


_SPECIAL: Final[Mapping[Role, Token]] = {
    Role.SUPPORT: Token("support", staff=StaffRole.SUPPORT),
    Role.ADMIN: Token("admin", staff=StaffRole.ADMIN),
    Role.BLOCKED_ADMIN: Token("blockedadmin", staff=StaffRole.ADMIN),
    Role.ADMIN_NO_SECRET: Token("admin", EVERY_SCOPE - SECRET, StaffRole.ADMIN),
    Role.OWNER_NO_WRITE: Token("owner", EVERY_SCOPE - WRITE),
    Role.OWNER_NO_SECRET_WRITE: Token("owner", EVERY_SCOPE - SECRET_WRITE),
    Role.OWNER_NO_SECRET: Token("owner", EVERY_SCOPE - SECRET),
}

TOKENS: Final[Mapping[Role, Token]] = {
    role: _SPECIAL.get(role, Token(role.value)) for role in Role if role is not Role.ANONYMOUS
}
"""The token of each role that has one."""

USERNAMES: Final = tuple(dict.fromkeys(token.username for token in TOKENS.values()))
"""The users of a scene, of whom some come in several roles."""

OWNERS: Final = frozenset(
    {Role.OWNER, Role.OWNER_NO_WRITE, Role.OWNER_NO_SECRET_WRITE, Role.OWNER_NO_SECRET}
)
ADMINS: Final = frozenset({Role.ADMIN, Role.BLOCKED_ADMIN, Role.ADMIN_NO_SECRET})
STAFF: Final = ADMINS | {Role.SUPPORT}
MEMBERS: Final = frozenset({Role.EDITOR, Role.VIEWER, Role.DEACTIVATED})
"""Who shares a board; an ads-only board is shared with nobody."""
EVERYBODY: Final = frozenset(Role)
