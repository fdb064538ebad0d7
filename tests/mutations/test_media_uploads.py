"""`createMediaUpload` and `completeMediaUpload`: from a registered file to a picture."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from domain.ids import from_global_id, to_global_id
from domain.uploads import MOST_OPEN
from domain.users import UserRecord
from domain.viewer import EVERY_SCOPE, Scope
from storage.codec import object_id
from tests.client import MEDIA_URL, Client
from tests.media.files import encoded, halves, jpeg, png
from tests.mutations.wire import snapshot
from tests.world import World

UPLOAD = """
fragment Upload on MediaUpload {
  id entityId kind status expiresAt uploadUrl uploadParameters { key value }
  image { width height dominantColor blurHash url } failureReason
}
"""
CREATE = f"""
mutation($input: CreateMediaUploadInput!) {{
  createMediaUpload(input: $input) {{
    mediaUpload {{ ...Upload }} userErrors {{ code field message }} clientMutationId
  }}
}} {UPLOAD}
"""
COMPLETE = f"""
mutation($input: CompleteMediaUploadInput!) {{
  completeMediaUpload(input: $input) {{
    mediaUpload {{ ...Upload }} userErrors {{ code field message }}
  }}
}} {UPLOAD}
"""
NODE = f"query($id: ID!) {{ node(id: $id) {{ ...Upload }} }} {UPLOAD}"


class App:
    """What an app of one user does with a server."""

    def __init__(self, client: Client, user: UserRecord) -> None:
        self.client = client
        self.user = user

    async def create(
        self, size: int, content_type: str = "image/png", kind: str = "IMAGE"
    ) -> dict[str, Any]:
        """Registers a file; gives the payload."""
        input = {"kind": kind, "contentType": content_type, "bytes": size}
        payload: dict[str, Any] = (await self.client.data(CREATE, self.user, input=input))[
            "createMediaUpload"
        ]
        return payload

    async def registered(self, size: int, content_type: str = "image/png") -> dict[str, Any]:
        """A new upload."""
        payload = await self.create(size, content_type)
        assert payload["userErrors"] == []
        upload: dict[str, Any] = payload["mediaUpload"]
        return upload

    async def post(self, upload: dict[str, Any], file: bytes) -> httpx.Response:
        """Posts a file with what the upload says, as a browser does."""
        assert upload["uploadUrl"] == MEDIA_URL
        fields = {each["key"]: each["value"] for each in upload["uploadParameters"]}
        return await self.client.http.post("/media", data=fields, files={"file": ("a", file)})

    async def complete(self, id: str) -> dict[str, Any]:
        """Completes an upload; gives the payload."""
        data = await self.client.data(COMPLETE, self.user, input={"id": id})
        payload: dict[str, Any] = data["completeMediaUpload"]
        return payload

    async def read(self, id: str) -> Any:
        """An upload by its id."""
        return (await self.client.data(NODE, self.user, id=id))["node"]


@pytest.fixture
async def ana(world: World, client: Client) -> App:
    """Ana's app."""
    return App(client, await world.user("ana"))


@pytest.fixture
async def ben(world: World, client: Client) -> App:
    """Ben's app."""
    return App(client, await world.user("ben"))


def refused(payload: dict[str, Any]) -> list[tuple[str, list[str]]]:
    """The codes and fields of what was wrong."""
    assert payload["mediaUpload"] is None
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


async def test_from_a_file_to_a_picture(ana: App) -> None:
    exif = halves().getexif()
    exif[0x0112] = 6  # the camera was held upright
    exif[0x010E] = "a place that is nobody's business"
    file = encoded(halves(), "JPEG", exif=exif)
    upload = await ana.registered(len(file), "image/jpeg")
    assert (upload["kind"], upload["status"]) == ("IMAGE", "REGISTERED")
    assert upload["id"] == to_global_id("MediaUpload", upload["entityId"])
    assert [each["key"] for each in upload["uploadParameters"]] == ["key", "Content-Type", "policy"]
    expires_in = datetime.fromisoformat(upload["expiresAt"]) - datetime.now(UTC)
    assert timedelta(minutes=58) < expires_in <= timedelta(hours=1)
    assert await ana.read(upload["id"]) == upload

    assert (await ana.post(upload, file)).status_code == 204
    payload = await ana.complete(upload["id"])

    assert payload["userErrors"] == []
    completed = payload["mediaUpload"]
    assert (completed["status"], completed["failureReason"]) == ("SUCCEEDED", None)
    assert (completed["uploadUrl"], completed["uploadParameters"]) == (None, [])
    image = completed["image"]
    assert (image["width"], image["height"]) == (40, 60)
    assert image["dominantColor"] in ("#000000", "#ffffff")
    assert len(image["blurHash"]) == 28
    assert image["url"].startswith(f"{MEDIA_URL}/")
    assert await ana.read(upload["id"]) == completed
    picture = await ana.client.http.get(image["url"].replace(MEDIA_URL, "/media"))
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert "content-encoding" not in picture.headers
    assert b"nobody's business" not in picture.content


async def test_completing_again_and_at_once(world: World, ana: App) -> None:
    file = png(1_500, 1_500)
    upload = await ana.registered(len(file))
    await ana.post(upload, file)
    answers = await asyncio.gather(*(ana.complete(upload["id"]) for _ in range(5)))
    assert answers == [answers[0]] * 5 == [await ana.complete(upload["id"])] * 5
    assert answers[0]["mediaUpload"]["status"] == "SUCCEEDED"
    stored = await world.storage.mongo.collection("uploads").find_one({})
    assert stored["attempts"] == 1


