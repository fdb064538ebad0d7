"""What an operation is charged before it runs: points from its caller's bucket (DOMAIN b.5)."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final, Protocol

from domain.errors import ErrorCode
from domain.rate_limits import BucketPolicy
from protocol.callers import Caller
from protocol.cost import Price
from protocol.errors import RequestError
from protocol.metering import Charge
from protocol.status import Condition
from storage.rate_limits import RateLimitStore

_TRUSTED_SHARE: Final = 10
"""Trusted operations are charged a tenth: their authors are known, and have seen the price."""


_PREPARATION: Final = Price(cost=10, nodes=0)
"""Of a document that the process has not at hand: to parse and validate it, or to look for it. Who
sends an app's operations pays it now and then; who makes up documents or ids pays it each time."""


class RateLimitStores(Protocol):
    """Where buckets are kept; `storage.Storage` is one."""

    @property
    def rate_limits(self) -> RateLimitStore:
        """The buckets."""


class Throttle:
    """Charges each caller's account; `stores` is asked for at each draw, as it opens later."""

    def __init__(self, stores: Callable[[], RateLimitStores], policy: BucketPolicy) -> None:
        self._stores = stores
        self._policy = policy

    async def charge_preparation(self, caller: Caller, *, maximum: int) -> None:
        """Takes the price of preparing a document; raises as `charge` does."""
        await self.charge(caller, _PREPARATION, maximum=maximum, is_trusted=False)

    async def charge(
        self, caller: Caller, price: Price, *, maximum: int, is_trusted: bool, is_free: bool = False
    ) -> Charge:
        """What was charged; `maximum` is the most that one operation may cost.

        `is_free` looks and takes nothing. Raises `RequestError` with 429 when the account does not
        have as much.
        """
        points = ceil(price.cost / _TRUSTED_SHARE) if is_trusted else price.cost
        draw = await self._stores().rate_limits.draw(
            caller.account, 0 if is_free else max(points, 1), self._policy
        )
        charge = Charge(
            cost=price.cost,
            nodes=price.nodes,
            limit=self._policy.capacity,
            remaining=draw.remaining,
            used=self._policy.capacity - draw.remaining,
            reset_at=datetime.now(UTC) + timedelta(milliseconds=draw.reset_ms),
            maximum=maximum,
            restore_rate=self._policy.refill_per_s,
        )
        if not draw.granted:
            raise RequestError(
                Condition.RATE_LIMITED,
                f"The operation is charged {points} points, and {draw.remaining} are left; "
                f"{self._policy.refill_per_s} come back each second.",
                ErrorCode.RATE_LIMITED,
                {"Retry-After": str(max(1, ceil(draw.retry_after_ms / 1000)))},
                {"cost": charge.extension()},
            )
        return charge
