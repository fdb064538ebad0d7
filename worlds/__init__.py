"""Worlds to serve: the importer of a folder of rows, and the generator of the demo world."""
