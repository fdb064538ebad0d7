"""What schemathesis cannot know: how `@oneOf` inputs are written, and what an answer must be.

schemathesis loads this file into a process of its own, which `tests/test_schemathesis.py` starts.
"""

from pathlib import Path
from typing import Any

import schemathesis
from graphql import (
    DocumentNode,
    GraphQLInputObjectType,
    ObjectValueNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    visit,
)

SCHEMA = build_schema((Path(__file__).parents[1] / "schema.graphql").read_text())


@schemathesis.hook
def map_body(_context: schemathesis.HookContext, body: DocumentNode) -> DocumentNode:
    """The same document, whose `@oneOf` inputs have no more than one field."""
    types = TypeInfo(SCHEMA)
    mended: DocumentNode = visit(body, TypeInfoVisitor(types, _KeepOne(types)))
    return mended


class _KeepOne(Visitor):
    def __init__(self, types: TypeInfo) -> None:
        super().__init__()
        self._types = types

    def enter_object_value(self, node: ObjectValueNode, *_: Any) -> ObjectValueNode | None:
        wanted = get_named_type(self._types.get_input_type())
        if isinstance(wanted, GraphQLInputObjectType) and wanted.is_one_of and len(node.fields) > 1:
            return ObjectValueNode(fields=node.fields[-1:])
        return None


@schemathesis.check
def answers_are_graphql(
    _context: schemathesis.CheckContext,
    response: schemathesis.Response,
    _case: "schemathesis.Case[Any]",
) -> None:
    """No server error by status or by code, and every error says what it is."""
    assert response.status_code < 500, f"Status {response.status_code}."
    answer = response.json()
    assert isinstance(answer, dict), answer
    assert answer.keys() <= {"data", "errors", "extensions"}, list(answer)
    assert "data" in answer or answer["errors"], answer
    for error in answer.get("errors", ()):
        assert isinstance(error["message"], str), error
        assert error["message"], error
        assert error["extensions"]["code"] != "INTERNAL_SERVER_ERROR", error
