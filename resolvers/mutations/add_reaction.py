"""`addReaction`: reacts to a pin, in place of what the viewer said before."""

from typing import Protocol

from domain.notifications import of_reaction
from domain.permissions import cannot_take_part
from domain.pins import PinRecord, ReactionRecord, ReactionType
from domain.rate_limits import Burst
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.notifications import notify
from storage.transactions import Transaction


class AddReactionInput(MutationInput, Protocol):
    """Which pin, and how."""

    pin_id: str
    type: ReactionType


class AddReactionPayload(Payload, frozen=True, kw_only=True):
    """The pin with its new counts."""

    pin: PinRecord | None = None


@mutation(AddReactionPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.REACT)
async def add_reaction(write: Write, input: AddReactionInput) -> AddReactionPayload:
    """A user has one reaction a pin: a new one replaces it (decision 3)."""
    check = Input()
    pin_id = check.id("Pin", input.pin_id, "pinId")
    check.done()

    async def react(tx: Transaction) -> AddReactionPayload:
        sight, check = write.sight_as_user(tx), Input()
        pin = check.found(await sight.pin(pin_id), "pin", "pinId")
        check.done()
        board = sight.home(pin)
        write.require_scopes_on(board)
        await write.permit(tx, cannot_take_part, board, at="pinId")

        given = await write.storage.reactions.given(tx, write.me.id, pin_id)
        if given is not None:
            await tx.change(given, type=input.type)
        else:
            await tx.insert(
                ReactionRecord(
                    id=tx.new_id(),
                    user_id=write.me.id,
                    pin_id=pin_id,
                    type=input.type,
                    created_at=tx.now,
                )
            )
            await notify(tx, *of_reaction(write.me.id, pin))
        return AddReactionPayload(pin=await tx.get(PinRecord, pin_id))

    return await write.commit(react, turns=(pin_id,))
