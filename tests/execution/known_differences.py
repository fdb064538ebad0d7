"""Where graphql-core's own tests expect more than the specification, and a plan does otherwise.

Each test that fails is named with its reason. One that fails without being named is a fault, and so
is one that is named and passes.
"""

ORDER = "Errors come in the order of the document, not in that in which they happened."
CHOICE = (
    "Where several errors null one position, the first of the document is told; graphql-core tells "
    "the first to happen, and drops those that would come later."
)
SIBLINGS = (
    "Fields beside an error that nulls their parent run on: the specification lets an executor "
    "cancel them, and does not ask for it."
)
AT_ONCE = (
    "An error that nulls everything is told when the other fields have ended, not while they wait."
)
ITERATORS = (
    "An iterator that raised is not asked for more, where graphql-core drains it; an async one is "
    "not closed early, but read to its end."
)
PATHS = "`info.path` has no indices of lists: one info serves all objects of a layer."
UNAWAITED = (
    "What is declared `async` is awaited, even in `execute_sync`, which takes a coroutine for a "
    "value unless it is told to look."
)

_CANCELLATION = "test_cancellation.py::describe_execute_cancellation::"
_EXECUTOR = "test_executor.py::describe_execute_handles_basic_execution_tasks::"
_ITERABLES = "test_lists.py::describe_execute_handles_abrupt_completion_in_synchronous_iterables::"
_ASYNC_ITERABLES = "test_lists.py::describe_execute_accepts_async_iterables_as_list_value::"
_NON_NULL = "test_nonnull.py::describe_execute_handles_non_nullable_types::"
_SEVERAL = _NON_NULL + "describe_handles_multiple_errors_for_a_single_response_position::"
_PARALLEL = "test_parallel.py::describe_parallel_execution::describe_cancel_on_exception::"
_SYNC = "test_sync.py::describe_execute_synchronously_when_possible::"

KNOWN_DIFFERENCES = {
    _CANCELLATION + "stops_late_sibling_object_completion_after_non_null_bubbling": SIBLINGS,
    _EXECUTOR + "it_populates_path_correctly_with_complex_types": PATHS,
    _EXECUTOR + "handles_sync_errors_combined_with_async_ones": AT_ONCE,
    _EXECUTOR + "handles_sync_errors_combined_with_async_ones_in_async_context": AT_ONCE,
    _ITERABLES + "drains_the_iterator_when_next_throws": ITERATORS,
    _ITERABLES + "handles_iterator_errors_with_later_pending_awaitables": ITERATORS,
    _ITERABLES + "handles_sync_errors_with_later_pending_awaitables": AT_ONCE,
    _ASYNC_ITERABLES + "handles_mixture_of_sync_and_async_errors_in_async_iterables": CHOICE,
    _ASYNC_ITERABLES + "calls_aclose_when_non_null_list_item_errors": ITERATORS,
    _NON_NULL + "describe_nulls_a_complex_tree_of_nullable_fields_each::throws": ORDER,
    _SEVERAL + "nullable_and_non_nullable_root_fields_throw_nested_errors": CHOICE,
    _SEVERAL + "slower_nullable_after_non_nullable_root_field": CHOICE,
    _SEVERAL + "nullable_and_non_nullable_nested_fields_throw_nested_errors": CHOICE,
    _SEVERAL + "slower_nullable_after_non_nullable_nested_field": CHOICE,
    _PARALLEL + "cancel_selection_sets": SIBLINGS,
    _PARALLEL + "cancel_lists": SIBLINGS,
    _PARALLEL + "cancel_async_iterators": SIBLINGS,
    _SYNC + "describe_execute_sync::"
    "throws_if_encountering_async_operation_without_check_sync": UNAWAITED,
    _SYNC + "describe_graphql_sync::"
    "throws_if_encountering_async_operation_without_check_sync": UNAWAITED,
}
"""By the name of the test, without its directory."""
