"""What staff read by right of staff is logged; what anybody could read is not."""

from collections.abc import Iterator, MutableMapping
from typing import Any, NamedTuple
from unittest.mock import ANY

import pytest
import structlog
from structlog.testing import capture_logs

from domain.boards import BoardPrivacy, BoardRecord, Collaborator
from domain.ids import to_global_id
from domain.orders import BoardPinFilter
from domain.pins import PinRecord
from domain.record import Record
from domain.users import UserRecord, UserStatus
from domain.viewer import EVERY_SCOPE, Scope, StaffRole, Viewer
from loaders.base import Loaders
from loaders.boards import BoardByIdLoader
from loaders.pins import AdvertisedPinByIdLoader, PinByIdLoader, PinsByBoardLoader
from loaders.users import UserByIdLoader
from storage.codec import object_id
from storage.paging import Page
from storage.pins import NEWEST
from storage.storage import Storage
from tests.client import Client
from tests.world import World

SUPPORT, ADMIN = StaffRole


@pytest.fixture(autouse=True)
def logs() -> Iterator[list[MutableMapping[str, Any]]]:
    """What was logged in this test."""
    with capture_logs(processors=[structlog.contextvars.merge_contextvars]) as entries:
        yield entries


def read(logs: list[MutableMapping[str, Any]]) -> list[tuple[str, str]]:
    """What the log says that staff read."""
    return [(each["kind"], each["id"]) for each in logs if each["event"] == "staff_read"]


class Hidden(NamedTuple):
    """Ana's public, ads-only and secret board, each with a pin; and what gone left behind."""

    staff: UserRecord
    ana: UserRecord
    boards: dict[BoardPrivacy, BoardRecord]
    pins: dict[BoardPrivacy, PinRecord]
    gone: UserRecord
    left_board: BoardRecord
    left_pin: PinRecord

    def viewer(self, role: StaffRole | None, *missing: Scope) -> Viewer:
        """The member of staff, in a role."""
        return Viewer(self.staff.id, EVERY_SCOPE - set(missing), staff=role)


@pytest.fixture
async def hidden(world: World) -> Hidden:
    """Somebody of staff, and what they would not see."""
    member, ana = await world.user("staff"), await world.user("ana")
    gone = await world.user("gone", status=UserStatus.DEACTIVATED)
    boards = {each: await world.board(ana, each.title(), privacy=each) for each in BoardPrivacy}
    pins = {each: await world.pin(board) for each, board in boards.items()}
    left = await world.board(gone, "Left")
    return Hidden(member, ana, boards, pins, gone, left, await world.pin(left))


PUBLIC, PROTECTED, SECRET = BoardPrivacy


@pytest.mark.parametrize("role", [SUPPORT, ADMIN])
async def test_what_is_public_is_read_without_a_word(
    storage: Storage, hidden: Hidden, logs: list[MutableMapping[str, Any]], role: StaffRole
) -> None:
    loaders = Loaders(storage, hidden.viewer(role))
    assert await loaders(PinByIdLoader).load(hidden.pins[PUBLIC].id) == hidden.pins[PUBLIC]
    assert await loaders(BoardByIdLoader).load(hidden.boards[PUBLIC].id) == hidden.boards[PUBLIC]
    assert await loaders(AdvertisedPinByIdLoader).load(hidden.pins[PROTECTED].id) is not None
    assert await loaders(UserByIdLoader).load(hidden.staff.id) == hidden.staff
    assert read(logs) == []


@pytest.mark.parametrize(
    ("role", "privacy", "is_seen"),
    [
        (None, PROTECTED, False),
        (SUPPORT, PROTECTED, True),
        (ADMIN, PROTECTED, True),
        (None, SECRET, False),
        (SUPPORT, SECRET, False),
        (ADMIN, SECRET, True),
    ],
)
async def test_hidden_boards_and_pins(
    storage: Storage,
    hidden: Hidden,
    logs: list[MutableMapping[str, Any]],
    role: StaffRole | None,
    privacy: BoardPrivacy,
    is_seen: bool,
) -> None:
    board, pin = hidden.boards[privacy], hidden.pins[privacy]
    loaders = Loaders(storage, hidden.viewer(role))
    assert await loaders(PinByIdLoader).load(pin.id) == (pin if is_seen else None)
    assert await loaders(BoardByIdLoader).load(board.id) == (board if is_seen else None)
    assert read(logs) == ([("Board", board.id), ("Pin", pin.id)] if is_seen else [])


@pytest.mark.parametrize("role", [None, SUPPORT, ADMIN])
async def test_who_is_gone(
    storage: Storage,
    hidden: Hidden,
    logs: list[MutableMapping[str, Any]],
    role: StaffRole | None,
) -> None:
    """Their public board and its pin are read by right of staff as well, since its owner is."""
    loaders = Loaders(storage, hidden.viewer(role))
    seen = [
        await loaders(PinByIdLoader).load(hidden.left_pin.id),
        await loaders(BoardByIdLoader).load(hidden.left_board.id),
        await loaders(UserByIdLoader).load(hidden.gone.id),
        await loaders(AdvertisedPinByIdLoader).load(hidden.left_pin.id),
    ]
    left = [hidden.left_pin, hidden.left_board, hidden.gone, hidden.left_pin]
    assert seen == ([None] * 4 if role is None else left)
    user, board, pin = (
        ("User", hidden.gone.id),
        ("Board", hidden.left_board.id),
        ("Pin", hidden.left_pin.id),
    )
    assert read(logs) == ([] if role is None else [user, board, pin])


