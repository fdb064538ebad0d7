"""Mutations of many things at once."""

from enum import StrEnum


class ErrorPolicy(StrEnum):
    """What happens to the others when one cannot be done (DOMAIN b.3)."""

    REJECT_EVERYTHING = "REJECT_EVERYTHING"
    REJECT_FAILED_ROWS = "REJECT_FAILED_ROWS"
