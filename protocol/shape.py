"""How large a document is, before anything else is done with it (PROTOCOL 12).

A limiter is itself something to attack: one that walks a fragment wherever it is spread takes twice
as long with each level of fragments (RELIABILITY, trap 1). Here every definition is walked once,
and then what it says of the fragments in it is added up, once for each fragment: the time grows as
the document does. Nothing recurses. The document need not be valid: its fragments may be missing,
or spread themselves.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

import msgspec
from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from protocol.limits import Limits
from protocol.ordering import children_first

_CONNECTION_STEPS = frozenset({"edges", "node", "nodes", "pageInfo"})
"""What every connection has on the way to its items."""

_INTROSPECTION = frozenset({"__schema", "__type"})
"""Bounded by a rule of graphql-core; the query that all tools send is deeper than our limit."""

_MANY: Final = 1_000_000
"""Where we stop counting what fragments multiply."""

_Definition: TypeAlias = OperationDefinitionNode | FragmentDefinitionNode


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """How large a document is.

    `depth` is how many fields with a selection are inside each other in the deepest operation,
    through fragments. The steps that every connection has (`edges`, `node`, `nodes`, `pageInfo`)
    do not count, nor does introspection. `root_fields` are those of the operation that has most,
    and `mutations` those of the mutation that has most: a field in a fragment counts once for each
    way to it. All others are counted as they are written, wherever they are used.
    """

    depth: int = 0
    aliases: int = 0
    root_fields: int = 0
    mutations: int = 0
    directives: int = 0
    most_directives_on_a_node: int = 0
    fragments: int = 0
    operations: int = 0


def measure(document: DocumentNode) -> Shape:
    """The shape of a document, valid or not."""
    outlines = [_outline(each) for each in document.definitions if isinstance(each, _Definition)]
    fragments = {outline.fragment: outline for outline in outlines if outline.fragment is not None}
    for name in children_first(fragments, lambda name: fragments[name].known_spreads(fragments)):
        fragments[name].add_up(fragments)
    operations = [outline for outline in outlines if outline.fragment is None]
    for outline in operations:
        outline.add_up(fragments)
    return Shape(
        depth=max((each.depth for each in operations), default=0),
        aliases=sum(each.aliases for each in outlines),
        root_fields=max((each.root_fields for each in operations), default=0),
        mutations=max((each.root_fields for each in operations if each.is_mutation), default=0),
        directives=sum(each.directives for each in outlines),
        most_directives_on_a_node=max((each.most_directives for each in outlines), default=0),
        fragments=len(outlines) - len(operations),
        operations=len(operations),
    )


def violations(shape: Shape, limits: Limits) -> list[str]:
    """What is too large, in sentences for the client; empty when nothing is."""
    found = []
    if shape.depth > limits.document_depth:
        found.append(
            f"The operation is nested more than {limits.document_depth} levels deep: "
            f"it has {shape.depth}."
        )
    counted = (
        (shape.aliases, limits.document_aliases, "The document", "aliases"),
        (shape.root_fields, limits.document_root_fields, "An operation", "root fields"),
        (shape.mutations, limits.document_mutations, "A mutation", "root fields"),
        (shape.directives, limits.document_directives, "The document", "directives"),
        (shape.most_directives_on_a_node, limits.node_directives, "A single node", "directives"),
        (shape.fragments, limits.document_fragments, "The document", "fragments"),
        (shape.operations, limits.document_operations, "The document", "operations"),
    )
    for count, most, subject, things in counted:
        if count > most:
            found.append(f"{subject} may have at most {most} {things}: it has {count}.")
    return found


@dataclass(slots=True)
class _Outline:
    """One definition: first without the fragments in it, with them once they are added up.

    `spreads` are the fragments in it, each with the steps above its deepest place; `root_spreads`
    are those that are beside its own fields.
    """

    fragment: str | None
    is_mutation: bool
    depth: int = 0
    root_fields: int = 0
    aliases: int = 0
    directives: int = 0
    most_directives: int = 0
    spreads: dict[str, int] = field(default_factory=dict)
    root_spreads: set[str] = field(default_factory=set)

    def known_spreads(self, fragments: Mapping[str, "_Outline"]) -> Iterator[str]:
        """The fragments in it that exist, but for those in introspection."""
        return (name for name in self.spreads if name in fragments)

    def add_up(self, fragments: Mapping[str, "_Outline"]) -> None:
        """Adds what is in its fragments, which must have been added up before."""
        for name in self.known_spreads(fragments):
            inner = fragments[name]
            self.depth = max(self.depth, self.spreads[name] + inner.depth)
            if name in self.root_spreads:
                self.root_fields = min(self.root_fields + inner.root_fields, _MANY)

    def count_directives(self, count: int) -> None:
        """Counts the directives of one node."""
        self.directives += count
        self.most_directives = max(self.most_directives, count)

    def count_field(self, node: FieldNode, is_root: bool) -> None:
        """Counts a field, and its alias."""
        self.root_fields += is_root
        self.aliases += node.alias is not None

    def note_spread(self, name: str, steps: int | None, is_root: bool) -> None:
        """Remembers a fragment, and how far in it stands; in introspection that is nowhere."""
        if steps is not None:
            self.spreads[name] = max(steps, self.spreads.get(name, 0))
        if is_root:
            self.root_spreads.add(name)


def _outline(definition: _Definition) -> _Outline:
    if isinstance(definition, FragmentDefinitionNode):
        outline = _Outline(definition.name.value, is_mutation=False)
    else:
        outline = _Outline(None, is_mutation=definition.operation is OperationType.MUTATION)
    outline.count_directives(len(definition.directives or ()))
    for variable in definition.variable_definitions or ():
        outline.count_directives(len(variable.directives or ()))
    _walk(definition.selection_set, outline)
    return outline


def _walk(selection_set: SelectionSetNode, outline: _Outline) -> None:
    """Counts what is in a selection; `steps` is None in introspection, where depth is exempt."""
    pending: list[tuple[SelectionSetNode, int | None, bool]] = [(selection_set, 0, True)]
    while pending:
        inside, steps, is_root = pending.pop()
        for selection in inside.selections:
            outline.count_directives(len(selection.directives or ()))
            match selection:
                case FieldNode():
                    outline.count_field(selection, is_root)
                    if selection.selection_set:
                        inner = _steps_into(selection.name.value, steps)
                        outline.depth = max(outline.depth, inner or 0)
                        pending.append((selection.selection_set, inner, False))
                case InlineFragmentNode():
                    pending.append((selection.selection_set, steps, is_root))
                case FragmentSpreadNode():
                    outline.note_spread(selection.name.value, steps, is_root)


def _steps_into(name: str, steps: int | None) -> int | None:
    if steps is None or name in _INTROSPECTION:
        return None
    return steps if name in _CONNECTION_STEPS else steps + 1
