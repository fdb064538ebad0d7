"""How values look in an answer."""

from datetime import datetime


def moment(value: datetime) -> str:
    """A DateTime: UTC with milliseconds."""
    return f"{value:%Y-%m-%dT%H:%M:%S}.{value.microsecond // 1000:03}Z"
