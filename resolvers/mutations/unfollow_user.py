"""`unfollowUser`: follows a user no longer (INV-11)."""

from typing import Protocol

from domain.follows import FollowKind
from domain.notifications import of_follow
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import forget
from storage.transactions import Transaction


class UnfollowUserInput(MutationInput, Protocol):
    """Whom to follow no longer."""

    user_id: str


class UnfollowUserPayload(Payload, frozen=True, kw_only=True):
    """Who was followed, and who followed, both with their new counts."""

    user: UserRecord | None = None
    follower: UserRecord | None = None


@mutation(UnfollowUserPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def unfollow_user(write: Write, input: UnfollowUserInput) -> UnfollowUserPayload:
    """Boards of theirs that are followed for themselves stay so, and keep an implicit edge."""
    check, me = Input(), write.me.id
    user_id = check.id("User", input.user_id, "userId")
    check.done()

    async def unfollow(tx: Transaction) -> UnfollowUserPayload:
        sight, check = write.sight_as_user(tx), Input()
        check.found(await sight.user(user_id), "user", "userId")
        check.done()
        follows = write.storage.follows
        edge = await follows.edge(tx, me, FollowKind.USER, user_id)
        if edge is not None and edge.is_explicit:
            if await follows.edges_to_boards_of(tx, me, FollowKind.BOARD, user_id):
                await tx.change(edge, is_explicit=False)
            else:
                await tx.delete(edge)
            await tx.delete(
                *await follows.edges_to_boards_of(tx, me, FollowKind.UNFOLLOWED_BOARD, user_id)
            )
            await forget(tx, *of_follow(me, user_id))
        users = await tx.get_many(UserRecord, [user_id, me])
        return UnfollowUserPayload(user=users[user_id], follower=users[me])

    return await write.commit(unfollow, turns=(user_id, me))
