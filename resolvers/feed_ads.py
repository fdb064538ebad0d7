"""Promoted pins in the gaps of a home feed page (DOMAIN c.7, e.4)."""

import asyncio
from collections.abc import Sequence

import structlog

from domain import ads
from domain.ads import AdCandidate, Audience
from domain.blending import Stretch
from domain.feed import FeedSession
from loaders.users import BlockWithUserLoader, UserByIdLoader
from resolvers.context import Context
from resolvers.feed_candidates import wishes_of
from storage.feeds import Decisions

log = structlog.get_logger()

AUCTIONS = 3
"""How often the ads of a page are chosen anew because an advertiser turned out to be hidden."""


async def decide_gaps(
    context: Context,
    session: FeedSession,
    stretch: Stretch,
    decisions: Decisions,
    first: int,
) -> Decisions:
    """The decisions of the session with those of this page.

    Ads fail open (c.7): without them, or when they take too long, the page is organic for good.
    """
    organic = ads.organic_gaps(stretch, decisions, first)
    if not organic:
        return decisions
    chosen: Decisions
    try:
        async with asyncio.timeout(context.settings.ads_budget_ms / 1000):
            chosen = await _choose(context, session, stretch, decisions, first)
    except Exception:
        log.exception("ads_failed", session=session.id)
        chosen = {**organic}
    return decisions | await context.loaders.storage.feeds.decide(session.id, chosen)


async def _choose(
    context: Context,
    session: FeedSession,
    stretch: Stretch,
    decisions: Decisions,
    first: int,
) -> Decisions:
    """The new decisions of a page.

    Only winners are looked up, since the page shows their names anyway. Where one is hidden, all
    ads of that advertiser leave and the auction is held again.
    """
    candidates: Sequence[AdCandidate] = context.loaders.storage.ads.live
    audience = await _audience(context, session)
    users = context.loaders(UserByIdLoader)

    def choose(candidates: Sequence[AdCandidate]) -> Decisions:
        return ads.choose_ads(
            session,
            stretch,
            decisions,
            first=first,
            candidates=candidates,
            audience=audience,
            now=context.now,
            policy=context.settings.ads,
        )

    for _ in range(AUCTIONS):
        chosen = choose(candidates)
        winners = {slot.advertiser_id for slot in chosen.values() if slot is not None}
        hidden = winners - (await users.load_mapping(winners)).keys()
        if not hidden:
            return chosen
        candidates = [each for each in candidates if each.advertiser_id not in hidden]
    return choose(())


async def _audience(context: Context, session: FeedSession) -> Audience:
    """What ads may know of the viewer: interests, wishes, and with whom there is a block.

    An ad is hidden with its pin (c.2.5).
    """
    live = context.loaders.storage.ads.live
    blocks = await context.loaders(BlockWithUserLoader).load_mapping(
        candidate.advertiser_id for candidate in live
    )
    wishes = await wishes_of(context)
    hidden = wishes.hidden_root_ids
    return Audience(
        viewer_id=context.viewer_key,
        topic_ids=frozenset(session.interest_ids),
        blocked_user_ids=frozenset(blocks),
        hidden_ad_ids=frozenset(each.ad_id for each in live if each.root_id in hidden),
        hidden_advertiser_ids=wishes.hidden_advertiser_ids,
        allows_personalised_ads=wishes.personalized_ads,
    )
