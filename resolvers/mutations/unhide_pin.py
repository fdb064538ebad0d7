"""`unhidePin`: lets a pin into the viewer's feeds again."""

from typing import Protocol

from domain.pins import PinRecord
from domain.viewer import Scope
from resolvers.advertised import advertised_pin
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class UnhidePinInput(MutationInput, Protocol):
    """Which pin."""

    pin_id: str


class UnhidePinPayload(Payload, frozen=True, kw_only=True):
    """The pin, if it is more to the viewer than an ad."""

    pin: PinRecord | None = None


@mutation(UnhidePinPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def unhide_pin(write: Write, input: UnhidePinInput) -> UnhidePinPayload:
    """Takes back every hide that keeps the pin away: its own, and those of what shows the same."""
    check = Input()
    pin_id = check.id("Pin", input.pin_id, "pinId")
    check.done()

    async def unhide(tx: Transaction) -> UnhidePinPayload:
        check = Input()
        seen = await write.sight_as_user(tx).pin(pin_id)
        pin = check.found(seen or await advertised_pin(write, tx, pin_id), "pin", "pinId")
        check.done()
        hides = await write.storage.hides.of_tree(tx, write.me.id, pin.root_id)
        await tx.delete(*hides)
        return UnhidePinPayload(pin=await tx.get(PinRecord, pin_id) if seen else None)

    return await write.commit(unhide, turns=(pin_id,))
