"""A circuit breaker: a dependency that keeps failing is left alone for a while (RELIABILITY)."""

from math import inf
from time import monotonic


class Breaker:
    """Opens after `failures` failures in a row, and lets one probe through every `retry_s` seconds.

    While it is open, callers fail at once instead of each waiting for its own deadline.
    """

    def __init__(self, failures: int = 5, retry_s: float = 2.0) -> None:
        self._limit = failures
        self._retry_s = retry_s
        self._failed = 0
        self._next_probe = 0.0
        self._recovered_at = -inf

    @property
    def is_open(self) -> bool:
        """Whether calls are being refused."""
        return self._failed >= self._limit

    def allows(self) -> bool:
        """Whether a call may go out now; when open, true for one probe a period."""
        if not self.is_open:
            return True
        now = monotonic()
        if now < self._next_probe:
            return False
        self._next_probe = now + self._retry_s
        return True

    def recovered_within(self, seconds: float) -> bool:
        """Whether it was open and closed again so lately."""
        return monotonic() - self._recovered_at < seconds

    def succeeded(self) -> None:
        """A call came back: the breaker closes."""
        if self.is_open:
            self._recovered_at = monotonic()
        self._failed = 0

    def failed(self) -> None:
        """A call failed; enough of these in a row open the breaker."""
        self._failed += 1
        if self._failed == self._limit:
            self._next_probe = monotonic() + self._retry_s
