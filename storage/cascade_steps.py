"""What one step of a cascade does, within one transaction (INV-5, INV-8; DOMAIN a.5).

A step begins with what is there and leaves less of it, so it may be repeated, and a job that was
turned round or taken over goes on from wherever it stands. Counters follow through the transaction.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec

from domain.boards import BoardPrivacy, BoardRecord, SectionRecord, role_of
from domain.cascades import STEP, CascadeKind, CascadeRecord
from domain.follows import FollowKind, FollowRecord
from domain.pins import PinRecord
from domain.record import Id, Record
from domain.undo import UndoRecord, UndoStep
from storage.board_follows import (
    drop_follows,
    move_follows,
    restore_follows,
    transfer_follows,
)
from storage.codec import Document, object_id
from storage.transactions import Transaction
from storage.undo import UndoStore

Step: TypeAlias = Callable[[Transaction, CascadeRecord, int], Awaitable[CascadeRecord | None]]

DELETE_BOARD: Final = "deleteBoard"
"""The action of the undo of a deleted board."""

DELETE_SECTION: Final = "deleteBoardSection"
"""The action of the undo of a deleted section."""

_undos: Final = UndoStore()


class CascadeStuck(Exception):
    """A job cannot go on, because something is not there that it needs."""


async def begin(
    tx: Transaction,
    kind: CascadeKind,
    board: BoardRecord,
    *,
    target_id: Id | None = None,
    undo_id: Id | None = None,
    former_owner_id: Id | None = None,
) -> None:
    """Does the first step of a cascade, and leaves a job for what remains, if anything does.

    So for a board of a few hundred pins all of it is done when the mutation is. The job's owner is
    the board's, or the former one that is given.
    """
    job = CascadeRecord(
        id=tx.new_id(),
        kind=kind,
        board_id=board.id,
        owner_id=former_owner_id or board.owner_id,
        created_at=tx.now,
        due_at=tx.now,
        target_id=target_id,
        undo_id=undo_id,
    )
    remaining = await advance(tx, job, STEP)
    if remaining is not None:
        await tx.insert(remaining)


async def advance(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Does a step of a job, of at most `size` documents of each kind.

    Gives the job as it goes on from there, which is the caller's to store; None when it is done.
    Raises `CascadeStuck`.
    """
    return await _STEPS[job.kind](tx, job, size)


