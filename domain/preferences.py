"""What a user wishes of their feed. It is theirs alone, so it is no part of the user's record."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

import msgspec

from domain.record import Id, Record

MAX_HOME_TOPICS: Final = 50
"""Topics that one user may choose for their home feed."""

MAX_HIDDEN_ADVERTISERS: Final = 1_000
"""Advertisers that one user may hide."""


class HiddenAdvertiser(msgspec.Struct, frozen=True, kw_only=True):
    """A user whose ads are not wanted."""

    user_id: Id
    hidden_at: datetime


class PreferencesRecord(Record, frozen=True, kw_only=True):
    """The preferences of the user with the same id.

    Without `personalized_ads`, no ad is chosen by topics, gender or age (c.2.5).
    """

    hidden_advertisers: tuple[HiddenAdvertiser, ...] = ()
    personalized_ads: bool = True


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What feeds ask of preferences and hides: the roots of hidden pins, and what ads may do."""

    hidden_root_ids: frozenset[Id] = frozenset()
    hidden_advertiser_ids: frozenset[Id] = frozenset()
    personalized_ads: bool = True


NO_WISHES: Final = Wishes()


def with_advertisers(
    preferences: PreferencesRecord, *, hide: Iterable[Id], show: Iterable[Id], now: datetime
) -> PreferencesRecord:
    """Preferences with more advertisers hidden, and others no longer. Who is hidden stays so."""
    shown = frozenset(show)
    kept = tuple(each for each in preferences.hidden_advertisers if each.user_id not in shown)
    known = {each.user_id for each in kept}
    added = (HiddenAdvertiser(user_id=id, hidden_at=now) for id in hide if id not in known)
    return msgspec.structs.replace(preferences, hidden_advertisers=(*kept, *added))
