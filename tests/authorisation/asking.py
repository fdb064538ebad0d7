"""Requests as a role sends them, and what came back, to the byte."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphql import GraphQLObjectType, GraphQLOutputType, get_named_type, is_leaf_type

from tests.authorisation.roles import TOKENS, Role
from tests.authorisation.scenes import Scene
from tests.client import SCHEMA, Client

ERROR = "userErrors { code message field }"


@dataclass(frozen=True)
class Reply:
    """The status and the body of an answer."""

    status: int
    body: str

    @property
    def answer(self) -> dict[str, Any]:
        """The body, read."""
        answer: dict[str, Any] = json.loads(self.body)
        return answer

    @property
    def said(self) -> tuple[int, str]:
        """All that is said, without how long it took, which is told in development."""
        answer = self.answer
        answer.get("extensions", {}).pop("loaders", None)
        return self.status, json.dumps(answer)


class Asker:
    """Sends documents on behalf of roles, each with one token for as long as it lives."""

    def __init__(self, client: Client, scene: Scene) -> None:
        self._http = client.http
        self._headers: dict[Role, dict[str, str]] = {Role.ANONYMOUS: {}}
        for role, token in TOKENS.items():
            bearer = client.with_tokens(token.scopes, token.staff).token(
                scene.users[token.username]
            )
            self._headers[role] = {"Authorization": f"Bearer {bearer}"}

    async def ask(self, role: Role, document: str, **variables: Any) -> Reply:
        """The answer to one document."""
        return await self.send(role, {"query": document, "variables": variables})

    async def send(self, role: Role, body: dict[str, Any]) -> Reply:
        """The answer to a request with this body."""
        response = await self._http.post("/graphql", json=body, headers=self._headers[role])
        return Reply(response.status_code, response.text)


@cache
def mutation_document(name: str) -> str:
    """A mutation that asks for every field of its payload, and for the errors of its rows."""
    root = SCHEMA._schema.mutation_type
    assert root is not None
    field = root.fields[name]
    payload = get_named_type(field.type)
    assert isinstance(payload, GraphQLObjectType)
    selection = " ".join(
        ERROR if each == "userErrors" else f"{each}{_inside(of.type)}"
        for each, of in payload.fields.items()
    )
    variables = f"$input: {field.args['input'].type}"
    return f"mutation({variables}) {{ {name}(input: $input) {{ {selection} }} }}"


def _inside(type_: GraphQLOutputType) -> str:
    named = get_named_type(type_)
    if is_leaf_type(named):
        return ""
    has_rows = isinstance(named, GraphQLObjectType) and "userErrors" in named.fields
    return f" {{ inputId {ERROR} }}" if has_rows else " { __typename }"
