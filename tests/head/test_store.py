"""Heads written and read again, and files that are none."""

from __future__ import annotations

import io
import json
import os
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.head import ict, load
from rhytid.core.head.errors import HeadFileError
from rhytid.core.head.load import load_head
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.store import read_head, save_head

from .small_head import SIDE, small_head


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_a_saved_head_reads_back_the_same(tmp_path: Path, suffix: str) -> None:
    head = small_head()
    path = tmp_path / f"head{suffix}"
    save_head(head, path)
    again = load_head(path)
    assert again.digest == head.digest
    np.testing.assert_array_equal(again.expression, head.expression)
    np.testing.assert_array_equal(again.faces, head.faces)
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_ageing_is_kept_and_is_no_part_of_the_digest(tmp_path: Path, suffix: str) -> None:
    plain = small_head()
    ageing = np.zeros((2, *plain.neutral.shape), np.float16)
    ageing[0, 5], ageing[1, 7:9, 1] = (1, -2, 0.5), -3
    head = small_head(ageing=ageing, ageing_names=("jowls", "ears"))
    assert head.digest == plain.digest
    path = tmp_path / f"head{suffix}"
    save_head(head, path)
    again = load_head(path)
    assert again.ageing_names == ("jowls", "ears")
    np.testing.assert_array_equal(again.ageing, ageing)


def test_a_file_of_the_first_format_is_read_without_ageing(tmp_path: Path) -> None:
    head = small_head()
    save_head(head, tmp_path / "new.npz")
    with np.load(tmp_path / "new.npz", allow_pickle=False) as stored:
        content = {name: stored[name] for name in stored.files if not name.startswith("ageing")}
    np.savez(tmp_path / "old.npz", allow_pickle=False, **content | {"format": np.array([1], np.int32)})
    again = load_head(tmp_path / "old.npz")
    assert again.digest == head.digest
    assert again.ageing_names == ()
    np.savez(tmp_path / "lost.npz", allow_pickle=False, **content)
    with pytest.raises(HeadFileError, match="ageing_names is missing"):
        load_head(tmp_path / "lost.npz")


def test_ageing_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    head = small_head(ageing=np.ones((1, *small_head().neutral.shape), np.float16), ageing_names=("jowls",))
    save_head(head, tmp_path / "a.npz")
    _changed(tmp_path / "a.npz", "ageing_vertex", lambda a: a + 1000)
    with pytest.raises(HeadFileError, match="ageing_vertex"):
        load_head(tmp_path / "a.npz")


def test_both_containers_hold_the_same_head(tmp_path: Path) -> None:
    head = small_head()
    for name in ("a.npz", "b.safetensors"):
        save_head(head, tmp_path / name)
    assert read_head(tmp_path / "a.npz").digest == read_head(tmp_path / "b.safetensors").digest


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
def test_pins_are_kept_and_only_others_ask_for_another_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    head = small_head(residual_mm=np.full(SIDE * SIDE, 0.25, np.float32))
    path = tmp_path / f"head{suffix}"
    save_head(head, path)
    asked: list[tuple[HeadPin, ...]] = []
    monkeypatch.setattr(load, "_registered", lambda *given: asked.append(given[4]) or head)
    assert load_head(path).pins == load_head(path, pins=head.pins).pins == head.pins
    assert asked == []
    for pins in ((), head.pins[:1]):
        load_head(path, pins=pins)
    assert asked == [(), head.pins[:1]]


def test_a_file_from_before_there_were_pins_is_read(tmp_path: Path) -> None:
    path = tmp_path / "old.npz"
    save_head(small_head(), path)
    for key in ("pin_landmarks", "pin_places"):
        _changed(path, key, None)
    again = load_head(path)
    assert (again.pins, again.digest) == ((), small_head().digest)


def _changed(path: Path, key: str, change: Callable[[np.ndarray], np.ndarray] | None) -> None:
    with np.load(path, allow_pickle=False) as stored:
        content = {name: stored[name] for name in stored.files if change is not None or name != key}
    if change is not None:
        content[key] = change(content[key].copy())
    np.savez(path, **content)


def _with_nan(array: np.ndarray) -> np.ndarray:
    array.flat[3] = np.nan
    return array


def _out_of_range(array: np.ndarray) -> np.ndarray:
    array.flat[0] = 1_000_000
    return array


