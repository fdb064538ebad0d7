"""Hidden pins. What feeds read of them is in `storage.tastes`."""

from typing import Final

from pymongo import IndexModel

from domain.hides import HideReason, HideRecord
from domain.pins import PinRecord
from domain.record import Id
from storage.codec import object_id
from storage.transactions import Transaction

MAX_OF_TREE: Final = 500
"""Pins of one save tree that are unhidden at once."""


class HideStore:
    """Who hid which pin. The counter of a pin's hides follows by itself."""

    COLLECTION = "hides"
    INDEXES = (
        IndexModel([("user_id", 1), ("pin_id", 1)], unique=True),
        IndexModel([("user_id", 1), ("_id", 1), ("root_id", 1)]),
        IndexModel([("user_id", 1), ("root_id", 1)]),
        IndexModel([("pin_id", 1)]),
    )

    async def of_pin(self, tx: Transaction, user_id: Id, pin_id: Id) -> HideRecord | None:
        """That a user hid a pin; None if they did not."""
        query = {"user_id": object_id(user_id), "pin_id": object_id(pin_id)}
        found = await tx.find(HideRecord, query, limit=1)
        return found[0] if found else None

    async def of_tree(self, tx: Transaction, user_id: Id, root_id: Id) -> list[HideRecord]:
        """The pins of a save tree that a user hid, at most `MAX_OF_TREE`."""
        query = {"user_id": object_id(user_id), "root_id": object_id(root_id)}
        return await tx.find(HideRecord, query, limit=MAX_OF_TREE)

    async def hide(
        self, tx: Transaction, user_id: Id, pin: PinRecord, reason: HideReason | None
    ) -> None:
        """Hides a pin from a user, or, where it is hidden, takes the new reason if there is one."""
        hidden = await self.of_pin(tx, user_id, pin.id)
        if hidden is None:
            await tx.insert(
                HideRecord(
                    id=tx.new_id(),
                    user_id=user_id,
                    pin_id=pin.id,
                    root_id=pin.root_id,
                    created_at=tx.now,
                    reason=reason,
                )
            )
        elif reason is not None:
            await tx.change(hidden, reason=reason)
