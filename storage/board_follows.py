"""What becomes of those who follow a board when it is deleted, hidden, merged or put back (INV-11).

Following a board makes an implicit edge to its owner. It goes with the last edge to a board of
that owner, or people would follow somebody whom they never chose, for a board that is gone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

import msgspec

from domain.boards import BoardPrivacy, BoardRecord, role_of
from domain.follows import FollowKind, FollowRecord
from domain.record import Id
from storage.boards import board_ids_of
from storage.codec import Document, object_id, object_ids
from storage.transactions import Transaction

_ABOUT_BOARDS = (FollowKind.BOARD, FollowKind.UNFOLLOWED_BOARD)


class Dropped(NamedTuple):
    """Edges that are gone: those to the board itself, and the implicit ones to its owner."""

    edges: list[FollowRecord]
    implicit: list[FollowRecord]


async def drop_follows(
    tx: Transaction,
    board_id: Id,
    owner_id: Id,
    *,
    limit: int,
    kinds: Collection[FollowKind] = _ABOUT_BOARDS,
    keep: Iterable[Id] = (),
) -> Dropped:
    """Deletes edges of some kinds to a board, at most `limit`; not those of the users in `keep`."""
    query = _to(board_id, kinds) | {"follower_id": {"$nin": object_ids(keep)}}
    edges = await tx.find(FollowRecord, query, limit=limit)
    await tx.delete(*edges)
    return Dropped(edges, await _drop_implicit(tx, _followers(edges), owner_id))


async def move_follows(
    tx: Transaction, source_id: Id, target: BoardRecord, *, limit: int
) -> list[FollowRecord]:
    """Makes followers of one board follow another of the same owner; gives the edges looked at.

    Who follows the other board already, unfollowed it, or may not see it, is left as they are.
    """
    edges = await tx.find(FollowRecord, _to(source_id, _ABOUT_BOARDS), limit=limit)
    followers = _followers(edges)
    known = {edge.follower_id for edge in await _edges(tx, followers, _ABOUT_BOARDS, [target.id])}
    moved = [
        edge
        for edge in edges
        if edge.kind is FollowKind.BOARD
        and edge.follower_id not in known
        and _may_follow(target, edge.follower_id)
    ]
    await tx.change_all(
        [(edge, msgspec.structs.replace(edge, target_id=target.id)) for edge in moved]
    )
    await tx.delete(*(edge for edge in edges if edge not in moved))
    await _drop_implicit(tx, followers, target.owner_id)
    return edges


async def restore_follows(
    tx: Transaction, board: BoardRecord, dropped: Sequence[FollowRecord]
) -> None:
    """Stores edges again that were dropped with a board and still fit.

    Not those of a user who may not follow the board any more, or who made them anew meanwhile.
    """
    by_target: defaultdict[tuple[FollowKind, Id], list[FollowRecord]] = defaultdict(list)
    blocked = await _blocked(tx, board.owner_id, {edge.follower_id for edge in dropped})
    for edge in dropped:
        if edge.follower_id not in blocked and _may_follow(board, edge.follower_id):
            by_target[edge.kind, edge.target_id].append(edge)
    for (kind, target_id), edges in by_target.items():
        there = await _edges(tx, [edge.follower_id for edge in edges], [kind], [target_id])
        anew = {edge.follower_id for edge in there}
        await tx.insert(*(edge for edge in edges if edge.follower_id not in anew))


async def transfer_follows(
    tx: Transaction, board: BoardRecord, former_id: Id, after_id: Id | None, *, limit: int
) -> list[FollowRecord]:
    """Gives followers of a board an implicit edge to its new owner; gives the edges looked at.

    They are gone through in the order of their making. Who may not follow the new owner, because of
    a block or because they are the new owner, follows the board no longer.
    """
    query = _to(board.id, [FollowKind.BOARD])
    if after_id is not None:
        query["_id"] = {"$gt": object_id(after_id)}
    edges = await tx.find(FollowRecord, query, sort=[("_id", 1)], limit=limit)
    followers = _followers(edges)
    unfit = await _blocked(tx, board.owner_id, set(followers)) | {board.owner_id}
    await tx.delete(*(edge for edge in edges if edge.follower_id in unfit))
    await _drop_implicit(tx, followers, former_id)
    there = await _edges(tx, followers, [FollowKind.USER], [board.owner_id])
    known = {edge.follower_id for edge in there} | unfit
    await tx.insert(
        *(
            FollowRecord(
                id=tx.new_id(),
                follower_id=follower_id,
                kind=FollowKind.USER,
                target_id=board.owner_id,
                created_at=tx.now,
                is_explicit=False,
            )
            for follower_id in followers
            if follower_id not in known
        )
    )
    return edges


async def _drop_implicit(
    tx: Transaction, follower_ids: Sequence[Id], owner_id: Id
) -> list[FollowRecord]:
    """Deletes implicit edges to a user from those who follow none of the user's boards any more."""
    implicit = [
        edge
        for edge in await _edges(tx, follower_ids, [FollowKind.USER], [owner_id])
        if not edge.is_explicit
    ]
    if not implicit:
        return []
    board_ids = await board_ids_of(tx, owner_id)
    followers = [edge.follower_id for edge in implicit]
    others = await _edges(tx, followers, [FollowKind.BOARD], board_ids)
    remaining = {edge.follower_id for edge in others}
    gone = [edge for edge in implicit if edge.follower_id not in remaining]
    await tx.delete(*gone)
    return gone


async def _edges(
    tx: Transaction,
    follower_ids: Sequence[Id],
    kinds: Collection[FollowKind],
    target_ids: Sequence[Id],
) -> list[FollowRecord]:
    if not (follower_ids and target_ids):
        return []
    query: Document = {
        "follower_id": {"$in": object_ids(follower_ids)},
        "kind": {"$in": [kind.value for kind in kinds]},
        "target_id": {"$in": object_ids(target_ids)},
    }
    return await tx.find(FollowRecord, query)


async def _blocked(tx: Transaction, user_id: Id, other_ids: Collection[Id]) -> set[Id]:
    """The users among `other_ids` with whom a block stands, either way."""
    user, others = object_id(user_id), {"$in": object_ids(other_ids)}
    cursor = tx.collection("blocks").find(
        {
            "$or": [
                {"blocker_id": user, "blocked_id": others},
                {"blocked_id": user, "blocker_id": others},
            ]
        },
        session=tx.session,
    )
    rows = await cursor.to_list(None)
    return {Id(row[end]) for row in rows for end in ("blocker_id", "blocked_id")} - {user_id}


def _to(board_id: Id, kinds: Collection[FollowKind]) -> Document:
    return {"target_id": object_id(board_id), "kind": {"$in": [kind.value for kind in kinds]}}


def _followers(edges: Iterable[FollowRecord]) -> list[Id]:
    return [edge.follower_id for edge in edges if edge.kind is FollowKind.BOARD]


def _may_follow(board: BoardRecord, user_id: Id) -> bool:
    return board.privacy is BoardPrivacy.PUBLIC or role_of(board, user_id) is not None
