"""Who may do what: every permission, asked for everybody (RELIABILITY, matrix; INV-3, INV-10)."""

from collections.abc import Callable, Iterator
from itertools import product

import pytest
from msgspec.structs import replace

from domain import permissions
from domain.boards import BoardPrivacy, BoardRecord, BoardRole, Collaborator, InviteStatus
from domain.campaigns import AdRecord, EntityStatus
from domain.media import CreativeType
from domain.permissions import CannotReason, Reasons, only_as_staff
from domain.pins import CommentRecord
from domain.users import UserRecord
from domain.viewer import ANONYMOUS, StaffRole, Viewer
from tests.domain.builders import NOW, entity_id, make_pin

PEOPLE = ("stranger", "invited", "left", "reader", "inviter", "editor", "owner", "support", "admin")
"""`owner` has a board, and shares it with a reader who may invite and one who may not, and with an
editor, whose pin is on it. The reader commented on the pin. One was invited, and one declined."""

IDS = {who: entity_id(number) for number, who in enumerate(PEOPLE, start=1)}
STAFF = {"support": StaffRole.SUPPORT, "admin": StaffRole.ADMIN}
VIEWERS = {"anonymous": ANONYMOUS} | {
    who: Viewer(user_id, staff=STAFF.get(who)) for who, user_id in IDS.items()
}

SHARES = (
    Collaborator(user_id=IDS["invited"], status=InviteStatus.PENDING, can_invite=True),
    Collaborator(user_id=IDS["left"], status=InviteStatus.DECLINED, can_invite=True),
    Collaborator(user_id=IDS["reader"], role=BoardRole.VIEWER),
    Collaborator(user_id=IDS["inviter"], role=BoardRole.VIEWER, can_invite=True),
    Collaborator(user_id=IDS["editor"], role=BoardRole.EDITOR),
)


def make_board(
    number: int, owner: str = "owner", privacy: BoardPrivacy = BoardPrivacy.PUBLIC
) -> BoardRecord:
    """A board, shared by its owner with all of `SHARES` unless it is somebody else's."""
    return BoardRecord(
        id=entity_id(number),
        owner_id=IDS[owner],
        name="Kitchen",
        slug=f"kitchen-{number}",
        created_at=NOW,
        pins_modified_at=NOW,
        privacy=privacy,
        collaborators=SHARES if owner == "owner" else (),
    )


def make_ad(
    *, is_removable: bool = True, status: EntityStatus = EntityStatus.ACTIVE
) -> tuple[AdRecord]:
    """The one ad that promotes the pin."""
    ad = AdRecord(
        id=entity_id(900),
        ad_account_id=entity_id(901),
        campaign_id=entity_id(902),
        ad_group_id=entity_id(903),
        pin_id=PIN.id,
        name="Ad",
        created_at=NOW,
        pctr_ppm=1,
        is_removable=is_removable,
        status=status,
    )
    return (ad,)


BOARD, SHARED, ELSEWHERE = make_board(100), make_board(101), make_board(102, owner="stranger")
ADS_ONLY = make_board(103, privacy=BoardPrivacy.PROTECTED)
SECRET = make_board(104, privacy=BoardPrivacy.SECRET)
PIN = make_pin(200, owner_id=IDS["editor"], board_id=BOARD.id, link="https://shop.example/")
UNLINKED = replace(PIN, link=None)
QUIZ = replace(PIN, creative_type=CreativeType.QUIZ)
COMMENT = CommentRecord(
    id=entity_id(300), pin_id=PIN.id, author_id=IDS["reader"], text="Lovely", created_at=NOW
)
READER = UserRecord(id=IDS["reader"], username="reader", full_name="Reader", created_at=NOW)
PAUSED, ARCHIVED = EntityStatus.PAUSED, EntityStatus.ARCHIVED
PUBLIC = BoardPrivacy.PUBLIC

WORDS = {
    "ok": (),
    "login": (CannotReason.LOGIN_REQUIRED,),
    "owner": (CannotReason.NOT_OWNER,),
    "member": (CannotReason.NOT_MEMBER,),
    "invite": (CannotReason.NOT_ALLOWED_TO_INVITE,),
    "invited": (CannotReason.NOT_INVITED,),
    "author": (CannotReason.NOT_AUTHOR,),
    "leave": (CannotReason.OWNER_CANNOT_LEAVE,),
    "ads": (CannotReason.ADS_ONLY_BOARD,),
    "ad": (CannotReason.AD_NOT_SAVABLE,),
    "secret": (CannotReason.SECRET_BOARD,),
    "link": (CannotReason.NO_LINK,),
    "both": (CannotReason.SECRET_BOARD, CannotReason.NO_LINK),
    "own": (CannotReason.OWN_CONTENT,),
}

