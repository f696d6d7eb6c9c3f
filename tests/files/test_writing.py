"""Files are replaced completely or not at all; links, modes and whatever else lies there stay."""

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

from rhytid.core.files import leftovers, writing
from rhytid.core.files.failures import WriteError
from rhytid.core.files.names import name_problem
from rhytid.core.files.writing import replacing

posix = pytest.mark.skipif(os.name == "nt", reason="needs links, modes and signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs limits and devices of Linux")


def write(path, data: bytes) -> None:
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


@pytest.mark.parametrize(
    "name",
    [
        "a.png",
        "a",
        ".a",
        "a.b.c",
        "-a.png",
        "a b.png",
        "Jürgen 佐藤.v002.obj",
        "u\u0308.png",
        "ü" * 126,
        "a." + "b" * 250,
    ],
)
def test_a_file_of_any_name_is_written_and_nothing_else(name, tmp_path):
    write(tmp_path / name, b"old")
    write(tmp_path / name, b"new")
    assert names(tmp_path) == [name]
    assert (tmp_path / name).read_bytes() == b"new"


def test_a_relative_path_is_written_where_it_stands(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write("a.png", b"1")
    assert names(tmp_path) == ["a.png"]


def test_the_temporary_file_is_private_unguessable_and_of_the_same_kind(tmp_path):
    (tmp_path / "a.png").write_bytes(b"old")
    seen = set()
    for _ in range(3):
        with replacing(tmp_path / "a.png") as temporary:
            assert temporary.parent == tmp_path
            assert temporary.suffix == ".png"
            assert leftovers.is_temporary(temporary.name)
            if os.name != "nt":
                assert stat.S_IMODE(temporary.stat().st_mode) == 0o600
            seen.add(temporary.name)
    assert len(seen) == 3


@pytest.mark.parametrize("error", [ValueError("no"), KeyboardInterrupt(), RuntimeError("a fault of the program")])
def test_a_block_that_fails_changes_nothing(error, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def failing():
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(type(error)) as raised:
        failing()
    assert raised.value is error
    assert names(tmp_path) == ["a.png"]
    assert path.read_bytes() == b"old"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755])
