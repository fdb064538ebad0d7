"""`updatePin`: changes what a pin says, or where it is."""

from typing import Any, Protocol

import msgspec

from domain.boards import BoardRecord
from domain.links import domain_of
from domain.media import CarouselImage, MultiImageMedia
from domain.moves import moved
from domain.permissions import cannot_edit_pin, cannot_move_pin
from domain.pins import PinRecord
from domain.record import Id
from domain.texts import ALT_TEXT, NOTE, PIN_DESCRIPTION, PIN_TITLE
from domain.user_errors import InputError, Refused, UserErrorCode
from domain.viewer import Scope
from resolvers.inputs import Input, is_given
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.placing import check_room, note_change
from resolvers.revisions import check_revision
from storage.transactions import Transaction


class CarouselSlot(Protocol):
    """What one picture of a carousel says."""

    title: str | None
    description: str | None
    link: str | None


class UpdatePinInput(MutationInput, Protocol):
    """Which pin, and what is different: omitted leaves it, null clears it."""

    id: str
    expected_revision: int | None
    board_id: str
    section_id: str | None
    title: str | None
    description: str | None
    alt_text: str | None
    link: str | None
    note: str | None
    carousel_slots: list[CarouselSlot] | None


class UpdatePinPayload(Payload, frozen=True, kw_only=True):
    """The pin; the board it is on, and the one it was on, with their new counts."""

    pin: PinRecord | None = None
    board: BoardRecord | None = None
    previous_board: BoardRecord | None = None


@mutation(UpdatePinPayload, scopes=(Scope.PINS_WRITE,))
async def update_pin(write: Write, input: UpdatePinInput) -> UpdatePinPayload:
    """What the pin shows does not change. Another board clears its section (INV-1)."""
    check = Input()
    pin_id = check.id("Pin", input.id, "id")
    board_id = check.id("Board", input.board_id, "boardId") if is_given(input.board_id) else None
    section_id = check.id("BoardSection", input.section_id, "sectionId")
    changes = check.changes(
        title=check.text(input.title, "title", PIN_TITLE),
        description=check.text(input.description, "description", PIN_DESCRIPTION),
        alt_text=check.text(input.alt_text, "altText", ALT_TEXT),
        note=check.text(input.note, "note", NOTE),
        link=check.link(input.link, "link"),
    )
    if "link" in changes:
        changes["domain"] = domain_of(changes["link"]) if changes["link"] else None
    slots = _slots(check, input.carousel_slots if is_given(input.carousel_slots) else None)
    check.done()
    moves = board_id is not None or is_given(input.section_id)

    async def update(tx: Transaction) -> UpdatePinPayload:
        sight, check = write.sight(tx), Input()
        pin = check.found(await sight.pin(pin_id), "pin", "id")
        check.done()
        home = sight.home(pin)
        target = home
        if board_id is not None:
            target = check.found(await sight.board(board_id), "board", "boardId")
        if section_id is not None:
            of = board_id or home.id
            check.found(await sight.section(section_id, of=of), "section", "sectionId")
        check.done()
        write.require_scopes_on(home, target)
        if changes or slots:
            await write.permit(tx, cannot_edit_pin, pin, at="id")
        if moves:
            await write.permit(tx, cannot_move_pin, pin, home, target, at="boardId")
        check_revision(pin, input.expected_revision)

        after = _edited(pin, changes, slots)
        if moves and (target.id, section_id) != (home.id, pin.section_id):
            after = await _placed(tx, after, home, target, section_id)
        if after != pin:
            after = msgspec.structs.replace(after, revision=pin.revision + 1)
            await tx.change_all([(pin, after)])
        return UpdatePinPayload(
            pin=await tx.get(PinRecord, pin_id),
            board=await tx.get(BoardRecord, target.id),
            previous_board=await tx.get(BoardRecord, home.id),
        )

    return await write.commit(update, turns=(pin_id, *filter(None, [board_id])))


async def _placed(
    tx: Transaction, pin: PinRecord, home: BoardRecord, target: BoardRecord, section_id: Id | None
) -> PinRecord:
    """The pin in its new place; both boards are marked."""
    if target.id != home.id:
        check_room(target, 1, "boardId")
        await note_change(tx, home, target)
        return moved(pin, target, section_id, tx.now, tx.new_id())
    await note_change(tx, home)
    return msgspec.structs.replace(pin, section_id=section_id)


def _slots(check: Input, slots: list[CarouselSlot] | None) -> list[dict[str, Any]]:
    """What each slot is to say, cleaned."""
    cleaned = []
    for place, slot in enumerate(slots or ()):
        within = check.within("carouselSlots", str(place))
        cleaned.append(
            within.changes(
                title=within.text(slot.title, "title", PIN_TITLE),
                description=within.text(slot.description, "description", PIN_DESCRIPTION),
                link=within.link(slot.link, "link"),
            )
        )
    return cleaned


def _edited(pin: PinRecord, changes: dict[str, Any], slots: list[dict[str, Any]]) -> PinRecord:
    """The pin with its new words. Raises `Refused` for slots that its carousel has not."""
    if slots:
        items = pin.media.items if isinstance(pin.media, MultiImageMedia) else ()
        if len(items) != len(slots):
            message = f"The pin has {len(items)} slots; {len(slots)} were given."
            path = ("input", "carouselSlots")
            raise Refused(InputError(code=UserErrorCode.INVALID, message=message, field=path))
        said: tuple[CarouselImage, ...] = tuple(
            msgspec.structs.replace(item, **slot) for item, slot in zip(items, slots, strict=True)
        )
        changes = changes | {"media": MultiImageMedia(items=said)}
    return msgspec.structs.replace(pin, **changes)
