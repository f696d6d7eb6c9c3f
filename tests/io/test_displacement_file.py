"""Displacement maps survive their files; files that cannot be maps are refused by name and with a remedy."""

from __future__ import annotations

import contextlib
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
from damage import damages
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.request import displacement_digest
from rhytid.core.io.displacement_file import probe_displacement, read_displacement, source_detail
from rhytid.core.io.displacement_writing import scale_mm_for, write_displacement
from rhytid.core.io.errors import MapError
from rhytid.core.io.map_meaning import FACESCAPE, MapReading
from rhytid.core.lines.stroke import Stroke


def relief(side: int = 64, seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((side, side)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 2.0) * 0.8


@pytest.mark.parametrize("name", ["map.exr", "map.npy"])
def test_float_files_are_exact(tmp_path: Path, name: str) -> None:
    written = relief()
    assert write_displacement(tmp_path / name, written) == [tmp_path / name]
    read = read_displacement(tmp_path / name)
    assert read.dtype == np.float32
    assert not read.flags.writeable
    np.testing.assert_array_equal(read, written)


@pytest.mark.parametrize("name", ["map.png", "map.tif"])
def test_16_bit_files_keep_half_a_step_and_exact_zero(tmp_path: Path, name: str) -> None:
    written = relief()
    written[3, 4] = 0.0
    write_displacement(tmp_path / name, written)
    read = read_displacement(tmp_path / name)
    step_mm = scale_mm_for(float(np.abs(written).max())) / 65535
    assert np.abs(read - written).max() <= 0.51 * step_mm
    assert read[3, 4] == 0.0
    probe = probe_displacement(tmp_path / name)
    assert probe.certain
    assert "map.json" in probe.reason


def test_the_json_beside_states_what_is_needed(tmp_path: Path) -> None:
    files = write_displacement(tmp_path / "map.png", relief(), scale_mm=4.0)
    stated = json.loads(files[1].read_text("utf-8"))
    assert stated["scale_mm"] == 4.0
    assert stated["units"] == "mm"
    assert stated["file"] == "map.png"
    raw = cv2.imread(str(files[0]), cv2.IMREAD_UNCHANGED)
    assert raw.dtype == np.uint16
    by_formula = (raw / 65535 - stated["mid"]) * stated["scale_mm"]
    np.testing.assert_allclose(by_formula, relief(), atol=4.0 / 65535)


def test_an_exr_beside_a_png_ignores_the_png_s_json(tmp_path: Path) -> None:
    write_displacement(tmp_path / "map.png", relief())
    write_displacement(tmp_path / "map.exr", relief())
    np.testing.assert_array_equal(read_displacement(tmp_path / "map.exr"), relief())


def test_exr_has_one_channel_y_or_rgb(tmp_path: Path) -> None:
    write_displacement(tmp_path / "y.exr", relief())
    write_displacement(tmp_path / "rgb.exr", relief(), exr_channels="RGB")
    assert probe_displacement(tmp_path / "y.exr").header.channels == ("Y",)
    assert probe_displacement(tmp_path / "rgb.exr").header.channels == ("B", "G", "R")
    np.testing.assert_array_equal(read_displacement(tmp_path / "rgb.exr"), relief())


def test_facescape_crop_is_recognised(tmp_path: Path) -> None:
    raw = np.full((256, 256), 32768, np.uint16)
    raw[0, 0], raw[0, 1], raw[0, 2] = 0, 65535, 32768 + 16384
    cv2.imwrite(str(tmp_path / "1_neutral.png"), raw)
    mm = read_displacement(tmp_path / "1_neutral.png")
    assert mm[5, 5] == 0.0
    np.testing.assert_allclose(mm[0, :3], [-0.914, 0.914 * 32767 / 32768, 0.457], rtol=1e-6)
    probe = probe_displacement(tmp_path / "1_neutral.png")
    assert probe.suggested == FACESCAPE
    assert not probe.certain, "nothing in the file says so"
    assert "FaceScape" in probe.reason
    assert (probe.header.width, probe.header.dtype) == (256, "uint16")


def test_convention_crops_transposes_and_flips(tmp_path: Path) -> None:
    mm = relief(128)
    np.save(tmp_path / "map.npy", mm)
    convention = MapReading(scale_mm=10.0, mid=0.5, flip_x=True, transpose=True, crop=(0.5, 0, 1, 0.5))
    expected = ((mm[:64, 64:].T[:, ::-1].astype(np.float64) - 0.5) * 10).astype(np.float32)
    np.testing.assert_array_equal(read_displacement(tmp_path / "map.npy", convention), expected)
    flipped = read_displacement(tmp_path / "map.npy", MapReading(flip_y=True))
    np.testing.assert_array_equal(flipped, mm[::-1])


@pytest.mark.parametrize(("channel", "expected"), [(0, 1), (1, 2), (2, 3)])
def test_channel_of_a_colour_png_counts_from_red(tmp_path: Path, channel: int, expected: int) -> None:
    picture = np.zeros((64, 64, 3), np.uint16)
    picture[...] = (3000, 2000, 1000)  # blue, green, red
    cv2.imwrite(str(tmp_path / "map.png"), picture)
    convention = MapReading(scale_mm=65535 / 1000, mid=0.0, channel=channel)
    mm = read_displacement(tmp_path / "map.png", convention)
    np.testing.assert_allclose(mm, expected)


def test_channel_of_an_exr_goes_by_name(tmp_path: Path) -> None:
    channels = {"A": np.ones((64, 64), np.float32), "height": relief()}
    OpenEXR.File({"compression": OpenEXR.PIZ_COMPRESSION}, channels).write(str(tmp_path / "map.exr"))
    mm = read_displacement(tmp_path / "map.exr", MapReading(channel="height"))
    np.testing.assert_array_equal(mm, relief())
    with pytest.raises(MapError, match=r"no channel 'depth'.*height"):
        read_displacement(tmp_path / "map.exr", MapReading(channel="depth"))


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", [np.float32, np.uint16])
def test_tiff_variants(tmp_path: Path, dtype: type, compression: str | None) -> None:
    values = (relief() * 10000 + 32768).astype(dtype)
    tifffile.imwrite(tmp_path / "map.tif", values, compression=compression, photometric="minisblack")
    largest = 65535 if dtype is np.uint16 else 1
    convention = MapReading(scale_mm=1e-4 * largest, mid=32768 / largest)
    mm = read_displacement(tmp_path / "map.tif", convention)
    np.testing.assert_allclose(mm, (values.astype(np.float64) - 32768) * 1e-4, atol=1e-6)


def test_source_detail_keeps_pose_lines_and_digest(tmp_path: Path) -> None:
    write_displacement(tmp_path / "scan.npy", relief())
    line = Stroke("a", np.array([[0.1, 0.1], [0.2, 0.2]]), np.ones(2))
    weights = [0.0] * N_EXPRESSION
    weights[3] = 0.5
    detail = source_detail(tmp_path / "scan.npy", weights, 33, extract=lambda _: (line,))
    assert detail.expression == tuple(weights)
    assert (detail.age, detail.name) == (33.0, "scan.npy")
    assert detail.lines[0].from_source
    assert detail.digest == displacement_digest(relief())
    with pytest.raises(MapError, match="52 are needed"):
        source_detail(tmp_path / "scan.npy", [0.0] * 3, 33, extract=lambda _: ())


def png_bomb(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 16, 0, 0, 0, 0)
    chunks = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + chunks


def npy_bomb(shape: str) -> bytes:
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def exr_bomb(side: int) -> bytes:
    def attribute(name: bytes, kind: bytes, data: bytes) -> bytes:
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(data)) + data

    window = struct.pack("<4i", 0, 0, side - 1, side - 1)
    channels = b"Y\0" + struct.pack("<iIii", 2, 0, 1, 1) + b"\0"
    return (
        b"\x76\x2f\x31\x01\x02\0\0\0"
        + attribute(b"channels", b"chlist", channels)
        + attribute(b"compression", b"compression", b"\0")
        + attribute(b"dataWindow", b"box2i", window)
        + attribute(b"displayWindow", b"box2i", window)
        + attribute(b"lineOrder", b"lineOrder", b"\0")
        + attribute(b"pixelAspectRatio", b"float", struct.pack("<f", 1))
        + attribute(b"screenWindowCenter", b"v2f", struct.pack("<ff", 0, 0))
        + attribute(b"screenWindowWidth", b"float", struct.pack("<f", 1))
        + b"\0"
    )


