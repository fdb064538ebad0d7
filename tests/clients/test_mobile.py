"""Apollo Kotlin and Apollo iOS: replays of what they send, and of how they read what comes back.

Neither can run here. That they work rests on `tests.clients.mobile` being true to their sources.
"""

import json
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from domain.documents import NewDocument, OperationKind, Release
from storage.storage import Storage
from tests.clients.conftest import TITLES, Servers
from tests.clients.mobile import IOS, Kotlin, Operation, Refused, Reply, messages, send
from tests.clients.table import tried

KOTLIN = "Apollo Kotlin"
SWIFT = "Apollo iOS"
MISS = {
    "errors": [
        {
            "message": "PersistedQueryNotFound",
            "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"},
        }
    ]
}

App = Kotlin | IOS


@pytest.fixture(params=[Kotlin, IOS], ids=["kotlin", "ios"])
def app(request: pytest.FixtureRequest) -> App:
    """One of the two."""
    made: App = request.param()
    return made


def topic_page(app: App, name: str) -> Operation:
    """An operation that no other test sends, in one line as both generators write it."""
    text = (
        f"query {type(app).__name__}{name}($key: String!, $first: Int!) "
        "{ topic(by: { key: $key }) { __typename name pins(first: $first) { nodes { title } } } }"
    )
    return Operation(f"{type(app).__name__}{name}", text, {"key": "cooking", "first": 2})


async def ask(servers: Servers, server: str, app: App, operation: Operation, **how: bool) -> Reply:
    """One request of an app."""
    url = servers.urls[server]
    asked = {"get": False, "id": False, "text": False} | how
    return await send(url, app.request(urlsplit(url).netloc, operation, **asked))


def titles(app: App, reply: Reply) -> list[str]:
    """What the app shows."""
    answer = app.read(reply)
    assert "errors" not in answer
    return [pin["title"] for pin in answer["data"]["topic"]["pins"]["nodes"]]


@tried(KOTLIN, "text by POST")
@tried(SWIFT, "text by POST")
async def test_text(servers: Servers, app: App) -> None:
    reply = await ask(servers, "open", app, topic_page(app, "Text"), text=True)
    assert reply.headers["content-type"] == "application/graphql-response+json; charset=utf-8"
    assert titles(app, reply) == list(TITLES[:2])


@tried(KOTLIN, "APQ by POST", "APQ by GET")
@tried(SWIFT, "APQ by POST", "APQ by GET")
@pytest.mark.parametrize("get", [False, True], ids=["post", "get"])
async def test_automatic(servers: Servers, app: App, get: bool) -> None:
    operation = topic_page(app, f"Automatic{get}")
    missed = await ask(servers, "open", app, operation, get=get, id=True)
    assert (missed.status, missed.headers["cache-control"]) == (200, "no-store")
    answer = app.read(missed)
    assert {key: answer[key] for key in answer if key != "extensions"} == MISS
    assert app.wants_text(answer)

    registered = await ask(servers, "open", app, operation, get=get, id=True, text=True)
    assert titles(app, registered) == list(TITLES[:2])

    hit = await ask(servers, "open", app, operation, get=get, id=True)
    assert titles(app, hit) == list(TITLES[:2])
    assert hit.headers["cache-control"] == ("max-age=60, public" if get else "no-store")


@tried(KOTLIN, "APQ off")
async def test_without_automatic_documents_kotlin_is_told_so(servers: Servers) -> None:
    app = Kotlin()
    operation = topic_page(app, "Off")
    answer = app.read(await ask(servers, "withoutApq", app, operation, id=True))
    # It throws `AutoPersistedQueriesNotSupported`, by which an app can switch them off.
    assert messages(answer) == ["PersistedQueryNotSupported"]


@tried(KOTLIN, "trusted by POST", "trusted by GET")
@tried(SWIFT, "trusted by POST", "trusted by GET")
@pytest.mark.parametrize("get", [False, True], ids=["post", "get"])
async def test_trusted(servers: Servers, prepared: Storage, app: App, get: bool) -> None:
    operation = topic_page(app, f"Trusted{get}")
    document = NewDocument(operation.text, operation.name, OperationKind.QUERY)
    release = Release("app", "8.1", datetime.now(UTC).replace(microsecond=0))
    await prepared.documents.publish(release, [document])
    reply = await ask(servers, "only", app, operation, get=get, id=True)
    assert titles(app, reply) == list(TITLES[:2])
    assert reply.headers["cache-control"] == ("max-age=60, public" if get else "no-store")


@tried(KOTLIN, "refused in `only`")
@tried(SWIFT, "refused in `only`")
@pytest.mark.parametrize(
    ("how", "status", "code"),
    [
        ("id", 404, "PERSISTED_QUERY_NOT_IN_LIST"),
        ("text", 400, "PERSISTED_QUERY_ID_REQUIRED"),
    ],
)
async def test_refused_where_only_trusted_documents_run(
    servers: Servers, app: App, how: str, status: int, code: str
) -> None:
    reply = await ask(servers, "only", app, topic_page(app, "Refused"), **{how: True})
    assert (reply.status, reply.headers["cache-control"]) == (status, "no-store")
    answer = json.loads(reply.body)
    assert [each["extensions"]["code"] for each in answer["errors"]] == [code]
    assert not app.wants_text(answer)


@tried(KOTLIN, "errors")
@tried(SWIFT, "errors")
async def test_the_errors_of_an_invalid_operation_can_be_read(servers: Servers, app: App) -> None:
    operation = Operation("Invalid", "query Invalid { colour }", {})
    reply = await ask(servers, "open", app, operation, text=True)
    if isinstance(app, IOS):
        with pytest.raises(Refused, match="Received a 400 error"):
            app.read(reply)
        answer = json.loads(reply.body)  # `chunk` of the error
    else:
        answer = app.read(reply)
    assert "data" not in answer
    assert messages(answer) == ["Cannot query field 'colour' on type 'Query'."]
    assert answer["errors"][0]["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
