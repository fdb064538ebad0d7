"""`reportContent`: what users want looked at."""

import asyncio
from typing import Any

import pytest

from domain.boards import BoardPrivacy
from domain.ids import to_global_id
from domain.record import Record
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from server import create_app
from storage.embedded import EmbeddedStores
from storage.storage import Storage
from tests.client import Client, serving, settings_of
from tests.mutations.wire import assert_consistent, gid, snapshot
from tests.queries.feeds import advertise, page, strangers, titles
from tests.world import World

REPORT = """
mutation($input: ReportContentInput!) {
  reportContent(input: $input) { reportedId hiddenPinId userErrors { code field message } }
}
"""


async def report(
    client: Client, viewer: UserRecord, id: str, reason: str = "SPAM", **input: Any
) -> Any:
    """Reports something; gives the payload."""
    data = await client.data(REPORT, viewer, input={"id": id, "reason": reason} | input)
    return data["reportContent"]


async def refused(client: Client, viewer: UserRecord, id: str, **input: Any) -> list[Any]:
    """The code and path of each error of a report that is refused."""
    payload = await report(client, viewer, id, **input)
    assert (payload["reportedId"], payload["hiddenPinId"]) == (None, None)
    return [(error["code"], ".".join(error["field"])) for error in payload["userErrors"]]


async def stored(world: World, collection: str = "reports") -> list[dict[str, Any]]:
    """All reports, oldest first."""
    cursor = world.storage.mongo.collection(collection).find(sort=[("_id", 1)])
    found: list[dict[str, Any]] = await cursor.to_list(None)
    return found


@pytest.fixture
async def viewer(world: World) -> UserRecord:
    """The viewer."""
    return await world.user("viewer")


