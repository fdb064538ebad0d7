"""What the hand-written server reads, and what its viewer may see of it."""

from collections.abc import Iterable
from typing import Generic, Protocol, TypeVar

from domain.boards import BoardPrivacy, BoardRecord
from domain.pins import PinRecord
from domain.policies import may_view_board, may_view_pin
from domain.record import Id, Record
from domain.users import UserRecord, UserStatus
from domain.viewer import Viewer
from storage.codec import object_ids, records
from storage.mongo import Mongo
from storage.storage import Storage

R = TypeVar("R", bound=Record)


class Records(Protocol[R]):
    """Where records of one kind are read by id."""

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, R]:
        """Those that exist."""


class MongoRecords(Generic[R]):
    """Records that are read from MongoDB each time."""

    def __init__(self, mongo: Mongo, collection: str, record_type: type[R]) -> None:
        self._mongo = mongo
        self._collection = collection
        self._record_type = record_type

    async def get_many(self, ids: Iterable[Id]) -> dict[Id, R]:
        """Those that exist."""
        wanted = object_ids(ids)
        if not wanted:
            return {}
        found = await self._mongo.find(
            self._collection, self._collection, {"_id": {"$in": wanted}}, keys=len(wanted)
        )
        return {each.id: each for each in records(found, self._record_type)}


class Stores:
    """Where everything is read."""

    def __init__(self, storage: Storage, *, cached: bool) -> None:
        mongo = storage.mongo
        self.storage = storage
        self.users: Records[UserRecord] = (
            storage.users if cached else MongoRecords(mongo, "users", UserRecord)
        )
        self.boards: Records[BoardRecord] = (
            storage.boards if cached else MongoRecords(mongo, "boards", BoardRecord)
        )
        self.pins: Records[PinRecord] = (
            storage.pins if cached else MongoRecords(mongo, "pins", PinRecord)
        )


class Sight:
    """What one viewer may see, as it becomes known in one request."""

    def __init__(self, stores: Stores, viewer: Viewer, viewer_id: Id, image_proxy_url: str) -> None:
        self.stores = stores
        self.viewer = viewer
        self.viewer_id = viewer_id
        self.image_proxy_url = image_proxy_url
        self._blocked: frozenset[Id] | None = None
        self._users: dict[Id, UserRecord | None] = {}
        self._boards: dict[Id, BoardRecord | None] = {}

    async def users(self, ids: Iterable[Id]) -> None:
        """Makes users known."""
        missing = {each for each in ids if each not in self._users}
        if not missing:
            return
        if self._blocked is None:
            blocks = await self.stores.storage.blocks.of_user(self.viewer_id)
            self._blocked = frozenset(blocks.others or ())
        found = await self.stores.users.get_many(missing)
        for user_id in missing:
            user = found.get(user_id)
            is_seen = user is not None and (
                user_id == self.viewer_id
                or (user.status is UserStatus.ACTIVE and user_id not in self._blocked)
            )
            self._users[user_id] = user if is_seen else None

    async def boards(self, ids: Iterable[Id], and_users: Iterable[Id] = ()) -> None:
        """Makes boards and their owners known, and other users with them."""
        missing = {each for each in ids if each not in self._boards}
        found = await self.stores.boards.get_many(missing) if missing else {}
        await self.users({*and_users, *(board.owner_id for board in found.values())})
        for board_id in missing:
            self._boards[board_id] = None
        self.note_boards(found.values())

    def note_boards(self, boards: Iterable[BoardRecord]) -> None:
        """Makes boards known whose owners are."""
        for board in boards:
            is_seen = board.privacy is BoardPrivacy.PUBLIC or may_view_board(
                self.viewer, board, self.user(board.owner_id)
            )
            self._boards[board.id] = board if is_seen and self.user(board.owner_id) else None

    async def pins(self, ids: Iterable[Id]) -> dict[Id, PinRecord]:
        """The pins that are seen; their boards, owners and creators are known then."""
        found = await self.stores.pins.get_many(ids)
        await self.boards(
            {pin.board_id for pin in found.values()},
            {user for pin in found.values() for user in (pin.owner_id, pin.creator_id)},
        )
        return {pin.id: pin for pin in found.values() if self.sees(pin)}

    def sees(self, pin: PinRecord) -> bool:
        """Whether a pin is seen, of a board and an owner that are known."""
        return may_view_pin(self.viewer, pin, self.board(pin.board_id), self.user(pin.owner_id))

    def user(self, user_id: Id) -> UserRecord | None:
        """A user who is known, and seen."""
        return self._users[user_id]

    def board(self, board_id: Id) -> BoardRecord | None:
        """A board that is known, and seen."""
        return self._boards[board_id]
