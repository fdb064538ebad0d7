"""What staff did to what is not theirs, kept for good (RELIABILITY, matrix)."""

from datetime import datetime

from domain.record import Id, Record
from domain.viewer import StaffRole


class AuditRecord(Record, frozen=True, kw_only=True):
    """One thing that was done by right of staff alone.

    `action` is the mutation as clients call it, `object_kind` the class of the record it was done
    to. Nothing of the object itself is kept: what is secret stays where it is. `reason` is what
    the actor gave as the reason, "" where nobody is asked for one.
    """

    actor_id: Id
    role: StaffRole
    action: str
    object_kind: str
    object_id: Id
    created_at: datetime
    reason: str = ""


MAX_REASON = 500
"""Code points of a reason."""


def kind_of(record_type: type[Record]) -> str:
    """What an audit calls records of a class: `Board` for a `BoardRecord`."""
    return record_type.__name__.removesuffix("Record")
