"""Apollo Client 4, as the guide sets it up: what it sends, and what reaches its caller."""

import json
from hashlib import sha256

import pytest

from tests.clients.conftest import TITLES, Scene
from tests.clients.recording import Step, steps
from tests.clients.table import tried

CLIENT = "Apollo Client"


@pytest.fixture(scope="module")
async def apollo(scene: Scene) -> dict[str, Step]:
    """What the script did, after the app's operations were pushed."""
    await scene.shell("apollo-manifest.sh")
    await scene.shell("push.sh")
    return steps(await scene.play("apollo.mjs"))


@tried(CLIENT, "text by POST")
def test_text(apollo: dict[str, Step]) -> None:
    [sent] = apollo["text"].requests
    assert sent.shape == ("POST", "text", 200)
    assert sent.headers["accept"] == "application/graphql-response+json,application/json;q=0.9"
    assert sent.headers["apollographql-client-name"] == "web"
    assert sent.headers["apollographql-client-version"] == "1.0"
    assert sent.answered["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert apollo["text"].result == list(TITLES[:2])


@tried(CLIENT, "APQ by POST")
def test_automatic_by_post(apollo: dict[str, Step]) -> None:
    step = apollo["apqByPost"]
    assert step.shapes == [
        ("POST", "hash", 200),  # not known
        ("POST", "hash+text", 200),  # registered, and run
        ("POST", "hash", 200),  # known to an app that never sent it
    ]
    text = step.requests[1].text
    assert text is not None
    assert {sent.sha256 for sent in step.requests} == {sha256(text.encode()).hexdigest()}
    assert step.result == list(TITLES[:2])


@tried(CLIENT, "APQ by GET")
def test_automatic_by_get(apollo: dict[str, Step]) -> None:
    step = apollo["apqByGet"]
    assert step.shapes == [("GET", "hash", 200), ("POST", "hash+text", 200), ("GET", "hash", 200)]
    # Apollo's Content-Type is what proves that no form sent the GET.
    assert step.requests[0].headers["content-type"] == "application/json"
    assert step.requests[0].answered["cache-control"] == "no-store"
    assert step.requests[2].answered["cache-control"] == "max-age=60, private"
    assert step.result == list(TITLES[:2])


@tried(CLIENT, "APQ by GET")
def test_registration_by_get(apollo: dict[str, Step]) -> None:
    step = apollo["registeredByGet"]
    assert step.shapes == [("GET", "hash", 200), ("GET", "hash+text", 200)]
    assert step.requests[1].answered["cache-control"] == "max-age=60, public"
    assert step.result == list(TITLES[:2])


@tried(CLIENT, "APQ off")
def test_without_automatic_documents_it_stops_hashing(apollo: dict[str, Step]) -> None:
    step = apollo["apqOff"]
    assert step.shapes == [("GET", "hash", 200), ("POST", "text", 200), ("POST", "text", 200)]
    assert step.result == list(TITLES[:2])


@tried(CLIENT, "trusted by GET")
def test_trusted_by_get(apollo: dict[str, Step], scene: Scene) -> None:
    [sent] = apollo["trustedByGet"].requests
    assert sent.shape == ("GET", "hash", 200)
    assert sent.sha256 == _pushed_id(scene, "TopicPage")
    assert sent.answered["cache-control"] == "max-age=60, public"
    assert apollo["trustedByGet"].result == list(TITLES[:2])


@tried(CLIENT, "trusted by POST")
def test_trusted_by_post(apollo: dict[str, Step], scene: Scene) -> None:
    [sent] = apollo["trustedByPost"].requests
    assert sent.shape == ("POST", "hash", 200)
    assert sent.sha256 == _pushed_id(scene, "TopicPage")
    assert apollo["trustedByPost"].result == list(TITLES[:2])


@tried(CLIENT, "refused in `only`")
@pytest.mark.parametrize(
    ("step", "shape", "code"),
    [
        ("textRefused", ("POST", "text", 400), "PERSISTED_QUERY_ID_REQUIRED"),
        # One request: the words do not make it send the text.
        ("unknownRefused", ("GET", "hash", 404), "PERSISTED_QUERY_NOT_IN_LIST"),
    ],
)
def test_refused_where_only_trusted_documents_run(
    apollo: dict[str, Step], step: str, shape: tuple[str, str, int], code: str
) -> None:
    assert apollo[step].shapes == [shape]
    assert apollo[step].requests[0].answered["cache-control"] == "no-store"
    assert _codes(apollo[step]) == [code]


@tried(CLIENT, "errors")
def test_a_validation_error_reaches_the_caller(apollo: dict[str, Step]) -> None:
    step = apollo["invalid"]
    assert step.shapes == [("POST", "text", 400)]
    assert step.error is not None
    assert step.error.name == "CombinedGraphQLErrors"
    assert step.error.errors == [
        {
            "message": "Cannot query field 'colour' on type 'Topic'.",
            "code": "GRAPHQL_VALIDATION_FAILED",
        }
    ]


@tried(CLIENT, "errors")
@pytest.mark.parametrize(
    ("step", "statuses", "code"),
    [("tooExpensive", [400], "QUERY_TOO_EXPENSIVE"), ("busy", [200, 429], "RATE_LIMITED")],
)
def test_the_code_of_a_limit_reaches_the_caller(
    apollo: dict[str, Step], step: str, statuses: list[int], code: str
) -> None:
    assert [sent.status for sent in apollo[step].requests] == statuses
    assert _codes(apollo[step]) == [code]


def test_it_waits_as_long_as_a_busy_server_says(apollo: dict[str, Step]) -> None:
    step = apollo["patient"]
    *served, refused, retried = step.requests
    assert {sent.status for sent in served} == {200}
    assert (refused.status, refused.answered["retry-after"]) == (429, "1")
    assert (retried.status, retried.text) == (200, refused.text)
    assert step.result == list(TITLES)


def test_it_waits_once(apollo: dict[str, Step]) -> None:
    assert [sent.status for sent in apollo["hopeless"].requests] == [429, 429]
    assert _codes(apollo["hopeless"]) == ["RATE_LIMITED"]


@tried(CLIENT, "pages")
def test_pages_of_the_home_feed(apollo: dict[str, Step]) -> None:
    step = apollo["pages"]
    assert [sent.parameters["variables"] for sent in step.requests] == [
        {"first": 3},
        {"first": 3, "after": step.result["endCursor"]},
    ]
    assert step.result["both"][:3] == step.result["first"]
    assert sorted(step.result["both"]) == sorted(TITLES)
    assert step.result["hasNextPage"] is False


def _codes(step: Step) -> list[str]:
    assert step.error is not None
    return [each["code"] for each in step.error.errors]


def _pushed_id(scene: Scene, name: str) -> str:
    manifest = json.loads((scene.app / "persisted-query-manifest.json").read_text())
    [found] = [each["id"] for each in manifest["operations"] if each["name"] == name]
    return str(found)
