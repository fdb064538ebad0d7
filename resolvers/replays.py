"""The same key gives the same answer: requests that are repeated are done once (DOMAIN b.3).

What is kept is the mutation's payload, committed with what the mutation wrote. A repetition gets
its records as they were; what they lead to is loaded as for any other request, and a record that
the viewer may not see any more is null.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import fields, is_dataclass
from functools import cache
from hashlib import sha256
from time import monotonic
from typing import Any, Final, TypeVar

import msgspec
import orjson
import strawberry

from domain.errors import IdempotencyInProgress, IdempotencyKeyReused
from domain.record import Record
from loaders.base import Loaders
from resolvers.nodes import LOADERS, TYPE_NAMES
from storage.idempotency import KeyClaimed
from storage.storage import Storage
from storage.transactions import Transaction

P = TypeVar("P", bound=msgspec.Struct)

PATIENCE_S: Final = 2.0
"""How long a request waits for another one with the same key."""

_PAUSE_S: Final = 0.05

_encode = msgspec.msgpack.Encoder().encode


class Replays:
    """Finds and keeps answers by key."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def identify(
        self, viewer_id: str, field: str, key: str | None, input: object
    ) -> tuple[bytes | None, bytes]:
        """The digests of a key, which is the viewer's and the mutation's own, and of an input."""
        request = sha256(orjson.dumps(_given(input), option=orjson.OPT_SORT_KEYS)).digest()
        if key is None:
            return None, request
        return sha256(f"{viewer_id}\n{field}\n{key}".encode()).digest(), request

    async def find(
        self, key: bytes, request: bytes, payload_type: type[P], loaders: Loaders
    ) -> P | None:
        """What was answered to a key, as far as the viewer may see it now; None for a new key.

        What was written for it leaves the cache once more: who answered first may have been killed
        before it could see to that.

        Raises `IdempotencyKeyReused` when the key was sent with another input.
        """
        kept = await self._storage.idempotency.find(key)
        if kept is None:
            return None
        if kept.request != request:
            raise IdempotencyKeyReused(
                "This idempotency key was sent with another input: every request needs its own."
            )
        await self._storage.forget(kept.touched)
        payload: P = _decoder(payload_type).decode(kept.answer)
        return await _visible(payload, loaders)

    async def once(
        self,
        name: str,
        key: bytes,
        request: bytes,
        work: Callable[[Transaction], Awaitable[P]],
        turns: Iterable[str],
    ) -> P:
        """What `work` returns, kept under the key in the same transaction.

        Raises `KeptMeanwhile` when another request with the key was quicker, and
        `IdempotencyInProgress` when one takes too long.
        """
        idempotency = self._storage.idempotency

        async def keyed(tx: Transaction) -> P:
            await idempotency.claim(tx, key, request)
            payload = await work(tx)
            await tx.settle()
            await idempotency.keep(tx, key, _encode(payload))
            return payload

        deadline = monotonic() + PATIENCE_S
        while True:
            try:
                return await self._storage.transactions.run(name, keyed, turns=turns)
            except KeyClaimed:
                if await idempotency.find(key) is not None:
                    raise KeptMeanwhile from None
                if monotonic() > deadline:
                    raise IdempotencyInProgress(
                        "A request with this idempotency key is being done: ask again in a moment."
                    ) from None
                await asyncio.sleep(_PAUSE_S)


class KeptMeanwhile(Exception):
    """Another request with the same key was answered while this one began."""


def prime(loaders: Loaders, payload: msgspec.Struct) -> None:
    """Gives loaders the records of a payload, which are newer than any cache."""
    for record in _records(payload):
        loaders(LOADERS[TYPE_NAMES[type(record)]]).refresh(record.id, record)


def _given(value: object) -> object:
    """What a client gave of an input: the same input always looks the same."""
    if isinstance(value, list):
        return [_given(each) for each in value]
    if not is_dataclass(value):
        return value
    given = ((each.name, getattr(value, each.name)) for each in fields(value))
    return {
        name: _given(each)
        for name, each in given
        if each is not strawberry.UNSET and name != "client_mutation_id"
    }


@cache
def _decoder(payload_type: type[P]) -> "msgspec.msgpack.Decoder[P]":
    return msgspec.msgpack.Decoder(payload_type)


def _records(value: object) -> Iterable[Record]:
    """The records with a global id within a payload, at any depth but inside each other."""
    if isinstance(value, Record):
        if type(value) in TYPE_NAMES:
            yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from _records(getattr(value, name))
    elif isinstance(value, tuple):
        for each in value:
            yield from _records(each)


async def _visible(payload: P, loaders: Loaders) -> P:
    """A payload without the records that the viewer may not see."""
    records = list(_records(payload))
    seen = await asyncio.gather(
        *(loaders(LOADERS[TYPE_NAMES[type(record)]]).load(record.id) for record in records)
    )
    hidden = {_name(record) for record, found in zip(records, seen, strict=True) if found is None}
    shown: P = _without(payload, hidden)
    return shown


def _without(value: Any, hidden: set[tuple[type, str]]) -> Any:
    if isinstance(value, Record):
        return None if _name(value) in hidden else value
    if isinstance(value, tuple):
        left = (_without(each, hidden) for each in value)
        return tuple(each for each in left if each is not None)
    if not isinstance(value, msgspec.Struct):
        return value
    shown = {name: _without(getattr(value, name), hidden) for name in value.__struct_fields__}
    return msgspec.structs.replace(value, **shown)


def _name(record: Record) -> tuple[type, str]:
    return type(record), record.id
