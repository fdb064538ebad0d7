"""What an operation costs, and how much its caller may still use."""

from __future__ import annotations

from datetime import datetime

from protocol import metering as records
from schema.fields import attribute, object_type


@object_type(records.Charge, description="The price of this operation, and what is left to use.")
class RateLimit:
    cost: int = attribute("What this operation costs, in points.")
    limit: int = attribute("How many points there are when nothing was used for a while.")
    remaining: int = attribute("How many points are left, this operation charged.")
    used: int = attribute("How many points of the limit are in use: `limit - remaining`.")
    nodes: int = attribute("How many objects this operation may return.", name="nodeCount")
    reset_at: datetime = attribute("When all points are back, if no more are used until then.")
