"""Files of a set come together or not at all, whatever stands in the folder and whenever the program is killed."""

from __future__ import annotations

import errno
import os
import random
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rhytid.core.files import file_set as file_set_module
from rhytid.core.files.failures import WriteError
from rhytid.core.files.file_set import clear_after_kills, file_set, finish_sets
from rhytid.core.files.state_folder import state_dir
from rhytid.core.files.writing import replacing

posix = pytest.mark.skipif(os.name == "nt", reason="needs links, modes and signals of POSIX")


def put(folder: Path, contents: dict[str, bytes], overwrite: bool = False) -> None:
    with file_set(folder) as files:
        for name, content in contents.items():
            (files.folder / name).write_bytes(content)
        files.put(contents, overwrite)


def tree(folder: Path) -> dict[str, object]:
    """All that can be told of a folder: content, kind, mode and target of everything in it."""
    found: dict[str, object] = {}
    for path in sorted(folder.rglob("*")):
        kind = path.lstat()
        content = os.readlink(path) if path.is_symlink() else path.read_bytes() if path.is_file() else None
        found[str(path.relative_to(folder))] = (stat.S_IFMT(kind.st_mode), stat.S_IMODE(kind.st_mode), content)
    return found


def test_a_new_folder_comes_with_its_files(tmp_path):
    put(tmp_path / "a" / "b c" / "佐藤", {"1": b"one", "2": b"two"})
    assert tree(tmp_path / "a" / "b c" / "佐藤").keys() == {"1", "2"}
    assert os.listdir(tmp_path) == ["a"]
    if os.name != "nt":
        umask = os.umask(0)
        os.umask(umask)
        assert stat.S_IMODE((tmp_path / "a" / "b c" / "佐藤").stat().st_mode) == 0o777 & ~umask
    assert not list((state_dir() / "moves").iterdir())


def test_own_files_are_replaced_and_others_stay(tmp_path):
    put(tmp_path, {"1": b"one", "2": b"two"})
    (tmp_path / "kept").write_bytes(b"kept")
    put(tmp_path, {"2": b"new two", "3": b"three"})
    contents = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert contents == {"1": b"one", "2": b"new two", "3": b"three", "kept": b"kept"}
    (tmp_path / "2").write_bytes(b"edited")
    before = tree(tmp_path)
    with pytest.raises(WriteError, match="add --overwrite"):
        put(tmp_path, {"1": b"newer", "2": b"newer"})
    assert tree(tmp_path) == before
    put(tmp_path, {"1": b"newer", "2": b"newer"}, overwrite=True)
    assert (tmp_path / "2").read_bytes() == b"newer"


@posix
@pytest.mark.parametrize("obstacle", ["folder", "full folder", "pipe", "circle", "read-only", "link to a folder"])
def test_an_obstacle_leaves_the_folder_as_it_was(obstacle, tmp_path):
    put(tmp_path, {"1": b"one", "3": b"three"})
    path = tmp_path / "2"
    if obstacle == "pipe":
        os.mkfifo(path)
    elif obstacle == "circle":
        path.symlink_to("2")
    elif obstacle == "read-only":
        path.write_bytes(b"two")
        path.chmod(0o444)
    elif obstacle == "link to a folder":
        (tmp_path / "folder").mkdir()
        path.symlink_to("folder")
    else:
        path.mkdir()
        if obstacle == "full folder":
            (path / "kept").write_bytes(b"kept")
    before = tree(tmp_path)
    with pytest.raises(WriteError, match=rf"2 cannot be written into {tmp_path}: "):
        put(tmp_path, {"1": b"a", "2": b"b", "3": b"c"}, overwrite=True)
    assert tree(tmp_path) == before


