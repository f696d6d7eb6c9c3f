"""Heads written and read again, and files that are none."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.head import store
from rhytid.core.head.load import load_head
from rhytid.core.head.store import HeadFileError, read_head, read_npz, save_head

from .small_head import small_head


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


def test_both_containers_hold_the_same_head(tmp_path: Path) -> None:
    head = small_head()
    for name in ("a.npz", "b.safetensors"):
        save_head(head, tmp_path / name)
    assert read_head(tmp_path / "a.npz").digest == read_head(tmp_path / "b.safetensors").digest


def _changed(path: Path, key: str, change: Callable[[np.ndarray], np.ndarray] | None) -> None:
    arrays = read_npz(path)
    if change is None:
        del arrays[key]
    else:
        arrays[key] = change(arrays[key].copy())
    np.savez(path, **arrays)


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
    np.savez(path, neutral=np.array([{"a": 1}], object), allow_pickle=True)
    with pytest.raises(HeadFileError, match=r"pickled\.npz"):
        load_head(path)


def test_a_file_that_unpacks_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "large.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("neutral.npy", bytes(2_000_000))
    monkeypatch.setattr(store, "MAX_FILE_BYTES", 1_000_000)
    with pytest.raises(HeadFileError, match="unpacks"):
        load_head(path)


def test_safetensors_offsets_outside_the_file_are_refused(tmp_path: Path) -> None:
    header = json.dumps({"neutral": {"dtype": "F32", "shape": [10, 3], "data_offsets": [0, 120]}}).encode()
    path = tmp_path / "short.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(HeadFileError, match="outside"):
        load_head(path)


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
