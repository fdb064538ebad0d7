"""Uploaded pictures: what is taken, what is refused, and what is kept of them."""
