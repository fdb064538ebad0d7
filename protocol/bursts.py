"""Limits on what one viewer does again and again: follow, comment, save (DOMAIN b.5).

The throttle counts what an operation costs the server. This counts what it does to other people: a
script that comments on a thousand pins is cheap, and a nuisance. A field of a mutation says with
`burst=` of which kind it is, and each viewer has one bucket for each kind, in whatever apps.
"""

from asyncio import gather
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from math import ceil

from graphql import GraphQLField, GraphQLSchema
from strawberry.schema.schema_converter import GraphQLCoreConverter

from domain.errors import ErrorCode
from domain.rate_limits import ACTION, BURSTS, Burst, BurstPolicy, Draw
from domain.viewer import Viewer
from protocol.errors import RequestError
from protocol.status import Condition
from protocol.throttle import RateLimitStores


def burst_of(element: GraphQLField) -> Burst | None:
    """The kind that a field of a Strawberry schema declares; None if it has no `burst`."""
    definition = element.extensions.get(GraphQLCoreConverter.DEFINITION_BACKREF)
    burst = getattr(definition, "metadata", {}).get("burst")
    return burst if isinstance(burst, Burst) else None


class BurstLimits:
    """Counts what viewers do; `stores` is asked for at each draw, as it opens later."""

    def __init__(
        self,
        schema: GraphQLSchema,
        stores: Callable[[], RateLimitStores],
        policies: Mapping[Burst, BurstPolicy] = BURSTS,
    ) -> None:
        mutation = schema.mutation_type
        fields = mutation.fields if mutation else {}
        self._kinds = {name: burst_of(element) for name, element in fields.items()}
        self._stores = stores
        self._policies = policies

    async def draw(self, viewer: Viewer, fields: Iterable[str]) -> None:
        """Takes what the fields of a mutation are, by their names, from the viewer's buckets.

        Nobody who is not signed in can do anything, so nothing is counted for them. Raises
        `RequestError` with 429 when one bucket lacks something, and then takes nothing.
        """
        if viewer.user_id is None:
            return
        counts = Counter(kind for name in fields if (kind := self._kinds.get(name)))
        for kind in await self._in_order(viewer.user_id, counts):
            draw = await self._draw(kind, viewer.user_id, counts[kind])
            if not draw.granted:
                raise self._refusal(kind, counts[kind], draw)

    async def _in_order(self, user_id: str, counts: Mapping[Burst, int]) -> list[Burst]:
        """The kinds, those first of which there is too little: the draw on them takes nothing.

        No draw is on two buckets at once. When another request takes the rest between this look and
        the draws, a refused one may have taken something, which comes back as all does.
        """
        kinds = list(counts)
        if len(kinds) < 2:
            return kinds
        looks = await gather(*(self._draw(kind, user_id, 0) for kind in kinds))
        suffices = {
            kind: look.remaining >= counts[kind] * ACTION
            for kind, look in zip(kinds, looks, strict=True)
        }
        return sorted(kinds, key=suffices.__getitem__)

    async def _draw(self, kind: Burst, user_id: str, actions: int) -> Draw:
        return await self._stores().rate_limits.draw(
            f"burst:{kind}:{user_id}", actions * ACTION, self._policies[kind].bucket
        )

    def _refusal(self, kind: Burst, actions: int, draw: Draw) -> RequestError:
        policy = self._policies[kind]
        return RequestError(
            Condition.RATE_LIMITED,
            f"The limit {kind} allows {policy.at_once} actions at once and {policy.per_minute} a "
            f"minute; the operation has {actions}, and {draw.remaining // ACTION} are left.",
            ErrorCode.RATE_LIMITED,
            {"Retry-After": str(max(1, ceil(draw.retry_after_ms / 1000)))},
            {"burst": kind.value},
        )