async def test_everything_that_people_make_can_be_reported(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana = await world.user("ana")
    board = await world.board(ana)
    pin = await world.pin(board)
    comment = await world.comment(pin, ana)
    subjects: list[tuple[str, Record]] = [
        ("PIN", pin),
        ("COMMENT", comment),
        ("BOARD", board),
        ("USER", ana),
    ]

    for _, subject in subjects:
        payload = await report(client, viewer, gid(subject), details="  Look at\r\nthis. ")
        assert payload == {
            "reportedId": gid(subject),
            "hiddenPinId": gid(pin) if subject is pin else None,
            "userErrors": [],
        }

    found = await stored(world)
    assert [(each["subject_kind"], each["subject_id"]) for each in found] == [
        (kind, subject.id) for kind, subject in subjects
    ]
    for each in found:
        assert (each["reporter_id"], each["reason"]) == (viewer.id, "SPAM")
        assert (each["details"], each["status"]) == ("Look at\nthis.", "OPEN")


async def test_who_reports_again_says_something_else(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana = await world.user("ana")
    first = await report(client, viewer, gid(ana), details="First.")
    (before,) = await stored(world)

    assert await report(client, viewer, gid(ana), "HARASSMENT") == first

    (after,) = await stored(world)
    assert after == before | {"reason": "HARASSMENT", "details": None}


async def test_what_was_closed_can_be_reported_anew(
    client: Client, world: World, viewer: UserRecord
) -> None:
    ana = await world.user("ana")
    await report(client, viewer, gid(ana))
    reports = world.storage.mongo.collection("reports")
    await reports.update_one({}, {"$set": {"status": "CLOSED"}})

    await report(client, viewer, gid(ana), "HATE")

    assert [(r["status"], r["reason"]) for r in await stored(world)] == [
        ("CLOSED", "SPAM"),
        ("OPEN", "HATE"),
    ]


async def test_many_reports_at_once_are_one_a_user(
    client: Client, world: World, storage: Storage, stores: EmbeddedStores
) -> None:
    """Also through another process."""
    pin = await world.pin(await world.board(await world.user("ana")))
    people = await asyncio.gather(*(world.user(f"person{n}") for n in range(4)))
    settings = settings_of(stores)
    async with serving(create_app(settings, storage)) as url:
        other = Client(url, settings)
        await asyncio.gather(
            *(
                report(each, who, gid(pin), reason)
                for each in (client, other)
                for who in people
                for reason in ("SPAM", "NUDITY", "HATE")
            )
        )
        await other.http.aclose()

    assert len(await stored(world)) == 4
    assert len(await stored(world, "hides")) == 4
    await assert_consistent(world, "pins.engagement.hides")


async def test_a_reported_pin_is_hidden(client: Client, world: World, viewer: UserRecord) -> None:
    pins = await strangers(world, 5)
    first = await page(client, viewer, first=2)

    await report(client, viewer, gid(pins[2]))

    second = await page(client, viewer, first=2, after=first["pageInfo"]["endCursor"])
    assert titles(second) == ["3", "4"]
    assert titles(await page(client, viewer, refresh=True)) == ["0", "1", "3", "4"]


async def test_an_ad_can_be_reported(client: Client, world: World, viewer: UserRecord) -> None:
    """INV-9: its pin stands on a board that the viewer does not see."""
    await strangers(world, 20)
    lamp = await advertise(world, await world.user("shop"), "lamp")
    idle = await world.pin(
        await world.board(await world.user("idler"), privacy=BoardPrivacy.PROTECTED)
    )

    payload = await report(client, viewer, gid(lamp))

    assert payload == {"reportedId": gid(lamp), "hiddenPinId": gid(lamp), "userErrors": []}
    assert "ad: lamp" not in titles(await page(client, viewer, first=20))
    assert await refused(client, viewer, gid(idle)) == [("NOT_FOUND", "input.id")]


async def test_nobody_reports_themselves(client: Client, world: World, viewer: UserRecord) -> None:
    board = await world.board(viewer)
    pin = await world.pin(board)
    comment = await world.comment(pin, viewer)
    before = await snapshot(world)

    for subject in (viewer, board, pin, comment):
        assert await refused(client, viewer, gid(subject)) == [("NOT_ALLOWED", "input.id")]

    assert await snapshot(world) == before


async def test_nobody_reports_what_they_may_not_see(
    client: Client, world: World, viewer: UserRecord
) -> None:
    """INV-6: as if it did not exist."""
    ana, foe = await world.user("ana"), await world.user("foe")
    await world.block(foe, viewer)
    secret = await world.board(ana, privacy=BoardPrivacy.SECRET)
    pin = await world.pin(secret)
    comment = await world.comment(pin, ana)
    before = await snapshot(world)

    nothing = to_global_id("Pin", "f" * 24)
    for id in (gid(secret), gid(pin), gid(comment), gid(foe), nothing):
        assert await refused(client, viewer, id) == [("NOT_FOUND", "input.id")]

    assert await snapshot(world) == before


async def test_all_that_is_wrong_is_told_at_once(
    client: Client, world: World, viewer: UserRecord
) -> None:
    topic = await world.topic("Food")
    before = await snapshot(world)

    assert await refused(client, viewer, gid(topic), details="x" * 501) == [
        ("INVALID", "input.id"),
        ("TOO_LONG", "input.details"),
    ]
    assert await refused(client, viewer, "garbage") == [("INVALID", "input.id")]
    payload = await report(client, viewer, gid(topic))
    assert payload["userErrors"][0]["message"] == (
        "It must be the id of a Pin, a Comment, a Board or a User; it was the id of a Topic."
    )

    assert await snapshot(world) == before


async def test_a_token_must_grant_it(client: Client, world: World, viewer: UserRecord) -> None:
    ana = await world.user("ana")
    before = await snapshot(world)
    limited = client.with_tokens(EVERY_SCOPE - {Scope.USER_ACCOUNTS_WRITE})
    input = {"id": gid(ana), "reason": "SPAM"}

    assert (await limited.execute(REPORT, viewer, input=input)).codes == ["FORBIDDEN"]
    assert (await client.execute(REPORT, None, input=input)).codes == ["UNAUTHENTICATED"]

    assert await snapshot(world) == before


async def test_reports_come_in_bursts_of_ten(
    world: World, storage: Storage, stores: EmbeddedStores, viewer: UserRecord
) -> None:
    people = [await world.user(f"person{n}") for n in range(12)]
    settings = settings_of(stores, mutation_bursts=True)
    async with serving(create_app(settings, storage)) as url:
        client = Client(url, settings)
        codes = [
            (await client.execute(REPORT, viewer, input={"id": gid(who), "reason": "SPAM"})).codes
            for who in people
        ]
        await client.http.aclose()

    assert codes == [[]] * 10 + [["RATE_LIMITED"]] * 2
    assert len(await stored(world)) == 10
