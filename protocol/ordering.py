"""Children before their parents, however deep they are: what a recursion does, without its stack.

A client decides how deep its document is, and Python's stack is not deep.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

K = TypeVar("K", bound=Hashable)


def children_first(roots: Iterable[K], children: Callable[[K], Iterable[K]]) -> Iterator[K]:
    """Everything that can be reached from `roots`: once each, and after all its children.

    `children` is asked once for each. A cycle is cut where it closes.
    """
    pending = list(roots)
    opened: set[K] = set()
    closed: set[K] = set()
    while pending:
        key = pending[-1]
        if key not in opened:
            opened.add(key)
            pending.extend(child for child in children(key) if child not in opened)
        else:
            pending.pop()
            if key not in closed:
                closed.add(key)
                yield key