@posix
def test_links_and_modes_stay(tmp_path):
    far, folder = tmp_path / "far", tmp_path / "folder"
    far.mkdir()
    folder.mkdir()
    (far / "real").write_bytes(b"real")
    (folder / "link").symlink_to("../far/real")
    (folder / "dangling").symlink_to("../far/new")
    (folder / "hard").write_bytes(b"hard")
    os.link(folder / "hard", far / "other name")
    (folder / "private").write_bytes(b"private")
    (folder / "private").chmod(0o600)
    put(folder, {name: b"new " + name.encode() for name in ("link", "dangling", "hard", "private")}, overwrite=True)
    assert os.readlink(folder / "link") == "../far/real"
    assert (far / "real").read_bytes() == b"new link"
    assert (far / "new").read_bytes() == b"new dangling"
    assert (far / "other name").read_bytes() == b"new hard"
    assert (folder / "hard").samefile(far / "other name")
    assert (folder / "private").read_bytes() == b"new private"
    assert stat.S_IMODE((folder / "private").stat().st_mode) == 0o600


@posix
@pytest.mark.parametrize("at", range(6))
@pytest.mark.parametrize("elsewhere", [False, True])
def test_a_disk_that_fails_in_the_middle_of_the_move_changes_nothing(at, elsewhere, tmp_path, monkeypatch):
    far, folder = tmp_path / "far", tmp_path / "folder"
    far.mkdir()
    folder.mkdir()
    names = ["hard", "link", "dangling", "plain", "new", "last"]
    (folder / "hard").write_bytes(b"hard, and longer than what is new")
    os.link(folder / "hard", far / "hard")
    (far / "real").write_bytes(b"real")
    (folder / "link").symlink_to("../far/real")
    (folder / "dangling").symlink_to("../far/missing")
    (folder / "plain").write_bytes(b"plain")
    (folder / "last").write_bytes(b"last")
    before = tree(tmp_path)
    apply, calls = file_set_module._apply, []

    def failing(move):
        calls.append(move)
        if len(calls) == at + 1:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        apply(move)

    monkeypatch.setattr(file_set_module, "_apply", failing)
    if elsewhere:  # as if what links lead to were on another disk
        real_stat = os.stat

        def other_disk(path, *arguments, **options):
            found = real_stat(path, *arguments, **options)
            if os.fspath(path) == str(far):
                found = os.stat_result((*found[:2], found.st_dev + 1, *found[3:10]))
            return found

        monkeypatch.setattr(file_set_module.os, "stat", other_disk)
    with pytest.raises(WriteError, match="the disk failed"):
        put(folder, {name: b"new " + name.encode() for name in names}, overwrite=True)
    monkeypatch.undo()
    assert len(calls) == at + 1
    assert tree(tmp_path) == before
    assert (folder / "hard").samefile(far / "hard")


def test_a_file_that_appears_during_the_move_stays(tmp_path, monkeypatch):
    apply = file_set_module._apply
    (tmp_path / "1").write_bytes(b"one")

    def late(move):
        if move.target.endswith("2"):
            (tmp_path / "2").write_bytes(b"somebody else's")
        apply(move)

    monkeypatch.setattr(file_set_module, "_apply", late)
    with pytest.raises(WriteError, match=r"2 cannot be written into .* another program made a file of this name"):
        put(tmp_path, {"1": b"a", "2": b"b", "3": b"c"}, overwrite=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"1": b"one", "2": b"somebody else's"}


def test_a_folder_that_cannot_be_one_is_one_line(tmp_path):
    (tmp_path / "file").write_bytes(b"1")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(WriteError, match="a part of the path is a file, not a folder") as error:
            put(folder, {"1": b"one"})
        assert "\n" not in str(error.value)
    assert os.listdir(tmp_path) == ["file"]


_FOREVER = """
import itertools, os, signal, sys
from pathlib import Path
from rhytid.core.files import file_set as module
from rhytid.core.files.file_set import file_set
apply, calls = module._apply, []
def killing(move):
    apply(move)
    calls.append(move)
    if len(sys.argv) > 2 and len(calls) == int(sys.argv[2]):
        os.kill(os.getpid(), signal.SIGKILL)
module._apply = killing
print("ready", flush=True)
for number in itertools.count():
    with file_set(Path(sys.argv[1])) as files:
        names = [str(name) for name in range(60)]
        for name in names:
            (files.folder / name).write_bytes(b"%d " % number * 100)
        files.put(names, False)
"""


