"""INV-6 and INV-7: for whoever may not see it, what is secret is null by every path there is.

The test crawls; see `crawler`.
"""

from typing import NamedTuple

import pytest

from domain.boards import BoardPrivacy, BoardRole, Collaborator, InviteStatus
from domain.ids import to_global_id
from domain.media import Image
from domain.notifications import NotificationType
from domain.pins import Engagement, ReactionType
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope, StaffRole
from tests.client import Client
from tests.schema.crawler import Crawler
from tests.world import World

CANARY = "canary"
"""A word in every text of what is secret, and in no other."""

SECRET_SCOPES = {Scope.BOARDS_READ_SECRET, Scope.PINS_READ_SECRET}


class SecretWorld(NamedTuple):
    """Ana's secret board, with a path to it from everything that strangers may see."""

    ana: UserRecord
    member: UserRecord
    invited: UserRecord
    stranger: UserRecord
    ids: list[str]


@pytest.fixture
async def secret_world(world: World) -> SecretWorld:
    """A secret board and its pins, tied to public things in every way the model has."""
    ana, member = await world.user("ana"), await world.user("member")
    invited, stranger = await world.user("invited"), await world.user("stranger")
    topic = await world.topic("Food")
    shown = await world.board(ana, "Shown")
    secret = await world.board(
        ana,
        f"{CANARY} board",
        slug="hidden",
        privacy=BoardPrivacy.SECRET,
        description=CANARY,
        cover_image=Image(source_url=f"https://images.example/{CANARY}", width=1, height=1),
        collaborators=(
            Collaborator(user_id=member.id, role=BoardRole.VIEWER),
            Collaborator(user_id=invited.id, status=InviteStatus.PENDING),
        ),
    )
    section = await world.section(secret, f"{CANARY} section")
    hidden = await world.pin(
        secret,
        f"{CANARY} pin",
        topics=(topic,),
        section_id=section.id,
        note=CANARY,
        engagement=Engagement(saves=1000),
    )
    await world.save(hidden, shown, title="a copy")
    public = await world.pin(shown, "public", topics=(topic,))
    other = await world.pin(shown, "other", topics=(topic,))
    secret_copy = await world.save(public, secret, title=f"{CANARY} copy")
    by_member = await world.save(other, secret, owner_id=member.id, title=f"{CANARY} by member")
    comment = await world.comment(hidden, ana, f"{CANARY} comment")
    await world.comment(hidden, ana, f"{CANARY} reply", parent_id=comment.id)
    await world.comment(public, ana, "hello")
    await world.reaction(hidden, stranger, ReactionType.LOVE)
    for target in (ana, secret, shown, topic):
        await world.follow(stranger, target)
    await world.follow(ana, secret)
    await world.follow(member, secret)
    told = [
        await world.notification(user, NotificationType.REACTION, ana, subject)
        for user in (member, invited, stranger)
        for subject in (secret, hidden, comment)
    ]
    await world.notification(stranger, NotificationType.SAVE, ana, secret_copy)
    await world.notification(stranger, NotificationType.FOLLOW, member)
    await world.ad(hidden)
    await world.storage.ads.refresh()
    named = [("User", ana), ("Board", secret), ("BoardSection", section), ("Pin", hidden)]
    named += [("Pin", secret_copy), ("Pin", by_member), ("Comment", comment), ("Topic", topic)]
    named += [("Notification", each) for each in told]
    return SecretWorld(
        ana, member, invited, stranger, [to_global_id(type, record.id) for type, record in named]
    )