@pytest.mark.parametrize(
    ("key", "change", "message"),
    [
        ("neutral", _with_nan, "finite"),
        ("chart", _with_nan, "finite"),
        ("expression_offset", _with_nan, "finite"),
        ("faces", _out_of_range, "faces"),
        ("face_uv", _out_of_range, "face_uv"),
        ("landmarks", _out_of_range, "landmarks"),
        ("expression_vertex", _out_of_range, "expression_vertex"),
        ("expression_start", _out_of_range, "expression_start"),
        ("faces", lambda a: a[:0], "parts|no faces"),
        ("neutral", lambda a: a[:, :2], "neutral"),
        ("neutral", lambda a: a.astype(np.float64), "neutral"),
        ("chart", None, "chart is missing"),
        ("format", lambda a: a + 1, "newer"),
        ("n_skin", lambda a: a * 1000, "skin vertices"),
        ("parts", lambda a: a + 100, "part"),
        ("pin_landmarks", _out_of_range, "pins of a head"),
        ("pin_landmarks", lambda a: a * 0, "different landmarks"),
        ("pin_places", _with_nan, "the pin of landmark"),
        ("pin_places", None, "pin_places is missing"),
    ],
)
def test_damaged_content_is_named(
    tmp_path: Path, key: str, change: Callable[[np.ndarray], np.ndarray] | None, message: str
) -> None:
    path = tmp_path / "damaged.npz"
    save_head(small_head(), path)
    _changed(path, key, change)
    with pytest.raises(HeadFileError, match=message) as error:
        load_head(path)
    assert "damaged.npz" in str(error.value)


