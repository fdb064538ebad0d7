"""The boards of the demo world: from empty to very large, some secret, shared or archived."""

from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import NamedTuple

import msgspec

from domain.boards import (
    BoardPrivacy,
    BoardRecord,
    BoardRole,
    Collaborator,
    InviteStatus,
    SectionRecord,
)
from domain.media import Image
from domain.positions import at_place, at_top
from domain.record import Id
from domain.slugs import free_slug, slug_of
from worlds.chance import stream, zipf_weights
from worlds.demo_people import ANA, CHIYO, EMRE, Person
from worlds.demo_words import CELEBRATIONS, FOOD, TRAVEL, Theme
from worlds.ids import Kind, stable_id

ADS_ONLY_NAME = "Ad-only Pins"
"""What Pinterest calls a board whose pins are shown as ads alone (DOMAIN a.2)."""

SHOP_NAME = "From the shop"
SECRET_NAME = "Surprise party 🤫"
LEAK_NAME = "Party plans 🎈"
"""A public board of a member of the secret one, with a copy of a pin from there."""

_SIZE_EXPONENT = 0.85
_MOST_BOARDS = 60
_SECTIONED_FROM_PINS = 12


class DemoBoard(msgspec.Struct, frozen=True):
    """A board, what is pinned to it, who pins, and its share of all pins."""

    record: BoardRecord
    owner: Person
    theme: Theme
    writers: tuple[Person, ...]
    weight: float
    sections: tuple[SectionRecord, ...] = ()

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.record.privacy is BoardPrivacy.PUBLIC


class _Idea(NamedTuple):
    """A board that somebody is going to have."""

    owner: Person
    theme: Theme
    name: str
    privacy: BoardPrivacy = BoardPrivacy.PUBLIC
    members: tuple[tuple[Person, BoardRole, InviteStatus], ...] = ()
    weight: float | None = None
    """Its share of pins; None takes part in the draw."""


def demo_boards(seed: int, people: Sequence[Person], pins: int, now: datetime) -> list[DemoBoard]:
    """The boards of all people; `pins` is how many will be spread over them."""
    random = stream(seed, "boards")
    ideas = [*_set_pieces(people), *_business_ideas(people)]
    for person in people:
        ideas += _ideas_of(random, person, people)
    weights = zipf_weights(random, len(ideas), _SIZE_EXPONENT)
    total = sum(weights)
    slugs: set[tuple[Id, str]] = set()
    boards = []
    for number, (idea, drawn) in enumerate(zip(ideas, weights, strict=True)):
        weight = drawn if idea.weight is None else idea.weight
        board = _board(random, seed, number, idea, weight, now, slugs)
        boards.append(_with_sections(random, seed, board, expected=pins * weight / total))
    return boards


def _set_pieces(people: Sequence[Person]) -> list[_Idea]:
    """What the demo viewers' parts are made of."""
    by_name = {person.user.username: person for person in people[:10]}
    ana, chiyo, emre = (by_name[viewer.username] for viewer in (ANA, CHIYO, EMRE))
    accepted, pending = InviteStatus.ACCEPTED, InviteStatus.PENDING
    return [
        _Idea(ana, FOOD, "Weeknight dinners", weight=0.1),
        _Idea(ana, TRAVEL, "Someday", members=((emre, BoardRole.EDITOR, pending),), weight=0.05),
        _Idea(
            ana,
            CELEBRATIONS,
            SECRET_NAME,
            BoardPrivacy.SECRET,
            ((chiyo, BoardRole.EDITOR, accepted), (emre, BoardRole.VIEWER, accepted)),
            weight=0.05,
        ),
        _Idea(chiyo, CELEBRATIONS, LEAK_NAME, weight=0.02),
    ]


def _business_ideas(people: Sequence[Person]) -> list[_Idea]:
    return [
        _Idea(person, person.themes[0], name, privacy, weight=0)
        for person in people
        if person.is_business
        for name, privacy in (
            (SHOP_NAME, BoardPrivacy.PUBLIC),
            (ADS_ONLY_NAME, BoardPrivacy.PROTECTED),
        )
    ]


def _ideas_of(random: Random, person: Person, people: Sequence[Person]) -> list[_Idea]:
    if random.random() < 0.08:
        return []
    count = min(_MOST_BOARDS, int(random.paretovariate(1.15)) + 1)
    return [_idea(random, person, people) for _ in range(count)]


