"""Refuses operations that are too large or too dear, before anything is executed (PROTOCOL 12)."""

from collections.abc import Iterable

import structlog

from domain.errors import ErrorCode
from protocol.cost import Price
from protocol.errors import RequestError
from protocol.limits import Limits
from protocol.shape import Shape, violations
from protocol.status import Condition

log = structlog.get_logger()


def check_shape(shape: Shape, limits: Limits) -> None:
    """Refuses a document whose shape exceeds the limits; raises `RequestError` with all reasons."""
    _refuse(violations(shape, limits), limits)


def check_price(price: Price, limits: Limits) -> None:
    """Refuses an operation whose price exceeds the limits; raises `RequestError` with it."""
    cost, nodes = limits.operation_cost, limits.operation_nodes
    reasons = []
    if price.cost > cost:
        reasons.append(f"The operation costs {price.cost} points; at most {cost} are allowed.")
    if price.nodes > nodes:
        reasons.append(f"The operation asks for {price.nodes} nodes; at most {nodes} are allowed.")
    asked = {"requestedQueryCost": price.cost, "maximumAvailable": cost}
    _refuse(reasons, limits, {"cost": asked})


def _refuse(
    reasons: Iterable[str], limits: Limits, details: dict[str, object] | None = None
) -> None:
    reasons = list(reasons)
    if not reasons:
        return
    if not limits.enforced:
        log.warning("limit_exceeded", reasons=reasons)
        return
    raise RequestError(
        Condition.OVER_LIMIT, " ".join(reasons), ErrorCode.QUERY_TOO_EXPENSIVE, details=details
    )
