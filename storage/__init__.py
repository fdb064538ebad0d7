"""The only code that knows MongoDB and Redis: many keys in, a mapping out."""
