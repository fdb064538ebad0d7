"""Mutations, one module each: what it takes, and what it gives."""
