"""What resolvers are told when the server starts."""

import msgspec

from domain.ads import AdPolicy


class ResolverSettings(msgspec.Struct, frozen=True):
    """Settings that fields read.

    `image_proxy_url` is the base of the service that scales pictures (None: originals are served).
    `ads` says how many ads a feed has, where, and at what reserve; a page waits `ads_budget_ms` for
    them, and then goes without.
    """

    image_proxy_url: str | None = None
    ads: AdPolicy = AdPolicy()
    ads_budget_ms: int = 50