def _idea(random: Random, person: Person, people: Sequence[Person]) -> _Idea:
    theme = random.choice(person.themes)
    privacy = BoardPrivacy.SECRET if random.random() < 0.06 else BoardPrivacy.PUBLIC
    is_shared = random.random() < (0.3 if privacy is BoardPrivacy.SECRET else 0.04)
    return _Idea(
        person,
        theme,
        _name(random, theme),
        privacy,
        _members(random, person, people) if is_shared else (),
        weight=0 if random.random() < 0.08 else None,
    )


def _name(random: Random, theme: Theme) -> str:
    kind = random.random()
    if kind < 0.5:
        return random.choice(theme.boards)
    if kind < 0.75:
        return random.choice([*theme.topics])
    if kind < 0.87:
        return random.choice(theme.elsewhere)
    return random.choice([*theme.topics]) + random.choice((" ✨", " 💛", " to try", " – ideas"))


def _members(
    random: Random, owner: Person, people: Sequence[Person]
) -> tuple[tuple[Person, BoardRole, InviteStatus], ...]:
    roles = (BoardRole.EDITOR, BoardRole.EDITOR, BoardRole.VIEWER)
    answers = (*[InviteStatus.ACCEPTED] * 7, *[InviteStatus.PENDING] * 2, InviteStatus.DECLINED)
    return tuple(
        (member, random.choice(roles), random.choice(answers))
        for member in random.sample(people, random.choice((1, 1, 2, 3, 5)))
        if member is not owner
    )


def _board(
    random: Random,
    seed: int,
    number: int,
    idea: _Idea,
    weight: float,
    now: datetime,
    slugs: set[tuple[Id, str]],
) -> DemoBoard:
    owner = idea.owner.user
    age = (now - owner.created_at) * random.uniform(0.1, 1.0)
    created_at = (now - age).replace(microsecond=0)
    is_archived = idea.weight is None and random.random() < 0.03
    record = BoardRecord(
        id=stable_id(Kind.BOARD, f"demo/{seed}/{number}", created_at),
        owner_id=owner.id,
        name=idea.name,
        slug=_free_slug(owner.id, slug_of(idea.name, fallback="board"), slugs),
        created_at=created_at,
        pins_modified_at=created_at,
        description=_description(random, idea.theme),
        privacy=idea.privacy,
        is_ads_only=idea.privacy is BoardPrivacy.PROTECTED,
        collaborators=tuple(
            Collaborator(
                user_id=member.user.id,
                role=role,
                status=status,
                invited_by_id=owner.id,
                joined_at=created_at if status is InviteStatus.ACCEPTED else None,
                can_invite=role is BoardRole.EDITOR and random.random() < 0.2,
            )
            for member, role, status in idea.members
        ),
        cover_image=_cover(random, idea.theme) if random.random() < 0.1 else None,
        position=at_top(created_at),
        archived_at=now if is_archived else None,
    )
    editors = (
        member
        for member, role, status in idea.members
        if role is BoardRole.EDITOR and status is InviteStatus.ACCEPTED
    )
    return DemoBoard(record, idea.owner, idea.theme, (idea.owner, *editors), weight)


def _free_slug(owner_id: Id, slug: str, taken: set[tuple[Id, str]]) -> str:
    free = free_slug(slug, lambda candidate: (owner_id, candidate) not in taken)
    taken.add((owner_id, free))
    return free


def _description(random: Random, theme: Theme) -> str | None:
    return random.choice(theme.notes) if random.random() < 0.4 else None


def _cover(random: Random, theme: Theme) -> Image:
    return Image(
        source_url=f"https://images.pinery.example/covers/{random.getrandbits(64):016x}.jpg",
        width=1200,
        height=800,
        dominant_color=random.choice(theme.palette),
    )


def _with_sections(random: Random, seed: int, board: DemoBoard, *, expected: float) -> DemoBoard:
    if expected < _SECTIONED_FROM_PINS or random.random() < 0.4:
        return board
    titles = random.sample(board.theme.sections, random.randrange(2, len(board.theme.sections)))
    sections = tuple(
        SectionRecord(
            id=stable_id(Kind.SECTION, f"{board.record.id}/{place}", board.record.created_at),
            board_id=board.record.id,
            title=title,
            position=at_place(place),
            created_at=board.record.created_at,
        )
        for place, title in enumerate(titles)
    )
    return msgspec.structs.replace(board, sections=sections)
