"""Audits: written in the transaction of what they are about, and never changed."""

from datetime import datetime

from pymongo import IndexModel

from domain.audits import MAX_REASON, AuditRecord, kind_of
from domain.record import Id, Record
from domain.viewer import Viewer
from storage.codec import new_id


class AuditStore:
    """Where audits are, and how they are found: by what was done to a thing, and by whom."""

    COLLECTION = "audits"
    INDEXES = (
        IndexModel([("object_id", 1), ("_id", -1)]),
        IndexModel([("actor_id", 1), ("_id", -1)]),
    )


def audit(
    viewer: Viewer, action: str, written: Record, now: datetime, reason: str = ""
) -> AuditRecord:
    """The record of what a viewer does as staff, for `tx.insert`.

    Raises `ValueError` for a viewer who is not staff: what anybody may do is not audited.
    """
    if viewer.staff is None or viewer.user_id is None:
        raise ValueError(f"{action} was to be audited, and the viewer is not staff.")
    return AuditRecord(
        id=new_id(),
        actor_id=Id(viewer.user_id),
        role=viewer.staff,
        action=action,
        object_kind=kind_of(type(written)),
        object_id=written.id,
        created_at=now,
        reason=reason[:MAX_REASON],
    )
