"""The schema as Relay, Apollo and urql want it (PROTOCOL 14), asked of the running server."""

from base64 import b64encode
from typing import Any

import pytest

from domain.ids import to_global_id
from resolvers.nodes import global_id
from tests.client import Client
from tests.queries.feeds import advertise, strangers
from tests.world import World

TYPES = """
{
  __schema {
    mutationType { name }
    subscriptionType { name }
    types {
      kind name specifiedByURL
      interfaces { name }
      fields { name args { name type { ...ref } } type { ...ref } }
    }
  }
}
fragment ref on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }
"""

Type = dict[str, Any]


async def types(client: Client) -> dict[str, Type]:
    """The types of the schema by name, those of introspection left out."""
    found = (await client.data(TYPES))["__schema"]["types"]
    return {each["name"]: each for each in found if not each["name"].startswith("__")}


def written(ref: Type) -> str:
    """A type as the schema writes it."""
    if ref["kind"] == "NON_NULL":
        return f"{written(ref['ofType'])}!"
    if ref["kind"] == "LIST":
        return f"[{written(ref['ofType'])}]"
    return str(ref["name"])


def fields(type: Type) -> dict[str, str]:
    """The fields of a type, and their types as the schema writes them."""
    return {each["name"]: written(each["type"]) for each in type["fields"] or ()}


@pytest.mark.row("L1")
async def test_l1_node_and_nodes(client: Client) -> None:
    schema = await types(client)
    assert schema["Node"]["kind"] == "INTERFACE"
    assert fields(schema["Node"])["id"] == "ID!"
    query = {each["name"]: each for each in schema["Query"]["fields"]}
    assert written(query["node"]["type"]) == "Node"
    assert [(a["name"], written(a["type"])) for a in query["node"]["args"]] == [("id", "ID!")]
    assert written(query["nodes"]["type"]).rstrip("!") == "[Node]"
    assert [(a["name"], written(a["type"])) for a in query["nodes"]["args"]] == [("ids", "[ID!]!")]


@pytest.mark.row("L1")
@pytest.mark.parametrize(
    "id",
    [
        "",
        "nothing",
        "VXNlcg==",
        b64encode(b"User:" + b"0" * 24).decode(),
        b64encode(b"Query:" + b"0" * 24).decode(),
        "../../etc/passwd",
        "A" * 10_000,
        "\0",
        "🙂",
    ],
)
async def test_l1_what_names_nothing_is_null(client: Client, id: str) -> None:
    document = "query($id: ID!) { node(id: $id) { id } nodes(ids: [$id, $id]) { id } }"
    assert await client.data(document, id=id) == {"node": None, "nodes": [None, None]}


@pytest.mark.row("L2")
async def test_l2_every_connection_has_edges_and_pages(client: Client) -> None:
    schema = await types(client)
    connections = [name for name in schema if name.endswith("Connection")]
    assert len(connections) >= 10
    page = fields(schema["PageInfo"])
    assert page["hasNextPage"] == page["hasPreviousPage"] == "Boolean!"
    assert page["startCursor"] == page["endCursor"] == "String"
    for name in connections:
        parts = fields(schema[name])
        assert parts["pageInfo"] == "PageInfo!"
        edge = parts["edges"].strip("[]!")
        assert edge.endswith("Edge"), name
        assert fields(schema[edge])["cursor"] == "String!"
        assert "node" in fields(schema[edge])
    for type in schema.values():
        for field in type["fields"] or ():
            if written(field["type"]).strip("!").endswith("Connection"):
                arguments = {each["name"]: written(each["type"]) for each in field["args"]}
                assert (arguments["first"], arguments["after"]) == ("Int", "String")


