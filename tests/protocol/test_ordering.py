"""Children come before their parents, without recursion."""

from hypothesis import given
from hypothesis import strategies as st

from protocol.ordering import children_first


def test_each_comes_once_and_after_its_children() -> None:
    graph = {"a": ["b", "c"], "b": ["d"], "c": ["d", "d"], "d": [], "e": ["a"]}
    assert list(children_first(["a"], graph.__getitem__)) == ["d", "c", "b", "a"]


def test_a_cycle_is_cut_where_it_closes() -> None:
    graph = {"a": ["b"], "b": ["c"], "c": ["a", "c"]}
    assert list(children_first(["a"], graph.__getitem__)) == ["c", "b", "a"]


def test_depth_takes_no_stack() -> None:
    order = list(children_first([0], lambda n: [n + 1] if n < 50_000 else []))
    assert order == list(range(50_000, -1, -1))


@given(st.dictionaries(st.integers(0, 9), st.lists(st.integers(0, 9), max_size=4)))
def test_in_any_graph_each_is_asked_for_its_children_once(graph: dict[int, list[int]]) -> None:
    asked = []

    def children(key: int) -> list[int]:
        asked.append(key)
        return graph.get(key, [])

    order = list(children_first(graph, children))
    everything = {*graph, *(child for found in graph.values() for child in found)}
    assert sorted(order) == sorted(asked) == sorted(everything)


@given(st.dictionaries(st.integers(1, 30), st.lists(st.integers(0, 29), max_size=4)))
def test_without_cycles_no_parent_comes_before_a_child(graph: dict[int, list[int]]) -> None:
    smaller = {key: [child for child in found if child < key] for key, found in graph.items()}
    order = list(children_first(smaller, lambda key: smaller.get(key, [])))
    for key, found in smaller.items():
        assert all(order.index(child) < order.index(key) for child in found)
