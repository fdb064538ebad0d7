"""What a database holds, read with the plain driver."""

import asyncio
from hashlib import sha256
from typing import Any

import bson
from pymongo import MongoClient


class Contents:
    """One database, as it is stored: ids are ObjectIds, times have no zone."""

    def __init__(self, client: MongoClient[dict[str, Any]], name: str) -> None:
        self.database = client[name]

    def all(self, collection: str) -> list[dict[str, Any]]:
        """All documents of a collection, by `_id`."""
        return list(self.database[collection].find().sort("_id"))

    def one(self, collection: str, **fields: Any) -> dict[str, Any]:
        """The one document with these values."""
        [found] = self.database[collection].find(fields)
        return found

    def count(self, collection: str) -> int:
        """How many documents a collection has."""
        return self.database[collection].count_documents({})

    async def digest(self) -> str:
        """A hash of every byte of every document: of the whole database.

        In a thread: a blocked event loop looks to the driver like a server that is gone.
        """
        return await asyncio.to_thread(self._digest)

    def _digest(self) -> str:
        whole = sha256()
        for name in sorted(self.database.list_collection_names()):
            whole.update(name.encode())
            for document in self.database[name].find().sort("_id"):
                whole.update(bson.encode(document))
        return whole.hexdigest()
