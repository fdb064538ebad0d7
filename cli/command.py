"""What a command is added to."""

from argparse import ArgumentParser, _SubParsersAction
from typing import TypeAlias

Commands: TypeAlias = "_SubParsersAction[ArgumentParser]"
"""Takes the parsers of commands. Each sets `run`, which takes the settings and the parsed options,
and gives the process's exit status."""
