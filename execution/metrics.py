"""Which operations ran on plans, and why others did not."""

from typing import Final

from prometheus_client import Counter

compiled_total: Final = Counter("pinery_operations_compiled", "Operations that ran on a plan")

interpreted_total: Final = Counter(
    "pinery_operations_interpreted", "Operations left to graphql-core, by why", ["reason"]
)
