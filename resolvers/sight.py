"""What the viewer of a mutation sees, as it is inside the transaction.

Loaders may answer from a cache, and what a write depends on must be as it is now. So records are
read in the transaction, and shown by the policies that loaders apply (INV-6, INV-7). The owners of
boards and pins come from the loaders.
"""

from collections.abc import Iterable

from domain.boards import BoardRecord, SectionRecord
from domain.pins import CommentRecord, PinRecord
from domain.policies import may_view_user
from domain.record import Id
from domain.users import UserRecord
from loaders.base import Loaders
from loaders.boards import BoardByIdLoader, visible_boards
from loaders.comments import visible_comments
from loaders.pins import PinByIdLoader, visible_pins
from storage.transactions import Transaction


class Sight:
    """Reads what the viewer may see. What they may not see is not there: None, or left out."""

    def __init__(self, loaders: Loaders, me: Id, tx: Transaction) -> None:
        self._loaders = loaders
        self._me = me
        self._tx = tx
        self._boards: dict[Id, BoardRecord] = {}
        self._pins: dict[Id, PinRecord] = {}

    async def board(self, id: Id) -> BoardRecord | None:
        """A board."""
        return (await self.boards([id])).get(id)

    async def boards(self, ids: Iterable[Id]) -> dict[Id, BoardRecord]:
        """Boards by id."""
        wanted = list(dict.fromkeys(ids))
        found = await self._tx.get_many(BoardRecord, wanted)
        visible = await visible_boards(self._loaders, found.values())
        by_id = self._loaders(BoardByIdLoader)
        for id in wanted:
            by_id.refresh(id, visible.get(id))
        self._boards |= visible
        return visible

    def home(self, on_board: PinRecord | SectionRecord) -> BoardRecord:
        """The board of a pin or section that was seen: without it the other had not been."""
        return self._boards[on_board.board_id]

    async def pin(self, id: Id) -> PinRecord | None:
        """A pin."""
        return (await self.pins([id])).get(id)

    async def pins(self, ids: Iterable[Id]) -> dict[Id, PinRecord]:
        """Pins by id, as their boards are seen."""
        wanted = list(dict.fromkeys(ids))
        found = await self._tx.get_many(PinRecord, wanted)
        await self.boards(pin.board_id for pin in found.values())
        visible = await visible_pins(self._loaders, found.values())
        by_id = self._loaders(PinByIdLoader)
        for id in wanted:
            by_id.refresh(id, visible.get(id))
        self._pins |= visible
        return visible

    def subject(self, comment: CommentRecord) -> PinRecord:
        """The pin of a comment that was seen."""
        return self._pins[comment.pin_id]

    async def section(self, id: Id, *, of: Id | None = None) -> SectionRecord | None:
        """A section of a visible board; with `of`, only if it belongs to that one (INV-1)."""
        section = await self._tx.get(SectionRecord, id)
        if section is None or of not in (None, section.board_id):
            return None
        return section if await self.board(section.board_id) else None

    async def comment(self, id: Id, *, on: Id | None = None) -> CommentRecord | None:
        """A comment on a visible pin; with `on`, only if it is on that one."""
        comment = await self._tx.get(CommentRecord, id)
        if comment is None or on not in (None, comment.pin_id):
            return None
        if await self.pin(comment.pin_id) is None:
            return None
        return (await visible_comments(self._loaders, [comment])).get(id)

    async def user(self, id: Id) -> UserRecord | None:
        """A user."""
        return (await self.users([id])).get(id)

    async def users(self, ids: Iterable[Id]) -> dict[Id, UserRecord]:
        """Users by id, by the blocks that stand now."""
        found = await self._tx.get_many(UserRecord, ids)
        viewer = self._loaders.viewer
        blocks = self._loaders.storage.blocks
        blocked = await blocks.standing(self._tx, self._me, list(found))
        return {u.id: u for u in found.values() if may_view_user(viewer, u, blocked)}