def test_the_mode_of_a_file_stays(mode, tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    path.chmod(mode)
    write(path, b"new")
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_new_file_has_the_mode_of_any_other_new_file(tmp_path):
    before = os.umask(0o027)
    try:
        write(tmp_path / "a.png", b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.png").stat().st_mode) == 0o640


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_the_owner_of_a_file_stays(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    os.chown(path, 4321, 8765)
    write(path, b"new")
    assert (path.stat().st_uid, path.stat().st_gid) == (4321, 8765)


@posix
def test_a_file_whose_owner_cannot_be_given_keeps_its_inode(tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old and longer")
    inode = path.stat().st_ino
    monkeypatch.setattr(writing, "give_owner_and_mode", lambda *_: False)
    write(path, b"new")
    assert (path.read_bytes(), path.stat().st_ino, names(tmp_path)) == (b"new", inode, ["a.png"])


@posix
@pytest.mark.parametrize("exists", [True, False])
def test_a_symbolic_link_is_written_through(exists, tmp_path):
    (tmp_path / "far").mkdir()
    (tmp_path / "near").mkdir()
    target = tmp_path / "far" / "real.png"
    if exists:
        target.write_bytes(b"old")
    (tmp_path / "middle.png").symlink_to(target)
    link = tmp_path / "near" / "a.png"
    link.symlink_to("../middle.png")
    write(link, b"new")
    assert link.is_symlink()
    assert os.readlink(link) == "../middle.png"
    assert target.read_bytes() == b"new"
    assert names(tmp_path / "far") == ["real.png"]
    assert names(tmp_path / "near") == ["a.png"]


@posix
@pytest.mark.parametrize("size", [0, 3, 5_000_000])
def test_a_hard_link_stays_one(size, tmp_path):
    path, other = tmp_path / "a.rhytid", tmp_path / "b.rhytid"
    path.write_bytes(b"old content")
    os.link(path, other)
    content = random.Random(size).randbytes(size)
    write(path, content)
    assert path.samefile(other)
    assert other.read_bytes() == content
    assert names(tmp_path) == ["a.rhytid", "b.rhytid"]


@posix
def test_a_full_disk_leaves_a_linked_file_as_it_was(tmp_path, monkeypatch):
    path, other = tmp_path / "a.rhytid", tmp_path / "b.rhytid"
    path.write_bytes(b"old content")
    os.link(path, other)
    real_write = os.write

    def full(handle, data):
        if os.fstat(handle).st_ino == path.stat().st_ino:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real_write(handle, data)

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(WriteError, match="the disk is full"):
        write(path, bytes(1000))
    assert other.read_bytes() == b"old content"
    assert names(tmp_path) == ["a.rhytid", "b.rhytid"]


@posix
@pytest.mark.parametrize("changed_since", [False, True])
def test_a_copy_that_was_cut_short_is_finished_by_the_next_write(changed_since, tmp_path):
    path, other = tmp_path / "a.rhytid", tmp_path / "b.rhytid"
    path.write_bytes(b"old content")
    os.link(path, other)
    complete = tmp_path / f".rhytid-0123456789abcdef.into-{path.stat().st_ino}"
    complete.write_bytes(b"new and complete")
    path.write_bytes(b"new aontent")
    if changed_since:
        path.write_bytes(b"saved by another program")
        later = time.time() + 60
        os.utime(path, (later, later))
    write(tmp_path / "c.png", b"c")
    assert names(tmp_path) == ["a.rhytid", "b.rhytid", "c.png"]
    assert other.read_bytes() == (b"saved by another program" if changed_since else b"new and complete")


@posix
def test_circles_devices_pipes_and_folders_are_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "kept").write_bytes(b"1")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "here").symlink_to("there")
    (tmp_path / "there").symlink_to("here")
    (tmp_path / "null").symlink_to("/dev/null")
    (tmp_path / "link to a folder").symlink_to("folder")
    before = names(tmp_path)
    for name in ["folder", "link to a folder", "pipe", "here", "null"]:
        with pytest.raises(WriteError) as error:
            write(tmp_path / name, b"1")
        assert str(tmp_path) in str(error.value)
        assert names(tmp_path) == before
    assert names(tmp_path / "folder") == ["kept"]


@posix
def test_a_file_that_nobody_may_write_is_not_replaced(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")
    path.chmod(0o444)
    with pytest.raises(WriteError, match=r"a\.png cannot be written into .*: the file is read-only"):
        write(path, b"new")
    assert path.read_bytes() == b"old"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere/a.png", "there is no such folder"),
        ("file/a.png", "a part of the path is a file"),
        ("x" * 256, "the name is too long"),
        ("a\0b.png", "does not take this name"),
        ("a\ud800.png", "does not take this name"),
    ],
)
def test_a_place_that_cannot_be_is_one_line(name, reason, tmp_path):
    (tmp_path / "file").write_bytes(b"1")
    with pytest.raises(WriteError, match=reason) as error:
        write(tmp_path / name, b"1")
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)
    assert names(tmp_path) == ["file"]


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the space that you may use there is full"),
        (errno.EACCES, "the folder cannot be written"),
        (errno.EROFS, "the disk can only be read"),
        (errno.EIO, "the disk failed"),
        (errno.EMFILE, "too many open files"),
    ],
)
@pytest.mark.parametrize("step", ["open", "replace", "fsync"])
def test_every_failure_of_the_disk_names_the_folder_and_the_reason(number, reason, step, tmp_path, monkeypatch):
    path = tmp_path / "a.png"
    path.write_bytes(b"old")

    def failing(*arguments, **_):
        raise OSError(number, os.strerror(number), str(arguments[0]))

    monkeypatch.setattr(os, step, failing)
    with pytest.raises(WriteError, match=f"(?i){reason}") as error, replacing(path, durable=True) as temporary:
        Path(temporary).touch()
    monkeypatch.undo()
    assert error.value.errno == number
    assert f"a.png cannot be written into {tmp_path}: " in str(error.value)
    assert ".rhytid-" not in str(error.value)
    assert "\n" not in str(error.value)
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == ["a.png"]


