"""The people of the demo world: five with a part to play, a few businesses, and everybody else."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

import msgspec

from domain.media import Image
from domain.record import Id
from domain.slugs import slug_of
from domain.topics import TopicRecord
from domain.users import AccountType, UserRecord, UserStatus
from worlds.blurhash import random_blur_hash
from worlds.chance import stream, zipf_weights
from worlds.demo_words import (
    ARCHITECTURE,
    ART,
    BOOKS,
    CELEBRATIONS,
    DIY,
    FIRST_NAMES,
    FOOD,
    GARDENS,
    INTERIORS,
    LAST_NAMES,
    NAMES_ELSEWHERE,
    OUTDOORS,
    PHOTOGRAPHY,
    SEASONS,
    THEMES,
    TRAVEL,
    Theme,
)
from worlds.ids import Kind, stable_id, topic_id

FEWEST_USERS = 20


class DemoViewer(msgspec.Struct, frozen=True):
    """Somebody to sign in as; `part` says, for a menu, what is special about them."""

    username: str
    full_name: str
    part: str


ANA = DemoViewer("ana", "Ana Ribeiro", "follows many people, boards and topics")
BRUNO = DemoViewer("bruno", "Bruno Keller", "follows nobody; chose topics at sign-up")
CHIYO = DemoViewer("chiyo", "Chiyo Tanaka", "adds pins to Ana's secret board")
DARA = DemoViewer("dara", "Dara Home", "a business that promotes its pins")
EMRE = DemoViewer("emre", "Emre Yılmaz", "may look at Ana's secret board; has an open invitation")

DEMO_VIEWERS = (ANA, BRUNO, CHIYO, DARA, EMRE)
"""The people a newcomer signs in as."""

_THEMES_OF = {
    ANA: (FOOD, TRAVEL, GARDENS, ART),
    BRUNO: (OUTDOORS, PHOTOGRAPHY, TRAVEL),
    CHIYO: (CELEBRATIONS, FOOD, ART),
    DARA: (INTERIORS, DIY),
    EMRE: (ARCHITECTURE, BOOKS),
}
_MOST_BUSINESSES = 8
_DEACTIVATED_EVERY = 100


class Person(msgspec.Struct, frozen=True):
    """A user, what they care about, and how likely they are to be followed."""

    user: UserRecord
    themes: tuple[Theme, ...]
    popularity: float

    @property
    def is_business(self) -> bool:
        """Whether they advertise."""
        return self.user.account_type is AccountType.BUSINESS


def demo_topics() -> list[TopicRecord]:
    """All topics: each theme, the topics in it, and the seasons."""
    names = [*(name for theme in THEMES for name in (theme.name, *theme.topics)), *SEASONS]
    return [TopicRecord(id=named_topic(name), key=_key(name), name=name) for name in names]


def named_topic(name: str) -> Id:
    """The id of the topic of that name."""
    return topic_id(_key(name))


def demo_people(seed: int, count: int, now: datetime) -> list[Person]:
    """`count` people, the demo viewers first; raises `ValueError` below `FEWEST_USERS`."""
    if count < FEWEST_USERS:
        raise ValueError(f"a demo world has at least {FEWEST_USERS} users, not {count}")
    random = stream(seed, "people")
    popularity = zipf_weights(random, count, 0.8)
    businesses = min(_MOST_BUSINESSES, count // 8)
    usernames = {viewer.username for viewer in DEMO_VIEWERS}  # taken so far
    people: list[Person] = []
    for number in range(count):
        if number < len(DEMO_VIEWERS):
            person = _viewer(random, seed, number, now)
        elif number < len(DEMO_VIEWERS) + businesses - 1:
            person = _business(random, seed, number, now)
        else:
            person = _anybody(random, seed, number, now, usernames)
        people.append(msgspec.structs.replace(person, popularity=popularity[number]))
    return people


def host_of(site: str) -> str:
    """The host of a site, from its name."""
    return slug_of(site.replace(" & ", " and "), fallback="site").replace("-", "") + ".example"


def _key(name: str) -> str:
    return slug_of(name, fallback="topic")


def _viewer(random: Random, seed: int, number: int, now: datetime) -> Person:
    viewer = DEMO_VIEWERS[number]
    themes = _THEMES_OF[viewer]
    user = _user(random, seed, number, now - timedelta(days=700 - number), viewer.username)
    chosen = [*themes[0].topics][:2] + [theme.name for theme in themes[1:]]
    user = msgspec.structs.replace(
        user,
        full_name=viewer.full_name,
        about=viewer.part[0].upper() + viewer.part[1:] + ".",
        home_topic_ids=tuple(map(named_topic, chosen)),
    )
    return Person(_as_business(user, "dara.example") if viewer is DARA else user, themes, 0)


def _business(random: Random, seed: int, number: int, now: datetime) -> Person:
    theme = THEMES[number % len(THEMES)]
    name, site = theme.sites[0], host_of(theme.sites[0])
    username = site.removesuffix(".example")
    user = _user(random, seed, number, now - timedelta(days=random.randrange(200, 900)), username)
    user = msgspec.structs.replace(user, full_name=name, about=f"All about {theme.name.lower()}.")
    return Person(_as_business(user, site), (theme,), 0)


def _as_business(user: UserRecord, site: str) -> UserRecord:
    return msgspec.structs.replace(
        user,
        account_type=AccountType.BUSINESS,
        business_name=user.full_name,
        website_url=f"https://{site}/",
        verified_website=f"https://{site}/",
        is_verified_merchant=True,
        monthly_views=10_000 + int(user.id[-4:], 16),
    )


def _anybody(random: Random, seed: int, number: int, now: datetime, usernames: set[str]) -> Person:
    first, last = random.choice(FIRST_NAMES), random.choice(LAST_NAMES)
    username = _free_username(f"{first}_{last}".lower(), usernames)
    themes = tuple(random.sample(THEMES, random.choice((1, 2, 2, 3, 3, 4))))
    joined = now - timedelta(days=random.uniform(20, 1100))
    user = _user(random, seed, number, joined, username)
    interests = [name for theme in themes for name in (theme.name, *theme.topics)]
    chosen = random.sample(interests, random.randrange(0, 5))
    is_gone = number % _DEACTIVATED_EVERY == _DEACTIVATED_EVERY // 4
    return Person(
        msgspec.structs.replace(
            user,
            full_name=random.choice(NAMES_ELSEWHERE) if number % 20 == 0 else f"{first} {last}",
            about=_about(random, themes),
            home_topic_ids=tuple(map(named_topic, chosen)),
            status=UserStatus.DEACTIVATED if is_gone else UserStatus.ACTIVE,
        ),
        themes,
        0,
    )


def _about(random: Random, themes: Sequence[Theme]) -> str | None:
    if random.random() < 0.3:
        return None
    names = " and ".join(theme.name.lower() for theme in themes[:2])
    pattern = random.choice(("{}.", "mostly {}.", "here for {}. ✨", "collecting {} since 2019."))
    about = pattern.format(names)
    return about[0].upper() + about[1:]


def _free_username(name: str, usernames: set[str]) -> str:
    candidate, number = name, 1
    while candidate in usernames:
        number += 1
        candidate = f"{name}_{number}"
    usernames.add(candidate)
    return candidate


def _user(random: Random, seed: int, number: int, joined: datetime, username: str) -> UserRecord:
    created_at = joined.replace(microsecond=0)
    color = random.choice(random.choice(THEMES).palette)
    return UserRecord(
        id=stable_id(Kind.USER, f"demo/{seed}/{number}", created_at),
        username=username,
        full_name=username,
        created_at=created_at,
        avatar=Image(
            source_url=f"https://images.pinery.example/people/{random.getrandbits(64):016x}.jpg",
            width=400,
            height=400,
            dominant_color=color,
            blur_hash=random_blur_hash(random, color),
        ),
    )
