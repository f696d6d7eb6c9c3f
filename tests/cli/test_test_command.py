"""`python main.py test` without arguments: every test, in two processes; what comes after `--` in one."""

from __future__ import annotations

import argparse

import pytest

from rhytid.core.cli import test as command

PROCESS = 'open({!r}, "a").write(os.environ.get("PYTEST_XDIST_WORKER", "alone") + "\\n")'


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """A source with two files of tests that note their process in `processes`; `write` says what else they do."""
    monkeypatch.setattr(command, "ROOT", tmp_path)
    # Plugins that these tests do not use take longest to start.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    for name in ("PYTEST_ADDOPTS", "PYTEST_XDIST_WORKER", "PYTEST_XDIST_WORKER_COUNT"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tests").mkdir()
    noted = PROCESS.format(str(tmp_path / "processes"))

    def write(name, line):
        (tmp_path / "tests" / f"test_{name}.py").write_text(
            f"import os\nimport pytest\n\n@pytest.mark.xdist_group({name!r})\ndef test_it():\n    {noted}\n    {line}\n"
        )

    return write


@pytest.mark.parametrize(
    ("gui", "files", "code"), [("pass", "pass", 0), ("pass", "assert 0", 1), ("assert 0", "pass", 1)]
)
def test_both_processes_count(folders, tmp_path, capfd, gui, files, code):
    folders("gui", gui)
    folders("files", files)
    assert command.run(argparse.Namespace(pytest_arguments=[])) == code
    told = capfd.readouterr().out
    assert ("1 failed" in told) == (code != 0)
    assert f"{2 - code} passed" in told
    assert set((tmp_path / "processes").read_text().split()) == {"gw0", "gw1"}


def test_arguments_go_to_one_process(folders, tmp_path, capfd):
    folders("gui", "pass")
    folders("files", "assert 0")
    assert command.run(argparse.Namespace(pytest_arguments=["tests/test_gui.py"])) == 0
    assert "1 passed" in capfd.readouterr().out
    assert (tmp_path / "processes").read_text() == "alone\n"
