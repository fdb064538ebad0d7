"""`hidePin`: takes a pin, and whatever shows the same, out of the viewer's feeds (e.2)."""

from typing import Protocol

from domain.hides import HideReason
from domain.pins import PinRecord
from domain.record import Id
from domain.viewer import Scope
from resolvers.advertised import advertised_pin
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from storage.transactions import Transaction


class HidePinInput(MutationInput, Protocol):
    """Which pin, and why."""

    pin_id: str
    reason: HideReason


class HidePinPayload(Payload, frozen=True, kw_only=True):
    """The pin, if it is more to the viewer than an ad, and its id for lists that it leaves."""

    pin: PinRecord | None = None
    deleted_id: Id | None = None


# The pin is as it was, and so is its board: what changes is the viewer's account.
@mutation(HidePinPayload, scopes=(Scope.USER_ACCOUNTS_WRITE,))
async def hide_pin(write: Write, input: HidePinInput) -> HidePinPayload:
    """Whoever hides it again gives another reason."""
    check = Input()
    pin_id = check.id("Pin", input.pin_id, "pinId")
    check.done()

    async def hide(tx: Transaction) -> HidePinPayload:
        check = Input()
        seen = await write.sight_as_user(tx).pin(pin_id)
        pin = check.found(seen or await advertised_pin(write, tx, pin_id), "pin", "pinId")
        check.done()
        await write.storage.hides.hide(tx, write.me.id, pin, input.reason)
        after = await tx.get(PinRecord, pin_id) if seen else None
        return HidePinPayload(pin=after, deleted_id=pin_id)

    return await write.commit(hide, turns=(pin_id,))
