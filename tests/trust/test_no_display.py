"""What the machine lacks is told in one line, with exit code 2, before the person has waited five seconds."""

from __future__ import annotations

import json
import os
import select
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SERVER = Path(__file__).resolve().parent / "refusal_server.py"
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="switches of Linux's displays and drivers")
LIMIT_S = 5.0
PATIENCE_S = 100.0  # for an answer, of a machine that may be busy


def slowness() -> float:
    """How many times longer than on the machine of the limit this one takes to start Python and import Qt now."""
    began = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import PySide6.QtWidgets, numpy"], check=True)
    return max(1.0, (time.perf_counter() - began) / 0.4)


def run(*arguments: str, **environment: str | None) -> tuple[int, list[str]]:
    """Exit code and lines on stderr of `main.py`; a variable that is None is not there."""
    merged = {**os.environ, **environment}
    known = {name: value for name, value in merged.items() if value is not None}
    limit_s = LIMIT_S * slowness()
    command = [sys.executable, "main.py", *arguments]
    result = subprocess.run(
        command, cwd=ROOT, env=known, capture_output=True, text=True, timeout=limit_s, check=False
    )
    return result.returncode, result.stderr.splitlines()


def the_line(code: int, lines: list[str]) -> str:
    """The one line of a refusal."""
    assert code == 2, lines
    assert len(lines) == 1, lines
    assert lines[0].startswith("rhytid: ")
    return lines[0]


class Program:
    """The program that lies in a folder, and is asked again and again; see `refusal_server`."""

    def __init__(self, folder: Path, said: Path) -> None:
        self._said = said
        command = [sys.executable, str(SERVER), str(folder)]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def refused(self, *arguments: str, **environment: str | None) -> str:
        """The one line with which it refuses; a variable that is None is not there."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([arguments, environment, str(self._said)]) + "\n")
        assert select.select([self.process.stdout], [], [], PATIENCE_S)[0], f"no answer to {arguments}"
        return the_line(int(self.process.stdout.readline()), self._said.read_text().splitlines())


@pytest.fixture(scope="module")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program in another folder, whose resources may be broken."""
    folder = tmp_path_factory.mktemp("program")
    for name in ("core", "gui", "shaders", "main.py", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)
    shutil.copytree(ROOT / "resources", folder / "resources", ignore=shutil.ignore_patterns("*.jpg"))
    return folder


@pytest.fixture(scope="module")
def program(installation: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    server = Program(installation, tmp_path_factory.mktemp("said") / "stderr.txt")
    yield server
    assert server.process.stdin is not None
    server.process.stdin.close()
    server.process.wait(PATIENCE_S)
    assert server.process.stdout is not None
    server.process.stdout.close()


@pytest.fixture
def silent_display() -> Iterator[str]:
    """A display that takes connections and never says a word."""
    with socket.socket() as server:
        for number in range(70, 120):
            try:
                server.bind(("127.0.0.1", 6000 + number))
                break
            except OSError:
                continue
        server.listen()
        taken: list[socket.socket] = []

        def take() -> None:
            try:
                while True:
                    taken.append(server.accept()[0])
            except OSError:
                return

        threading.Thread(target=take, daemon=True).start()
        yield f"127.0.0.1:{number}"
        server.shutdown(socket.SHUT_RDWR)
        for connection in taken:
            connection.close()


@LINUX
@pytest.mark.parametrize(
    ("environment", "says"),
    [
        ({"DISPLAY": None, "WAYLAND_DISPLAY": None}, "no screen"),
        ({"DISPLAY": ":999", "WAYLAND_DISPLAY": None}, ":999 does not answer"),
        ({"DISPLAY": "nonsense", "WAYLAND_DISPLAY": None}, "nonsense does not answer"),
        ({"DISPLAY": None, "WAYLAND_DISPLAY": "wayland-99"}, "wayland-99 does not answer"),
        ({"QT_QPA_PLATFORM": "nonsense"}, "nonsense"),
        ({"QT_QPA_PLATFORM": "minimal"}, "OpenGL 4.1"),
    ],
    ids=["none", "dead", "no display", "dead wayland", "no such plugin", "no windows"],
)
def test_without_a_screen(program: Program, environment: dict[str, str | None], says: str) -> None:
    for arguments in ((), ("--smoke",)):
        assert says in program.refused(*arguments, **{"QT_QPA_PLATFORM": None, **environment})


@LINUX
def test_started_without_a_screen() -> None:
    line = the_line(*run(DISPLAY=None, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None))
    assert "no screen" in line


@LINUX
def test_a_display_that_never_answers_is_not_waited_for(silent_display: str) -> None:
    line = the_line(*run(DISPLAY=silent_display, WAYLAND_DISPLAY=None, QT_QPA_PLATFORM=None))
    assert "does not answer" in line


@LINUX
@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="no screen: DISPLAY is not set (run under xvfb-run)")
@pytest.mark.parametrize(
    "environment", [{"MESA_GL_VERSION_OVERRIDE": "3.3"}, {"QT_XCB_GL_INTEGRATION": "none"}], ids=["too old", "none"]
)
def test_without_opengl_in_the_window(program: Program, environment: dict[str, str]) -> None:
    for arguments in ((), ("--smoke",)):
        line = program.refused(*arguments, **environment)
        assert "OpenGL 4.1" in line
        assert "apt-get install" in line


