"""Mutations, one module each: the function that does it, and what it answers."""
