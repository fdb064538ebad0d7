"""`updateProfile`: what the viewer says of themselves, and is called."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.media import Image, MediaStatus
from domain.uploads import ImageType, MediaUploadRecord, registered
from domain.users import AccountType, UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from server import create_app
from storage.codec import document, new_id
from storage.embedded import EmbeddedStores
from storage.mongo import Mongo
from storage.redis import Redis
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.mutations.wire import gid, snapshot
from tests.world import START, World

UPDATE = """
mutation($input: UpdateProfileInput!) {
  updateProfile(input: $input) {
    user {
      username fullName about websiteUrl verifiedWebsite accountType businessName
      isVerifiedMerchant revision avatar { width height }
    }
    userErrors { __typename code field message ... on ConflictError { currentRevision } }
  }
}
"""
NAMED = "query($name: String!) { user(by: {username: $name}) { username fullName } }"

ANA = {
    "username": "ana",
    "fullName": "Ana",
    "about": None,
    "websiteUrl": None,
    "verifiedWebsite": None,
    "accountType": "PINNER",
    "businessName": None,
    "isVerifiedMerchant": False,
    "revision": 1,
    "avatar": None,
}
PICTURE = Image(source_url="https://images.example/ana.jpg", width=40, height=30)


async def update(client: Client, viewer: UserRecord, **input: Any) -> Any:
    """Changes a profile; gives the user as they are then."""
    payload = (await client.data(UPDATE, viewer, input=input))["updateProfile"]
    assert payload["userErrors"] == []
    return payload["user"]


async def refused(client: Client, viewer: UserRecord, **input: Any) -> list[tuple[str, str]]:
    """The code and path of each error of a change that is refused."""
    payload = (await client.data(UPDATE, viewer, input=input))["updateProfile"]
    assert payload["user"] is None
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def upload(
    world: World, owner: UserRecord, status: MediaStatus = MediaStatus.SUCCEEDED
) -> str:
    """The global id of an upload of a user, which has a picture if it SUCCEEDED."""
    base = registered(new_id(), owner.id, ImageType.JPEG, 100, key="a" * 32, now=START)
    image = PICTURE if status is MediaStatus.SUCCEEDED else None
    fields = {"status": status, "image": image, "expires_at": START + timedelta(days=9)}
    record = MediaUploadRecord(
        **{name: getattr(base, name) for name in base.__struct_fields__} | fields
    )
    await world.storage.mongo.collection("uploads").insert_one(document(record))
    return gid(record)


@pytest.fixture
async def ana(world: World) -> UserRecord:
    """Ana."""
    return await world.user("ana")


async def test_every_field(client: Client, world: World, ana: UserRecord) -> None:
    changed = await update(
        client,
        ana,
        username=" Ana_Z ",
        fullName="  Ana Z. ",
        about="Wood,\r\nmostly.",
        websiteUrl="https://ana.example/",
        accountType="BUSINESS",
        businessName="Ana's",
        avatarUpload=await upload(world, ana),
        expectedRevision=1,
    )

    assert changed == ANA | {
        "username": "ana_z",
        "fullName": "Ana Z.",
        "about": "Wood,\nmostly.",
        "websiteUrl": "https://ana.example/",
        "accountType": "BUSINESS",
        "businessName": "Ana's",
        "revision": 2,
        "avatar": {"width": 40, "height": 30},
    }
    stored = await world.storage.users.get_many([ana.id])
    assert stored[ana.id].avatar == PICTURE
    (used,) = await world.storage.mongo.collection("uploads").find().to_list(None)
    assert used["used_at"] is not None


async def test_what_is_omitted_stays_and_null_takes_away(
    client: Client, world: World, ana: UserRecord
) -> None:
    await update(client, ana, about="Wood.", websiteUrl="https://ana.example/")

    one = await update(client, ana, about=None)
    assert one == ANA | {"websiteUrl": "https://ana.example/", "revision": 3}
    picture = await upload(world, ana)
    assert (await update(client, ana, avatarUpload=picture))["avatar"] is not None
    assert await update(client, ana, avatarUpload=None, websiteUrl="  ") == ANA | {"revision": 5}


async def test_what_changes_nothing_is_no_edit(
    client: Client, world: World, ana: UserRecord
) -> None:
    before = await snapshot(world)
    assert await update(client, ana) == ANA
    assert await update(client, ana, username="ANA", fullName="Ana", about=None) == ANA
    assert await snapshot(world) == before


async def test_an_old_username_is_free_at_once(
    client: Client, world: World, ana: UserRecord
) -> None:
    ben = await world.user("ben")
    assert (await client.data(NAMED, ben, name="ana"))["user"]["username"] == "ana"

    await update(client, ana, username="zoe")

    assert await client.data(NAMED, ben, name="ana") == {"user": None}
    assert await client.data(NAMED, ben, name="Zoe") == {
        "user": {"username": "zoe", "fullName": "Ana"}
    }
    await update(client, ben, username="ana")
    assert (await client.data(NAMED, None, name="ana"))["user"]["fullName"] == "Ben"


async def test_a_name_is_taken_however_it_is_written(
    client: Client, world: World, ana: UserRecord
) -> None:
    await world.user("ben")
    before = await snapshot(world)
    for name in ("ben", "BEN", " Ben"):
        assert await refused(client, ana, username=name) == [("TAKEN", "input.username")]
    assert await snapshot(world) == before


async def test_of_many_who_take_a_name_one_has_it(
    client: Client, world: World, storage: Storage, stores: EmbeddedStores
) -> None:
    """In two processes, where nobody waits for a turn: the index decides."""
    people = await asyncio.gather(*(world.user(f"person{n}") for n in range(10)))
    other = Storage(
        Mongo(stores.mongo_url, database="tests"), Redis(stores.redis_url, deadline_ms=1000)
    )
    settings = settings_of(stores)
    async with serving(create_app(settings, other)) as url:
        beside = Client(url, settings)
        answers = await asyncio.gather(
            *(
                (client, beside)[n % 2].data(UPDATE, who, input={"username": "Best"})
                for n, who in enumerate(people)
            )
        )
        await beside.http.aclose()
    await other.close()

    payloads = [answer["updateProfile"] for answer in answers]
    won = [payload["user"]["username"] for payload in payloads if payload["user"]]
    lost = [[e["code"] for e in p["userErrors"]] for p in payloads if p["user"] is None]
    assert won == ["best"]
    assert lost == [["TAKEN"]] * 9
    assert await storage.mongo.collection("users").count_documents({"username": "best"}) == 1


async def test_many_edits_at_once_are_all_made(
    client: Client, world: World, ana: UserRecord
) -> None:
    await asyncio.gather(*(update(client, ana, about=f"{n}") for n in range(20)))
    stored = (await world.storage.users.get_many([ana.id]))[ana.id]
    assert stored.revision == 21


async def test_of_edits_that_expect_the_same_one_is_made(
    client: Client, world: World, ana: UserRecord
) -> None:
    answers = await asyncio.gather(
        *(
            client.data(UPDATE, ana, input={"about": f"{n}", "expectedRevision": 1})
            for n in range(10)
        )
    )
    errors = [error for a in answers for error in a["updateProfile"]["userErrors"]]
    assert len(errors) == 9
    for error in errors:
        assert (error["__typename"], error["code"]) == ("ConflictError", "CONFLICT")
        assert error["field"] == ["input", "expectedRevision"]
        assert error["currentRevision"] == 2
    assert (await world.storage.users.get_many([ana.id]))[ana.id].revision == 2


@pytest.mark.parametrize(
    ("before", "after", "verified"),
    [
        ("https://ana.example/", "https://www.ana.example/shop", True),
        ("https://ana.example/", "http://ANA.example", True),
        ("https://ana.example/", "https://other.example/", False),
        ("https://ana.example/", "https://shop.ana.example/", False),
        ("https://ana.example/", None, False),
    ],
)
async def test_another_website_is_not_verified(
    client: Client, world: World, before: str, after: str | None, verified: bool
) -> None:
    ana = await world.user("ana", website_url=before, verified_website=before)
    changed = await update(client, ana, websiteUrl=after)
    assert changed == ANA | {
        "websiteUrl": after,
        "verifiedWebsite": before if verified else None,
        "revision": 2,
    }


async def test_what_is_verified_stays_when_other_things_change(
    client: Client, world: World
) -> None:
    ana = await world.user("ana", verified_website="https://ana.example/")
    assert (await update(client, ana, about="Wood."))["verifiedWebsite"] == "https://ana.example/"


async def test_only_a_business_has_a_business_name(
    client: Client, world: World, ana: UserRecord
) -> None:
    before = await snapshot(world)
    error = ("NOT_ALLOWED", "input.businessName")
    assert await refused(client, ana, businessName="Ana's") == [error]
    assert await snapshot(world) == before
    assert await update(client, ana, businessName=None) == ANA

    shop = await world.user(
        "shop", account_type=AccountType.BUSINESS, business_name="Shop", is_verified_merchant=True
    )
    assert (await update(client, shop, businessName="The Shop"))["isVerifiedMerchant"] is True
    person = {"accountType": "PINNER", "businessName": "Still a shop"}
    assert await refused(client, shop, **person) == [error]
    changed = await update(client, shop, accountType="PINNER")
    assert changed == ANA | {"username": "shop", "fullName": "Shop", "revision": 3}


async def test_all_that_is_wrong_is_told_at_once(
    client: Client, world: World, ana: UserRecord
) -> None:
    ben = await world.user("ben")
    theirs = await upload(world, ben)
    before = await snapshot(world)

    assert await refused(
        client,
        ana,
        username="1234",
        fullName=" ",
        about="x" * 501,
        websiteUrl="ftp://ana.example/",
        accountType=None,
        businessName="x" * 101,
        avatarUpload=gid(ben),
    ) == [
        ("INVALID", "input.username"),
        ("BLANK", "input.fullName"),
        ("TOO_LONG", "input.about"),
        ("INVALID", "input.websiteUrl"),
        ("TOO_LONG", "input.businessName"),
        ("BLANK", "input.accountType"),
        ("INVALID", "input.avatarUpload"),
    ]
    assert await refused(client, ana, username=None, fullName=None) == [
        ("BLANK", "input.username"),
        ("BLANK", "input.fullName"),
    ]
    assert await refused(
        client, ana, username="ben", businessName="Ana's", avatarUpload=theirs
    ) == [
        ("TAKEN", "input.username"),
        ("NOT_ALLOWED", "input.businessName"),
        ("NOT_FOUND", "input.avatarUpload"),
    ]

    assert await snapshot(world) == before


async def test_a_picture_must_be_ready(client: Client, world: World, ana: UserRecord) -> None:
    waiting = await upload(world, ana, MediaStatus.PROCESSING)
    before = await snapshot(world)
    error = ("INVALID", "input.avatarUpload")
    assert await refused(client, ana, avatarUpload=waiting) == [error]
    assert await snapshot(world) == before


async def test_a_token_must_grant_it(client: Client, world: World, ana: UserRecord) -> None:
    before = await snapshot(world)
    limited = client.with_tokens(EVERY_SCOPE - {Scope.USER_ACCOUNTS_WRITE})
    input = {"about": "Hacked."}
    assert (await limited.execute(UPDATE, ana, input=input)).codes == ["FORBIDDEN"]
    assert (await client.execute(UPDATE, None, input=input)).codes == ["UNAUTHENTICATED"]
    assert await snapshot(world) == before