@LINUX
@pytest.mark.parametrize(
    "environment",
    [
        {"MESA_GL_VERSION_OVERRIDE": "3.3"},
        # Without a display named, the other way to OpenGL tries the first one there is.
        {"__EGL_VENDOR_LIBRARY_FILENAMES": "/nowhere", "GLCONTEXT_LINUX_LIBX11": "/nowhere"},
    ],
    ids=["too old", "no EGL"],
)
def test_without_opengl_for_pictures(program: Program, environment: dict[str, str], tmp_path: Path) -> None:
    line = program.refused("render", str(tmp_path / "a.png"), DISPLAY=None, WAYLAND_DISPLAY=None, **environment)
    assert "OpenGL 4.1" in line
    assert list(tmp_path.iterdir()) == []


# ---- presets ---------------------------------------------------------------------------------------------


PRESETS = ("presets/action_units.json", "presets/expressions.json", "presets/environments.json",
           "presets/wrinkle_sites.json", "head/default.npz")  # fmt: skip
DAMAGE = {
    "missing": None,
    "noise": bytes(range(256)) * 9,
    "nothing in it": b'{"version": 1}',
    "wrong entries": json.dumps(
        {"version": 1, "action_units": [{"name": 5}], "presets": [7], "environments": {"a": []}, "sites": ["x"]}
    ).encode(),
}


@LINUX
@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("name", PRESETS)
def test_broken_presets(name: str, damage: str, installation: Path, program: Program, tmp_path: Path) -> None:
    path = installation / "resources" / name
    before, content = path.read_bytes(), DAMAGE[damage]
    try:
        path.unlink()
        if content is not None:
            path.write_bytes(content)
        arguments = [()] if os.environ.get("DISPLAY") else []
        if name != "presets/expressions.json" and damage == "missing":  # a picture needs no named expression
            arguments.append(("render", str(tmp_path / "a.png"), "--resolution", "256", "--size", "64x64"))
        for command in arguments:
            assert Path(name).name in program.refused(*command)
    finally:
        path.write_bytes(before)


# ---- folders ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="folders have no modes there")
@pytest.mark.skipif(not os.environ.get("DISPLAY"), reason="no screen: DISPLAY is not set (run under xvfb-run)")
@pytest.mark.parametrize("what", ["a file for a state folder", "no home", "a home that is no folder"])
def test_a_state_that_cannot_be_kept_does_not_keep_it_from_starting(what: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"")
    environment: dict[str, str | None] = {
        "a file for a state folder": {"RHYTID_STATE_DIR": str(file)},
        "no home": {"HOME": None, "RHYTID_STATE_DIR": None, "XDG_STATE_HOME": str(file), "XDG_CONFIG_HOME": str(file)},
        "a home that is no folder": {"HOME": str(file), "RHYTID_STATE_DIR": None},
    }[what]
    code = """
import sys, main
from rhytid.gui.cli import editor
from rhytid.gui.app import Editor
import argparse
nothing = dict.fromkeys(("project", "head", "size", "screenshot", "timings"))
start = Editor(argparse.Namespace(smoke=False, **nothing), 0.0)
said = []
start.session.message_posted.connect(lambda text, severity: said.append(text))
start._greet()
start.preferences.show_statistics = True
start.preferences.last_folder = "/x"
start.window.close_now()
print("\\n".join(said))
"""
    known = {name: value for name, value in {**os.environ, **environment}.items() if value is not None}
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=known, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.count("this run only") == 1
    assert result.stdout.count("Autosave is off") == 1
    assert "Traceback" not in result.stderr
    assert file.read_bytes() == b""
