"""`createPin`: makes a pin of one's own, the root of a save tree."""

from typing import Protocol

from domain.boards import BoardRecord
from domain.links import domain_of
from domain.permissions import cannot_add_pins
from domain.pins import Engagement, PinRecord, trend
from domain.positions import at_top
from domain.rate_limits import Burst
from domain.texts import ALT_TEXT, NOTE, PIN_DESCRIPTION, PIN_TITLE
from domain.user_errors import InputError, Refused
from domain.viewer import Scope
from resolvers.inputs import Input
from resolvers.mutation import MutationInput, Payload, Write, mutation
from resolvers.pin_media import MediaInput, images_of, read_media
from resolvers.placing import check_room, note_change
from storage.transactions import Transaction
from storage.uploads import use_upload


class CreatePinInput(MutationInput, Protocol):
    """What the pin says and shows, and where it goes."""

    board_id: str
    section_id: str | None
    title: str | None
    description: str | None
    alt_text: str | None
    link: str | None
    note: str | None
    dominant_color: str | None
    media: MediaInput


class CreatePinPayload(Payload, frozen=True, kw_only=True):
    """The pin, and its board with its new counts."""

    pin: PinRecord | None = None
    board: BoardRecord | None = None


@mutation(CreatePinPayload, scopes=(Scope.PINS_WRITE,), burst=Burst.CREATE)
async def create_pin(write: Write, input: CreatePinInput) -> CreatePinPayload:
    """The viewer is its creator and its owner; it goes to the top of the board."""
    check, me = Input(), write.me.id
    board_id = check.id("Board", input.board_id, "boardId")
    section_id = check.id("BoardSection", input.section_id, "sectionId")
    link = check.link(input.link, "link")
    title = check.text(input.title, "title", PIN_TITLE)
    description = check.text(input.description, "description", PIN_DESCRIPTION)
    alt_text = check.text(input.alt_text, "altText", ALT_TEXT)
    note = check.text(input.note, "note", NOTE)
    color = check.color(input.dominant_color, "dominantColor")
    shown = await read_media(check.within("media"), input.media, write.loaders)
    check.done()
    first = next(images_of(shown.media), None)

    async def create(tx: Transaction) -> CreatePinPayload:
        sight, check = write.sight(tx), Input()
        board = check.found(await sight.board(board_id), "board", "boardId")
        if section_id is not None:
            check.found(await sight.section(section_id, of=board_id), "section", "sectionId")
        check.done()
        write.require_scopes_on(board)
        await write.permit(tx, cannot_add_pins, board, at="boardId")
        check_room(board, 1, "boardId")
        for upload_id in shown.uploads:
            used = await use_upload(tx, upload_id, me, ("input", "media"))
            if isinstance(used, InputError):
                raise Refused(used)

        pin_id = tx.new_id()
        pin = PinRecord(
            id=pin_id,
            owner_id=me,
            creator_id=me,
            board_id=board_id,
            root_id=pin_id,
            section_id=section_id,
            privacy=board.privacy,
            created_at=tx.now,
            position=at_top(tx.now, pin_id),
            trend=trend(Engagement(), tx.now),
            media=shown.media,
            creative_type=shown.creative_type,
            dominant_color=color or (first.dominant_color if first else None),
            title=title,
            description=description,
            alt_text=alt_text,
            note=note,
            link=link,
            domain=domain_of(link) if link else None,
        )
        await tx.insert(pin)
        await note_change(tx, board)
        return CreatePinPayload(
            pin=await tx.get(PinRecord, pin_id), board=await tx.get(BoardRecord, board_id)
        )

    return await write.commit(create, turns=(board_id,))