@pytest.mark.parametrize("suffix", [".npz", ".safetensors"])
@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 0.99])
def test_truncated_files_are_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"cut{suffix}"
    save_head(small_head(), path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(HeadFileError, match="cut"):
        load_head(path)


def test_pickles_are_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "pickled.npz"
    np.savez(path, format=np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(HeadFileError, match=r"pickled\.npz.* pickle"):
        load_head(path)


def npy(dtype: str, shape: tuple[int, ...], content: bytes) -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(stream, {"descr": dtype, "fortran_order": False, "shape": shape})
    return stream.getvalue() + content


def zipped(path: Path, members: dict[str, bytes], base: Path | None = None) -> Path:
    """An .npz of the members, and of what a head has besides."""
    kept: dict[str, bytes] = {}
    if base is not None:
        with zipfile.ZipFile(base) as archive:
            kept = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in (kept | members).items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("member", "content", "message"),
    [
        ("neutral.npy", npy("<f4", (70_000_000, 3), bytes(840)), "announces"),
        ("neutral.npy", npy("<f4", (10, 3), bytes(240)), "announces"),
        ("neutral.npy", npy("<f4", (400_001, 3), bytes(4_800_012)), "larger than a head may be"),
        ("identity.npy", npy("<f2", (400, 40_000, 3), bytes(96_000_000)), "identity"),
        ("identity.npy", npy("<f2", (2**40, 2**40, 3), b""), "announces"),
        ("identity.npy", npy("<f2", (-1, 84, 3), b""), "not a readable|announces"),
        ("neutral.npy", npy("<f4", (84, 3), bytes(84 * 12))[:60], "not a readable"),
        ("neutral.npy", b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + bytes(100), "version of NPY"),
        ("neutral.npy", b"", "not a readable"),
        ("name.npy", npy("|u1", (5000,), bytes(5000)), "larger"),
    ],
)
def test_arrays_that_lie_are_refused_undecoded(tmp_path: Path, member: str, content: bytes, message: str) -> None:
    save_head(small_head(), tmp_path / "head.npz")
    path = zipped(tmp_path / "lie.npz", {member: content}, tmp_path / "head.npz")
    tracemalloc.start()
    with pytest.raises(HeadFileError, match=message):
        load_head(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_arrays_that_are_not_asked_for_are_left_alone(tmp_path: Path) -> None:
    save_head(small_head(), tmp_path / "head.npz")
    strangers = {"../../escape.npy": b"x", "bomb.npy": bytes(50_000_000)}
    path = zipped(tmp_path / "more.npz", strangers, tmp_path / "head.npz")
    assert load_head(path).digest == small_head().digest
    assert {entry.name for entry in tmp_path.iterdir()} == {"head.npz", "more.npz"}


def test_archives_with_too_many_or_equal_members_are_refused(tmp_path: Path) -> None:
    many = zipped(tmp_path / "many.npz", {f"{number}.npy": b"" for number in range(5000)})
    with pytest.raises(HeadFileError, match="more than 64 arrays"):
        load_head(many)
    with zipfile.ZipFile(tmp_path / "twice.npz", "w") as archive:
        archive.writestr("format.npy", npy("<i4", (1,), bytes(4)))
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("format.npy", npy("<i4", (1,), bytes(4)))
    with pytest.raises(HeadFileError, match="twice"):
        load_head(tmp_path / "twice.npz")


def test_other_byte_orders_are_read(tmp_path: Path) -> None:
    path = tmp_path / "big.npz"
    save_head(small_head(), path)
    _changed(path, "neutral", lambda a: a.astype(">f4"))
    assert load_head(path).digest == small_head().digest


F32_10x3 = {"dtype": "F32", "shape": [10, 3], "data_offsets": [0, 120]}


@pytest.mark.parametrize(
    ("header", "body", "message"),
    [
        ({"format": F32_10x3}, 8, "outside"),
        ({"format": F32_10x3 | {"shape": [10, 4]}}, 120, "announces"),
        ({"format": F32_10x3 | {"shape": [-10, -3]}}, 120, "no number"),
        ({"format": F32_10x3 | {"data_offsets": [0, 1e3]}}, 120, "no number"),
        ({"format": F32_10x3 | {"data_offsets": [True, 120]}}, 120, "no number"),
        ({"format": F32_10x3, "b": F32_10x3}, 120, "upon each other"),
        ({"format": F32_10x3}, 200, "belong to no array"),
        ({"format": F32_10x3 | {"dtype": "F64"}}, 120, "not a readable"),
        ({"format": 3}, 0, "not a readable"),
        ([], 0, "not a readable"),
    ],
)
def test_safetensors_that_lie_are_refused(tmp_path: Path, header: object, body: int, message: str) -> None:
    text = json.dumps(header).encode()
    path = tmp_path / "lie.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(body))
    with pytest.raises(HeadFileError, match=message):
        load_head(path)


def test_a_safetensors_header_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "long.safetensors"
    path.write_bytes((1 << 60).to_bytes(8, "little") + b"{}")
    with pytest.raises(HeadFileError, match="header of"):
        load_head(path)


def test_files_that_are_no_heads_are_told_what_can_be_opened(tmp_path: Path) -> None:
    for name in ("head.blend", "head.ZTL", "head.ma", "head", "head.stl"):
        (tmp_path / name).write_bytes(b"anything")
        with pytest.raises(HeadFileError, match=r"\.glb, \.vrm and \.obj.* export it as GLB, with its shape keys"):
            load_head(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs pipes with names")
@pytest.mark.parametrize("name", ["pipe", "pipe.npz", "pipe.safetensors", "pipe.glb", "pipe.obj"])
def test_pipes_and_devices_are_refused_before_a_byte_is_read(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    with pytest.raises(HeadFileError, match="device or a pipe"):
        load_head(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs /dev/zero")
def test_devices_and_their_folder_are_refused(tmp_path: Path) -> None:
    (tmp_path / "link.npz").symlink_to("/dev/zero")
    for path in ("/dev/zero", tmp_path / "link.npz"):
        with pytest.raises(HeadFileError, match="device or a pipe"):
            load_head(path)
    for folder in ("/dev", "/"):
        with pytest.raises(HeadFileError, match="no head in this folder"):
            load_head(folder)


def test_folders_without_end_are_not_read_to_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ict, "_MAX_ENTRIES", 20)
    for number in range(30):
        (tmp_path / f"{number}.txt").touch()
    with pytest.raises(HeadFileError, match="more than 20 files"):
        load_head(tmp_path)


def test_names_with_nul_are_refused() -> None:
    with pytest.raises(HeadFileError, match="NUL"):
        load_head("a\0b.npz")


def test_a_sparse_file_of_terabytes_is_refused(tmp_path: Path) -> None:
    for name in ("huge.npz", "huge.glb", "huge.safetensors"):
        with (tmp_path / name).open("wb") as stream:
            stream.truncate(1 << 40)
        with pytest.raises(HeadFileError, match="larger than"):
            load_head(tmp_path / name)


def test_missing_files_and_empty_folders_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing-here"):
        load_head(tmp_path / "nothing-here.npz")
    with pytest.raises(HeadFileError, match="no head in this folder"):
        load_head(tmp_path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "head.npz"
    save_head(small_head(), path)
    before = path.read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(np, "savez", fail)
    with pytest.raises(OSError, match="disk full"):
        save_head(small_head(name="other"), path)
    assert path.read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 1
