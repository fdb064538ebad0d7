"""One way to call a store method, as the tests of indexes and of drivers go through all of them."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from storage.storage import Storage
from storage.transactions import Transaction
from tests.storage.crowd import Crowd


class Read(NamedTuple):
    """One way to call a store method.

    `ahead` is how many keys each scan may read beyond its rows. `walks` and `sorts` say why a read
    may look at more rows than it returns, or sort them. What `finds` nothing asks for what is not
    there: a plan has to be as good then.
    """

    method: str
    variant: str
    call: Callable[[Storage, Crowd], Awaitable[object]]
    ahead: int = 4
    walks: str = ""
    sorts: str = ""
    finds: bool = True

    def __str__(self) -> str:
        return f"{self.method}-{self.variant}" if self.variant else self.method


def within(
    method: str,
    call: Callable[[Storage, Crowd, Transaction], Awaitable[object]],
    *,
    finds: bool = True,
) -> Read:
    """A read that a mutation does, within its transaction."""

    async def read(storage: Storage, crowd: Crowd) -> object:
        return await storage.transactions.run("test", lambda tx: call(storage, crowd, tx))

    return Read(method, "", read, finds=finds)
