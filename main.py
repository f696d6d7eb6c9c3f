"""Rhytid: the editor, and its sub-commands without a window.

`python main.py` opens the editor; `python main.py COMMAND --help` explains each command. On a machine
that has Python alone, the first start makes a virtual environment beside this file, installs what is
needed and goes on by itself.
"""

from __future__ import annotations

import importlib
import sys

# Command -> (module with add_arguments(parser) and run(arguments) -> exit code, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    "render": ("gui.cli.render", "render a head with its detail to a picture"),
    "detail": ("core.cli.detail", "edit displacement maps: lines, expression, age"),
    "lines": ("core.cli.lines", "extract wrinkle lines from displacement maps"),
    "export": ("core.cli.export", "export meshes and maps of a project"),
    "train": ("core.cli.train", "train the networks of the learned engines"),
    "evaluate": ("core.cli.evaluate", "score the engines on scanned displacement maps"),
    "synthesis-report": ("core.cli.synthesis_report", "compare synthetic detail with scans"),
    "head-report": ("core.cli.head_report", "measure the quality of a head"),
    "bench": ("gui.cli.bench", "time every step that an artist waits for"),
    "test": ("core.cli.test", "set everything up and run the tests"),
}
EDITOR = "gui.cli.editor"


def main(argv: list[str] | None = None) -> int:
    """Run the editor or one command. Returns the exit code; 2 means bad input, with a one-line reason."""
    argv = list(sys.argv[1:] if argv is None else argv)
    command = argv[0] if argv and argv[0] in COMMANDS else None

    from core.cli import bootstrap

    code = bootstrap.ensure_ready(for_tests=command == "test")
    if code is not None:
        return code
    from core.cli.run import run_command

    if command is None:
        return run_command("", importlib.import_module(EDITOR), argv, COMMANDS)
    return run_command(command, importlib.import_module(COMMANDS[command][0]), argv[1:], COMMANDS)


if __name__ == "__main__":
    raise SystemExit(main())
