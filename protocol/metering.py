"""What an operation is charged, as clients are told: beside its data, or by `rateLimit` in it."""

from datetime import datetime

import msgspec


class Charge(msgspec.Struct, frozen=True):
    """The charge for one operation, and the bucket it was drawn from.

    `cost` is what the operation asks for in points, and at most `maximum` may one ask; `nodes` is
    how many objects it may give. Of the `limit` points of the bucket `remaining` were left and
    `used` were not; `restore_rate` of them come back each second, all of them by `reset_at`.
    """

    cost: int
    nodes: int
    limit: int
    remaining: int
    used: int
    reset_at: datetime
    maximum: int
    restore_rate: int

    def extension(self, *, live: bool = True) -> dict[str, object]:
        """What stands under `extensions.cost`.

        Not `live` for an answer that may be kept and shown to others: then only what is the same
        for all.
        """
        cost: dict[str, object] = {
            "requestedQueryCost": self.cost,
            "maximumAvailable": self.maximum,
        }
        if live:
            cost["throttleStatus"] = {
                "maximumAvailable": self.limit,
                "currentlyAvailable": self.remaining,
                "restoreRate": self.restore_rate,
            }
        return cost


class Meter:
    """The meter of one operation: the protocol writes it, `rateLimit` reads it.

    It shows nothing before the operation was charged, and nothing at all when limits are off.
    """

    __slots__ = ("charge",)

    def __init__(self) -> None:
        self.charge: Charge | None = None
