"""Posting files to this server, and loading pictures from it: over HTTP, from a directory."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest
from starlette.applications import Starlette

from domain.record import Id
from domain.signing import Purpose, Signer
from domain.uploads import ImageType, MediaUploadRecord, registered
from protocol.uploads import upload_routes
from storage.media import Admission, LocalMediaStore
from tests.client import serving
from tests.media.conftest import SIGNER, URL
from tests.media.files import jpeg, png

FILE = png()
KEY = "0123456789abcdef" * 2


@pytest.fixture
async def http(media: LocalMediaStore) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that has the routes of `media`, and takes 100,000 bytes."""
    app = Starlette(routes=upload_routes(media, max_bytes=100_000))
    async with serving(app) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


def upload(**changes: object) -> MediaUploadRecord:
    """An upload of `FILE` that was registered now."""
    now = datetime.now(UTC)
    made = registered(Id("1" * 24), Id("a" * 24), ImageType.PNG, len(FILE), key=KEY, now=now)
    return msgspec.structs.replace(made, **changes)


async def ticket(media: LocalMediaStore, registered: MediaUploadRecord) -> dict[str, str]:
    """The parameters of its form."""
    return dict((await media.ticket(registered, datetime.now(UTC))).parameters)


def stored(tmp_path: Path) -> list[str]:
    """All files there are."""
    return sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file())


def refused(response: httpx.Response, status: int, message: str) -> None:
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert message in response.json()["errors"][0]["message"]


async def test_a_ticket_has_the_form_of_s3(media: LocalMediaStore) -> None:
    made = await media.ticket(upload(), datetime.now(UTC))
    assert made.url == URL
    assert list(made.parameters) == ["key", "Content-Type", "policy"]
    assert made.parameters["key"] == KEY
    assert made.parameters["Content-Type"] == "image/png"


async def test_a_file_is_posted(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path
) -> None:
    fields = await ticket(media, upload())
    assert not await media.has(upload())
    response = await http.post("/media", data=fields, files={"file": ("a.png", FILE)})
    assert (response.status_code, response.content) == (204, b"")
    assert await media.has(upload())
    assert await media.read(upload()) == FILE
    assert stored(tmp_path) == [f"incoming/{KEY}"]
    assert (tmp_path / "incoming" / KEY).stat().st_mode & 0o777 == 0o600
    # The same ticket is good for another attempt, until the upload is completed.
    again = await http.post("/media", data=fields, files={"file": ("a.png", b"short")})
    assert again.status_code == 204
    assert await media.read(upload()) == b"short"


async def test_a_file_is_only_read_as_far_as_it_was_declared(media: LocalMediaStore) -> None:
    reception = await media.receive(Admission(KEY, ImageType.PNG, 100, 0))
    await reception.write(b"x" * 500)
    await reception.keep()
    assert await media.read(upload(size_bytes=100)) == b"x" * 101


CHANGES = [
    ({"key": "f" * 32}, "The key is not the one of the policy."),
    ({"key": "../../../etc/passwd"}, "The key is not the one of the policy."),
    ({"Content-Type": "text/html"}, "The content type is not the one of the policy."),
    ({"policy": "x.y"}, "The policy was not made here, or was changed."),
    ({"policy": ""}, "The policy was not made here, or was changed."),
    ({"policy": "ü" * 99}, "The policy was not made here, or was changed."),
    ({"policy": SIGNER.sign(Purpose.FEED_CURSOR, b"[]")}, "The policy was not made here"),
    ({"success_action_redirect": "https://evil.example"}, "The form must have the fields"),
]


@pytest.mark.parametrize(("changes", "message"), CHANGES)
async def test_another_form_than_that_of_the_ticket(
    http: httpx.AsyncClient,
    media: LocalMediaStore,
    tmp_path: Path,
    changes: dict[str, str],
    message: str,
) -> None:
    fields = await ticket(media, upload()) | changes
    response = await http.post("/media", data=fields, files={"file": ("a.png", FILE)})
    refused(response, 403, message)
    assert stored(tmp_path) == []


