"""The program `rhytid`: the editor, and its commands by name."""

from __future__ import annotations

import importlib
import io
import sys

from rhytid.core.cli import bootstrap
from rhytid.core.cli.run import run_command
from rhytid.core.files.file_set import clear_after_kills

# Command -> (module with add_arguments(parser) and run(arguments) -> exit code, one line of help).
COMMANDS: dict[str, tuple[str, str]] = {
    "render": ("rhytid.gui.cli.render", "render a head with its detail to a picture"),
    "detail": ("rhytid.core.cli.detail", "edit displacement maps: lines, expression, age"),
    "lines": ("rhytid.core.cli.lines", "extract wrinkle lines from displacement maps"),
    "animate": ("rhytid.gui.cli.animate", "drive a face by a recording, a photo or another face"),
    "turntable": ("rhytid.gui.cli.turntable", "turn a head round, as a film or as pictures"),
    "photo": ("rhytid.core.cli.photo", "make faces of photos"),
    "scan": ("rhytid.core.cli.scan", "make a face of a scan"),
    "export": ("rhytid.core.cli.export", "export meshes and maps of a project"),
    "wrinkle-pack": ("rhytid.gui.cli.wrinkle_pack", "write wrinkle maps and their drivers for engines"),
    "batch": ("rhytid.gui.cli.batch", "make many faces, ages and expressions of a job in TOML"),
    "train": ("rhytid.core.cli.train", "train the networks of the learned engines"),
    "evaluate": ("rhytid.core.cli.evaluate", "score the engines on scanned displacement maps"),
    "evaluate-photo": ("rhytid.gui.cli.evaluate_photo", "score what is read out of photos"),
    "evaluate-people": ("rhytid.gui.cli.evaluate_people", "have a face detector look at random people"),
    "synthesis-report": ("rhytid.core.cli.synthesis_report", "compare synthetic detail with scans"),
    "head-report": ("rhytid.core.cli.head_report", "measure the quality of a head"),
    "bench": ("rhytid.gui.cli.bench", "time every step that an artist waits for"),
    "test": ("rhytid.core.cli.test", "set everything up and run the tests"),
}
EDITOR = "rhytid.gui.cli.editor"


def main(argv: list[str] | None = None, program: str = "rhytid") -> int:
    """Run the editor or one command.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process where left out.
    program : str
        How a person calls the program, for the help.

    Returns
    -------
    int
        Exit code; 2 means bad input, with a one-line reason on stderr.
    """
    argv = list(sys.argv[1:] if argv is None else argv)
    command = argv.pop(0) if argv and argv[0] in COMMANDS else ""
    module = COMMANDS[command][0] if command else EDITOR
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # what a terminal cannot show is no reason to fail after the work
            stream.reconfigure(errors="backslashreplace")
    clear_after_kills()
    # Qt and OpenGL need libraries of the system; without them their import ends in a traceback.
    if ".gui." in module and not bootstrap.has_system_libraries():
        return 2
    return run_command(command, importlib.import_module(module), argv, COMMANDS, program)
