"""Project files that somebody else made: cut off, damaged, hostile, newer, or simply wrong."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from document_samples import PNG, full_state, source, stroke

from rhytid.core.document import project
from rhytid.core.document.commands import ImportSource
from rhytid.core.document.project import ProjectError, load_project, load_project_with_thumbnail, save_project
from rhytid.core.document.state import DocumentState, HeadReference


def members_of(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_zip(path: Path, members: list[tuple[str, bytes]], **options: Any) -> None:
    with zipfile.ZipFile(path, "w", **options) as archive:
        for name, data in members:
            archive.writestr(name, data)


@pytest.fixture
def good(tmp_path: Path) -> dict[str, bytes]:
    """Members of a healthy project."""
    save_project(tmp_path / "good.rhytid", full_state(), PNG)
    return members_of(tmp_path / "good.rhytid")


def refuse(path: Path, reason: str) -> None:
    with pytest.raises(ProjectError, match=reason) as caught:
        load_project(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "name", ["../evil.json", "/etc/passwd", "a/../../b", "C:evil", "..\\evil", "\\\\server\\x", "a\0b"]
)
def test_unsafe_member_names(name: str, good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    write_zip(path, list(good.items()))
    raw = path.read_bytes()
    with zipfile.ZipFile(path, "w") as archive:
        for member, data in good.items():
            archive.writestr(member, data)
        info = zipfile.ZipInfo("x" * len(name))
        archive.writestr(info, b"evil")
    raw = path.read_bytes().replace(b"x" * len(name), name.encode())
    path.write_bytes(raw)
    refuse(path, "unsafe")
    assert sorted(os.listdir(tmp_path)) == ["good.rhytid", "p.rhytid"]


def test_duplicate_missing_unknown_and_too_many_members(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    with pytest.warns(UserWarning, match="Duplicate"):
        write_zip(path, [*good.items(), ("project.json", good["project.json"])])
    refuse(path, "twice")
    for name in ("project.json", "points.npy"):
        write_zip(path, [item for item in good.items() if item[0] != name])
        refuse(path, f"lacks {name}")
    write_zip(path, [item for item in good.items() if item[0] != "source.npy"])
    refuse(path, "source")
    write_zip(path, [*good.items(), ("extra.txt", b"")])
    refuse(path, r"unknown member 'extra\.txt'")
    write_zip(path, [*good.items(), *((f"m{i}", b"") for i in range(100))])
    refuse(path, "too many")
    write_zip(path, [*good.items(), *((f"m{i}", b"") for i in range(70_000))])
    refuse(path, "too many")


def test_small_number_of_members_that_a_second_directory_overrides(
    good: dict[str, bytes], tmp_path: Path
) -> None:
    path = tmp_path / "p.rhytid"
    write_zip(path, [*good.items(), *((f"m{i}", b"") for i in range(70_000))])
    raw = bytearray(path.read_bytes())
    raw[-14:-6] = struct.pack("<HHI", 4, 4, 500)
    path.write_bytes(raw)
    refuse(path, "too many")


def test_bombs_are_refused_before_they_are_unpacked(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    bomb = b" " * (33 * 1024 * 1024)
    write_zip(
        path, [("project.json", bomb), ("points.npy", good["points.npy"])], compression=zipfile.ZIP_DEFLATED
    )
    refuse(path, r"project\.json has \d+ bytes")
    # The same, with a lie about the size: what is more than stated is not read.
    raw = bytearray(path.read_bytes())
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = raw.index(signature)
        raw[at + offset : at + offset + 4] = struct.pack("<I", 1000)
    path.write_bytes(raw)
    refuse(path, "damaged")


def test_other_packings_and_encryption_are_refused(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    write_zip(path, list(good.items()), compression=zipfile.ZIP_BZIP2)
    refuse(path, "packs")
    write_zip(path, list(good.items()))
    raw = bytearray(path.read_bytes())
    at = raw.index(b"PK\x01\x02")
    raw[at + 8] |= 1
    path.write_bytes(raw)
    refuse(path, "decrypt it")


def test_truncated_and_foreign_files(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    write_zip(path, list(good.items()), compression=zipfile.ZIP_DEFLATED)
    raw = path.read_bytes()
    for length in (0, 1, 21, 22, len(raw) // 2, len(raw) - 1):
        path.write_bytes(raw[:length])
        refuse(path, "cut off")
    path.write_bytes(raw[200:])
    refuse(path, "damaged")
    path.write_bytes(PNG)
    refuse(path, "no Rhytid project")
    write_zip(path, [("word/document.xml", b"<x/>")])
    refuse(path, "lacks")
    damaged = bytearray(raw)
    at = damaged.index(b"source.npy") + 2000
    damaged[at : at + 64] = bytes(64)
    path.write_bytes(damaged)
    refuse(path, r"source\.npy cannot be unpacked")


def test_any_damaged_byte_is_a_clear_error_or_harmless(tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    state = DocumentState(strokes=(stroke("a"), stroke("b", 2)))
    save_project(path, state)
    raw = path.read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for at in [*range(0, len(raw), 7), *rng.integers(0, len(raw), 200)]:
        damaged = bytearray(raw)
        damaged[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(damaged)
        try:
            assert load_project(path) == state
        except ProjectError:
            refused += 1
    assert refused > 100


def test_newer_schema_says_update(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    document = {**json.loads(good["project.json"]), "schema": 99, "news": 1}
    members = {**good, "project.json": json.dumps(document).encode(), "layers.npy": b""}
    write_zip(path, list(members.items()))
    refuse(path, "schema 99.*update")


def edit(path: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of one value of the JSON; the value `...` takes it away."""

    def change(document: dict[str, Any]) -> None:
        *parents, last = [int(key) if key.isdigit() else key for key in path.split("/")]
        target: Any = document
        for key in parents:
            target = target[key]
        if value is ...:
            del target[last]
        else:
            target[last] = value

    return change


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ("format", "other", "no Rhytid"),
        ("schema", "1", "schema"),
        ("schema", True, "schema"),
        ("schema", 0, "schema"),
        ("state", None, "project"),
        ("state/age", 300.0, "age"),
        ("state/age", "old", "age"),
        ("state/age", True, "age"),
        ("state/age", float("nan"), "age"),
        ("state/age", float("inf"), "age"),
        ("state/age", 10**400, "age|too large"),
        ("state/age", ..., "lacks 'age'"),
        ("state/colour", 1, "unknown 'colour'"),
        ("state/expression/jawOpen", 1.5, "expression"),
        ("state/expression/jawOpen", ..., "jawOpen"),
        ("state/expression/smile", 1, "smile"),
        ("state/expression", [0.0] * 52, "expression"),
        ("state/identity", [0.0] * 10_000, "identity"),
        ("state/identity", [99.0], "identity"),
        ("state/identity", {"0": 1}, "identity"),
        ("state/action_units", [["AU12", 2.0]], "AU12"),
        ("state/action_units", [["smile", 0.5]], "smile"),
        ("state/action_units", [["AU12"]], "2 items"),
        ("state/settings/seed", 1.5, "seed"),
        ("state/settings/seed", -1, "seed"),
        ("state/settings/generate_wrinkles", 1, "generate_wrinkles"),
        ("state/settings/name", 5, "name"),
        ("state/lighting/exposure", 100, "exposure"),
        ("state/camera/target_mm", [0.0, 0.0], "target_mm"),
        ("state/camera/distance_mm", 0.0, "distance_mm"),
        ("state/strokes", {}, "strokes"),
        ("state/strokes/0", 99, "line 99"),
        ("state/strokes/0", -1, "line -1"),
        ("state/strokes/0", 1.0, "strokes"),
        ("state/strokes/1/n_points", 10**9, "points"),
        ("state/strokes/1/n_points", 1, "points"),
        ("state/strokes/1/n_points", 2, "points"),
        ("state/strokes/1/width", 0.0, "range"),
        ("state/strokes/1/depth_mm", 1e9, "range"),
        ("state/strokes/1/profile", "round", "wrinkle, crease, fold"),
        ("state/strokes/1/binding/onset", "never", "always"),
        ("state/strokes/1/binding/weights", [["smile", 1.0]], "smile"),
        ("state/strokes/1/id", "", "id"),
        ("state/strokes/1/id", "source-0", "source-0"),
        ("state/strokes/1/name", "x" * 10_000, "characters"),
        ("state/source", None, "source"),
        ("state/source/age", -1, "age"),
        ("state/source/lines/0/from_source", False, "from_source"),
        ("state/head/path", 1, "path"),
    ],
)
def test_wrong_values_are_named(
    path: str, value: Any, reason: str, good: dict[str, bytes], tmp_path: Path
) -> None:
    document = json.loads(good["project.json"])
    edit(path, value)(document)
    target = tmp_path / "p.rhytid"
    write_zip(target, list({**good, "project.json": json.dumps(document).encode()}.items()))
    refuse(target, reason)