def arguments_of(ids: list[str]) -> dict[str, list[str]]:
    """The values, as GraphQL writes them, that each required argument is given in turn.

    Optional arguments are left out, but for those that could let something secret through.
    """
    quoted = [f'"{each}"' for each in ids]
    by_id = [f"{{id: {each}}}" for each in quoted]
    return {
        "id": quoted,
        "ids": [f"[{', '.join(quoted)}]"],
        "Query.user.by": [by_id[0], '{username: "ana"}'],
        "Query.users.ids": [f"[{quoted[0]}]"],
        "Query.pin.id": quoted[3:6],
        "Query.pins.ids": [f"[{', '.join(quoted[3:6])}]"],
        "Query.board.by": [by_id[1], '{slug: {username: "ana", slug: "hidden"}}'],
        "Query.boards.ids": [f"[{quoted[1]}]"],
        "Query.topic.by": [by_id[7], '{key: "food"}'],
        "Query.search.query": [f'"{CANARY}"', '"public"'],
        "User.boards.privacy": ["PUBLIC", "SECRET", "PROTECTED"],
        "User.boards.includeArchived": ["true"],
        "Board.pins.sectionId": [quoted[2]],
    }


async def forget_secrets(world: World) -> None:
    """Deletes everything secret from the stores: as if it had never been."""
    database = world.storage.mongo.database
    boards = await database["boards"].distinct("_id", {"privacy": "SECRET"})
    pins = await database["pins"].distinct("_id", {"privacy": "SECRET"})
    await database["boards"].delete_many({"_id": {"$in": boards}})
    await database["pins"].delete_many({"_id": {"$in": pins}})
    await database["sections"].delete_many({"board_id": {"$in": boards}})
    await database["comments"].delete_many({"pin_id": {"$in": pins}})
    await database["follows"].delete_many({"target_id": {"$in": boards}})
    await database["ads"].delete_many({"pin_id": {"$in": pins}})
    await world.storage.redis.client.flushdb()
    await world.storage.ads.refresh()


@pytest.mark.parametrize("who", ["anonymous", "stranger", "invited"])
async def test_secret_is_as_if_it_did_not_exist(
    client: Client, world: World, secret_world: SecretWorld, who: str
) -> None:
    """But for what an invitation says to who was invited: that there is one, and whose it is."""
    viewer: UserRecord | None = getattr(secret_world, who, None)
    crawler = Crawler(client, viewer, arguments_of(secret_world.ids), without={"boardInvites"})
    seen = await crawler.crawl()
    assert len(seen) > 6
    assert CANARY not in str(seen)
    await forget_secrets(world)
    assert await crawler.crawl() == seen


@pytest.mark.parametrize("who", ["ana", "member"])
async def test_members_see_what_is_secret(
    client: Client, secret_world: SecretWorld, who: str
) -> None:
    seen = str(
        await Crawler(client, getattr(secret_world, who), arguments_of(secret_world.ids)).crawl()
    )
    for what in ("board", "section", "pin", "copy", "comment", "reply", "by member"):
        assert f"{CANARY} {what}" in seen


@pytest.mark.parametrize(
    ("who", "scopes", "staff"),
    [
        ("ana", EVERY_SCOPE - SECRET_SCOPES, None),
        ("stranger", EVERY_SCOPE - SECRET_SCOPES, StaffRole.ADMIN),
        ("stranger", EVERY_SCOPE, StaffRole.SUPPORT),
    ],
)
async def test_a_token_that_does_not_grant_it_shows_nothing_secret(
    client: Client,
    world: World,
    secret_world: SecretWorld,
    who: str,
    scopes: frozenset[Scope],
    staff: StaffRole | None,
) -> None:
    """Not to the owner either, nor to an admin, and to support never."""
    viewer: UserRecord = getattr(secret_world, who)
    limited = client.with_tokens(scopes, staff)
    seen = await Crawler(limited, viewer, arguments_of(secret_world.ids)).crawl()
    assert len(seen) > 6
    assert CANARY not in str(seen)
    await forget_secrets(world)
    assert await Crawler(limited, viewer, arguments_of(secret_world.ids)).crawl() == seen


async def test_an_admin_sees_what_is_secret(client: Client, secret_world: SecretWorld) -> None:
    admin = client.with_tokens(staff=StaffRole.ADMIN)
    seen = str(await Crawler(admin, secret_world.stranger, arguments_of(secret_world.ids)).crawl())
    for what in ("board", "section", "pin", "copy", "comment", "reply", "by member"):
        assert f"{CANARY} {what}" in seen
