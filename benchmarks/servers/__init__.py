"""Servers to compare with: each answers the workloads, over the same stores, in its own way."""