@pytest.mark.parametrize("role", [SUPPORT, ADMIN])
@pytest.mark.parametrize("blocks", ["staff", "ana"])
async def test_blocks(
    storage: Storage,
    world: World,
    hidden: Hidden,
    logs: list[MutableMapping[str, Any]],
    role: StaffRole,
    blocks: str,
) -> None:
    ends = (hidden.staff, hidden.ana)
    await world.block(*(ends if blocks == "staff" else reversed(ends)))
    loaders = Loaders(storage, hidden.viewer(role))
    assert await loaders(BoardByIdLoader).load(hidden.boards[PUBLIC].id) is not None
    assert read(logs) == [("User", hidden.ana.id), ("Board", hidden.boards[PUBLIC].id)]
    as_user = Loaders(storage, hidden.viewer(None))
    assert await as_user(BoardByIdLoader).load(hidden.boards[PUBLIC].id) is None


async def test_a_member_reads_as_a_member(
    storage: Storage, world: World, hidden: Hidden, logs: list[MutableMapping[str, Any]]
) -> None:
    shares = (Collaborator(user_id=hidden.staff.id),)
    board = await world.board(hidden.ana, "Ours", privacy=SECRET, collaborators=shares)
    own = await world.board(hidden.staff, privacy=SECRET)
    for role in StaffRole:
        loaders = Loaders(storage, hidden.viewer(role))
        assert await loaders(BoardByIdLoader).load_many([board.id, own.id]) == [board, own]
    assert read(logs) == []


@pytest.mark.parametrize(
    ("missing", "seen"),
    [
        (Scope.BOARDS_READ_SECRET, []),
        (Scope.PINS_READ_SECRET, ["Board"]),
        (Scope.BOARDS_READ, ["Board", "Pin"]),
    ],
)
async def test_a_token_limits_staff_too(
    storage: Storage,
    hidden: Hidden,
    logs: list[MutableMapping[str, Any]],
    missing: Scope,
    seen: list[str],
) -> None:
    loaders = Loaders(storage, hidden.viewer(ADMIN, missing))
    pin = await loaders(PinByIdLoader).load(hidden.pins[SECRET].id)
    assert (pin is not None) is ("Pin" in seen)
    assert [kind for kind, _ in read(logs)] == seen


@pytest.mark.parametrize("how", ["deactivated", "deleted"])
async def test_whose_account_is_closed_has_no_rights_left(
    storage: Storage, world: World, logs: list[MutableMapping[str, Any]], hidden: Hidden, how: str
) -> None:
    """Their token is good for some hours yet."""
    users = storage.mongo.collection("users")
    of_staff = {"_id": object_id(hidden.staff.id)}
    if how == "deleted":
        await users.delete_one(of_staff)
    else:
        await users.update_one(of_staff, {"$set": {"status": UserStatus.DEACTIVATED.value}})
    loaders = Loaders(storage, hidden.viewer(ADMIN))
    assert await loaders(PinByIdLoader).load(hidden.pins[SECRET].id) is None
    assert await loaders(BoardByIdLoader).load(hidden.boards[PROTECTED].id) is None
    assert await loaders(UserByIdLoader).load(hidden.gone.id) is None
    assert await loaders(BoardByIdLoader).load(hidden.boards[PUBLIC].id) is not None
    assert read(logs) == []


async def test_each_thing_is_logged_once(
    storage: Storage, world: World, hidden: Hidden, logs: list[MutableMapping[str, Any]]
) -> None:
    board = hidden.boards[SECRET]
    pins = [hidden.pins[SECRET], *[await world.pin(board) for _ in range(3)]]
    loaders = Loaders(storage, hidden.viewer(ADMIN))
    for first in (2, 10, 4):
        pages = loaders(PinsByBoardLoader, Page(first, NEWEST), BoardPinFilter())
        assert await pages.load(board.id) is not None
        assert await loaders(PinByIdLoader).load_many(pin.id for pin in pins) == pins
    written: list[Record] = [board, *pins]
    assert sorted(read(logs)) == sorted((kind(each), each.id) for each in written)


def kind(record: Record) -> str:
    """What a record is called."""
    return {BoardRecord: "Board", PinRecord: "Pin", UserRecord: "User"}[type(record)]


async def test_staff_cost_one_look_at_their_account(
    storage: Storage, hidden: Hidden, calls: list[str]
) -> None:
    async def made(role: StaffRole | None) -> list[str]:
        await storage.redis.client.flushdb()
        calls.clear()
        await Loaders(storage, hidden.viewer(role))(PinByIdLoader).load(hidden.pins[SECRET].id)
        return sorted(name for name in calls if not name.startswith("cache."))

    usual = await made(None)
    assert await made(SUPPORT) == await made(ADMIN) == sorted([*usual, "users.get_many"])


async def test_a_request_of_staff_is_in_the_log_and_nothing_of_what_it_read(
    client: Client, hidden: Hidden, logs: list[MutableMapping[str, Any]]
) -> None:
    query = "query ($id: ID!) { pin(id: $id) { title board { name owner { username } } } }"
    secret = to_global_id("Pin", hidden.pins[SECRET].id)
    answers = {
        role: await client.with_tokens(staff=role).data(query, hidden.staff, id=secret)
        for role in (None, SUPPORT, ADMIN)
    }
    nothing = {"pin": None}
    board = {"name": "Secret", "owner": {"username": "ana"}}
    assert answers == {
        None: nothing,
        SUPPORT: nothing,
        ADMIN: {"pin": {"title": "A pin", "board": board}},
    }
    lines = [each for each in logs if each["event"] == "staff_read"]
    assert lines == [
        {
            "event": "staff_read",
            "log_level": "warning",
            "request_id": ANY,
            "operation": None,
            "viewer": hidden.staff.id,
            "role": ADMIN,
            "kind": kind(record),
            "id": record.id,
        }
        for record in (hidden.boards[SECRET], hidden.pins[SECRET])
    ]
