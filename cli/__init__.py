"""The command line, `python -m cli COMMAND`: one command a module, a few lines over packages."""