def npy(array: np.ndarray) -> bytes:
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


NAN_MAP = np.zeros((96, 96), np.float32)
NAN_MAP[5, 5] = np.nan


@pytest.mark.parametrize(
    ("member", "data"),
    [
        ("project.json", b""),
        ("project.json", b"\xff\xfe"),
        ("project.json", b"[" * 100_000),
        ("project.json", b"[" * 3_000_000),
        ("project.json", b'{"format": "rhytid project", "schema": 1, "state": [' + b"0," * 2_000_000 + b"0]}"),
        ("project.json", b'{"format": "rhytid project", "schema": 1, "schema": 2, "state": null}'),
        ("project.json", b'{"format": "rhytid project", "schema": 1e400, "state": null}'),
        ("project.json", b'{"format": "rhytid project", "schema": 1, "state": "\\u0000"}'),
        ("project.json", b'{"format": "rhytid project", "schema": 1, "state": "\\ud800"}'),
        ("project.json", b"[1, 2]"),
        ("project.json", b'{"format": "rhytid project", "schema": ' + b"9" * 5000 + b"}"),
        ("points.npy", b""),
        ("points.npy", b"\x93NUMPY\x01\x00\xff\xff{"),
        ("points.npy", npy(np.zeros((4, 3), np.float32))),
        ("points.npy", npy(np.zeros((4, 2), np.float32))),
        ("points.npy", npy(np.zeros((4, 3)))),
        ("points.npy", npy(np.array([{"a": 1}], object))),
        ("source.npy", npy(NAN_MAP)),
        ("source.npy", npy(np.zeros((96, 48), np.float32))),
        ("source.npy", npy(np.zeros((0, 0), np.float32))),
        ("source.npy", npy(np.zeros((96, 96), np.uint16))),
        ("source.npy", npy(np.asfortranarray(np.zeros((96, 96), np.float32)))),
        ("source.npy", npy(np.zeros((96, 96), np.float32))[:-4]),
        ("source.npy", npy(np.zeros((96, 96), np.float32)).replace(b"(96, 96)", b"(9e9,96)")),
        ("source.npy", npy(np.zeros((96, 96), np.float32)).replace(b"(96, 96), }", b"(99999, 99)}")),
        ("source.npy", npy(np.zeros((96, 96), np.float32)).replace(b"(96, 96), }", b"(-96, -96)} ")),
        ("source.npy", npy(np.zeros((96, 96), np.float32)).replace(b"(96, 96), }", b"(True, 96)} ")),
        ("source.npy", npy(np.zeros((96, 96), np.float32)).replace(b"{'descr'", b"((((((((")),
        ("source.npy", npy(np.zeros((3, 96, 96), np.uint8))),
        ("source.npy", npy(np.zeros((2, 96, 96), np.uint8))),
        ("source.npy", npy(np.zeros((4, 96, 48), np.uint8))),
        ("source.npy", npy(np.full((4, 96, 96), 255, np.uint8))),
        ("source_values.npy", npy(np.zeros(1 << 17, np.float32))),
        ("source_values.npy", npy(np.zeros((4, 3), np.float32))),
        ("source_values.npy", npy(np.zeros(4, np.float32))),
        ("points.npy", npy(np.zeros((4, 3), np.float32)).replace(b"(4, 3), }", b"(4, 1e9)}")),
    ],
)
def test_wrong_members_are_refused(member: str, data: bytes, good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    write_zip(path, list({**good, member: data}.items()))
    refuse(path, "damaged|holds|no Rhytid|lacks|schema|are allowed")


def test_wrong_thumbnail_does_not_open(good: dict[str, bytes], tmp_path: Path) -> None:
    path = tmp_path / "p.rhytid"
    write_zip(path, list({**good, "thumbnail.png": b"GIF89a"}.items()))
    with pytest.raises(ProjectError, match="PNG"):
        load_project_with_thumbnail(path)


def test_what_is_no_file_is_refused_before_it_is_read(tmp_path: Path) -> None:
    refuse(tmp_path, "is a folder")
    with pytest.raises(FileNotFoundError):
        load_project(tmp_path / "none.rhytid")
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.rhytid")
        refuse(tmp_path / "pipe.rhytid", "device or a pipe")
        refuse(Path(os.devnull), "device or a pipe")
    large = tmp_path / "large.rhytid"
    with large.open("wb") as file:
        file.truncate(2 << 30)
    refuse(large, "is larger than")


def test_names_come_back_as_text_whatever_they_were_made_of(tmp_path: Path) -> None:
    """A file of a name that is no text must not make a project that cannot be opened."""
    state = DocumentState(head=HeadReference("/x/\udcfe.npz"))
    state = ImportSource(replace(source(), name="a\udcff\0.png")).apply(state)
    path = tmp_path / "p.rhytid"
    save_project(path, state)
    opened = load_project(path)
    assert opened.source is not None
    assert opened.source.name == "a\ufffd\ufffd.png"
    assert opened.head.path == "/x/\ufffd.npz"
    assert opened.strokes == state.strokes


def test_maps_are_unpacked_last(good: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong value is told before the memory of a map is taken."""
    document = json.loads(good["project.json"])
    edit("state/age", 300.0)(document)
    path = tmp_path / "p.rhytid"
    write_zip(path, list({**good, "project.json": json.dumps(document).encode(), "source.npy": b"no map"}.items()))
    refuse(path, "age")


def test_more_than_can_be_read_back_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.rhytid"
    save_project(path, DocumentState())
    before = path.read_bytes()
    monkeypatch.setattr(project, "_MAX_JSON_VALUES", 100)
    with pytest.raises(ValueError, match="more strokes"):
        save_project(path, DocumentState(strokes=tuple(stroke(f"s{i}") for i in range(20))))
    assert path.read_bytes() == before