@pytest.mark.parametrize("missing", ["key", "Content-Type", "policy"])
async def test_a_form_that_lacks_a_field(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path, missing: str
) -> None:
    fields = await ticket(media, upload())
    del fields[missing]
    response = await http.post("/media", data=fields, files={"file": ("a.png", FILE)})
    refused(response, 403, "The form must have the fields")
    assert stored(tmp_path) == []


async def test_a_ticket_of_another_server_and_one_that_has_expired(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path
) -> None:
    other = LocalMediaStore(tmp_path, Signer(b"another key, of somebody else altogether"), URL)
    fields = await ticket(other, upload())
    response = await http.post("/media", data=fields, files={"file": ("a.png", FILE)})
    refused(response, 403, "The policy was not made here, or was changed.")
    fields = await ticket(media, upload(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    response = await http.post("/media", data=fields, files={"file": ("a.png", FILE)})
    refused(response, 403, "The ticket has expired")
    assert stored(tmp_path) == []


async def test_no_key_leads_out_of_the_directory(media: LocalMediaStore, tmp_path: Path) -> None:
    """Also if we signed it ourselves."""
    for key in ("../outside", "/etc/passwd", "a" * 31, "A" * 32, f"{KEY}/..", f"{KEY}\n", ""):
        for call in (media.has, media.remove, media.withdraw, media.read):
            with pytest.raises(ValueError, match="is no name of a file here"):
                await call(upload(key=key))
        with pytest.raises(ValueError, match="is no name of a file here"):
            await media.publish(upload(key=key), FILE)
        with pytest.raises(ValueError, match="is no name of a file here"):
            await media.receive(Admission(key, ImageType.PNG, 9, 0))
    assert stored(tmp_path) == []


async def test_a_file_that_is_larger_than_declared(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path
) -> None:
    fields = await ticket(media, upload(size_bytes=len(FILE) - 1))
    response = await http.post("/media", data=fields, files={"file": ("a.png", FILE)})
    refused(response, 413, f"The file was declared with {len(FILE) - 1:,} bytes; it has more.")
    assert stored(tmp_path) == []


@pytest.mark.parametrize("in_chunks", [False, True])
async def test_a_body_that_is_larger_than_any(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path, in_chunks: bool
) -> None:
    async def endless() -> AsyncIterator[bytes]:
        yield b'--b\r\nContent-Disposition: form-data; name="key"\r\n\r\n1\r\n--b--\r\n'
        for _ in range(1_000):
            yield b"x" * 10_000

    content = endless() if in_chunks else b"x" * 200_000
    response = await http.post(
        "/media", content=content, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    refused(response, 413, "A form may have 165,536 bytes.")
    assert stored(tmp_path) == []


async def test_what_is_no_form_and_what_is_no_file(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path
) -> None:
    fields = await ticket(media, upload())
    refused(await http.post("/media", json=fields), 415, "The body must be multipart/form-data")
    refused(await http.post("/media", data=fields), 415, "The body must be multipart/form-data")
    empty = await http.post("/media", data=fields, files={"file": ("a.png", b"")})
    refused(empty, 400, "The file is empty.")
    other = await http.post("/media", data=fields, files={"picture": ("a.png", FILE)})
    refused(other, 400, "The file must be in the field `file`, not in 'picture'.")
    two = await http.post("/media", data=fields, files=[("file", FILE), ("file", FILE)])
    refused(two, 400, "The file must be the last field of the form.")
    cut = http.build_request("POST", "/media", data=fields, files={"file": ("a.png", FILE)})
    body = cut.read()[:-10]
    form = {"Content-Type": cut.headers["Content-Type"]}
    refused(
        await http.post("/media", content=body, headers=form),
        400,
        "The body ended before its form did.",
    )
    assert stored(tmp_path) == []


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_other_methods(http: httpx.AsyncClient, method: str) -> None:
    response = await http.request(method, "/media")
    refused(response, 405, "Here one may POST, not")
    assert response.headers["allow"] == "POST"


async def test_a_client_that_leaves_leaves_nothing_behind(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path
) -> None:
    fields = await ticket(media, upload())
    request = http.build_request("POST", "/media", data=fields, files={"file": ("a.png", FILE)})
    body = request.read()
    reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
    head = (
        f"POST /media HTTP/1.1\r\nHost: a\r\nContent-Length: {len(body)}\r\n"
        f"Content-Type: {request.headers['Content-Type']}\r\n\r\n"
    )
    writer.write(head.encode() + body[: len(body) // 2 + 300])
    await writer.drain()
    async with asyncio.timeout(10):
        while not stored(tmp_path):  # noqa: ASYNC110  # a file has no event
            await asyncio.sleep(0.01)
        writer.close()
        while stored(tmp_path):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    assert not await media.has(upload())
    assert await reader.read() == b""


async def test_a_picture_is_served_as_what_it_is(
    http: httpx.AsyncClient, media: LocalMediaStore
) -> None:
    assert await media.publish(upload(), FILE) == f"{URL}/{KEY}.png"
    response = await http.get(f"/media/{KEY}.png", headers={"Accept-Encoding": "gzip"})
    assert (response.status_code, response.content) == (200, FILE)
    headers = dict(response.headers)
    for changing in ("date", "server", "last-modified"):
        headers.pop(changing)
    assert headers == {
        "content-type": "image/png",
        "content-length": str(len(FILE)),
        "cache-control": "public, max-age=31536000, immutable",
        "x-content-type-options": "nosniff",
        "content-security-policy": "default-src 'none'; sandbox",
        "cross-origin-resource-policy": "cross-origin",
        "etag": f'"{KEY}"',
        "accept-ranges": "bytes",
    }
    known = await http.get(f"/media/{KEY}.png", headers={"If-None-Match": f'"{KEY}"'})
    assert (known.status_code, known.content) == (304, b"")
    part = await http.get(f"/media/{KEY}.png", headers={"Range": "bytes=0-7"})
    assert (part.status_code, part.content) == (206, FILE[:8])
    head = await http.head(f"/media/{KEY}.png")
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(FILE)))


async def test_a_jpeg_is_served_as_one(http: httpx.AsyncClient, media: LocalMediaStore) -> None:
    await media.publish(upload(content_type=ImageType.JPEG), jpeg())
    response = await http.get(f"/media/{KEY}.jpg")
    assert (response.headers["content-type"], response.content) == ("image/jpeg", jpeg())


@pytest.mark.parametrize(
    "name",
    [
        f"{KEY}.png",
        KEY,
        f"{KEY}.jpg",
        f"{KEY}.html",
        f"{KEY}.PNG",
        "..%2fincoming%2f" + KEY,
        "%2e%2e",
        "..",
        "..%5cx",
        f"{KEY}.png%00",
        f"{KEY}.png%0a",
        "",
        ".",
        f"x/{KEY}.png",
    ],
)
async def test_nothing_else_is_served(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path, name: str
) -> None:
    reception = await media.receive(Admission(KEY, ImageType.PNG, len(FILE), 0))
    await reception.write(FILE)
    await reception.keep()
    response = await http.get(httpx.URL(f"{http.base_url}/media/{name}"))
    assert response.status_code in (404, 405, 307)
    assert FILE not in response.content


async def test_a_published_picture_is_withdrawn(
    http: httpx.AsyncClient, media: LocalMediaStore, tmp_path: Path
) -> None:
    await media.publish(upload(), FILE)
    await media.publish(upload(), FILE)  # doing it again changes nothing
    assert stored(tmp_path) == [f"published/{KEY}.png"]
    await media.withdraw(upload())
    await media.withdraw(upload())
    refused(await http.get(f"/media/{KEY}.png"), 404, "There is no such picture.")
    await media.remove(upload())
    assert stored(tmp_path) == []


async def test_what_was_never_completed_is_swept(media: LocalMediaStore, tmp_path: Path) -> None:
    await media.sweep()  # before there is any directory
    for key in (KEY, "f" * 32):
        reception = await media.receive(Admission(key, ImageType.PNG, len(FILE), 0))
        await reception.write(FILE)
        await reception.keep()
    await media.publish(upload(), FILE)
    old = datetime.now(UTC).timestamp() - 2 * 3_600 - 10
    for path in (tmp_path / "incoming" / KEY, tmp_path / "published" / f"{KEY}.png"):
        os.utime(path, (old, old))
    await media.sweep()
    assert stored(tmp_path) == [f"incoming/{'f' * 32}", f"published/{KEY}.png"]
