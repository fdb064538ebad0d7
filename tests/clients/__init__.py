"""Real clients from npm against the running server, and the guide that tells how to set them up.

`node` runs scripts with Node, `guide` reads `docs/clients.md`, `table` says which client was tried
with which convention. Packages are installed by `make clients`; without them these tests are
skipped.
"""
