"""Files are refused before they cost anything, and JSON is read as its standard has it."""

from __future__ import annotations

import os
import sys
import time

import pytest

from rhytid.core.files.reading import FileRefused, open_file, parse_json, read_file, read_json

posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps devices and pipes out of the file system")


def test_a_regular_file_is_read_and_its_size_checked(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(b"12345")
    assert read_file(path, 5) == b"12345"
    with pytest.raises(FileRefused, match=r"a\.bin: is larger than 4 bytes, the most that is read; open a backup"):
        read_file(path, 4, "open a backup")


@posix
@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null", "/dev/stdin", "fifo", "socket", "link to a device"])
def test_what_is_no_regular_file_is_refused_at_once(name, tmp_path, monkeypatch):
    path = tmp_path / name if not name.startswith("/dev") else name
    if name == "fifo":
        os.mkfifo(path)
    elif name == "socket":
        import socket

        monkeypatch.chdir(tmp_path)  # the path of a socket may have a hundred characters only
        with socket.socket(socket.AF_UNIX) as holder:
            holder.bind("socket")
    elif name == "link to a device":
        os.symlink("/dev/zero", path)
    started_s = time.perf_counter()
    if name == "/dev/stdin" and not os.path.exists(path):
        pytest.skip("this process has no standard input")
    with pytest.raises(FileRefused, match="device or a pipe"):
        open_file(path, 1 << 40)
    assert time.perf_counter() - started_s < 1.0


def test_a_folder_and_a_name_with_nul_are_refused(tmp_path):
    with pytest.raises(FileRefused, match="is a folder"):
        open_file(tmp_path, 10)
    with pytest.raises(FileRefused, match="NUL"):
        open_file("a\0b", 10)


@pytest.mark.parametrize(
    "text",
    [
        b"[1e400]", b"[-1e999]", b"[NaN]", b"[Infinity]", b'{"a": 1, "a": 2}', b'["\\ud800"]', b'["\\u0000"]',
        b'{"\\udfff": 1}', b"[" * 100_000, b"[" * 90_000 + b"]" * 90_000, b'{"a":' * 50_000, b"[1,", b"\xff\xfe[1]",
        b"[" + b"9" * 5000 + b"]", b"",
    ],
)  # fmt: skip
def test_hostile_json_is_refused(text):
    with pytest.raises(FileRefused, match=r"^x\.json: .*; choose another file"):
        parse_json(text, "x.json")


def test_json_with_too_many_values_is_refused_before_it_is_decoded():
    started_s = time.process_time()
    with pytest.raises(FileRefused, match="values"):
        parse_json(b"[" + b"[]," * 10_000_000 + b"0]", "x.json")
    assert time.process_time() - started_s < 1.0


def test_json_of_every_kind_of_value_is_read(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf{"a": [1, -2.5e3, true, null, "J\\u00fcrgen", "\\ud83d\\ude00"], "b": {}}')
    assert read_json(path) == {"a": [1, -2500.0, True, None, "Jürgen", "\U0001f600"], "b": {}}
