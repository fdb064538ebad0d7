"""Whom an ad group is for, and why a viewer was reached (DOMAIN c.2.4, c.8).

Keys are joined by AND, the values of one key by OR; a key without values matches everyone. What is
unknown about a viewer fails every key that lists something, except a gender listed as "unknown".
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

import msgspec

from domain.campaigns import PlacementGroup, TargetingSpec

UNKNOWN_GENDER = "unknown"


class Surface(StrEnum):
    """Where ads are shown."""

    HOME_FEED = "HOME_FEED"
    FOLLOWING_FEED = "FOLLOWING_FEED"
    RELATED = "RELATED"
    SEARCH = "SEARCH"

    @property
    def placement_group(self) -> PlacementGroup:
        """The group an ad group chooses to appear here: feeds and related pins are BROWSE."""
        return PlacementGroup.SEARCH if self is Surface.SEARCH else PlacementGroup.BROWSE


class Audience(msgspec.Struct, frozen=True, kw_only=True):
    """What ads may know of one viewer on one surface; None and empty mean unknown or none.

    `topic_ids` are the viewer's interests. `locale` is a BCP 47 tag, `country` an ISO 3166 code.
    `blocked_user_ids` holds both the users whom the viewer blocked and those who blocked the
    viewer. Without `allows_personalised_ads`, topics, gender and age may not be used.
    """

    viewer_id: str | None = None
    surface: Surface = Surface.HOME_FEED
    topic_ids: frozenset[str] = frozenset()
    gender: str | None = None
    age: int | None = None
    locale: str | None = None
    country: str | None = None
    blocked_user_ids: frozenset[str] = frozenset()
    hidden_ad_ids: frozenset[str] = frozenset()
    hidden_advertiser_ids: frozenset[str] = frozenset()
    allows_personalised_ads: bool = True


class TargetingKey(StrEnum):
    """A kind of fact about viewers that an ad group may ask for."""

    TOPIC = "TOPIC"
    GENDER = "GENDER"
    AGE = "AGE"
    LOCALE = "LOCALE"
    COUNTRY = "COUNTRY"


class AdReason(msgspec.Struct, frozen=True):
    """One key that matched, and the viewer's own value of it: never what else was targeted.

    `value` is a topic's id, a gender, a locale or a country; for AGE it is None, since the bounds
    are the advertiser's.
    """

    key: TargetingKey
    value: str | None = None


class _Rule(NamedTuple):
    """One key: what is personal about it, whether a spec asks for it, and what matches."""

    is_personal: bool
    is_asked: Callable[[TargetingSpec], bool]
    match: Callable[[TargetingSpec, Audience], AdReason | None]


def matches(spec: TargetingSpec, audience: Audience) -> bool:
    """Whether every key that the spec asks for matches."""
    return all(rule.match(spec, audience) for rule in _RULES if rule.is_asked(spec))


def needs_personal_data(spec: TargetingSpec) -> bool:
    """Whether the spec asks for a topic, a gender or an age."""
    return any(rule.is_personal and rule.is_asked(spec) for rule in _RULES)


def reasons(spec: TargetingSpec, audience: Audience) -> tuple[AdReason, ...]:
    """The keys that matched, in the order of `TargetingKey`; empty when everyone was targeted."""
    found = (rule.match(spec, audience) for rule in _RULES if rule.is_asked(spec))
    return tuple(reason for reason in found if reason is not None)


def _topic(spec: TargetingSpec, audience: Audience) -> AdReason | None:
    shared = audience.topic_ids.intersection(spec.topic_ids)
    return AdReason(TargetingKey.TOPIC, min(shared)) if shared else None


def _gender(spec: TargetingSpec, audience: Audience) -> AdReason | None:
    gender = audience.gender or UNKNOWN_GENDER
    return AdReason(TargetingKey.GENDER, gender) if gender in spec.genders else None


def _age(spec: TargetingSpec, audience: Audience) -> AdReason | None:
    age = audience.age
    if age is None:
        return None
    is_old_enough = spec.minimum_age is None or spec.minimum_age <= age
    is_young_enough = spec.maximum_age is None or age <= spec.maximum_age
    return AdReason(TargetingKey.AGE) if is_old_enough and is_young_enough else None


def _locale(spec: TargetingSpec, audience: Audience) -> AdReason | None:
    locale = audience.locale
    return AdReason(TargetingKey.LOCALE, locale) if locale in spec.locales else None


def _country(spec: TargetingSpec, audience: Audience) -> AdReason | None:
    country = audience.country
    return AdReason(TargetingKey.COUNTRY, country) if country in spec.countries else None


_RULES = (
    _Rule(True, lambda spec: bool(spec.topic_ids), _topic),
    _Rule(True, lambda spec: bool(spec.genders), _gender),
    _Rule(True, lambda spec: spec.minimum_age is not None or spec.maximum_age is not None, _age),
    _Rule(False, lambda spec: bool(spec.locales), _locale),
    _Rule(False, lambda spec: bool(spec.countries), _country),
)
