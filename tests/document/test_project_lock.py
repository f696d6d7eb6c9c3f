"""One window for one project: who has it, and that a killed one gives it up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rhytid.core.document.file_lock import FileLock, LockHeldError
from rhytid.core.document.project_lock import ProjectInUseError, ProjectLock, clear_locks

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys
from pathlib import Path
import main
from rhytid.core.document.project_lock import ProjectLock
lock = ProjectLock(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RHYTID_STATE_DIR", str(tmp_path / "state"))
    return tmp_path / "state"


def test_the_second_is_told_and_the_first_leaves_nothing(tmp_path: Path, state: Path) -> None:
    project = tmp_path / "face.rhytid"
    first = ProjectLock(project)
    with pytest.raises(ProjectInUseError, match=r"face\.rhytid: is open in another window"):
        ProjectLock(project)
    ProjectLock(tmp_path / "other.rhytid").release()
    first.release()
    first.release()
    assert list((state / "open").iterdir()) == []
    assert not list(tmp_path.glob(".*"))
    ProjectLock(project).release()


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_project_by_another_name_is_the_same(tmp_path: Path) -> None:
    project = tmp_path / "face.rhytid"
    project.write_bytes(b"")
    (tmp_path / "link.rhytid").symlink_to(project)
    lock = ProjectLock(project)
    assert lock.is_for(tmp_path / "link.rhytid")
    assert lock.is_for(tmp_path / "." / "face.rhytid")
    assert not lock.is_for(tmp_path / "other.rhytid")
    with pytest.raises(ProjectInUseError):
        ProjectLock(tmp_path / "link.rhytid")
    lock.release()


@pytest.mark.skipif(os.name == "nt", reason="a kill is another thing there")
def test_a_kill_gives_it_up_and_the_next_start_clears_it_away(tmp_path: Path, state: Path) -> None:
    project = tmp_path / "face.rhytid"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(project)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ProjectInUseError):
            ProjectLock(project)
        clear_locks()
        with pytest.raises(ProjectInUseError):
            ProjectLock(project)
        holder.send_signal(signal.SIGKILL)
        holder.wait()
    assert len(list((state / "open").iterdir())) == 1
    clear_locks()
    assert list((state / "open").iterdir()) == []
    ProjectLock(project).release()


def test_without_a_place_for_locks_it_is_another_error(tmp_path: Path, state: Path) -> None:
    state.write_bytes(b"in the way")
    with pytest.raises(OSError) as caught:  # noqa: PT011  the text is the system's
        ProjectLock(tmp_path / "face.rhytid")
    assert not isinstance(caught.value, ProjectInUseError)


def test_held_and_impossible_locks_are_told_apart(tmp_path: Path) -> None:
    lock = FileLock(tmp_path / "lock")
    with pytest.raises(LockHeldError):
        FileLock(tmp_path / "lock")
    lock.remove()
    lock.remove()
    assert not (tmp_path / "lock").exists()
    with pytest.raises(FileNotFoundError):
        FileLock(tmp_path / "none" / "lock")
