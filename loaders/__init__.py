"""Batches, the request's cache, and who may see what: records enter a request here."""
