"""`unblockUser`: the viewer and a user exist for each other again."""

from typing import Protocol

from domain.users import UserRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class UnblockUserInput(MutationInput, Protocol):
    """Whom to unblock."""

    user_id: str


class UnblockUserPayload(Payload, frozen=True, kw_only=True):
    """Who is blocked no longer."""

    user: UserRecord | None = None


@mutation(UnblockUserPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def unblock_user(write: Write, input: UnblockUserInput) -> UnblockUserPayload:
    """What ended with the block stays so. While they block the viewer too, they stay hidden."""
    check, me = Input(), write.me.id
    user_id = check.id("User", input.user_id, "userId")
    check.done()

    async def unblock(tx: Transaction) -> UnblockUserPayload:
        check = Input()
        made = await write.storage.blocks.made(tx, me, user_id)
        if made is not None:
            await tx.delete(made)
        user = await write.sight_as_user(tx).user(user_id)
        if made is None:
            check.found(user, "user", "userId")
        check.done()
        return UnblockUserPayload(user=user)

    return await write.commit(unblock, turns=(user_id, me))
