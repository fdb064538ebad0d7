"""Measurements of the whole server, each a program: `python -m benchmarks.NAME`."""
