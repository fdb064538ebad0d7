"""Places in a hand-sorted list (CUSTOM order): strings that sort, with room between any two."""

from datetime import datetime

_TOP = 1 << 48  # milliseconds; later than any date this software will see


def at_top(created_at: datetime) -> str:
    """The place of something new: above all that was made before it.

    Twelve hex digits of the time, counted backwards, so that ascending places are newest first and
    nothing has to be read or moved to add an item.
    """
    return f"{_TOP - int(created_at.timestamp() * 1000):012x}"
