"""Maps are written as they were stored: what was not edited comes back bit for bit, and states what it means."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile

from rhytid.core.io.displacement_file import read_displacement, read_map
from rhytid.core.io.displacement_writing import files_of, write_displacement, write_like
from rhytid.core.io.map_meaning import MapReading

SIDE = 72


def relief(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((SIDE, SIDE)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 2.0)


def grey16(mid: float = 0.5, scale_mm: float = 4.0) -> np.ndarray:
    return np.rint((relief() / scale_mm + mid) * 65535).astype(np.uint16)


def stored_in(path: Path) -> np.ndarray:
    if path.suffix == ".npy":
        return np.load(path)
    if path.suffix == ".tif":
        return tifffile.imread(path)
    if path.suffix == ".png":
        return cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    with OpenEXR.File(str(path), separate_channels=True) as exr:
        return next(iter(exr.channels().values())).pixels


SOURCES = {
    "u16.png": (grey16(), MapReading(scale_mm=4.0, mid=0.5)),
    "black_is_zero.png": (grey16(mid=0.2), MapReading(scale_mm=4.0, mid=0.2)),
    "unsaid.png": (grey16(), MapReading()),
    "inverted.png": (grey16(), MapReading(scale_mm=-4.0, mid=0.5)),
    "u16.tif": (grey16(), MapReading(scale_mm=4.0)),
    "u32.tif": (grey16().astype(np.uint32) * np.uint32(65537) + np.uint32(5), MapReading(scale_mm=4.0)),
    "i16.npy": (np.rint(relief() * 10000).astype(np.int16), MapReading(scale_mm=3.2767)),
    "f16.exr": (relief().astype(np.float16), MapReading()),
    "f32.exr": (relief(), MapReading()),
    "metres.exr": (relief() / np.float32(1000), MapReading(unit="m")),
    "f64.tif": (relief().astype(np.float64) * np.pi, MapReading()),
    "f16.tif": (relief().astype(np.float16), MapReading()),
    "flipped.npy": (relief() / np.float32(10), MapReading(unit="cm", flip_x=True, flip_y=True, transpose=True)),
}


@pytest.mark.parametrize("name", SOURCES)
def test_what_is_not_edited_comes_back(tmp_path: Path, name: str) -> None:
    values, reading = SOURCES[name]
    path, out = tmp_path / name, tmp_path / f"out{Path(name).suffix}"
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".tif":
        tifffile.imwrite(path, values)
    elif path.suffix == ".png":
        cv2.imwrite(str(path), values)
    else:
        OpenEXR.File({}, {"Displacement.V": values}).write(str(path))
    source = read_map(path, reading)
    edited = source.displacement.copy()
    edited[20:30, 5:60] -= np.float32(0.03)
    written = write_like(out, edited, source)
    assert written.n_clipped == 0
    again = stored_in(out)
    assert again.dtype == values.dtype
    if name == "flipped.npy":  # the edit lies elsewhere in the file
        same = np.isclose(read_displacement(out, reading), source.displacement)
    else:
        same = again == values
        np.testing.assert_array_equal(again[:20], values[:20])
    assert np.count_nonzero(~same) == 10 * 55
    # What the output states is enough to read it; only the artist's flips are not stated.
    stated = MapReading(flip_x=reading.flip_x, flip_y=reading.flip_y, transpose=reading.transpose)
    step_mm = 3e-3 if values.dtype == np.float16 else 1e-4
    np.testing.assert_allclose(read_displacement(out, stated), edited, atol=step_mm)
    assert (path.suffix == ".npy" and values.dtype.kind == "f") or read_map(out, stated).certain


def test_the_channel_keeps_its_name_and_a_grey_its_three(tmp_path: Path) -> None:
    for number, names in enumerate([("Displacement.V",), ("R", "G", "B"), ("a.R", "a.G", "a.B")]):
        path, out = tmp_path / f"{number}.exr", tmp_path / f"out{number}.exr"
        OpenEXR.File({}, dict.fromkeys(names, relief())).write(str(path))
        source = read_map(path)
        write_like(out, source.displacement, source)
        with OpenEXR.File(str(out), separate_channels=True) as exr:
            assert set(exr.channels()) == set(names)
            np.testing.assert_array_equal(exr.channels()[names[0]].pixels, relief())


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "in.png"), grey16())
    source = read_map(tmp_path / "in.png", MapReading(scale_mm=4.0, mid=0.5))
    edited = source.displacement.copy()
    edited[3, :7] = 2.5
    written = write_like(tmp_path / "out.png", edited, source)
    assert written.n_clipped == 7
    assert written.high_mm == pytest.approx(2.0)
    assert (stored_in(tmp_path / "out.png")[3, :7] == 65535).all()


def test_no_data_that_was_not_edited_stays(tmp_path: Path) -> None:
    values = relief()
    values[:10] = -9999
    OpenEXR.File({}, {"Y": values}).write(str(tmp_path / "in.exr"))
    source = read_map(tmp_path / "in.exr", MapReading(no_data="fill"))
    write_like(tmp_path / "out.exr", source.displacement, source)
    np.testing.assert_array_equal(stored_in(tmp_path / "out.exr"), values)


@pytest.mark.parametrize("name", ["map.png", "map.tif", "map.exr", "float.tif"])
def test_a_map_sent_without_its_json_still_says_what_it_is(tmp_path: Path, name: str) -> None:
    files = write_displacement(tmp_path / name, relief(), float_tiff=name.startswith("float"))
    for file in files[1:]:
        file.unlink()
    found = read_map(tmp_path / name)
    assert found.certain
    assert found.reason == "stated in the file"
    assert found.warnings == ()
    np.testing.assert_allclose(found.displacement, relief(), atol=1e-4)


def test_the_statement_inside_is_that_beside(tmp_path: Path) -> None:
    png, sidecar = write_displacement(tmp_path / "map.png", relief())
    data, text = png.read_bytes(), sidecar.read_text("utf-8").rstrip("\n")
    assert b"tEXtrhytid-displacement\0" + text.encode() in data
    assert json.loads(text)["bits"] == 16
    tif, sidecar = write_displacement(tmp_path / "map2.tif", relief())
    with tifffile.TiffFile(tif) as tiff:
        assert tiff.pages.first.description == sidecar.read_text("utf-8").rstrip("\n")


@pytest.mark.parametrize("suffix", [".exr", ".npy", ".tif"])
def test_the_json_of_an_earlier_map_does_not_speak_for_a_new_one(tmp_path: Path, suffix: str) -> None:
    path, sidecar = tmp_path / f"map{suffix}", tmp_path / "map.json"
    sidecar.write_text(json.dumps({"format": "rhytid-displacement", "file": path.name, "scale_mm": 1000.0, "mid": 0.0}))
    assert sidecar in files_of(path)
    assert write_displacement(path, relief(), float_tiff=True) == [path, sidecar]
    np.testing.assert_array_equal(read_displacement(path), relief())


def test_an_exr_needs_no_json(tmp_path: Path) -> None:
    OpenEXR.File({}, {"Y": relief() / np.float32(1000)}).write(str(tmp_path / "in.exr"))
    source = read_map(tmp_path / "in.exr", MapReading(unit="m"))
    assert write_like(tmp_path / "map.exr", source.displacement, source).files == (tmp_path / "map.exr",)
    assert read_map(tmp_path / "map.exr").scaling.scale_mm == 1000.0
