import pytest

from domain.campaigns import PlacementGroup, TargetingSpec
from domain.targeting import (
    AdReason,
    Audience,
    Surface,
    TargetingKey,
    matches,
    needs_personal_data,
    reasons,
)
from tests.domain.builders import entity_id

FOOD, ART, TRAVEL = entity_id(1), entity_id(2), entity_id(3)


def test_an_empty_spec_is_for_everyone() -> None:
    assert matches(TargetingSpec(), Audience())
    assert reasons(TargetingSpec(), Audience()) == ()


def test_values_of_one_key_are_alternatives() -> None:
    spec = TargetingSpec(topic_ids=(FOOD, ART))
    assert matches(spec, Audience(topic_ids=frozenset({ART, TRAVEL})))
    assert not matches(spec, Audience(topic_ids=frozenset({TRAVEL})))


def test_all_keys_must_match() -> None:
    spec = TargetingSpec(countries=("US", "CA"), locales=("en-US",))
    assert matches(spec, Audience(country="CA", locale="en-US"))
    assert not matches(spec, Audience(country="CA", locale="fr-CA"))
    assert not matches(spec, Audience(country="FR", locale="en-US"))


@pytest.mark.parametrize(
    "spec",
    [
        TargetingSpec(topic_ids=(FOOD,)),
        TargetingSpec(genders=("female",)),
        TargetingSpec(locales=("en-US",)),
        TargetingSpec(countries=("US",)),
        TargetingSpec(minimum_age=18),
        TargetingSpec(maximum_age=65),
    ],
)
def test_what_is_unknown_fails_a_key_that_lists_something(spec: TargetingSpec) -> None:
    assert not matches(spec, Audience())


def test_an_unknown_gender_can_be_asked_for() -> None:
    spec = TargetingSpec(genders=("male", "unknown"))
    assert matches(spec, Audience())
    assert not matches(spec, Audience(gender="female"))


@pytest.mark.parametrize(("age", "is_match"), [(17, False), (18, True), (24, True), (25, False)])
def test_the_bounds_of_age_are_inclusive(age: int, is_match: bool) -> None:
    spec = TargetingSpec(minimum_age=18, maximum_age=24)
    assert matches(spec, Audience(age=age)) is is_match


def test_reasons_are_the_matched_keys_with_the_viewers_own_values() -> None:
    spec = TargetingSpec(
        topic_ids=(TRAVEL, ART, FOOD), genders=("female", "male"), minimum_age=18, countries=("US",)
    )
    audience = Audience(
        topic_ids=frozenset({ART, FOOD}), gender="female", age=30, country="US", locale="en-US"
    )
    assert reasons(spec, audience) == (
        AdReason(TargetingKey.TOPIC, FOOD),
        AdReason(TargetingKey.GENDER, "female"),
        AdReason(TargetingKey.AGE),
        AdReason(TargetingKey.COUNTRY, "US"),
    )


@pytest.mark.parametrize(
    ("spec", "is_personal"),
    [
        (TargetingSpec(topic_ids=(FOOD,)), True),
        (TargetingSpec(genders=("male",)), True),
        (TargetingSpec(maximum_age=30), True),
        (TargetingSpec(countries=("US",), locales=("en-US",)), False),
        (TargetingSpec(), False),
    ],
)
def test_what_counts_as_personal(spec: TargetingSpec, is_personal: bool) -> None:
    assert needs_personal_data(spec) is is_personal


def test_feeds_and_related_pins_are_browse() -> None:
    assert {surface: surface.placement_group for surface in Surface} == {
        Surface.HOME_FEED: PlacementGroup.BROWSE,
        Surface.FOLLOWING_FEED: PlacementGroup.BROWSE,
        Surface.RELATED: PlacementGroup.BROWSE,
        Surface.SEARCH: PlacementGroup.SEARCH,
    }
