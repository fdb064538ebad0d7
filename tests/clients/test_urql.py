"""urql and graphql-codegen, as the guide sets them up: the one runs documents of the other."""

import json
import re
from hashlib import sha256

import pytest

from tests.clients import node
from tests.clients.conftest import TITLES, Scene
from tests.clients.recording import Step, steps
from tests.clients.table import tried
from tests.world import START

URQL = "urql"
CODEGEN = "graphql-codegen"
ACCEPT = (
    "application/graphql-response+json, application/graphql+json, application/json, "
    "text/event-stream, multipart/mixed"
)
CARDS = [{"title": title, "year": START.year} for title in TITLES[:2]]


@pytest.fixture(scope="module")
async def built(scene: Scene) -> Scene:
    """The app with what graphql-codegen and tsc made; its operations were pushed."""
    await scene.shell("codegen.sh")
    await scene.shell("typed-manifest.sh")
    return scene


@pytest.fixture(scope="module")
async def urql(built: Scene) -> dict[str, Step]:
    """What urql did."""
    return steps(await built.play("urql.mjs"))


@pytest.fixture(scope="module")
async def codegen(built: Scene) -> dict[str, Step]:
    """What the generated code did with `fetch`."""
    return steps(await built.play("codegen.mjs"))


# urql --------------------------------------------------------------------------------------------


