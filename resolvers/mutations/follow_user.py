"""`followUser`: follows a user, and so all boards they have or will have (INV-11)."""

from typing import Protocol

from domain.follows import FollowKind
from domain.notifications import of_follow
from domain.rate_limits import Burst
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.mutations.following import new_edge, refuse_another
from storage.notifications import notify
from storage.transactions import Transaction


class FollowUserInput(MutationInput, Protocol):
    """Whom to follow."""

    user_id: str


class FollowUserPayload(Payload, frozen=True, kw_only=True):
    """Who is followed, and who follows, both with their new counts."""

    user: UserRecord | None = None
    follower: UserRecord | None = None


@mutation(FollowUserPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,), burst=Burst.FOLLOW)
async def follow_user(write: Write, input: FollowUserInput) -> FollowUserPayload:
    """Following twice is following. Boards that were unfollowed one by one come back."""
    check, me = Input(), write.me.id
    user_id = check.id("User", input.user_id, "userId")
    if user_id == me:
        check.refuse(UserErrorCode.INVALID, "Nobody follows themselves.", "userId")
    check.done()

    async def follow(tx: Transaction) -> FollowUserPayload:
        sight, check = write.sight_as_user(tx), Input()
        check.found(await sight.user(user_id), "user", "userId")
        check.done()
        follows = write.storage.follows
        edge = await follows.edge(tx, me, FollowKind.USER, user_id)
        if edge is None:
            await refuse_another(write, tx, "userId")
        if edge is None or not edge.is_explicit:
            if edge is None:
                await tx.insert(new_edge(tx, me, FollowKind.USER, user_id))
            else:
                await tx.change(edge, is_explicit=True)
            await notify(tx, *of_follow(me, user_id))
        unfollowed = await follows.edges_to_boards_of(tx, me, FollowKind.UNFOLLOWED_BOARD, user_id)
        await tx.delete(*unfollowed)
        users = await tx.get_many(UserRecord, [user_id, me])
        return FollowUserPayload(user=users[user_id], follower=users[me])

    return await write.commit(follow, turns=(user_id, me))
