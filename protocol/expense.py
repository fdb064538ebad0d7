"""Refuses operations that are too large or too dear, before anything is executed (PROTOCOL 12)."""

from collections.abc import Sequence

import structlog

from domain.errors import ErrorCode
from protocol.cost import Price
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.status import Condition

log = structlog.get_logger()


def check_shape(too_large: Sequence[str], limits: Limits) -> None:
    """Refuses a document that is `too_large`; raises `RequestError` with all reasons."""
    _refuse(too_large, limits)


def check_price(price: Price, limits: Limits) -> None:
    """Refuses an operation whose price exceeds the limits; raises `RequestError` with it."""
    cost, nodes = limits.operation_cost, limits.operation_nodes
    if price.cost <= cost and price.nodes <= nodes:
        return
    reasons = []
    if price.cost > cost:
        reasons.append(f"The operation costs {price.cost} points; at most {cost} are allowed.")
    if price.nodes > nodes:
        reasons.append(f"The operation asks for {price.nodes} nodes; at most {nodes} are allowed.")
    asked = {"requestedQueryCost": price.cost, "maximumAvailable": cost}
    _refuse(reasons, limits, {"cost": asked})


def _refuse(
    reasons: Sequence[str], limits: Limits, details: dict[str, object] | None = None
) -> None:
    if not reasons:
        return
    if not limits.enforced:
        log.warning("limit_exceeded", reasons=reasons)
        return
    raise RequestError(
        Condition.OVER_LIMIT, " ".join(reasons), ErrorCode.QUERY_TOO_EXPENSIVE, details=details
    )
