"""What is on its way out says until when it stays, and what to use instead (DOMAIN g.12).

    save_count: int = attribute(
        "How often it was saved.", deprecated=Deprecation("`Pin.saves`", date(2027, 1, 1))
    )

The API has no versions: things are added beside old ones, and old ones leave after a time that
clients can plan with. `schema.evolution` holds a change of the schema to that.
"""

import re
from datetime import date, timedelta

import msgspec

NOTICE = timedelta(days=90)
"""How long before its removal something is announced as deprecated, at least."""

_REASON = re.compile(r"Use (.+)\. Removal on (\d{4}-\d{2}-\d{2}) UTC\.")


class DeprecationError(ValueError):
    """A deprecation does not say what to use instead, and from which day on."""


class Deprecation(msgspec.Struct, frozen=True):
    """What to use instead of something, and the day (UTC) from which on it may be gone.

    Raises DeprecationError when `use` is not a single line of text without the full stop, which the
    reason adds.
    """

    use: str
    removal: date

    def __post_init__(self) -> None:
        if len(self.use.splitlines()) != 1 or self.use != self.use.strip() or self.use[-1] == ".":
            raise DeprecationError(
                f"What to use instead must be one line without a full stop; it was {self.use!r}."
            )

    @property
    def reason(self) -> str:
        """The text of `@deprecated(reason:)`, from which `parse` makes the same again."""
        return f"Use {self.use}. Removal on {self.removal.isoformat()} UTC."

    @classmethod
    def parse(cls, reason: str) -> "Deprecation":
        """The deprecation that a reason tells. Raises DeprecationError for any other text."""
        match = _REASON.fullmatch(reason)
        if match is None:
            raise DeprecationError(
                'A deprecation reads "Use X. Removal on 2027-01-01 UTC."; '
                f'this one reads "{reason}".'
            )
        use, removal = match.groups()
        try:
            day = date.fromisoformat(removal)
        except ValueError:
            raise DeprecationError(f'No calendar has the day of "{reason}".') from None
        return cls(use, day)

    def is_due(self, today: date) -> bool:
        """Whether the day of the removal has come."""
        return today >= self.removal

    def gives_notice(self, today: date) -> bool:
        """Whether clients that hear of it today have the time that they were promised."""
        return self.removal - today >= NOTICE