@pytest.mark.parametrize(
    ("file", "reason"),
    [(jpeg(), "WRONG_TYPE"), (b"<html>", "WRONG_TYPE"), (png()[:60], "DAMAGED")],
)
async def test_a_file_that_is_refused(ana: App, file: bytes, reason: str) -> None:
    upload = await ana.registered(len(file))
    await ana.post(upload, file)
    payload = await ana.complete(upload["id"])
    assert payload["userErrors"] == []
    failed = payload["mediaUpload"]
    assert (failed["status"], failed["failureReason"]) == ("FAILED", reason)
    assert failed["image"] is None
    assert await ana.complete(upload["id"]) == payload


async def test_everything_wrong_is_told_at_once(world: World, ana: App) -> None:
    before = await snapshot(world)
    assert refused(await ana.create(0, "text/html", "VIDEO")) == [
        ("INVALID", ["input", "kind"]),
        ("INVALID", ["input", "contentType"]),
        ("INVALID", ["input", "bytes"]),
    ]
    assert refused(await ana.create(20_971_521)) == [("LIMIT_EXCEEDED", ["input", "bytes"])]
    assert await snapshot(world) == before


async def test_only_so_many_are_open(world: World, ana: App, ben: App) -> None:
    for _ in range(MOST_OPEN - 1):
        await ana.registered(100)
    payloads = await asyncio.gather(*(ana.create(100) for _ in range(3)))
    refusals = [payload for payload in payloads if payload["userErrors"]]
    assert [refused(payload) for payload in refusals] == [[("LIMIT_EXCEEDED", ["input"])]] * 2
    assert await world.storage.mongo.collection("uploads").count_documents({}) == MOST_OPEN
    await ben.registered(100)


async def test_without_a_file_nothing_happens(world: World, ana: App) -> None:
    upload = await ana.registered(100)
    before = await snapshot(world)
    assert refused(await ana.complete(upload["id"])) == [("INVALID", ["input", "id"])]
    assert await snapshot(world) == before


async def test_an_upload_expires(world: World, ana: App) -> None:
    file = png()
    upload = await ana.registered(len(file))
    await ana.post(upload, file)
    past = datetime.now(UTC) - timedelta(seconds=1)
    collection = world.storage.mongo.collection("uploads")
    await collection.update_one({}, {"$set": {"expires_at": past}})
    before = await snapshot(world)
    assert refused(await ana.complete(upload["id"])) == [("INVALID", ["input", "id"])]
    assert await snapshot(world) == before
    expired = await ana.read(upload["id"])
    assert (expired["uploadUrl"], expired["uploadParameters"]) == (None, [])


async def test_what_is_another_users_does_not_exist(world: World, ana: App, ben: App) -> None:
    file = png()
    upload = await ana.registered(len(file))
    await ana.post(upload, file)
    before = await snapshot(world)
    unknown = to_global_id("MediaUpload", "0" * 24)
    answers = [await ben.complete(id) for id in (upload["id"], unknown)]
    assert answers[0] == answers[1]
    assert refused(answers[0]) == [("NOT_FOUND", ["input", "id"])]
    assert await ben.read(upload["id"]) is None
    anonymous = await ana.client.data(NODE, id=upload["id"])
    assert anonymous == {"node": None}
    assert await snapshot(world) == before


async def test_an_id_of_something_else(ana: App) -> None:
    for id in (to_global_id("Pin", "0" * 24), "x", ""):
        assert refused(await ana.complete(id)) == [("INVALID", ["input", "id"])]


async def test_the_token_must_allow_it(world: World, client: Client, ana: App) -> None:
    upload = await ana.registered(100)
    before = await snapshot(world)
    create = {"kind": "IMAGE", "contentType": "image/png", "bytes": 100}
    for document, input in ((CREATE, create), (COMPLETE, {"id": upload["id"]})):
        anonymous = await client.execute(document, input=input)
        assert anonymous.codes == ["UNAUTHENTICATED"]
        limited = client.with_tokens(EVERY_SCOPE - {Scope.PINS_WRITE})
        forbidden = await limited.execute(document, ana.user, input=input)
        assert forbidden.codes == ["FORBIDDEN"]
    assert await limited.data(NODE, ana.user, id=upload["id"]) == {"node": None}
    assert await snapshot(world) == before


async def test_a_repeated_key_registers_once(world: World, client: Client, ana: App) -> None:
    document = CREATE.replace("(input: $input)", '(input: $input) @idempotent(key: "one")')
    input = {"kind": "IMAGE", "contentType": "image/png", "bytes": 100}
    first = await client.data(document, ana.user, input=input)
    again = await client.data(document, ana.user, input=input)
    assert first == again
    assert first["createMediaUpload"]["userErrors"] == []
    named = from_global_id(first["createMediaUpload"]["mediaUpload"]["id"])
    assert named is not None
    stored = await world.storage.mongo.collection("uploads").find({}).to_list(None)
    assert [each["_id"] for each in stored] == [named.entity_id]
    assert stored[0]["owner_id"] == str(object_id(ana.user.id))
