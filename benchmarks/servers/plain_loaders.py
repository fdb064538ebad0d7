"""What the plain Strawberry server reads: a `DataLoader` for each kind of thing, over PyMongo.

Documents are passed on as they come from the driver. What the viewer may not see is None, or left
out of its list.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any, Final, TypeAlias

import msgspec
from bson import ObjectId
from pymongo.asynchronous.database import AsyncDatabase
from strawberry.dataloader import DataLoader

Document = dict[str, Any]
"""A document as the driver gives it."""

RedisClient: TypeAlias = Any
"""`redis.asyncio.Redis`, whose answers its stubs do not know to be bytes."""

SLACK: Final = 10
"""Feed items read beyond a page, so that hidden ones can be replaced without reading again."""


class Loaders:
    """The loaders of one request, for one viewer."""

    def __init__(
        self, database: AsyncDatabase[Document], redis: RedisClient, viewer_id: str
    ) -> None:
        self._database = database
        self._redis = redis
        self._viewer = ObjectId(viewer_id)
        self._blocks: DataLoader[ObjectId, set[ObjectId]] = DataLoader(self._load_blocks)
        self.users: DataLoader[ObjectId, Document | None] = DataLoader(self._load_users)
        self.users_by_name: DataLoader[str, Document | None] = DataLoader(self._load_named)
        self.boards: DataLoader[ObjectId, Document | None] = DataLoader(self._load_boards)
        self.pins: DataLoader[ObjectId, Document | None] = DataLoader(self._load_pins)
        self.boards_by_owner: DataLoader[tuple[ObjectId, int], list[Document]] = DataLoader(
            self._load_boards_by_owner
        )
        self.pins_by_board: DataLoader[tuple[ObjectId, int], list[Document]] = DataLoader(
            self._load_pins_by_board
        )
        self.comments_by_pin: DataLoader[tuple[ObjectId, int], list[Document]] = DataLoader(
            self._load_comments_by_pin
        )
        self.related_by_root: DataLoader[tuple[ObjectId, int], list[Document]] = DataLoader(
            self._load_related_by_root
        )

    async def home_feed(self, first: int) -> tuple[list[tuple[int, Document]], bool]:
        """The first visible pins of the viewer's session with their places; if there are more."""
        session_id = await self._redis.get(f"feed:v1:current:{self._viewer}")
        if session_id is None:
            return [], False
        session = await self._redis.get(f"feed:v1:{{{session_id.decode()}}}")
        items = msgspec.msgpack.decode(session)["items"] if session else []
        hides = self._database.hides.find({"user_id": self._viewer}, {"root_id": 1})
        hidden = {str(hide["root_id"]) for hide in await hides.to_list()}
        shown: list[tuple[int, Document]] = []
        start, size = 0, first + SLACK
        while start < len(items) and len(shown) <= first:
            chunk = list(enumerate(items[start : start + size], start))
            wanted = [(index, item[0]) for index, item in chunk if item[1] not in hidden]
            pins = await self.pins.load_many([ObjectId(pin_id) for _, pin_id in wanted])
            pairs = zip(wanted, pins, strict=True)
            shown += [(index, pin) for (index, _), pin in pairs if pin is not None]
            start, size = start + size, 2 * size
        return shown[:first], len(shown) > first

    async def _load_blocks(self, viewers: list[ObjectId]) -> list[set[ObjectId]]:
        return [await self._blocks_of(viewer) for viewer in viewers]

    async def _blocks_of(self, viewer: ObjectId) -> set[ObjectId]:
        either = {"$or": [{"blocker_id": viewer}, {"blocked_id": viewer}]}
        found = await self._database.blocks.find(either).to_list()
        return {id for block in found for id in (block["blocker_id"], block["blocked_id"])}

    async def _load_users(self, ids: list[ObjectId]) -> list[Document | None]:
        blocked, users = await asyncio.gather(
            self._blocks.load(self._viewer), self._find("users", ids)
        )
        return [self._seen_user(users.get(id), blocked) for id in ids]

    async def _load_named(self, usernames: list[str]) -> list[Document | None]:
        found = await self._database.users.find({"username": {"$in": usernames}}).to_list()
        blocked = await self._blocks.load(self._viewer)
        users = {user["username"]: self._seen_user(user, blocked) for user in found}
        return [users.get(username) for username in usernames]

    def _seen_user(self, user: Document | None, blocked: set[ObjectId]) -> Document | None:
        if user is None or user["_id"] == self._viewer:
            return user
        return user if user["status"] == "ACTIVE" and user["_id"] not in blocked else None

    async def _load_boards(self, ids: list[ObjectId]) -> list[Document | None]:
        boards = await self._find("boards", ids)
        seen = {board["_id"]: board for board in await self._seen_boards(boards.values())}
        return [seen.get(id) for id in ids]

    async def _seen_boards(self, boards: Iterable[Document]) -> list[Document]:
        boards = list(boards)
        owners = await self.users.load_many([board["owner_id"] for board in boards])
        return [
            board
            for board, owner in zip(boards, owners, strict=True)
            if owner is not None and (board["privacy"] == "PUBLIC" or self._is_member(board))
        ]

    def _is_member(self, board: Document) -> bool:
        return board["owner_id"] == self._viewer or any(
            each["user_id"] == self._viewer and each["status"] == "ACCEPTED"
            for each in board["collaborators"]
        )

    async def _load_pins(self, ids: list[ObjectId]) -> list[Document | None]:
        pins = await self._find("pins", ids)
        seen = {pin["_id"]: pin for pin in await self._seen_pins(pins.values())}
        return [seen.get(id) for id in ids]

    async def _seen_pins(self, pins: Iterable[Document]) -> list[Document]:
        pins = list(pins)
        boards, owners = await asyncio.gather(
            self.boards.load_many([pin["board_id"] for pin in pins]),
            self.users.load_many([pin["owner_id"] for pin in pins]),
        )
        return [
            pin
            for pin, board, owner in zip(pins, boards, owners, strict=True)
            if board is not None and owner is not None
        ]

    async def _load_boards_by_owner(self, keys: list[tuple[ObjectId, int]]) -> list[list[Document]]:
        pages = []
        for owner_id, first in keys:
            query: Document = {"owner_id": owner_id, "archived_at": None}
            if owner_id != self._viewer:
                query["privacy"] = "PUBLIC"
            newest = [("pins_modified_at", -1), ("_id", -1)]
            found = await self._database.boards.find(query).sort(newest).limit(first).to_list()
            pages.append(await self._seen_boards(found))
        return pages

    async def _load_pins_by_board(self, keys: list[tuple[ObjectId, int]]) -> list[list[Document]]:
        pages = await self._pages("pins", "board_id", keys, {}, {"position": 1, "_id": 1})
        seen = await self._seen_pins(pin for page in pages for pin in page)
        return _only(seen, pages)

    async def _load_comments_by_pin(self, keys: list[tuple[ObjectId, int]]) -> list[list[Document]]:
        pages = await self._pages("comments", "pin_id", keys, {"parent_id": None}, {"_id": -1})
        comments = [comment for page in pages for comment in page]
        authors = await self.users.load_many([comment["author_id"] for comment in comments])
        pairs = zip(comments, authors, strict=True)
        return _only([comment for comment, author in pairs if author is not None], pages)

    async def _load_related_by_root(self, keys: list[tuple[ObjectId, int]]) -> list[list[Document]]:
        """The recommender has left its lists in Redis, which all servers read."""
        kept = await self._redis.mget([f"related:v1:{root}" for root, _ in keys])
        pages = []
        for value, (_, first) in zip(kept, keys, strict=True):
            ranked: list[tuple[str, float]] = msgspec.msgpack.decode(value) if value else []
            ranked.sort(key=lambda each: (each[1], each[0]), reverse=True)
            pages.append([ObjectId(id) for id, _ in ranked[:first]])
        ids = list(dict.fromkeys(id for page in pages for id in page))
        pins = dict(zip(ids, await self.pins.load_many(ids), strict=True))
        return [[pin for id in page if (pin := pins[id]) is not None] for page in pages]

    async def _find(self, collection: str, ids: list[ObjectId]) -> dict[ObjectId, Document]:
        found = await self._database[collection].find({"_id": {"$in": ids}}).to_list()
        return {document["_id"]: document for document in found}

    async def _pages(
        self,
        collection: str,
        field: str,
        keys: Sequence[tuple[ObjectId, int]],
        match: Document,
        order: Document,
    ) -> list[list[Document]]:
        """The first rows of each parent, all in one aggregation."""
        most = max(first for _, first in keys)
        stages: list[Document] = [
            {"$documents": [{"_id": parent} for parent, _ in keys]},
            {
                "$lookup": {
                    "from": collection,
                    "localField": "_id",
                    "foreignField": field,
                    "pipeline": [{"$match": match}, {"$sort": order}, {"$limit": most}],
                    "as": "rows",
                }
            },
        ]
        cursor = await self._database.aggregate(stages)
        rows = {parent["_id"]: parent["rows"] for parent in await cursor.to_list()}
        return [rows[parent][:first] for parent, first in keys]


def _only(seen: Iterable[Document], pages: Iterable[list[Document]]) -> list[list[Document]]:
    ids = {each["_id"] for each in seen}
    return [[each for each in page if each["_id"] in ids] for page in pages]