# The permission and what it is asked about, then what it says to each of `VIEWERS`, in their order:
# anonymous, stranger, invited, left, reader, inviter, editor, owner, support, admin.
# fmt: off
TABLE: list[tuple[Callable[..., Reasons], tuple[object, ...], str]] = [
    (permissions.cannot_edit_board, (BOARD,),
     "login owner owner owner owner owner owner ok owner ok"),
    (permissions.cannot_change_privacy, (BOARD, BoardPrivacy.SECRET),
     "login owner owner owner owner owner owner ok owner ok"),
    (permissions.cannot_rename_board, (BOARD,),
     "login owner owner owner owner owner owner ok owner ok"),
    (permissions.cannot_rename_board, (ADS_ONLY,),
     "login owner owner owner owner owner owner ads owner ads"),
    (permissions.cannot_change_privacy, (ADS_ONLY, PUBLIC),
     "login owner owner owner owner owner owner ads owner ads"),
    (permissions.cannot_change_privacy, (SECRET, BoardPrivacy.SECRET),
     "login owner owner owner owner owner owner ok owner ok"),
    (permissions.cannot_change_privacy, (SECRET, PUBLIC),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_delete_board, (BOARD,),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_archive, (BOARD,),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_merge_boards, (BOARD, SHARED),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_merge_boards, (BOARD, ELSEWHERE),
     "login owner owner owner owner owner owner owner owner owner"),
    (permissions.cannot_merge_boards, (BOARD, ADS_ONLY),
     "login owner owner owner owner owner owner ads owner owner"),
    (permissions.cannot_merge_boards, (ADS_ONLY, BOARD),
     "login owner owner owner owner owner owner ads owner owner"),
    (permissions.cannot_merge_boards, (ELSEWHERE, BOARD),
     "login owner owner owner owner owner owner owner owner owner"),
    (permissions.cannot_set_cover, (BOARD,),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_reorder_boards, (BOARD, SHARED),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_reorder_boards, (BOARD, ELSEWHERE),
     "login owner owner owner owner owner owner owner owner owner"),
    (permissions.cannot_manage_sections, (BOARD,),
     "login member member member member member ok ok member member"),
    (permissions.cannot_delete_section_with_pins, (BOARD,),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_invite, (BOARD,),
     "login invite invite invite invite ok invite ok invite ok"),
    (permissions.cannot_invite, (SECRET,),
     "login invite invite invite invite ok invite ok invite ok"),
    (permissions.cannot_invite, (ADS_ONLY,),
     "login ads ads ads ads ads ads ads ads ads"),
    (permissions.cannot_respond_to_invite, (BOARD,),
     "login invited ok invited invited invited invited invited invited invited"),
    (permissions.cannot_update_collaborator, (BOARD,),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_remove_collaborator, (BOARD,),
     "login owner owner owner owner owner owner ok owner ok"),
    (permissions.cannot_transfer, (BOARD,),
     "login owner owner owner owner owner owner ok owner owner"),
    (permissions.cannot_leave, (BOARD,),
     "login member member member ok ok ok leave member member"),
    (permissions.cannot_add_pins, (BOARD,),
     "login member member member member member ok ok member ok"),
    (permissions.cannot_add_pins, (SECRET,),
     "login member member member member member ok ok member ok"),
    (permissions.cannot_edit_pin, (PIN,),
     "login owner owner owner owner owner ok owner owner owner"),
    (permissions.cannot_delete_pin, (PIN, BOARD),
     "login owner owner owner owner owner ok ok owner ok"),
    (permissions.cannot_move_pin, (PIN, BOARD, BOARD),
     "login owner owner owner owner owner ok ok owner ok"),
    (permissions.cannot_move_pin, (PIN, BOARD, SHARED),
     "login owner owner owner owner owner ok ok owner ok"),
    (permissions.cannot_move_pin, (PIN, BOARD, ELSEWHERE),
     "login owner owner owner owner owner member owner owner ok"),
    (permissions.cannot_reorder_pins, (BOARD,),
     "login member member member member member ok ok member member"),
    (permissions.cannot_save_pin, (PIN, BOARD),
     "login ok ok ok ok ok ok ok ok ok"),
    (permissions.cannot_save_pin, (PIN, SECRET),
     "login member member member ok ok ok ok member member"),
    (permissions.cannot_save_pin, (PIN, ADS_ONLY),
     "login member member member ok ok ok ok member member"),
    (permissions.cannot_save_pin, (PIN, BOARD, make_ad()),
     "login ok ok ok ok ok ok ok ok ok"),
    (permissions.cannot_save_pin, (PIN, BOARD, make_ad(is_removable=False)),
     "login ad ad ad ad ad ad ad ad ad"),
    (permissions.cannot_save_pin, (PIN, BOARD, make_ad(is_removable=False, status=PAUSED)),
     "login ad ad ad ad ad ad ad ad ad"),
    (permissions.cannot_save_pin, (PIN, BOARD, make_ad(is_removable=False, status=ARCHIVED)),
     "login ok ok ok ok ok ok ok ok ok"),
    (permissions.cannot_save_pin, (PIN, SECRET, make_ad(is_removable=False)),
     "login member member member ad ad ad ad member member"),
    (permissions.cannot_save_pin, (QUIZ, BOARD),
     "login ok ok ok ok ok ok ok ok ok"),
    (permissions.cannot_save_pin, (QUIZ, BOARD, make_ad()),
     "login ad ad ad ad ad ad ad ad ad"),
    (permissions.cannot_promote, (PIN, BOARD),
     "login owner owner owner owner owner ok owner owner owner"),
    (permissions.cannot_promote, (PIN, ADS_ONLY),
     "login owner owner owner owner owner ok owner owner owner"),
    (permissions.cannot_promote, (PIN, SECRET),
     "login owner owner owner owner owner secret owner owner owner"),
    (permissions.cannot_promote, (UNLINKED, BOARD),
     "login owner owner owner owner owner link owner owner owner"),
    (permissions.cannot_promote, (replace(PIN, link="ftp://shop.example/"), BOARD),
     "login owner owner owner owner owner link owner owner owner"),
    (permissions.cannot_promote, (UNLINKED, SECRET),
     "login owner owner owner owner owner both owner owner owner"),
    (permissions.cannot_take_part, (BOARD,),
     "login ok ok ok ok ok ok ok ok ok"),
    (permissions.cannot_take_part, (SECRET,),
     "login member member member ok ok ok ok member member"),
    (permissions.cannot_take_part, (ADS_ONLY,),
     "login member member member ok ok ok ok member member"),
    (permissions.cannot_comment, (BOARD,),
     "login ok ok ok ok ok ok ok ok ok"),
    (permissions.cannot_comment, (SECRET,),
     "login member member member ok ok ok ok member member"),
    (permissions.cannot_edit_comment, (COMMENT,),
     "login author author author ok author author author author author"),
    (permissions.cannot_delete_comment, (COMMENT, PIN, BOARD),
     "login author author author ok author ok ok author author"),
    (permissions.cannot_report, (READER,),
     "login ok ok ok own ok ok ok ok ok"),
    (permissions.cannot_report, (BOARD,),
     "login ok ok ok ok ok ok own ok ok"),
    (permissions.cannot_report, (PIN,),
     "login ok ok ok ok ok own ok ok ok"),
    (permissions.cannot_report, (COMMENT,),
     "login ok ok ok own ok ok ok ok ok"),
]
# fmt: on


