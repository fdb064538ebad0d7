"""The follow graph, both ways."""

from collections.abc import Sequence

from pymongo import IndexModel

from domain.follows import FollowKind, FollowRecord, sees
from domain.record import Id
from storage.boards import board_ids_of
from storage.codec import Document, object_id, object_ids, records
from storage.mongo import Mongo
from storage.paging import Order, Page, Slice, counts_by_parent, cut, pages_by_parent
from storage.transactions import Transaction

NEWEST = Order("follows_newest")


class FollowStore:
    """Edges of the follow graph. `_id` is their order in time."""

    COLLECTION = "follows"
    INDEXES = (
        IndexModel([("follower_id", 1), ("kind", 1), ("target_id", 1)], unique=True),
        # The last key is for a filter: implicit edges need not be fetched to be left out.
        IndexModel([("follower_id", 1), ("kind", 1), ("_id", 1), ("is_explicit", 1)]),
        IndexModel([("target_id", 1), ("kind", 1), ("_id", 1)]),
    )

    def __init__(self, mongo: Mongo) -> None:
        self._mongo = mongo

    async def targets(self, follower_id: Id, kind: FollowKind, target_ids: Sequence[Id]) -> set[Id]:
        """Which of some targets a user follows explicitly."""
        found = await self._mongo.find(
            f"follows.targets_{kind.lower()}",
            self.COLLECTION,
            {
                "follower_id": object_id(follower_id),
                "kind": kind.value,
                "target_id": {"$in": object_ids(target_ids)},
                "is_explicit": True,
            },
            projection={"target_id": 1},
            keys=len(target_ids),
        )
        return {document["target_id"] for document in found}

    async def boards_seen(
        self, follower_id: Id, boards: Sequence[tuple[Id, Id]]
    ) -> dict[tuple[Id, Id], bool]:
        """Of which boards, each with its owner, a user's feed takes pins: `sees` of INV-11."""
        targets = {target for board in boards for target in board}
        found = await self._mongo.find(
            "follows.boards_seen",
            self.COLLECTION,
            {
                "follower_id": object_id(follower_id),
                "kind": {"$in": [FollowKind.BOARD, FollowKind.UNFOLLOWED_BOARD, FollowKind.USER]},
                "target_id": {"$in": object_ids(targets)},
                "is_explicit": True,
            },
            projection={"kind": 1, "target_id": 1},
            keys=len(boards),
        )
        edges = {(edge["kind"], edge["target_id"]) for edge in found}
        return {
            (board, owner): sees(
                follows_board=(FollowKind.BOARD, board) in edges,
                follows_owner=(FollowKind.USER, owner) in edges,
                unfollowed_board=(FollowKind.UNFOLLOWED_BOARD, board) in edges,
            )
            for board, owner in boards
        }

    async def count_from(self, tx: Transaction, follower_id: Id, *, limit: int) -> int:
        """How many edges leave a user, counted up to `limit`."""
        count: int = await tx.collection(self.COLLECTION).count_documents(
            {"follower_id": object_id(follower_id)}, limit=limit, session=tx.session
        )
        return count

    async def edge(
        self, tx: Transaction, follower_id: Id, kind: FollowKind, target_id: Id
    ) -> FollowRecord | None:
        """The edge of one kind from a user to a target."""
        edges = await self.edges(tx, follower_id, kind, [target_id])
        return edges[0] if edges else None

    async def edges(
        self, tx: Transaction, follower_id: Id, kind: FollowKind, target_ids: Sequence[Id]
    ) -> list[FollowRecord]:
        """The edges of one kind from a user to some targets."""
        query: Document = {
            "follower_id": object_id(follower_id),
            "kind": kind.value,
            "target_id": {"$in": object_ids(target_ids)},
        }
        return await tx.find(FollowRecord, query)

    async def edges_to_boards_of(
        self, tx: Transaction, follower_id: Id, kind: FollowKind, owner_id: Id
    ) -> list[FollowRecord]:
        """The edges of one kind from a user to the boards of another."""
        ids = await board_ids_of(tx, owner_id)
        return await self.edges(tx, follower_id, kind, ids) if ids else []

    async def followers_of(self, target_id: Id, follower_ids: Sequence[Id]) -> set[Id]:
        """Which of some users follow one user explicitly."""
        found = await self._mongo.find(
            "follows.followers_of",
            self.COLLECTION,
            {
                "follower_id": {"$in": object_ids(follower_ids)},
                "kind": FollowKind.USER.value,
                "target_id": object_id(target_id),
                "is_explicit": True,
            },
            projection={"follower_id": 1},
            keys=len(follower_ids),
        )
        return {document["follower_id"] for document in found}

    async def pages_of_followers(
        self, target_ids: Sequence[Id], kind: FollowKind, page: Page
    ) -> dict[Id, Slice[FollowRecord]]:
        """A page of the edges that point to each target."""
        return await self._pages(
            "pages_of_followers", "target_id", target_ids, {"kind": kind}, page
        )

    async def pages_of_following(
        self, follower_ids: Sequence[Id], kind: FollowKind, explicit_only: bool, page: Page
    ) -> dict[Id, Slice[FollowRecord]]:
        """A page of the edges that leave each follower."""
        match = _of_kind(kind, explicit_only)
        return await self._pages("pages_of_following", "follower_id", follower_ids, match, page)

    async def counts_of_following(
        self, follower_ids: Sequence[Id], kind: FollowKind, explicit_only: bool
    ) -> dict[Id, int]:
        """How many edges leave each follower."""
        match = _of_kind(kind, explicit_only)
        return await self._counts("counts_of_following", "follower_id", follower_ids, match)

    async def _pages(
        self, name: str, field: str, ids: Sequence[Id], match: Document, page: Page
    ) -> dict[Id, Slice[FollowRecord]]:
        found = await pages_by_parent(
            self._mongo,
            f"follows.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            page=page,
            match=match,
        )
        return {parent: cut(page, records(rows, FollowRecord)) for parent, rows in found.items()}

    async def _counts(
        self, name: str, field: str, ids: Sequence[Id], match: Document
    ) -> dict[Id, int]:
        return await counts_by_parent(
            self._mongo,
            f"follows.{name}",
            collection=self.COLLECTION,
            parent_field=field,
            parent_ids=ids,
            match=match,
        )


def _of_kind(kind: FollowKind, explicit_only: bool) -> Document:
    match: Document = {"kind": kind.value}
    return match | {"is_explicit": True} if explicit_only else match
