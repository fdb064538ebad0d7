"""Hidden pins: what a viewer does not want to be shown again (DOMAIN a.2, e.2)."""

from datetime import datetime
from enum import StrEnum

from domain.record import Id, Record


class HideReason(StrEnum):
    """Why somebody hides a pin."""

    NOT_INTERESTED = "NOT_INTERESTED"
    SEEN_TOO_OFTEN = "SEEN_TOO_OFTEN"
    LOW_QUALITY = "LOW_QUALITY"
    OFFENSIVE = "OFFENSIVE"
    OTHER = "OTHER"


class HideRecord(Record, frozen=True, kw_only=True):
    """That a user hid a pin, and so everything of its save tree: a copy shows the same.

    `root_id` is the pin's root. `reason` is None for a pin that was reported instead.
    """

    user_id: Id
    pin_id: Id
    root_id: Id
    created_at: datetime
    reason: HideReason | None = None