def linked_folder(folder: Path) -> None:
    """Sixty files of one generation, half of them with a second hard link, and one a symbolic link."""
    put(folder, {str(name): b"first " * 100 for name in range(60)})
    far = folder.parent / "far"
    far.mkdir()
    os.rename(folder / "7", far / "7")
    (folder / "7").symlink_to("../far/7")
    for name in range(0, 60, 2):
        os.link(folder / str(name), far / f"{name}.hard")
    put(folder, {str(name): b"first " * 100 for name in range(60)}, overwrite=True)


@posix
@pytest.mark.parametrize("n_moved", [1, 2, 9, 30, 59, 60])
def test_a_kill_in_the_middle_of_the_move_is_undone_by_the_next_start(n_moved, tmp_path):
    folder = tmp_path / "folder"
    linked_folder(folder)
    before = tree(tmp_path)
    subprocess.run([sys.executable, "-c", _FOREVER, folder, str(n_moved)], check=False, stdout=subprocess.DEVNULL)
    torn = {path.read_bytes() for path in folder.iterdir() if path.is_file()}
    assert len(torn) == (1 if n_moved == 60 else 2)
    finish_sets()
    assert tree(tmp_path) == before
    assert (folder / "2").samefile(tmp_path / "far" / "2.hard")


@posix
@pytest.mark.parametrize("linked", [False, True])
def test_kills_leave_one_generation_after_the_next_start(linked, tmp_path):
    folder = tmp_path / "folder"
    if linked:
        linked_folder(folder)
    left = 0
    for number in range(20):
        with subprocess.Popen([sys.executable, "-c", _FOREVER, folder], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(random.Random(number).uniform(0.02, 0.08))
            process.send_signal(signal.SIGKILL)
        left += any(name.startswith(".") for name in os.listdir(tmp_path)) or (
            folder.is_dir() and any(name.startswith(".") for name in os.listdir(folder))
        )
        finish_sets()
        assert sorted(os.listdir(tmp_path)) in ([], ["folder"], ["far", "folder"])
        if folder.is_dir():
            assert sorted(os.listdir(folder), key=int) == [str(name) for name in range(60)]
            assert len({path.read_bytes() for path in folder.iterdir()}) == 1
    assert left > 0  # otherwise nothing was tried
    if linked:
        assert (folder / "2").samefile(tmp_path / "far" / "2.hard")
        assert (folder / "7").is_symlink()


def test_what_another_program_wrote_after_a_kill_stays(tmp_path, monkeypatch):
    put(tmp_path, {"1": b"one", "2": b"two"})
    monkeypatch.setattr(file_set_module, "_undo", lambda *_: None)
    monkeypatch.setattr(file_set_module, "_remove", lambda _staging, lock: lock.close())
    monkeypatch.setattr(file_set_module, "_drop", lambda *_: None)
    apply = file_set_module._apply

    def killed(move):
        if move.target.endswith("2"):
            raise KeyboardInterrupt
        apply(move)

    monkeypatch.setattr(file_set_module, "_apply", killed)
    with pytest.raises(KeyboardInterrupt):
        put(tmp_path, {"1": b"new one", "2": b"new two"})
    monkeypatch.undo()
    (tmp_path / "saved elsewhere").write_bytes(b"the artist's")
    os.replace(tmp_path / "saved elsewhere", tmp_path / "2")
    finish_sets()  # the fixture's state folder went with the patches
    assert (tmp_path / "1").read_bytes() in (b"one", b"new one")
    assert (tmp_path / "2").read_bytes() == b"the artist's"


def test_a_living_set_is_not_cleared(tmp_path):
    with file_set(tmp_path) as first:
        (first.folder / "1").write_bytes(b"one")
        put(tmp_path, {"2": b"two"})
        finish_sets()
        first.put(["1"], False)
    assert sorted(os.listdir(tmp_path)) == ["1", "2"]


@posix
def test_the_next_start_clears_what_a_killed_writer_left(tmp_path):
    code = (
        "import os, signal, sys\nfrom rhytid.core.files.writing import replacing\n"
        "with replacing(sys.argv[1]) as temporary:\n    os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code, tmp_path / "a.png"], check=False)
    assert len(os.listdir(tmp_path)) == 1
    with replacing(tmp_path.parent / "b.png") as living:
        clear_after_kills()
        assert living.exists()
    assert os.listdir(tmp_path) == []
    assert list((state_dir() / "writing").iterdir()) == []
