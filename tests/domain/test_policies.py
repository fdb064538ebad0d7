"""Who may see what: every policy, asked for everybody (INV-6, INV-7, INV-9)."""

from itertools import product

import pytest
from msgspec.structs import replace

from domain import policies
from domain.boards import BoardPrivacy, BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.policies import (
    board_privacies,
    may_read_note,
    may_view_as_ad,
    may_view_board,
    may_view_pin,
    may_view_user,
    pin_privacies,
)
from domain.users import UserRecord, UserStatus
from domain.viewer import ANONYMOUS, EVERY_SCOPE, Scope, StaffRole, Viewer
from tests.domain.builders import NOW, entity_id, make_pin

PEOPLE = ("stranger", "invited", "left", "reader", "editor", "owner", "support", "admin")
IDS = {who: entity_id(number) for number, who in enumerate(PEOPLE, start=1)}
STAFF = {"support": StaffRole.SUPPORT, "admin": StaffRole.ADMIN}
VIEWERS = {"anonymous": ANONYMOUS} | {
    who: Viewer(user_id, EVERY_SCOPE, staff=STAFF.get(who)) for who, user_id in IDS.items()
}
EVERYBODY = VIEWERS.keys()
MEMBERS = {"reader", "editor", "owner"}

OWNER = UserRecord(id=IDS["owner"], username="owner", full_name="Owner", created_at=NOW)
GONE = replace(OWNER, status=UserStatus.DEACTIVATED)
PUBLIC, PROTECTED, SECRET = BoardPrivacy


def make_board(privacy: BoardPrivacy) -> BoardRecord:
    """A board of the owner, shared in every state."""
    return BoardRecord(
        id=entity_id(100),
        owner_id=OWNER.id,
        name="Kitchen",
        slug="kitchen",
        created_at=NOW,
        pins_modified_at=NOW,
        privacy=privacy,
        collaborators=(
            Collaborator(user_id=IDS["invited"], status=InviteStatus.PENDING),
            Collaborator(user_id=IDS["left"], status=InviteStatus.CANCELLED),
            Collaborator(user_id=IDS["reader"], role=BoardRole.VIEWER),
            Collaborator(user_id=IDS["editor"]),
        ),
    )


PIN = make_pin(200, board_id=entity_id(100), owner_id=IDS["left"])


def without(viewer: Viewer, *scopes: Scope) -> Viewer:
    """The same viewer with another token."""
    return replace(viewer, scopes=viewer.scopes - set(scopes))


def who_may(view: object) -> set[str]:
    """The names of the viewers to whom a policy says yes."""
    assert callable(view)
    return {who for who, viewer in VIEWERS.items() if view(viewer)}


@pytest.mark.parametrize(
    ("user", "is_blocked", "seen_by"),
    [
        (OWNER, False, EVERYBODY),
        (OWNER, True, {"owner", "support", "admin"}),
        (GONE, False, {"owner", "support", "admin"}),
        (GONE, True, {"owner", "support", "admin"}),
    ],
)
def test_users(user: UserRecord, is_blocked: bool, seen_by: set[str]) -> None:
    blocked = {user.id} if is_blocked else {entity_id(99)}
    assert who_may(lambda viewer: may_view_user(viewer, user, blocked)) == seen_by


@pytest.mark.parametrize(
    ("privacy", "seen_by"),
    [
        (PUBLIC, EVERYBODY),
        (PROTECTED, MEMBERS | {"support", "admin"}),
        (SECRET, MEMBERS | {"admin"}),
    ],
)
def test_boards_and_their_pins(privacy: BoardPrivacy, seen_by: set[str]) -> None:
    board = make_board(privacy)
    assert who_may(lambda viewer: may_view_board(viewer, board, OWNER)) == seen_by
    assert who_may(lambda viewer: may_view_board(viewer, board, None)) == set()

    def view(viewer: Viewer) -> bool:
        visible = board if may_view_board(viewer, board, OWNER) else None
        return may_view_pin(viewer, PIN, visible, OWNER)

    assert who_may(view) == seen_by
    assert who_may(lambda viewer: may_view_pin(viewer, PIN, board, None)) == set()
    other = replace(board, id=entity_id(101))
    assert who_may(lambda viewer: may_view_pin(viewer, PIN, other, OWNER)) == set()


@pytest.mark.parametrize("privacy", BoardPrivacy)
@pytest.mark.parametrize("missing", sorted(EVERY_SCOPE))
@pytest.mark.parametrize("who", VIEWERS)
def test_a_token_limits_what_is_secret_and_nothing_else(
    privacy: BoardPrivacy, missing: Scope, who: str
) -> None:
    board, all_scopes = make_board(privacy), VIEWERS[who]
    viewer = without(all_scopes, missing)
    sees_board = may_view_board(viewer, board, OWNER)
    sees_pin = may_view_pin(viewer, PIN, board, OWNER)
    if privacy is SECRET and missing is Scope.BOARDS_READ_SECRET:
        assert not sees_board
    else:
        assert sees_board is may_view_board(all_scopes, board, OWNER)
    if privacy is SECRET and missing is Scope.PINS_READ_SECRET:
        assert not sees_pin
    else:
        assert sees_pin is may_view_pin(all_scopes, PIN, board, OWNER)


def test_ads() -> None:
    for privacy, owner in product(BoardPrivacy, (OWNER, None)):
        shown = may_view_as_ad(make_board(privacy), owner)
        assert shown is (privacy is not SECRET and owner is not None)
    assert not may_view_as_ad(None, OWNER)


@pytest.mark.parametrize("privacy", BoardPrivacy)
def test_notes(privacy: BoardPrivacy) -> None:
    board = make_board(privacy)
    assert who_may(lambda viewer: may_read_note(viewer, PIN, board)) == MEMBERS | {"left"}


def test_lists() -> None:
    everything = set(BoardPrivacy)
    for who, viewer in VIEWERS.items():
        is_own = who == "owner"
        for privacies in (board_privacies, pin_privacies):
            assert privacies(viewer, OWNER.id) == (everything if is_own else {PUBLIC})
    no_boards = without(VIEWERS["owner"], Scope.BOARDS_READ_SECRET)
    no_pins = without(VIEWERS["owner"], Scope.PINS_READ_SECRET)
    assert board_privacies(no_boards, OWNER.id) == {PUBLIC, PROTECTED}
    assert pin_privacies(no_boards, OWNER.id) == {PUBLIC, PROTECTED}
    assert board_privacies(no_pins, OWNER.id) == everything
    assert pin_privacies(no_pins, OWNER.id) == {PUBLIC, PROTECTED}


@pytest.mark.parametrize("privacy", BoardPrivacy)
@pytest.mark.parametrize("role", StaffRole)
@pytest.mark.parametrize("who", PEOPLE)
def test_staff_see_all_that_they_see_as_users(
    privacy: BoardPrivacy, role: StaffRole, who: str
) -> None:
    board, user = make_board(privacy), Viewer(IDS[who], EVERY_SCOPE)
    staff = replace(user, staff=role)
    assert staff.as_user == user
    assert may_view_board(staff, board, OWNER) >= may_view_board(user, board, OWNER)
    assert may_view_user(staff, OWNER, set()) >= may_view_user(user, OWNER, set())


def test_every_policy_is_here() -> None:
    defined = {
        name
        for name, each in vars(policies).items()
        if getattr(each, "__module__", "") == "domain.policies" and not name.startswith("_")
    }
    assert defined <= globals().keys()