@tried(URQL, "text by POST")
def test_text_is_answered_with_one_json_body(urql: dict[str, Step]) -> None:
    [sent] = urql["text"].requests
    assert sent.shape == ("POST", "text", 200)
    assert sent.headers["accept"] == ACCEPT
    assert sent.headers["apollographql-client-name"] == "web"
    assert sent.answered["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert urql["text"].result == list(TITLES[:2])


@tried(URQL, "APQ by POST")
def test_automatic_by_post(urql: dict[str, Step]) -> None:
    step = urql["apqByPost"]
    assert step.shapes == [("POST", "hash", 200), ("POST", "hash+text", 200), ("POST", "hash", 200)]
    assert step.requests[1].parameters["extensions"]["persistedQuery"]["miss"] is True
    text = step.requests[1].text
    assert text is not None
    assert {sent.sha256 for sent in step.requests} == {sha256(text.encode()).hexdigest()}
    assert step.result == list(TITLES[:2])


@tried(URQL, "APQ by GET")
def test_automatic_by_get_is_registered_by_get(urql: dict[str, Step]) -> None:
    step = urql["apqByGet"]
    assert step.shapes == [("GET", "hash", 200), ("GET", "hash+text", 200), ("GET", "hash", 200)]
    assert [sent.answered["cache-control"] for sent in step.requests] == [
        "no-store",
        "max-age=60, public",
        "max-age=60, public",
    ]
    assert "content-type" not in step.requests[0].headers
    assert step.requests[0].headers["graphql-require-preflight"] == "true"
    assert step.result == list(TITLES[:2])


@tried(URQL, "APQ off")
def test_without_automatic_documents_it_stops_hashing(urql: dict[str, Step]) -> None:
    step = urql["apqOff"]
    assert step.shapes == [("GET", "hash", 200), ("GET", "text", 200), ("POST", "text", 200)]
    assert step.result == list(TITLES[:2])


@tried(URQL, "trusted by POST", "trusted by GET")
@pytest.mark.parametrize(
    ("step", "shape", "cache_control"),
    [
        ("trustedByGet", ("GET", "hash", 200), "max-age=60, public"),
        ("trustedByPost", ("POST", "documentId", 200), "no-store"),
        ("documentIdByGet", ("GET", "documentId", 200), "max-age=60, public"),
    ],
)
def test_trusted(
    urql: dict[str, Step], built: Scene, step: str, shape: tuple[str, str, int], cache_control: str
) -> None:
    [sent] = urql[step].requests
    assert sent.shape == shape
    assert (sent.parameters.get("documentId") or sent.sha256) in _manifest(built)
    assert sent.answered["cache-control"] == cache_control
    assert urql[step].result == "Cooking"


@tried(URQL, "refused in `only`", "errors")
@pytest.mark.parametrize(
    ("step", "shapes", "message", "code"),
    [
        (
            "textRefused",
            [("POST", "text", 400)],
            "Only documents of a published manifest are served here: send `documentId`.",
            "PERSISTED_QUERY_ID_REQUIRED",
        ),
        (
            "unknownRefused",
            [("GET", "hash", 404)],
            "No published manifest has a document of this id.",
            "PERSISTED_QUERY_NOT_IN_LIST",
        ),
        (
            "invalid",
            [("POST", "text", 400)],
            "Cannot query field 'colour' on type 'Topic'.",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "tooExpensive",
            [("POST", "text", 400)],
            "The operation costs 52 points; at most 5 are allowed.",
            "QUERY_TOO_EXPENSIVE",
        ),
    ],
)
def test_an_error_reaches_the_caller(
    urql: dict[str, Step], step: str, shapes: list[tuple[str, str, int]], message: str, code: str
) -> None:
    assert urql[step].shapes == shapes
    error = urql[step].error
    assert error is not None
    assert error.name == "CombinedError"
    assert error.errors == [{"message": message, "code": code}]


@tried(URQL, "errors")
def test_the_code_of_the_rate_limit_reaches_the_caller(urql: dict[str, Step]) -> None:
    assert urql["busy"].shapes == [("POST", "text", 200), ("POST", "text", 429)]
    error = urql["busy"].error
    assert error is not None
    assert [each["code"] for each in error.errors] == ["RATE_LIMITED"]


@tried(URQL, "pages")
def test_pages_of_the_home_feed(urql: dict[str, Step]) -> None:
    first, second = urql["pages"].result
    assert (len(first), len(second)) == (3, 2)
    assert sorted(first + second) == sorted(TITLES)


async def test_operations_that_a_schema_would_break_are_found(built: Scene) -> None:
    await built.shell("check.sh")
    schema = built.app / "schema.graphql"
    now = schema.read_text()
    schema.write_text(now.replace("createdAt:", "madeAt:"))
    try:
        with pytest.raises(node.NodeFailed, match="createdAt"):
            await built.shell("check.sh")
    finally:
        schema.write_text(now)


# graphql-codegen ---------------------------------------------------------------------------------


@tried(CODEGEN, "types")
async def test_generated_types_are_strict(built: Scene) -> None:
    # `codegen.sh` ran `tsc` on the right use; a wrong one does not pass.
    (built.app / "src/typed/wrong.ts").write_text(WRONG)
    try:
        with pytest.raises(node.NodeFailed) as refused:
            await node.run(["tsc", "--noEmit", "--pretty", "false"], built.app)
    finally:
        (built.app / "src/typed/wrong.ts").unlink()
    place = re.compile(r"^src/typed/wrong\.ts\((\d+),\d+\): error (TS\d+)", re.MULTILINE)
    assert place.findall(str(refused.value)) == [("6", "TS2741"), ("9", "TS2322"), ("11", "TS2322")]


WRONG = """\
import { ask } from "./by-id.js";
import { TopicPage } from "./topic-page.js";
import type { PinCardFragment } from "../gql/graphql.js";

// `first` is required.
export const lacking = ask("/", TopicPage, { key: "cooking" });

declare const pin: PinCardFragment;
export const seconds: number = pin.createdAt;  // DateTime is a string
export function label(type: NonNullable<PinCardFragment["owner"]>["accountType"]): string {
  const known: "PINNER" | "BUSINESS" = type;  // enums grow
  return known;
}
"""


async def test_a_scalar_without_a_type_fails_the_build(built: Scene) -> None:
    config = (built.app / "codegen.ts").read_text().replace('DateTime: "string", ', "")
    (built.app / "unmapped.ts").write_text(config.replace("src/gql/", "unmapped/"))
    with pytest.raises(node.NodeFailed, match="Unknown scalar type DateTime"):
        await node.run(["graphql-codegen", "--config", "unmapped.ts"], built.app)


@tried(CODEGEN, "trusted by POST")
def test_run_by_id(codegen: dict[str, Step], built: Scene) -> None:
    [id] = _manifest(built)
    for step, name in (("byDocumentId", "documentId"), ("byExtension", "hash")):
        [sent] = codegen[step].requests
        assert sent.shape == ("POST", name, 200)
        assert (sent.parameters.get("documentId") or sent.sha256) == id
        assert codegen[step].result == CARDS


@tried(CODEGEN, "trusted by GET")
def test_run_by_url_and_answered_from_what_was_kept(codegen: dict[str, Step], built: Scene) -> None:
    [id] = _manifest(built)
    first, second = codegen["byUrl"].requests
    assert {first.path, second.path} == {f"/graphql/{id}"}
    assert (first.status, second.status) == (200, 304)
    assert first.answered["cache-control"] == "max-age=60, public"
    assert {each.strip() for each in first.answered["vary"].split(",")} == {
        "Accept",
        "Accept-Encoding",
        "Authorization",
    }
    assert second.headers["if-none-match"] == first.answered["etag"] == second.answered["etag"]
    assert codegen["byUrl"].result == CARDS


@tried("Apollo Client", "types")
def test_run_by_apollo_client(codegen: dict[str, Step], built: Scene) -> None:
    [sent] = codegen["byApollo"].requests
    assert sent.shape == ("GET", "hash", 200)
    # Apollo adds `__typename`: the document is another one than graphql-codegen's.
    manifest = json.loads((built.app / "typed-manifest.json").read_text())
    assert [sent.sha256] == [each["id"] for each in manifest["operations"]]
    assert f"sha256:{sent.sha256}" not in _manifest(built)
    assert codegen["byApollo"].result == CARDS


def test_the_price_of_an_operation(codegen: dict[str, Step]) -> None:
    # A topic, its connection and 50 pins.
    assert codegen["price"].result == {"cost": 52, "limit": 2_000}


def _manifest(built: Scene) -> dict[str, str]:
    """The manifest, whose ids are hashes of the texts, with the prefix."""
    found: dict[str, str] = json.loads((built.app / "src/gql/persisted-documents.json").read_text())
    for id, text in found.items():
        assert id == f"sha256:{sha256(text.encode()).hexdigest()}"
    return found
