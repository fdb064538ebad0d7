"""What resolvers are told of their field: one for all objects of a layer.

So `path` has no indices of lists. The paths of errors have: they are found when there are errors.
"""

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import strawberry
from graphql import GraphQLResolveInfo
from graphql.pyutils import Path

if TYPE_CHECKING:
    from execution.plan import FieldPlan
    from execution.run import Run

RawInfo: TypeAlias = GraphQLResolveInfo[Any]

_UNSET: Final = object()


class LayerInfo(strawberry.Info[Any, Any]):
    """Strawberry's `Info` of a field. What graphql-core knows of it is put together when asked."""

    context: Any = None  # a plain attribute here: it is what resolvers ask for
    field_name: str = ""

    def __init__(self, run: "Run", field: "FieldPlan") -> None:
        self.context = run.context
        self.field_name = field.name
        self._run = run
        self._plan = field
        self._raw: Any = _UNSET

    @property
    def _raw_info(self) -> RawInfo:  # type: ignore[override]  # an attribute there
        if self._raw is _UNSET:
            self._raw = raw_info(self._run, self._plan)
        return self._raw  # type: ignore[no-any-return]  # what the executor built

    @property
    def _field(self) -> Any:  # type: ignore[override]  # an attribute there
        return (self._plan.definition.extensions or {}).get("strawberry-definition")


def raw_info(run: "Run", field: "FieldPlan") -> RawInfo:
    """What graphql-core tells a resolver, with a path that has no indices."""
    path: Any = None
    for key, type_name in field.path:
        path = Path(path, key, type_name)
    return run.executor.build_resolve_info(field.definition, field.nodes, field.parent_type, path)


class Infos(dict["FieldPlan", LayerInfo]):
    """The infos of one execution, made when they are asked for."""

    __slots__ = ("_run",)

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self._run = run

    def __missing__(self, field: "FieldPlan") -> LayerInfo:
        """The info of a field that was not resolved before."""
        info = self[field] = LayerInfo(self._run, field)
        return info


class RawInfos(dict["FieldPlan", RawInfo]):
    """The same, as graphql-core's own resolvers want them."""

    __slots__ = ("_run",)

    def __init__(self, run: "Run") -> None:
        super().__init__()
        self._run = run

    def __missing__(self, field: "FieldPlan") -> RawInfo:
        """The info of a field that was not resolved before."""
        info = self[field] = raw_info(self._run, field)
        return info