@pytest.mark.row("L2")
async def test_l2_pages_follow_each_other(client: Client, world: World) -> None:
    board = await world.board(await world.user("ana"))
    for number in range(5):
        await world.pin(board, f"{number}")
    document = """
    query($id: ID!, $after: String) {
      board(by: {id: $id}) {
        pins(first: 2, after: $after) {
          edges { cursor node { title } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    """
    pages, after = [], None
    while True:
        data = await client.data(document, id=global_id(board), after=after)
        found = data["board"]["pins"]
        pages.append([edge["node"]["title"] for edge in found["edges"]])
        assert found["pageInfo"]["endCursor"] == found["edges"][-1]["cursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
        after = found["pageInfo"]["endCursor"]
    assert pages == [["4", "3"], ["2", "1"], ["0"]]


FEED = """
query($first: Int, $after: String) {
  viewer {
    homeFeed(first: $first, after: $after) {
      edges { cursor node { __typename ... on Pin { id } ... on PromotedPin { id } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""


@pytest.mark.row("L3")
async def test_l3_a_feed_of_two_types_pages_without_doubles_or_gaps(
    client: Client, world: World
) -> None:
    await strangers(world, 12)
    await advertise(world, await world.user("shop"))
    viewer = await world.user("ana")
    seen: list[tuple[str, str]] = []
    after: str | None = None
    while True:
        data = await client.data(FEED, viewer, first=3, after=after)
        found = data["viewer"]["homeFeed"]
        seen += [(edge["node"]["__typename"], edge["node"]["id"]) for edge in found["edges"]]
        after = found["pageInfo"]["endCursor"]
        if not found["pageInfo"]["hasNextPage"]:
            break
    whole = (await client.data(FEED, viewer, first=50))["viewer"]["homeFeed"]["edges"]
    assert len(set(seen)) == len(seen)
    assert {kind for kind, _ in seen} == {"Pin", "PromotedPin"}
    pins = [id for kind, id in seen if kind == "Pin"]
    assert len(pins) == 12
    nodes = [edge["node"] for edge in whole]
    assert pins == [node["id"] for node in nodes if node["__typename"] == "Pin"]


@pytest.mark.row("L4")
async def test_l4_every_object_with_an_id_is_a_node(client: Client) -> None:
    schema = await types(client)
    with_id = {
        name
        for name, type in schema.items()
        if type["kind"] == "OBJECT" and fields(type).get("id") == "ID!"
    }
    nodes = {
        name
        for name, type in schema.items()
        if {"name": "Node"} in (type["interfaces"] or ()) and type["kind"] == "OBJECT"
    }
    assert {"User", "Board", "Pin"} <= nodes
    assert with_id == nodes


@pytest.mark.row("L5")
async def test_l5_two_types_never_share_an_id(client: Client, world: World) -> None:
    """Clients' caches merge what has the same id. Here every record has the same stored id."""
    ana = await world.user("ana")
    same: dict[str, Any] = {"id": ana.id}
    board = await world.board(ana, **same)
    pin = await world.pin(board, root_id=ana.id, **same)
    comment = await world.comment(pin, ana, **same)
    topic = await world.topic("Food", **same)
    records = {"User": ana, "Board": board, "Pin": pin, "Comment": comment, "Topic": topic}
    ids = {name: global_id(record) for name, record in records.items()}
    assert ids == {name: to_global_id(name, ana.id) for name in records}
    assert len(set(ids.values())) == len(ids)
    document = "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id entityId } }"
    data = await client.data(document, ids=list(ids.values()))
    assert data == {
        "nodes": [{"__typename": name, "id": id, "entityId": ana.id} for name, id in ids.items()]
    }


@pytest.mark.row("L6")
async def test_l6_mutations_take_an_input_and_return_what_they_changed(client: Client) -> None:
    schema = await types(client)
    mutations = schema["Mutation"]["fields"]
    assert mutations
    for each in mutations:
        name = each["name"][0].upper() + each["name"][1:]
        assert [(a["name"], written(a["type"])) for a in each["args"]] == [
            ("input", f"{name}Input!")
        ]
        assert written(each["type"]) == f"{name}Payload"
        payload = fields(schema[f"{name}Payload"])
        assert payload.pop("userErrors") == "[UserError!]!"
        assert payload.pop("clientMutationId") == "String"
        assert payload, f"{name}Payload tells nothing of what was changed."


@pytest.mark.row("L8")
async def test_l8_custom_scalars_say_where_they_are_specified(client: Client) -> None:
    builtin = {"Int", "Float", "String", "Boolean", "ID"}
    custom = {
        name: type["specifiedByURL"]
        for name, type in (await types(client)).items()
        if type["kind"] == "SCALAR" and name not in builtin
    }
    assert {"DateTime", "URL", "Color"} <= set(custom)
    for url in custom.values():
        assert url.startswith("https://")
