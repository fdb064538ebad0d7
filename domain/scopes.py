"""What a token lets an app do for its viewer (DOMAIN a.3). What the viewer may do themselves is for
`policies` and `permissions`: an app may do what both allow."""

from collections.abc import Iterable, Mapping
from typing import Final

from domain.boards import BoardPrivacy
from domain.errors import Forbidden
from domain.viewer import Scope, Viewer

_SECRET: Final[Mapping[Scope, Scope]] = {
    Scope.BOARDS_READ: Scope.BOARDS_READ_SECRET,
    Scope.BOARDS_WRITE: Scope.BOARDS_WRITE_SECRET,
    Scope.PINS_READ: Scope.PINS_READ_SECRET,
    Scope.PINS_WRITE: Scope.PINS_WRITE_SECRET,
}


def secret_scope(scope: Scope) -> Scope:
    """What a secret board needs on top of `scope`; `scope` itself where it is nothing more."""
    return _SECRET.get(scope, scope)


def scopes_on(scopes: Iterable[Scope], *privacies: BoardPrivacy) -> tuple[Scope, ...]:
    """The scopes that are needed on boards of these privacies: more, if one of them is SECRET."""
    needed = tuple(scopes)
    if BoardPrivacy.SECRET in privacies:
        needed += tuple(map(secret_scope, needed))
    return tuple(dict.fromkeys(needed))


def missing_scopes(viewer: Viewer, scopes: Iterable[Scope]) -> tuple[Scope, ...]:
    """The scopes that the viewer's token lacks, in the order they were asked for."""
    return tuple(scope for scope in scopes if not viewer.may(scope))


def require_scopes(viewer: Viewer, scopes: Iterable[Scope]) -> None:
    """Raises `Forbidden`, which names what is missing, when the token lacks one of the scopes."""
    missing = missing_scopes(viewer, scopes)
    if missing:
        grants = _words(sorted(viewer.scopes)) or "nothing"
        raise Forbidden(f"The token must grant {_words(missing)}; it grants {grants}.")


def _words(scopes: Iterable[Scope]) -> str:
    return ", ".join(f"`{scope}`" for scope in scopes)