def cases() -> Iterator[object]:
    """Every cell of the table."""
    for row, (permission, about, answers) in enumerate(TABLE):
        for (who, viewer), word in zip(VIEWERS.items(), answers.split(), strict=True):
            name = f"{row}-{permission.__name__}-{who}-{word}"
            yield pytest.param(permission, viewer, about, WORDS[word], id=name)


@pytest.mark.parametrize(("permission", "viewer", "about", "reasons"), [*cases()])
def test_permissions(
    permission: Callable[..., Reasons],
    viewer: Viewer,
    about: tuple[object, ...],
    reasons: Reasons,
) -> None:
    assert permission(viewer, *about) == reasons


def test_every_permission_and_every_reason_is_here() -> None:
    known = {each for name, each in vars(permissions).items() if name.startswith("cannot_")}
    assert {permission for permission, _, _ in TABLE} == known
    assert {reason for word in WORDS.values() for reason in word} == set(CannotReason)
    assert {word for _, _, answers in TABLE for word in answers.split()} == WORDS.keys()


def test_staff_may_all_that_they_may_as_users() -> None:
    """Every person of the table, as each kind of staff: support gains nothing."""
    gained = set()
    for (permission, about, _), user_id in product(TABLE, IDS.values()):
        user = Viewer(user_id)
        support, admin = (replace(user, staff=role) for role in StaffRole)
        assert permission(support, *about) == permission(user, *about)
        if permission(user, *about) == ():
            assert permission(admin, *about) == ()
        elif permission(admin, *about) == ():
            gained.add(permission)
    assert gained == {
        permissions.cannot_rename_board,
        permissions.cannot_edit_board,
        permissions.cannot_change_privacy,
        permissions.cannot_invite,
        permissions.cannot_remove_collaborator,
        permissions.cannot_add_pins,
        permissions.cannot_delete_pin,
        permissions.cannot_move_pin,
    }


@pytest.mark.parametrize("privacy", BoardPrivacy)
def test_what_only_staff_may(privacy: BoardPrivacy) -> None:
    board = make_board(105, privacy=privacy)
    for who, viewer in VIEWERS.items():
        is_by_right = only_as_staff(viewer, lambda v: permissions.cannot_edit_board(v, board))
        assert is_by_right is (who == "admin")
    owner = Viewer(IDS["owner"], staff=StaffRole.ADMIN)
    assert not only_as_staff(owner, lambda v: permissions.cannot_edit_board(v, board))
