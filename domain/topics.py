"""Topics: what pins are about."""

from domain.record import Record


class TopicRecord(Record, frozen=True, kw_only=True):
    """A topic; `key` is its unique slug."""

    key: str
    name: str
    follower_count: int = 0
    pin_count: int = 0
