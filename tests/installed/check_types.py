"""Types of `rhytid.core` and of the packages of `rhytid.gui` that show and drive, strict.

    python tests/installed/check_types.py

mypy does not know how pyproject.toml maps the folders of the source into one package, so it reads a copy of them
that is laid out as they are installed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("rhytid.core", "rhytid.gui.render", "rhytid.gui.controllers")


def run() -> int:
    """Exit code of mypy."""
    with tempfile.TemporaryDirectory(prefix="rhytid-types-") as name:
        package = Path(name) / "rhytid"
        without = shutil.ignore_patterns("__pycache__", "api")
        shutil.copytree(ROOT / "core" / "api", package)
        for folder in ("core", "gui"):
            shutil.copytree(ROOT / folder, package / folder, ignore=without)
        for folder in ("resources", "shaders"):
            (package / folder).mkdir()
            (package / folder / "__init__.py").touch()
        environment = {**os.environ, "MYPYPATH": name}
        command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
        for name_of_package in PACKAGES:
            command += ["-p", name_of_package]
        return subprocess.call(command, cwd=name, env=environment)


if __name__ == "__main__":
    raise SystemExit(run())