async def _delete(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Deletes pins, sections and follows of a board that is gone. They can be put back."""
    job = await _with_undo(tx, job)
    pins = await tx.find(PinRecord, _on(job.board_id), limit=size)
    sections = await tx.find(SectionRecord, _on(job.board_id), limit=size)
    await tx.delete(*pins, *sections)
    follows = await drop_follows(tx, job.board_id, job.owner_id, limit=size)
    gone: list[Record] = [*pins, *sections, *follows.edges, *follows.implicit]
    await _undos.add(tx, _undo_id(job), [UndoStep(each) for each in gone])
    return job if size in (len(pins), len(sections), len(follows.edges)) else None


async def _with_undo(
    tx: Transaction, job: CascadeRecord, action: str = DELETE_BOARD
) -> CascadeRecord:
    """The job with an undo that is there, and stays until the transaction ends.

    A job that outlives its undo goes on with another, whose token nobody knows: what was deleted is
    kept for as long as any, and then deleted for good.
    """
    undo = await tx.get(UndoRecord, _undo_id(job))
    if undo is None:
        undo = await _undos.begin(tx, job.owner_id, action)
        return msgspec.structs.replace(job, undo_id=undo.id)
    await tx.touch(undo)
    return job


async def _restore(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Puts back what was deleted with a board, which is there again. Sections first."""
    board = await _held_board(tx, job.board_id)
    undo_id = _undo_id(job)
    steps = await _undos.take(tx, undo_id, size, SectionRecord)
    if len(steps) < size:
        steps += await _undos.take(tx, undo_id, size)
    await _put_back(tx, board, [step.before for step in steps])
    return job if len(steps) >= size else None


async def _put_back(tx: Transaction, board: BoardRecord, deleted: Sequence[Record]) -> None:
    await tx.restore(*(each for each in deleted if isinstance(each, SectionRecord)))
    pins = [each for each in deleted if isinstance(each, PinRecord)]
    sections = await tx.get_many(SectionRecord, (pin.section_id for pin in pins if pin.section_id))
    await tx.restore(*(_as_on(board, pin, sections) for pin in pins))
    follows = [each for each in deleted if isinstance(each, FollowRecord)]
    await restore_follows(tx, board, follows)
    jobs = [each for each in deleted if isinstance(each, CascadeRecord)]
    await tx.insert(*(msgspec.structs.replace(each, due_at=tx.now, worker="") for each in jobs))


def _as_on(board: BoardRecord, pin: PinRecord, sections: Mapping[Id, SectionRecord]) -> PinRecord:
    """A pin as it must be on a board that may have changed since (INV-1, INV-7)."""
    section_id = pin.section_id if pin.section_id in sections else None
    return msgspec.structs.replace(pin, privacy=board.privacy, section_id=section_id)


async def _set_privacy(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Gives pins the privacy that their board has now; nobody else follows what is secret.

    What is on the board already is gone through in the order of its making. What comes to it
    meanwhile comes with the right privacy.
    """
    board = await tx.get(BoardRecord, job.board_id)
    if board is None:
        return None
    await tx.touch(board)
    after: Document = {} if job.after_id is None else {"_id": {"$gt": object_id(job.after_id)}}
    pins = await tx.find(PinRecord, _on(board.id) | after, sort=[("_id", 1)], limit=size)
    await tx.change_all(
        [(pin, msgspec.structs.replace(pin, privacy=board.privacy)) for pin in pins]
    )
    edges = await _drop_strangers(tx, board, size)
    if size not in (len(pins), len(edges)):
        return None
    return msgspec.structs.replace(job, after_id=pins[-1].id) if pins else job


async def _drop_strangers(tx: Transaction, board: BoardRecord, size: int) -> list[FollowRecord]:
    """Deletes the follows of those who are no members of a secret board (INV-8)."""
    if board.privacy is not BoardPrivacy.SECRET:
        return []
    members = [member.user_id for member in board.collaborators if role_of(board, member.user_id)]
    dropped = await drop_follows(
        tx, board.id, board.owner_id, limit=size, kinds=[FollowKind.BOARD], keep=members
    )
    return dropped.edges


async def _merge(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Moves pins and followers of a board that is gone to another; its sections are dissolved."""
    target = await _held_board(tx, job.target_id)
    pins = await tx.find(PinRecord, _on(job.board_id), limit=size)
    sections = await tx.find(SectionRecord, _on(job.board_id), limit=size)
    await tx.change_all([(pin, _moved(pin, target)) for pin in pins])
    await tx.delete(*sections)
    edges = await move_follows(tx, job.board_id, target, limit=size)
    return job if size in (len(pins), len(sections), len(edges)) else None


async def _take_off(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Deletes the pins of a blocked user from a board of whoever blocked them (DOMAIN a.5)."""
    job = await _with_undo(tx, job)
    theirs = {"owner_id": object_id(job.target_id or "")} | _on(job.board_id)
    pins = await tx.find(PinRecord, theirs, limit=size)
    await tx.delete(*pins)
    await _undos.add(tx, _undo_id(job), [UndoStep(pin) for pin in pins])
    return job if len(pins) == size else None


async def _transfer(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Makes the followers of a board followers of its new owner, implicitly (INV-11)."""
    board = await tx.get(BoardRecord, job.board_id)
    if board is None:
        return None
    await tx.touch(board)
    edges = await transfer_follows(tx, board, job.owner_id, job.after_id, limit=size)
    return msgspec.structs.replace(job, after_id=edges[-1].id) if len(edges) == size else None


def _moved(pin: PinRecord, target: BoardRecord) -> PinRecord:
    return msgspec.structs.replace(pin, board_id=target.id, section_id=None, privacy=target.privacy)


async def _dissolve_section(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Takes pins out of a section that is gone (INV-1). They stay where they are on the board."""
    job = await _with_undo(tx, job, DELETE_SECTION)
    pins = await tx.find(PinRecord, _in_section(job), limit=size)
    changes = [(pin, msgspec.structs.replace(pin, section_id=None)) for pin in pins]
    await tx.change_all(changes)
    await _undos.add(tx, _undo_id(job), [UndoStep(*change) for change in changes])
    return job if len(pins) == size else None


async def _delete_section(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Deletes the pins that were in a section when it was deleted, and still are."""
    job = await _with_undo(tx, job, DELETE_SECTION)
    pins = await tx.find(PinRecord, _in_section(job), limit=size)
    await tx.delete(*pins)
    await _undos.add(tx, _undo_id(job), [UndoStep(pin) for pin in pins])
    return job if len(pins) == size else None


async def _restore_section(tx: Transaction, job: CascadeRecord, size: int) -> CascadeRecord | None:
    """Puts pins back into a section, which is there again.

    What was moved or deleted meanwhile stays so; and if the section is gone again, pins come back
    without it.
    """
    board = await _held_board(tx, job.board_id)
    steps = await _undos.take(tx, _undo_id(job), size)
    await _put_back(tx, board, [step.before for step in steps if step.after is None])
    taken_out = [step.before.id for step in steps if step.after is not None]
    if await tx.get(SectionRecord, _section_id(job)) is not None:
        pins = await tx.get_many(PinRecord, taken_out)
        await tx.change_all(
            [
                (pin, msgspec.structs.replace(pin, section_id=job.target_id))
                for pin in pins.values()
                if (pin.board_id, pin.section_id) == (board.id, None)
            ]
        )
    return job if len(steps) == size else None


async def _held_board(tx: Transaction, board_id: Id | None) -> BoardRecord:
    """A board, which stays as it is until the transaction ends."""
    board = None if board_id is None else await tx.get(BoardRecord, board_id)
    if board is None:
        raise CascadeStuck(f"Board {board_id} is not there, and its pins are on their way to it.")
    await tx.touch(board)
    return board


def _undo_id(job: CascadeRecord) -> Id:
    if job.undo_id is None:
        raise CascadeStuck(f"A {job.kind} needs an undo; job {job.id} has none.")
    return job.undo_id


def _section_id(job: CascadeRecord) -> Id:
    if job.target_id is None:
        raise CascadeStuck(f"A {job.kind} needs a section; job {job.id} has none.")
    return job.target_id


def _on(board_id: Id) -> Document:
    return {"board_id": object_id(board_id)}


def _in_section(job: CascadeRecord) -> Document:
    return {"section_id": object_id(_section_id(job))}


_STEPS: Final[Mapping[CascadeKind, Step]] = {
    CascadeKind.DELETE_BOARD: _delete,
    CascadeKind.RESTORE_BOARD: _restore,
    CascadeKind.SET_PRIVACY: _set_privacy,
    CascadeKind.MERGE_BOARDS: _merge,
    CascadeKind.TAKE_OFF: _take_off,
    CascadeKind.TRANSFER: _transfer,
    CascadeKind.DISSOLVE_SECTION: _dissolve_section,
    CascadeKind.DELETE_SECTION: _delete_section,
    CascadeKind.RESTORE_SECTION: _restore_section,
}
