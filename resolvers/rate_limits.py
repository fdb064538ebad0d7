"""What the running operation was charged."""

from protocol.metering import Charge
from resolvers.context import Info


def rate_limit(_root: None, info: Info, *, dry_run: bool | None) -> Charge | None:
    """The charge; null when there are no limits.

    A dry run is told apart before execution, by `protocol.dry_run`; here it changes nothing.
    """
    return info.context.meter.charge
