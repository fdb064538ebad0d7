"""`removeReaction`: takes the viewer's reaction to a pin back."""

from typing import Protocol

from domain.notifications import of_reaction
from domain.pins import PinRecord
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import forget
from storage.transactions import Transaction


class RemoveReactionInput(MutationInput, Protocol):
    """Which pin."""

    pin_id: str


class RemoveReactionPayload(Payload, frozen=True, kw_only=True):
    """The pin with its new counts."""

    pin: PinRecord | None = None


@mutation(RemoveReactionPayload, scopes=(Scope.PINS_WRITE,))
async def remove_reaction(write: Write, input: RemoveReactionInput) -> RemoveReactionPayload:
    """Where there is no reaction, nothing is to be done."""
    check = Input()
    pin_id = check.id("Pin", input.pin_id, "pinId")
    check.done()

    async def remove(tx: Transaction) -> RemoveReactionPayload:
        sight, check = write.sight_as_user(tx), Input()
        pin = check.found(await sight.pin(pin_id), "pin", "pinId")
        check.done()
        write.require_scopes_on(sight.home(pin))
        given = await write.storage.reactions.given(tx, write.me.id, pin_id)
        if given is not None:
            await tx.delete(given)
            await forget(tx, *of_reaction(write.me.id, pin))
        return RemoveReactionPayload(pin=await tx.get(PinRecord, pin_id))

    return await write.commit(remove, turns=(pin_id,))
