"""`blockUser`: from now on the viewer and a user do not exist for each other (DOMAIN a.5)."""

from typing import Protocol

from domain.blocks import BlockRecord
from domain.record import Id
from domain.user_errors import UserErrorCode
from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.blocking import part
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class BlockUserInput(MutationInput, Protocol):
    """Whom to block."""

    user_id: str


class BlockUserPayload(Payload, frozen=True, kw_only=True):
    """Who is blocked, and the viewer with the new counts."""

    user: UserRecord | None = None
    blocker: UserRecord | None = None


@mutation(BlockUserPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def block_user(write: Write, input: BlockUserInput) -> BlockUserPayload:
    """Follows end both ways, shares in boards too, and their pins leave the viewer's boards."""
    check, me = Input(), write.me.id
    user_id = check.id("User", input.user_id, "userId")
    if user_id == me:
        check.refuse(UserErrorCode.INVALID, "Nobody blocks themselves.", "userId")
    check.done()

    async def block(tx: Transaction) -> BlockUserPayload:
        check = Input()
        made = await write.storage.blocks.made(tx, me, user_id)
        seen = await write.sight_as_user(tx).user(user_id)
        user = check.found(await tx.get(UserRecord, user_id) if made else seen, "user", "userId")
        check.done()
        if made is None:
            # Whoever follows, invites or saves at this moment, either way, clashes with this.
            await tx.touch(user, write.me)
            await tx.insert(_new_block(tx, me, user_id))
            await part(write, tx, user_id)
        users = await tx.get_many(UserRecord, [user_id, me])
        return BlockUserPayload(user=users[user_id], blocker=users[me])

    return await write.commit(block, turns=(user_id, me))


def _new_block(tx: Transaction, blocker_id: Id, blocked_id: Id) -> BlockRecord:
    return BlockRecord(
        id=tx.new_id(), blocker_id=blocker_id, blocked_id=blocked_id, created_at=tx.now
    )
