"""Tickets for a bucket. Signing asks nobody; what is sent to a bucket is not tested here."""

import asyncio
import json
import socket
from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import StoreUnavailable
from domain.record import Id
from domain.uploads import ImageType, registered
from storage.s3_media import S3MediaStore, s3_client

NOW = datetime.now(UTC).replace(microsecond=0)
UPLOAD = registered(Id("1" * 24), Id("a" * 24), ImageType.PNG, 1_234, key="0" * 32, now=NOW)


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of nobody; and boto3 asks no machine for others."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret of the tests")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


async def test_a_ticket_is_a_presigned_post() -> None:
    media = S3MediaStore(s3_client(region="eu-central-1"), "pictures", "https://cdn.example")
    ticket = await media.ticket(UPLOAD, NOW)
    assert ticket.url == "https://pictures.s3.eu-central-1.amazonaws.com/"
    fields = dict(ticket.parameters)
    assert fields.keys() == {
        "Content-Type",
        "key",
        "policy",
        "x-amz-algorithm",
        "x-amz-credential",
        "x-amz-date",
        "x-amz-signature",
    }
    assert fields["key"] == f"incoming/{UPLOAD.key}"
    assert fields["Content-Type"] == "image/png"
    policy = json.loads(b64decode(fields["policy"]))
    assert policy["conditions"][:4] == [
        {"Content-Type": "image/png"},
        ["content-length-range", 1, 1_234],
        {"bucket": "pictures"},
        {"key": f"incoming/{UPLOAD.key}"},
    ]
    # The library counts from the time at which it signs.
    signed_at = datetime.strptime(fields["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    expires_in = datetime.fromisoformat(policy["expiration"]) - signed_at
    assert timedelta(minutes=59) < expires_in < timedelta(minutes=62)


async def test_another_service_that_speaks_the_protocol() -> None:
    client = s3_client(endpoint="https://minio.example:9000", region="us-east-1")
    ticket = await S3MediaStore(client, "pictures", "https://cdn.example").ticket(UPLOAD, NOW)
    assert ticket.url == "https://minio.example:9000/pictures"


async def test_a_bucket_that_does_not_answer_is_a_store_that_does_not() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    client = s3_client(endpoint=f"http://127.0.0.1:{port}", region="us-east-1")
    media = S3MediaStore(client, "pictures", "https://cdn.example")
    calls = (
        media.has(UPLOAD),
        media.read(UPLOAD),
        media.publish(UPLOAD, b""),
        media.remove(UPLOAD),
        media.withdraw(UPLOAD),
    )
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert [type(each) for each in answers] == [StoreUnavailable] * 5
    await media.sweep()  # a bucket sweeps itself
