"""Who sees what, said once more in plain Python, from the matrix in RELIABILITY alone.

Nothing here is taken from the code that it judges: neither policies nor permissions, neither
records nor stores. A thing is what it is, whose it is, and on whose board of what privacy it
stands; the rest follows from who asks.
"""

from typing import Final, NamedTuple

from domain.boards import BoardPrivacy
from tests.authorisation.roles import ADMINS, MEMBERS, OWNERS, STAFF, TOKENS, Role

BLOCKS: Final = ({"owner", "blocked"}, {"owner", "blocker"}, {"owner", "blockedadmin"})
"""Between whom a block stands, whoever made it."""

WITHOUT_SECRET: Final = {Role.OWNER_NO_SECRET, Role.ADMIN_NO_SECRET}


class Thing(NamedTuple):
    """Something in a scene. `author` and `host`, who owns the board it is on, are usernames."""

    kind: str
    author: str = ""
    host: str = ""
    privacy: BoardPrivacy = BoardPrivacy.PUBLIC


def sees(role: Role, thing: Thing, *, as_staff: bool = True) -> bool:
    """Whether a role sees a thing; without `as_staff`, by what staff are to it as anybody."""
    is_staff = as_staff and role in STAFF
    match thing.kind:
        case "Topic":
            return True
        case "User":
            return _sees_user(role, thing.author, is_staff)
        case "Notification":
            return _is(role, thing.author)
        case "MediaUpload":
            # Whoever sees an upload can post its file: a token that only reads does not show it.
            return _is(role, thing.author) and role is not Role.OWNER_NO_WRITE
        case _:
            users = (thing.host, thing.author)
            return all(_sees_user(role, user, is_staff) for user in users) and _sees_board(
                role, thing.host, thing.privacy, is_staff
            )


def sees_as_ad(role: Role, pin: Thing) -> bool:
    """Whether a role may be shown a pin that is promoted, also from an ads-only board."""
    return pin.privacy is not BoardPrivacy.SECRET and _sees_user(role, pin.host, is_staff=False)


def _is(role: Role, username: str) -> bool:
    return role in TOKENS and TOKENS[role].username == username


def _sees_user(role: Role, username: str, is_staff: bool) -> bool:
    """Who is deactivated or blocked is hidden; from nobody themselves, and not from staff."""
    if is_staff or _is(role, username):
        return True
    return username != "deactivated" and not any(
        username in block and _is(role, *(block - {username})) for block in BLOCKS
    )


def _sees_board(role: Role, host: str, privacy: BoardPrivacy, is_staff: bool) -> bool:
    """Everybody sees what is public; what is secret needs a token that grants it besides."""
    if privacy is BoardPrivacy.PUBLIC:
        return True
    owns = role in OWNERS if host == "owner" else _is(role, host)
    if privacy is BoardPrivacy.PROTECTED:
        return owns or is_staff
    shares = host == "owner" and role in MEMBERS
    return (owns or shares or (is_staff and role in ADMINS)) and role not in WITHOUT_SECRET
