"""Runs one command: parses its arguments and turns bad input into one line and exit code 2."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn, Protocol

from rhytid.core.files.text import shown


class CommandModule(Protocol):
    """What a module of a command offers."""

    __doc__: str | None

    def add_arguments(self, parser: argparse.ArgumentParser) -> None: ...

    def run(self, arguments: argparse.Namespace) -> int: ...


class OneLineParser(argparse.ArgumentParser):
    """Tells what is wrong in one line, as every other error of a command, and not in a page of usage."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"rhytid: {message}; see {self.prog} --help\n")


def run_command(
    name: str, module: CommandModule, argv: Sequence[str], commands: Mapping[str, tuple[str, str]],
    program: str = "rhytid",
) -> int:
    """Exit code of command `name` ("" is the editor) of `program` run with `argv`.

    `ValueError` and `OSError` are what bad input raises everywhere in the program: they become one
    line on stderr and exit code 2. Anything else is a fault of the program and keeps its traceback.
    """
    epilog = None
    if not name:
        listed = [f"  {key:<12} {text}" for key, (_, text) in commands.items()]
        epilog = "\n".join(["commands (each has --help):", *listed])
    parser = OneLineParser(
        prog=f"{program} {name}".rstrip(),
        description=module.__doc__,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    arguments = parser.parse_args(argv)
    try:
        return module.run(arguments)
    except BrokenPipeError:
        # The reader of our output went away (`| head`): not an error of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (ValueError, OSError) as error:
        print(f"rhytid: {reason_of(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("rhytid: stopped", file=sys.stderr)
        return 130


def reason_of(error: Exception) -> str:
    """What went wrong in one line, which names the file."""
    text = str(error)
    if isinstance(error, OSError) and error.filename is not None and error.strerror:
        text = f"{error.filename}: {error.strerror.lower()}"
    return shown(" ".join(text.split())) or type(error).__name__
