"""`python main.py test` without arguments: every test in one of two processes, and either one's failure is told."""

from __future__ import annotations

import argparse

import pytest

from rhytid.core.cli import test as command


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A source with one test that opens windows and one that does not; `write` gives them their content."""
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.delenv("PYTEST_ADDOPTS", raising=False)
    for name in ("gui", "files"):
        (tmp_path / "tests" / name).mkdir(parents=True)

    def write(name, line):
        (tmp_path / "tests" / name / f"test_{name}.py").write_text(f"def test_it():\n    {line}\n")

    monkeypatch.setattr(command, "WITH_WINDOWS", ("tests/gui",))
    return write


@pytest.mark.parametrize(
    ("gui", "files", "code"), [("pass", "pass", 0), ("pass", "assert 0", 1), ("assert 0", "pass", 1)]
)
def test_both_processes_count(folders, capfd, gui, files, code):
    folders("gui", gui)
    folders("files", files)
    assert command.run(argparse.Namespace(pytest_arguments=[])) == code
    told = capfd.readouterr().out
    assert told.count("passed") == (2 if code == 0 else 1)
    assert told.count("1 failed") == code


def test_arguments_go_to_one_process(folders, capfd):
    folders("gui", "pass")
    folders("files", "assert 0")
    assert command.run(argparse.Namespace(pytest_arguments=["tests/gui"])) == 0
    assert "1 passed" in capfd.readouterr().out