def tiff_bomb(tmp_path: Path) -> bytes:
    path = tmp_path / "small.tif"
    tifffile.imwrite(path, np.zeros((64, 64), np.uint16))
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        for name in ("ImageWidth", "ImageLength"):
            offset = tiff.pages.first.tags[name].valueoffset
            struct.pack_into("<H", data, offset, 20000)
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("empty.png", b"", "is empty"),
        ("text.png", b"a text that is no image at all", "not an image.*16-bit PNG"),
        ("zero.png", png_bomb(0, 0), "0 x 0"),
        ("huge.png", png_bomb(20000, 20000), "20000 x 20000.*scale it down to 8192"),
        ("enormous.png", png_bomb(2**31 - 1, 2**31 - 1), "scale it down"),
        ("flat.png", png_bomb(20000, 64), "must be square"),
        ("short.png", png_bomb(256, 256), "damaged or incomplete"),
        ("huge.npy", npy_bomb("(20000, 20000)"), "damaged or incomplete"),
        ("negative.npy", npy_bomb("(-1, -1)"), "damaged|no usable size|texels"),
        ("zero.npy", npy_bomb("(0, 0)"), "0 x 0"),
        ("line.npy", npy_bomb("(4096,)"), "shape"),
        ("huge.exr", exr_bomb(20000), "20000 x 20000"),
        ("short.exr", exr_bomb(256), "damaged or incomplete"),
        ("zero.exr", exr_bomb(0), "0 x 0"),
        ("mesh.exr", b"v 0 0 0\nf 1 2 3\n", "not an image"),
    ],
)
def test_hostile_headers_are_refused(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(data)
    for read in (read_displacement, probe_displacement):
        with pytest.raises(MapError, match=message) as caught:
            read(path)
        assert name in str(caught.value)


def test_a_tiff_that_announces_too_much_is_refused(tmp_path: Path) -> None:
    (tmp_path / "huge.tif").write_bytes(tiff_bomb(tmp_path))
    with pytest.raises(MapError, match="20000 x 20000"):
        read_displacement(tmp_path / "huge.tif")


@pytest.mark.parametrize("bad", [np.nan, np.inf])
@pytest.mark.parametrize("name", ["map.npy", "map.exr"])
def test_values_that_are_not_finite_are_refused(tmp_path: Path, name: str, bad: float) -> None:
    mm = relief()
    mm[5:7, 9] = bad
    if name.endswith("npy"):
        np.save(tmp_path / name, mm)
    else:
        OpenEXR.File({}, {"Y": mm}).write(str(tmp_path / name))
    with pytest.raises(MapError, match="2 texels are NaN or infinite; fill them"):
        read_displacement(tmp_path / name)
    assert probe_displacement(tmp_path / name).n_not_finite == 2
    with pytest.raises(MapError, match="not finite"):
        write_displacement(tmp_path / "out.exr", mm)


@pytest.mark.parametrize("name", ["map.png", "map.tif"])
def test_8_bit_is_refused(tmp_path: Path, name: str) -> None:
    cv2.imwrite(str(tmp_path / name), np.full((64, 64), 128, np.uint8))
    with pytest.raises(MapError, match="8-bit displacement shows bands"):
        read_displacement(tmp_path / name)


def test_wrong_types_sizes_and_scales_are_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "object.npy", np.array([[None] * 64] * 64, object), allow_pickle=True)
    np.save(tmp_path / "int.npy", np.zeros((64, 64), np.int32))
    np.save(tmp_path / "small.npy", np.zeros((32, 32), np.float32))
    np.save(tmp_path / "deep.npy", np.full((64, 64), 300.0, np.float32))
    with pytest.raises(MapError, match="object"):
        read_displacement(tmp_path / "object.npy")
    with pytest.raises(MapError, match="int32 values"):
        read_displacement(tmp_path / "int.npy")
    with pytest.raises(MapError, match="at least 64"):
        read_displacement(tmp_path / "small.npy")
    with pytest.raises(MapError, match=r"300 mm.*check scale"):
        read_displacement(tmp_path / "deep.npy")
    with pytest.raises(FileNotFoundError):
        read_displacement(tmp_path / "absent.npy")


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="must be square"):
        write_displacement(tmp_path / "a.exr", np.zeros((64, 65), np.float32))
    with pytest.raises(MapError, match="larger scale"):
        write_displacement(tmp_path / "a.png", np.full((64, 64), 3.0, np.float32), scale_mm=4.0)
    with pytest.raises(MapError, match="written as"):
        write_displacement(tmp_path / "a.jpg", np.zeros((64, 64), np.float32))
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def valid_files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("valid")
    for name in ("map.png", "map.exr", "map.tif", "map.npy"):
        write_displacement(folder / name, relief())
    tifffile.imwrite(folder / "zlib.tif", relief(), compression="zlib")
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.suffix != ".json"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    name=st.sampled_from(["map.png", "map.exr", "map.tif", "map.npy", "zlib.tif"]),
    damage=damages(),
)
def test_damaged_files_only_raise_map_errors(
    tmp_path: Path,
    valid_files: dict[str, bytes],
    name: str,
    damage: Callable[[bytes], bytes],
) -> None:
    path = tmp_path / name
    path.write_bytes(damage(valid_files[name]))
    for read in (read_displacement, probe_displacement):
        with contextlib.suppress(MapError):
            read(path)
