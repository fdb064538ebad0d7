"""What a token must grant (DOMAIN a.3, b.5)."""

import pytest

from domain.boards import BoardPrivacy
from domain.errors import Forbidden
from domain.scopes import missing_scopes, require_scopes, scopes_on, secret_scope
from domain.viewer import ANONYMOUS, EVERY_SCOPE, Scope, Viewer

WRITE = (Scope.BOARDS_WRITE, Scope.PINS_WRITE)
READER = Viewer("a" * 24, frozenset({Scope.PINS_READ, Scope.BOARDS_READ}))
PUBLIC, PROTECTED, SECRET = BoardPrivacy


def test_what_is_secret_needs_more() -> None:
    more = {scope: secret_scope(scope) for scope in Scope if secret_scope(scope) is not scope}
    assert more == {
        Scope.BOARDS_READ: Scope.BOARDS_READ_SECRET,
        Scope.BOARDS_WRITE: Scope.BOARDS_WRITE_SECRET,
        Scope.PINS_READ: Scope.PINS_READ_SECRET,
        Scope.PINS_WRITE: Scope.PINS_WRITE_SECRET,
    }


def test_scopes_on_boards() -> None:
    assert scopes_on(WRITE) == WRITE
    assert scopes_on(WRITE, PUBLIC, PROTECTED) == WRITE
    assert scopes_on(WRITE, PUBLIC, SECRET) == (
        Scope.BOARDS_WRITE,
        Scope.PINS_WRITE,
        Scope.BOARDS_WRITE_SECRET,
        Scope.PINS_WRITE_SECRET,
    )
    assert scopes_on((Scope.USER_ACCOUNTS_WRITE,), SECRET) == (Scope.USER_ACCOUNTS_WRITE,)


@pytest.mark.parametrize("scope", Scope)
def test_missing_scopes(scope: Scope) -> None:
    assert missing_scopes(ANONYMOUS, [scope]) == (scope,)
    everything = Viewer("a" * 24, frozenset(Scope))
    assert missing_scopes(everything, [scope]) == ()
    assert missing_scopes(Viewer("a" * 24, frozenset(Scope) - {scope}), Scope) == (scope,)


def test_what_is_missing_is_named() -> None:
    require_scopes(READER, (Scope.PINS_READ,))
    require_scopes(READER, ())
    with pytest.raises(Forbidden) as refused:
        require_scopes(READER, (Scope.PINS_READ, *WRITE))
    assert str(refused.value) == (
        "The token must grant `boards:write`, `pins:write`; it grants `boards:read`, `pins:read`."
    )
    with pytest.raises(Forbidden) as refused:
        require_scopes(ANONYMOUS, (Scope.PINS_READ,))
    assert str(refused.value) == "The token must grant `pins:read`; it grants nothing."


def test_a_user_cannot_allow_what_is_for_developers() -> None:
    assert frozenset(Scope) - {Scope.DEVELOPER} == EVERY_SCOPE
