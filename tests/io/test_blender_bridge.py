"""Blender is found where it is, runs one script for itself, and never keeps anybody waiting."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rhytid.core import blender_bridge
from rhytid.core.blender_bridge import (
    BlenderError,
    NoBlenderError,
    find_blender,
    run,
    why_no_blender,
    working_folder,
)
from rhytid.core.cancelled import Cancelled
from rhytid.core.head.load import load_head

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-ins are shell scripts")
MakeProgram = Callable[..., Path]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    blender_bridge._found.cache_clear()
    yield
    blender_bridge._found.cache_clear()


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeProgram:
    """A program that says it is Blender and then does what the test says, in the folder of its job."""

    def make(does: str = "", version: str = "4.2.1", name: str = "blender") -> Path:
        place = tmp_path / "programs" / name
        place.parent.mkdir(exist_ok=True)
        place.write_text(f'#!/bin/sh\nif [ "$1" = --version ]; then echo "Blender {version}"; exit 0; fi\n{does}\n')
        place.chmod(0o755)
        monkeypatch.setenv(blender_bridge.VARIABLE, str(place))
        return place

    return make


def test_the_variable_names_it(stand_in: MakeProgram) -> None:
    place = stand_in()
    found = find_blender()
    assert (found.program, found.is_python, found.version) == (place, False, (4, 2))
    assert why_no_blender() == ""


def test_the_path_names_it(stand_in: MakeProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    place = stand_in()
    monkeypatch.delenv(blender_bridge.VARIABLE)
    monkeypatch.setenv("PATH", f"{place.parent}{os.pathsep}{os.environ['PATH']}")
    assert find_blender().program == place


def test_what_is_no_blender_is_named_with_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for place in (tmp_path / "nowhere", tmp_path, Path("/bin/echo")):
        monkeypatch.setenv(blender_bridge.VARIABLE, str(place))
        with pytest.raises(NoBlenderError, match=rf"RHYTID_BLENDER names {place}.*correct it"):
            find_blender()


def test_an_old_one_is_refused(stand_in: MakeProgram) -> None:
    stand_in(version="2.93.4")
    assert "Blender 2.93, 3.6 or newer is needed" in why_no_blender()


def test_none_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(blender_bridge.VARIABLE, raising=False)
    monkeypatch.setattr(blender_bridge, "_places", lambda _path: iter(()))
    assert "install Blender 3.6 or newer" in why_no_blender()
    assert blender_bridge.why_none_in_sight() == why_no_blender()
    monkeypatch.setenv(blender_bridge.VARIABLE, "anything")
    assert blender_bridge.why_none_in_sight() == ""


def test_a_script_answers(stand_in: MakeProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/nowhere")
    stand_in('echo "{\\"paths\\": \\"$PYTHONPATH\\", \\"own\\": \\"$BLENDER_USER_RESOURCES\\"}" > answer.json')
    with working_folder() as folder:
        assert run("any.py", folder, {"a": 1}) == {"paths": "", "own": str(folder / "user")}
        assert (folder / "job.json").read_text() == '{"a": 1}'
    assert not folder.exists()


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("echo first; echo 'RuntimeError: no such node'; echo 'Blender quit'; exit 3", "code 3.*no such node"),
        ("exit 0", "no answer to any.py: it said nothing"),
        ("echo '[1' > answer.json", "no answer"),
        ("echo '[1]' > answer.json", "no answer"),
        ("kill -SEGV $$", "code -11"),
    ],
)
def test_what_went_wrong_is_said(stand_in: MakeProgram, does: str, said: str) -> None:
    stand_in(does)
    with working_folder() as folder, pytest.raises(BlenderError, match=said):
        run("any.py", folder, {})


def test_nobody_waits_for_ever(stand_in: MakeProgram) -> None:
    stand_in("sleep 60 & echo $! > child; sleep 60")
    with working_folder() as folder:
        started = time.monotonic()
        with pytest.raises(BlenderError, match=r"longer than 0\.3 s"):
            run("any.py", folder, {}, time_limit_s=0.3)
        child = int((folder / "child").read_text())
        with pytest.raises(Cancelled):
            run("any.py", folder, {}, cancel=lambda: True)
        assert time.monotonic() - started < 10
    for _ in range(100):
        if not _runs(child):
            return
        time.sleep(0.05)
    pytest.fail("what Blender had started still runs")


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text() if sys.platform == "linux" else ""
        os.kill(process, 0)
    except OSError:
        return False
    return ") Z " not in state


def test_it_cannot_fill_the_disk(stand_in: MakeProgram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blender_bridge, "MAX_FOLDER_BYTES", 1 << 16)
    stand_in("head -c 200000 /dev/zero > big; sleep 60")
    with working_folder() as folder, pytest.raises(BlenderError, match="wrote more than"):
        run("any.py", folder, {})


def test_reading_an_fbx_can_be_given_up(stand_in: MakeProgram, tmp_path: Path) -> None:
    stand_in("sleep 60")
    path = tmp_path / "anna.fbx"
    path.write_bytes(b"Kaydara FBX Binary  ")

    def stop(_share: float) -> None:
        raise Cancelled

    began = time.monotonic()
    with pytest.raises(Cancelled):
        load_head(path, stop)
    assert time.monotonic() - began < 30