_WITH_LIMIT = """
import resource, sys
from pathlib import Path
import cv2, numpy as np
from rhytid.core.files.writing import replacing
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
noise = np.random.default_rng(1).integers(0, 65536, (256, 256), np.uint16)
path = Path(sys.argv[1])
try:
    with replacing(path) as temporary:
        if path.suffix == ".exr":
            import OpenEXR
            header = {"compression": OpenEXR.NO_COMPRESSION, "type": OpenEXR.scanlineimage}
            OpenEXR.File(header, {"Y": noise.astype(np.float32)}).write(str(temporary))
        elif path.suffix == ".tif":
            import tifffile
            tifffile.imwrite(temporary, noise)
        elif path.suffix == ".npy":
            with temporary.open("wb") as stream:
                np.save(stream, noise)
        elif not cv2.imwrite(str(temporary), noise):
            raise OSError("the picture could not be written")
except OSError as error:
    print(type(error).__name__, error)
"""


@linux
@pytest.mark.parametrize("suffix", [".exr", ".tif", ".npy", ".png"])
def test_a_library_that_meets_a_full_disk_gives_the_same_line(suffix, tmp_path):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(b"old")
    run = subprocess.run([sys.executable, "-c", _WITH_LIMIT, path], capture_output=True, text=True, check=True)
    assert run.stdout == (
        f"WriteError a{suffix} cannot be written into {tmp_path}: the file is larger than the disk or the system "
        "allows; choose another folder\n"
    )
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == [path.name]


_FOREVER = """
import itertools, sys
from rhytid.core.files.writing import replacing
print("ready", flush=True)
for number in itertools.count():
    with replacing(sys.argv[1]) as temporary:
        temporary.write_bytes(bytes([number % 256]) * 3_000_000)
"""


@posix
@pytest.mark.parametrize("linked", [False, True])
def test_kills_leave_a_complete_file_and_nothing_after_the_next_write(linked, tmp_path):
    path = tmp_path / "a.rhytid"
    path.write_bytes(bytes(3_000_000))
    if linked:
        os.link(path, tmp_path / "b.rhytid")
    left = 0
    for number in range(15):
        with subprocess.Popen([sys.executable, "-c", _FOREVER, path], stdout=subprocess.PIPE) as process:
            process.stdout.readline()
            time.sleep(random.Random(number).uniform(0.0, 0.05))
            process.send_signal(signal.SIGKILL)
        left += any(leftovers.is_temporary(name) for name in names(tmp_path))
        write(tmp_path / "other.png", b"1")
        assert names(tmp_path) == ["a.rhytid", *(["b.rhytid"] if linked else []), "other.png"]
        content = path.read_bytes()
        assert len(content) == 3_000_000
        assert content == content[:1] * 3_000_000
    assert left > 0  # otherwise nothing was tried
    assert not linked or path.samefile(tmp_path / "b.rhytid")


def test_what_others_left_and_what_is_still_written_is_not_cleared(tmp_path):
    kept = [
        ".rhytid-notes", ".rhytid-0123456789abcde.png", ".rhytid-0123456789ABCDEF.png", "rhytid-0123456789abcdef.png",
        ".rhytid-0123456789abcdef.png.bak", ".a.png.123.tmp",
    ]  # fmt: skip
    for name in kept:
        (tmp_path / name).write_bytes(b"1")
    (tmp_path / ".rhytid-0123456789abcdef.d").mkdir()
    (tmp_path / ".rhytid-0123456789abcdef.png").write_bytes(b"left")
    with replacing(tmp_path / "a.png") as first:
        first.write_bytes(b"1")
        write(tmp_path / "b.png", b"2")
        assert first.exists()
    assert names(tmp_path) == sorted([*kept, ".rhytid-0123456789abcdef.d", "a.png", "b.png"])


@posix
@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives files away")
def test_what_another_user_writes_is_not_cleared(tmp_path):
    theirs = tmp_path / ".rhytid-0123456789abcdef.png"
    theirs.write_bytes(b"1")
    os.chown(theirs, 4321, 4321)
    write(tmp_path / "a.png", b"1")
    assert theirs.exists()


@posix
def test_an_error_about_another_file_stays_that_error(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere"), replacing(tmp_path / "a.png"):
        (tmp_path / "nowhere").read_bytes()


@pytest.mark.parametrize(
    "name", ["CON", "nul.png", "com1.v2.obj", "LPT¹", "a.", "a ", "a:b", "a?", "a\n", "", "aux .x"]
)
def test_names_that_windows_refuses(name):
    assert name_problem(name)


@pytest.mark.parametrize("name", ["CONE", "com10.obj", "a.v002", "Jürgen 佐藤", "-a", ".a", "a b", "nulla.png"])
def test_names_that_every_system_takes(name):
    assert name_problem(name) == ""
