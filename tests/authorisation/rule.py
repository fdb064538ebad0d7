"""How a row of the table says what comes of a mutation, for every role on every board."""

from collections.abc import Iterable, Mapping, Set
from enum import StrEnum
from typing import Any, Final, NamedTuple

from domain.boards import BoardPrivacy
from domain.viewer import Scope
from tests.authorisation.oracle import Thing, sees, sees_as_ad
from tests.authorisation.roles import ADMINS, OWNERS, SECRET_WRITE, Role
from tests.authorisation.scenes import PROMOTED, THINGS, Scene, key, thing, username_of


class Outcome(StrEnum):
    """What comes of a mutation. All but DONE and AUDITED have written nothing."""

    DONE = "DONE"
    AUDITED = "AUDITED"
    NOTHING = "NOTHING"
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    INVALID = "INVALID"
    CONFLICT = "CONFLICT"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"


SIGNS: Final[Mapping[Outcome, tuple[str, str]]] = {
    Outcome.DONE: ("✓", "done"),
    Outcome.AUDITED: ("✓ₐ", "done by right of staff, and audited in the same transaction"),
    Outcome.NOTHING: ("=", "success: it is so already, and nothing is written"),
    Outcome.NOT_FOUND: ("∅", "`userErrors` NOT_FOUND, byte for byte as for an id of nothing"),
    Outcome.NOT_ALLOWED: ("✗", "`userErrors` NOT_ALLOWED: it is seen, and this is not theirs"),
    Outcome.INVALID: ("!", "`userErrors` INVALID: it makes no sense, such as to follow oneself"),
    Outcome.CONFLICT: ("c", "`userErrors` CONFLICT: what was there before cannot be again"),
    Outcome.FORBIDDEN: ("403", "an error FORBIDDEN that names the missing scope"),
    Outcome.UNAUTHENTICATED: ("401", "an error UNAUTHENTICATED"),
}

IN_ERRORS: Final = frozenset({Outcome.FORBIDDEN, Outcome.UNAUTHENTICATED})
"""These stand in `errors`; the other refusals stand in `userErrors`."""

WRITTEN: Final = frozenset({Outcome.DONE, Outcome.AUDITED})

Exceptions = tuple[tuple[Iterable[Role], Iterable[BoardPrivacy], Outcome], ...]


class Row(NamedTuple):
    """A mutation with an input, and what comes of it.

    Each `$name` in the input is a thing of `scenes.THINGS`. Asked in this order, the first answers:

    1. who has no active account is UNAUTHENTICATED; a token that does not grant `needs` FORBIDDEN;
    2. `but`: roles, privacies and an outcome;
    3. who does not see everything that is named, and what it is `about`, gets `hidden`. What is
       done in one's own name (`own_name`) needs to be seen without the rights of staff, and may,
       if `or_as_ad`, be an ad;
    4. on a secret board a token that writes nothing secret is FORBIDDEN, if it `writes_board`;
    5. those in `done`, and those in `audited`; everybody else gets `otherwise`.

    For 5, the owner is the owner and an admin an admin, whatever their tokens grant.
    """

    mutation: str
    input: Mapping[str, Any]
    what: str = ""
    needs: Scope | None = Scope.BOARDS_WRITE
    done: Set[Role] = frozenset()
    audited: Set[Role] = frozenset()
    otherwise: Outcome = Outcome.NOT_ALLOWED
    but: Exceptions = ()
    hidden: Outcome = Outcome.NOT_FOUND
    own_name: bool = False
    writes_board: bool = True
    or_as_ad: bool = False
    about: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """The mutation, and what is special about this row."""
        return f"{self.mutation}: {self.what}" if self.what else self.mutation

    @property
    def names(self) -> tuple[str, ...]:
        """The things that the input names."""
        return tuple(_names(self.input))

    @property
    def privacies(self) -> tuple[BoardPrivacy, ...]:
        """The boards it is tried on; one for all, if it is about none of them."""
        is_placed = any(THINGS[name][2] == "place" for name in (*self.names, *self.about))
        return tuple(BoardPrivacy) if is_placed else (BoardPrivacy.PUBLIC,)

    def expected(self, role: Role, privacy: BoardPrivacy) -> Outcome:
        """What is to come of it."""
        if role in (Role.ANONYMOUS, Role.DEACTIVATED):
            return Outcome.UNAUTHENTICATED
        if role is Role.OWNER_NO_WRITE and self.needs is not None:
            return Outcome.FORBIDDEN
        for roles, privacies, outcome in self.but:
            if role in roles and privacy in privacies:
                return outcome
        if self.unseen(role, privacy):
            return self.hidden
        is_secret = privacy is BoardPrivacy.SECRET and len(self.privacies) > 1
        if is_secret and self.writes_board and role is Role.OWNER_NO_SECRET_WRITE:
            return Outcome.FORBIDDEN
        person = Role.OWNER if role in OWNERS else Role.ADMIN if role in ADMINS else role
        if person in self.done:
            return Outcome.DONE
        return Outcome.AUDITED if person in self.audited else self.otherwise

    def unseen(self, role: Role, privacy: BoardPrivacy) -> tuple[str, ...]:
        """What a role does not see of all that is named."""
        username = username_of(role)
        return tuple(
            name
            for name in (*self.names, *self.about)
            if not name.endswith("undo")
            and not self._sees(role, name, thing(name, username, privacy))
        )

    def _sees(self, role: Role, name: str, what: Thing) -> bool:
        is_ad = self.or_as_ad and name == PROMOTED
        return sees(role, what, as_staff=not self.own_name) or (is_ad and sees_as_ad(role, what))

    def variables(self, scene: Scene, role: Role, privacy: BoardPrivacy) -> dict[str, Any]:
        """The input with the ids of the things it names."""
        username = username_of(role)
        filled = _filled(
            self.input, {name: scene.ids[key(name, username, privacy)] for name in self.names}
        )
        assert isinstance(filled, dict)
        return filled


def missing_scopes(row: Row, privacy: BoardPrivacy, role: Role) -> list[str]:
    """The words by which an error names what a token lacks."""
    if role is Role.OWNER_NO_WRITE:
        return [f"`{row.needs}`"]
    secret = {scope.value for scope in SECRET_WRITE}
    return [f"`{each}`" for each in secret if row.needs and each == f"{row.needs}_secret"]


def _names(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value[1:]] if value.startswith("$") else []
    inner = value.values() if isinstance(value, Mapping) else value
    return [name for each in inner for name in _names(each)] if _is_many(value) else []


def _filled(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return ids[value[1:]] if value.startswith("$") else value
    if isinstance(value, Mapping):
        return {name: _filled(inner, ids) for name, inner in value.items()}
    return [_filled(inner, ids) for inner in value] if _is_many(value) else value


def _is_many(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple)
