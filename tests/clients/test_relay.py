"""Relay's compiler and runtime, as the guide sets them up; the runtime runs without React."""

import json
import shutil
from hashlib import md5, sha256

import pytest

from tests.clients import node
from tests.clients.conftest import PERSIST_KEY, TITLES, Scene
from tests.clients.recording import Step, steps
from tests.clients.table import tried

CLIENT = "Relay"


@pytest.fixture(scope="module")
async def relay(scene: Scene) -> dict[str, Step]:
    """What the script did, with operations compiled under their SHA-256."""
    await scene.shell("relay.sh")
    return steps(await scene.play("relay.mjs"))


@pytest.fixture(scope="module")
async def relay_md5(relay: dict[str, Step], scene: Scene) -> dict[str, Step]:
    """The same with MD5, the compiler's default."""
    config = scene.app / "relay.config.json"
    config.write_text(config.read_text().replace("SHA256", "MD5"))
    shutil.rmtree(scene.app / "src/relay/__generated__")  # the compiler keeps the ids it finds
    await scene.shell("relay.sh")
    return steps(await scene.play("relay.mjs"))


@tried(CLIENT, "trusted by POST")
@pytest.mark.parametrize("name", ["documentId", "doc_id", "id"])
def test_every_name_of_an_id(relay: dict[str, Step], scene: Scene, name: str) -> None:
    [sent] = relay[name].requests
    assert sent.shape == ("POST", name, 200)
    assert sent.headers["apollographql-client-name"] == "web"
    assert sent.answered["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert _manifest(scene)[sent.parameters[name]].startswith("query HomeFeedQuery(")
    assert relay[name].result == list(TITLES[:3])


@tried(CLIENT, "pages")
def test_pages_of_the_home_feed(relay: dict[str, Step]) -> None:
    step = relay["pages"]
    assert [sent.parameters["variables"] for sent in step.requests] == [
        {"first": 3},
        {"first": 3, "after": step.result["endCursor"]},
    ]
    assert step.result["both"][:3] == step.result["first"]
    assert sorted(step.result["both"]) == sorted(TITLES)
    assert step.result["hasNextPage"] is False


def test_one_pin_asked_for_again_by_node(relay: dict[str, Step], scene: Scene) -> None:
    step = relay["refetch"]
    again = step.requests[1].parameters
    assert again["variables"] == {"id": step.result["id"]}
    assert "node(id: $id)" in _manifest(scene)[again["documentId"]]
    assert step.result["pin"] == {"id": step.result["id"], "title": TITLES[0], "saveCount": 0}


@tried(CLIENT, "text by POST")
def test_text(relay: dict[str, Step]) -> None:
    assert relay["text"].shapes == [("POST", "text", 200)]
    assert relay["text"].result == list(TITLES[:3])


@tried(CLIENT, "refused in `only`", "errors")
@pytest.mark.parametrize(
    ("step", "shape", "code"),
    [
        ("textRefused", ("POST", "text", 400), "PERSISTED_QUERY_ID_REQUIRED"),
        ("tooExpensive", ("POST", "documentId", 400), "QUERY_TOO_EXPENSIVE"),
        ("busy", ("POST", "documentId", 429), "RATE_LIMITED"),  # the last of several
    ],
)
def test_a_code_reaches_the_caller(
    relay: dict[str, Step], step: str, shape: tuple[str, str, int], code: str
) -> None:
    assert relay[step].shapes[-1] == shape
    error = relay[step].error
    assert error is not None
    assert error.name == "RelayNetwork"
    assert [each["code"] for each in error.errors] == [code]
    assert error.errors[0]["message"] in error.message


def test_ids_of_the_compiler_are_hashes_of_the_text(
    relay_md5: dict[str, Step], scene: Scene
) -> None:
    # The file keeps what it had, which is how versions that people still use go on.
    lengths = {64: sha256, 32: md5}
    manifest = _manifest(scene)
    assert sorted(len(each) for each in manifest) == [32, 32, 32, 64, 64, 64]
    for id, text in manifest.items():
        assert lengths[len(id)](text.encode()).hexdigest() == id


@tried(CLIENT, "trusted by POST")
def test_ids_that_are_md5(relay_md5: dict[str, Step]) -> None:
    [sent] = relay_md5["documentId"].requests
    assert sent.shape == ("POST", "documentId", 200)
    assert len(sent.parameters["documentId"]) == 32
    assert relay_md5["documentId"].result == list(TITLES[:3])


@tried(CLIENT, "trusted by POST")
async def test_operations_that_the_compiler_sent_to_the_server(
    relay_md5: dict[str, Step], scene: Scene
) -> None:
    path = scene.app / "relay.config.json"
    config = json.loads(path.read_text())
    config["persistConfig"] = {
        "url": f"{scene.servers.urls['open']}/persist?app=web&version=1.1",
        "headers": {"Authorization": f"Bearer {PERSIST_KEY}"},
    }
    path.write_text(json.dumps(config))
    shutil.rmtree(scene.app / "src/relay/__generated__")
    await node.run(["relay-compiler"], scene.app)
    step = steps(await scene.play("relay.mjs"))["documentId"]
    [sent] = step.requests
    assert sent.shape == ("POST", "documentId", 200)
    assert sent.parameters["documentId"].startswith("sha256:")
    assert step.result == list(TITLES[:3])


def _manifest(scene: Scene) -> dict[str, str]:
    found: dict[str, str] = json.loads((scene.app / "persisted-queries.json").read_text())
    return found
