"""Rhytid from its source: the editor, and its sub-commands without a window.

`python main.py` opens the editor; `python main.py COMMAND --help` explains each command. On a machine
that has Python alone, the first start makes a virtual environment beside this file, installs what is
needed and goes on by itself. The installed program is `rhytid`.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent


def name_source() -> None:
    """Make the folders beside this file the package `rhytid`, as pyproject.toml maps them into the installed one.

    This source is meant, whatever else of that name is installed. Done when this file is imported, so that
    processes which Python spawns from here find it as well.
    """
    start = ROOT / "core" / "api" / "__init__.py"
    if Path(getattr(sys.modules.get("rhytid"), "__file__", "") or "") == start:
        return
    places = [str(start.parent), str(ROOT)]
    spec = importlib.util.spec_from_file_location("rhytid", start, submodule_search_locations=places)
    assert spec is not None
    assert spec.loader is not None
    package = importlib.util.module_from_spec(spec)
    sys.modules["rhytid"] = package
    spec.loader.exec_module(package)


name_source()


def main(argv: list[str] | None = None) -> int:
    """Set up what is missing, then run the editor or one command. Returns the exit code."""
    argv = list(sys.argv[1:] if argv is None else argv)
    from rhytid.core.cli import bootstrap

    code = bootstrap.ensure_ready(for_tests=argv[:1] == ["test"])
    if code is not None:
        return code
    from rhytid.gui.cli.program import main as run_program

    return run_program(argv, program="python main.py")


if __name__ == "__main__":
    raise SystemExit(main())
