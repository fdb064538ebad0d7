"""The base of every stored record."""

from typing import NewType

import msgspec

Id = NewType("Id", str)
"""A stored id: the 24 hex digits of an ObjectId, which sort by creation time."""


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, rename={"id": "_id"}):
    """An immutable document as storage returns it and as GraphQL reads it.

    Fields have the names of the stored document. `omit_defaults` is off on purpose: a cached
    record is complete and does not change meaning when a default does. `gc` is, too: records hold
    values and never each other, so a collector that looks through thousands of them finds nothing.
    """

    id: Id
