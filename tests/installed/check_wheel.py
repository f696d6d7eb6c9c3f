"""The program as people install it: its wheel in a bare environment, far from the source.

    python tests/installed/check_wheel.py

builds the wheel, installs it with everything that it needs into an environment of its own in a temporary folder, and
starts it there: the window, a picture, lines of a map, the Python API. Ends with 0, or with what went wrong.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import main  # noqa: F401  # names the source `rhytid`
from rhytid.core.cli.virtual_display import display_environment

# What the source's folders are called must not become names that other packages may have.
ALLOWED_AT_TOP = ("rhytid", "rhytid-")
API = """
import pathlib, sys
import rhytid
home = pathlib.Path(rhytid.__file__).resolve()
assert pathlib.Path(sys.prefix).resolve() in home.parents, home
assert not any(rhytid.engines().values()), rhytid.engines()
face = rhytid.Face()
face.age = 60
rhytid.write_displacement("map.png", face.maps(256).displacement)
face.strokes = [rhytid.Stroke("a", [(0.4, 0.1), (0.6, 0.1)], [1, 1])]
face.save("Jürgen 佐藤.v002.rhytid")
assert rhytid.Face("Jürgen 佐藤.v002.rhytid").state == face.state
"""


def run() -> None:
    """Build, install, start."""
    with tempfile.TemporaryDirectory(prefix="rhytid-installed-") as name, display_environment() as environment:
        folder = Path(name)
        bare = {key: value for key, value in environment.items() if not key.startswith(("PYTHON", "RHYTID", "VIRTUAL"))}
        bare["RHYTID_STATE_DIR"] = str(folder / "state")
        wheel = _built(folder, bare)
        commands = _installed(folder, wheel, bare)
        python, rhytid = commands / _program("python"), commands / _program("rhytid")
        _call([python, _script(folder)], folder, bare)
        _call([rhytid, "--smoke", "--screenshot", "window.png"], folder, bare)
        _call([rhytid, "render", "face.png", "--size", "320x240", "--expression", "jawOpen=0.3"], folder, bare)
        _call([rhytid, "lines", "map.png", "lines.png"], folder, bare)
        _call([rhytid, "export", "Jürgen 佐藤.v002.rhytid", "out", "--what", "displacement", "--resolution", "1024",
               "--name", "Jürgen 佐藤.v002"], folder, bare)  # fmt: skip
        for made in ("window.png", "face.png", "lines.png", "out/Jürgen 佐藤.v002_displacement.1001.exr"):
            if not (folder / made).is_file():
                found = sorted(str(path.relative_to(folder)) for path in (folder / "out").rglob("*"))
                raise SystemExit(f"the installed program did not write {made}; there are {found}")
    print("the installed program works")


def _built(folder: Path, environment: dict[str, str]) -> Path:
    # Of a copy, for building leaves folders behind, and what is left of an older build would get into the wheel.
    source = folder / "source"
    parts = ("core", "gui", "resources", "shaders", "pyproject.toml", "README.md", "LICENSE")
    source.mkdir()
    for part in filter(Path.exists, (ROOT / name for name in parts)):
        if part.is_dir():
            shutil.copytree(part, source / part.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(part, source)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    _call([*pip, "wheel", "-q", "--no-deps", "-w", folder / "wheel", source], folder, environment)
    shutil.rmtree(source)
    (wheel,) = (folder / "wheel").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        tops = {name.split("/")[0] for name in archive.namelist()}
    if any(not top.startswith(ALLOWED_AT_TOP) for top in tops):
        raise SystemExit(f"the wheel installs {sorted(tops)}")
    return wheel


def _installed(folder: Path, wheel: Path, environment: dict[str, str]) -> Path:
    """The folder of commands of a new environment that has the wheel and what it needs."""
    venv.create(folder / "bare", with_pip=True)
    commands = folder / "bare" / ("Scripts" if os.name == "nt" else "bin")
    pip = [commands / _program("python"), "-m", "pip", "--disable-pip-version-check"]
    _call([*pip, "install", "-q", wheel], folder, environment)
    return commands


def _script(folder: Path) -> Path:
    path = folder / "api.py"
    path.write_text(API, encoding="utf-8")
    return path


def _program(name: str) -> str:
    return f"{name}.exe" if os.name == "nt" else name


def _call(command: list[object], folder: Path, environment: dict[str, str]) -> None:
    words = [str(word) for word in command]
    print("$", *words[:3], flush=True)
    result = subprocess.run(words, cwd=folder, env=environment, timeout=900, check=False)
    if result.returncode != 0:
        raise SystemExit(f"exit code {result.returncode} of {words[0]}")


if __name__ == "__main__":
    run()
