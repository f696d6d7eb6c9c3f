"""Whatever way a format stores a map, the map comes back or is refused in one line, never something else."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from rhytid.core.io.displacement_file import probe_displacement, read_displacement, read_map
from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.formats.png import png_chunk
from rhytid.core.io.map_meaning import MapReading

SIDE = 80
ONE_PER_UNIT = MapReading(scale_mm=1.0, mid=0.5)


def relief(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((SIDE, SIDE)).astype(np.float32)
    return np.clip(cv2.GaussianBlur(noise, (0, 0), 2.0), -0.45, 0.45)


def grey16(values: np.ndarray) -> np.ndarray:
    return np.rint((values + 0.5) * 65535).astype(np.uint16)


def laid(values: np.ndarray, orientation: int) -> np.ndarray:
    """What a file of this TIFF orientation holds so that `values` are upright."""
    if orientation in (2, 3, 6, 7):
        values = values[:, ::-1]
    if orientation in (3, 4, 7, 8):
        values = values[::-1]
    return values.T if orientation >= 5 else values


TYPES = {"float16": 2e-3, "float32": 0.0, "float64": 1e-7, "uint16": 1e-5, "uint32": 1e-7}
CODECS = (None, "zlib", "lzw", "packbits", "lzma", "zstd", "lerc", "jpeg2000", "jpegxl", "png")


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    dtype=st.sampled_from(sorted(TYPES)),
    orientation=st.integers(1, 8),
    codec=st.sampled_from(CODECS),
    predictor=st.booleans(),
    tile=st.sampled_from([None, (32, 48)]),
    big_endian=st.booleans(),
    bigtiff=st.booleans(),
    photometric=st.sampled_from(["minisblack", "miniswhite", "rgb"]),
    planar=st.booleans(),
    alpha=st.booleans(),
    rows=st.sampled_from([7, SIDE]),
)
def test_any_tiff_gives_the_map_or_one_line(
    tmp_path: Path, dtype, orientation, codec, predictor, tile, big_endian, bigtiff, photometric, planar, alpha, rows
) -> None:
    # To codecs of whole pictures tifffile hands swapped bytes and differences: what it writes is another picture.
    is_picture_codec = codec in ("jpeg2000", "jpegxl", "lerc", "png")
    assume(not (is_picture_codec and (big_endian or predictor)))
    meant = relief()
    values = laid(meant, orientation)
    if np.dtype(dtype).kind == "u":
        values = np.rint((values.astype(np.float64) + 0.5) * np.iinfo(dtype).max).astype(dtype)
        if photometric == "miniswhite":
            values = np.iinfo(dtype).max - values
    else:
        values = values.astype(dtype)
    n_colours = 3 if photometric == "rgb" else 1
    samples = [values] * n_colours + [np.full_like(values, 1 if values.dtype.kind == "f" else 40000)] * alpha
    picture = np.stack(samples, axis=0 if planar else -1) if len(samples) > 1 else values
    path = tmp_path / "map.tif"
    try:
        tifffile.imwrite(
            path, picture, photometric=photometric, compression=codec, predictor=predictor and codec is not None,
            tile=tile, rowsperstrip=None if tile else rows, byteorder=">" if big_endian else "<", bigtiff=bigtiff,
            planarconfig=("separate" if planar else "contig") if len(samples) > 1 else None,
            extrasamples=["unassalpha"] if alpha else None, extratags=[(274, 3, 1, orientation, True)],
        )  # fmt: skip
    except Exception:
        return  # tifffile does not write this combination
    reading = ONE_PER_UNIT if values.dtype.kind == "u" else MapReading()
    try:
        read = read_displacement(path, reading)
    except MapError as error:
        refused = str(error)
        assert str(path) in refused
        assert len(refused.splitlines()) == 1
        assert codec == "png" or photometric == "miniswhite" or (codec == "jpeg2000" and "32" in dtype)
        return
    np.testing.assert_allclose(read, meant, atol=TYPES[dtype])
    np.testing.assert_array_equal(read, read_displacement(path, reading))


@pytest.mark.parametrize("codec", ["lzma", "zstd", "deflate", "lerc"])
def test_codecs_that_opencv_lacks_are_read(tmp_path: Path, codec: str) -> None:
    tifffile.imwrite(tmp_path / "map.tif", relief(), compression=codec)
    np.testing.assert_array_equal(read_displacement(tmp_path / "map.tif"), relief())


def test_a_predictor_that_the_codec_does_not_know_is_refused(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "map.tif", relief(), compression="lerc", predictor=True)
    with pytest.raises(MapError, match="predictor 3"):
        read_displacement(tmp_path / "map.tif")


def test_a_codec_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tifffile.imwrite(tmp_path / "map.tif", relief(), compression="zstd")
    monkeypatch.setattr(tifffile.TIFF, "DECOMPRESSORS", {8: zlib.decompress})
    with pytest.raises(MapError, match=r"ZSTD.*Deflate"):
        read_displacement(tmp_path / "map.tif")


def test_the_full_resolution_page_is_read_and_two_of_a_size_are_asked_about(tmp_path: Path) -> None:
    with tifffile.TiffWriter(tmp_path / "preview.tif") as tiff:
        tiff.write(np.zeros((32, 32), np.uint8), subfiletype=1)
        tiff.write(relief(), subifds=2)
        tiff.write(relief()[::2, ::2].copy(), subfiletype=1)
        tiff.write(relief()[::4, ::4].copy(), subfiletype=1)
    np.testing.assert_array_equal(read_displacement(tmp_path / "preview.tif"), relief())
    with tifffile.TiffWriter(tmp_path / "two.tif") as tiff:
        tiff.write(relief(1), contiguous=False)
        tiff.write(relief(2), contiguous=False)
    with pytest.raises(ChoiceNeeded, match=r"page1.*page2") as caught:
        read_displacement(tmp_path / "two.tif")
    assert caught.value.question == "channel"
    np.testing.assert_array_equal(read_displacement(tmp_path / "two.tif", MapReading(channel="page2")), relief(2))


def test_strips_that_are_cut_or_missing_are_no_relief(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    tifffile.imwrite(path, relief(), compression="zlib", rowsperstrip=20)
    whole = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        offset, count = tiff.pages.first.dataoffsets[1], tiff.pages.first.databytecounts[1]
        counts = tiff.pages.first.tags["StripByteCounts"]
    cut = whole.copy()
    cut[offset : offset + count] = zlib.compress(bytes(100)).ljust(count, b"\0")
    path.write_bytes(cut)
    with pytest.raises(MapError, match="damaged"):
        read_displacement(path)
    empty = whole.copy()
    struct.pack_into("<H" if counts.dtype == 3 else "<I", empty, counts.valueoffset, 0)
    path.write_bytes(empty)
    with pytest.raises(MapError, match="missing"):
        read_displacement(path)


# ---- EXR ---------------------------------------------------------------------------------------------------


def write_exr(path: Path, channels: dict[str, np.ndarray], **header: object) -> Path:
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, **header}, channels).write(str(path))
    return path


FLAT, OTHER = np.ones((SIDE, SIDE), np.float32), np.full((SIDE, SIDE), 9, np.float32)


@pytest.mark.parametrize(
    "channels",
    [
        {"A": FLAT, "Y": relief()},
        {"ViewLayer.Combined.A": FLAT, **{f"ViewLayer.Combined.{c}": relief() for c in "RGB"}},
        {"Displacement.V": relief(), "Depth.V": OTHER, "Combined.R": FLAT, "Combined.G": FLAT, "Combined.B": OTHER},
        {"disp": relief(), "R": OTHER, "G": FLAT, "B": FLAT},
        {"height": relief(), "id": FLAT, "Z": OTHER},
        {"layer.R": relief(), "layer.Z": OTHER},
        {"R": relief(), "Z": OTHER},
        {"R": relief(), "G": relief(), "B": relief(), "N.X": FLAT, "N.Y": OTHER, "N.Z": FLAT, "P.X": OTHER},
        {"skin_displacement.R": relief(), "skin_displacement.G": relief(), "skin_displacement.B": relief(), "R": FLAT},
        {"anything": relief(), "alpha": FLAT},
    ],
    ids=lambda channels: ",".join(channels)[:40],
)
def test_the_likeliest_channel_of_an_exr_is_found(tmp_path: Path, channels: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(read_displacement(write_exr(tmp_path / "m.exr", channels)), relief())


@pytest.mark.parametrize(
    "names", [("one", "two"), ("A",), ("N.X", "N.Y", "N.Z"), ("a.R", "a.G", "a.B", "b.R", "b.G", "b.B"), ("R", "G")]
)
def test_channels_that_could_be_anything_are_listed(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = write_exr(tmp_path / "m.exr", {name: relief(i) for i, name in enumerate(names)})
    with pytest.raises(ChoiceNeeded, match="--channel") as caught:
        read_displacement(path)
    assert set(names) == set(caught.value.choices) - {"sum"}
    assert caught.value.question == "channel"
    read = read_displacement(path, MapReading(channel=names[-1]))
    np.testing.assert_array_equal(read, relief(len(names) - 1))


def test_channels_go_by_name_end_layer_or_number(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "m.exr", {"top.disp": relief(1), "top.Z": relief(2), "base.V": relief(3)})
    for wanted, seed in (("top.Z", 2), ("TOP.z", 2), ("v", 3), ("base", 3), ("top", 1), (0, 3)):
        np.testing.assert_array_equal(read_displacement(path, MapReading(channel=wanted)), relief(seed))
    for absent in ("X", "to", 7, ""):
        with pytest.raises(MapError, match="no channel"):
            read_displacement(path, MapReading(channel=absent))


@pytest.mark.parametrize("margin", [-16, 5, 32])
def test_the_display_window_is_what_is_read(tmp_path: Path, margin: int) -> None:
    meant = relief()
    if margin < 0:
        stored = meant[-margin:margin, -margin:margin].copy()
        expected = np.pad(stored, -margin)
    else:
        stored, expected = np.pad(meant, margin, constant_values=7), meant
    low, high = -margin, SIDE - 1 + margin
    window = (np.array([low, low], np.int32), np.array([high, high], np.int32))
    display = (np.array([0, 0], np.int32), np.array([SIDE - 1, SIDE - 1], np.int32))
    path = write_exr(tmp_path / "m.exr", {"Y": stored}, dataWindow=window, displayWindow=display)
    found = read_map(path)
    np.testing.assert_array_equal(found.displacement, expected)
    assert any("window" in warning for warning in found.warnings)


@pytest.mark.parametrize("kind", ["scanline", "tiled"])
@pytest.mark.parametrize("dtype", [np.float16, np.float32])
@pytest.mark.parametrize("name", ["NO", "RLE", "ZIPS", "ZIP", "PIZ"])
def test_lossless_exr_storage(tmp_path: Path, name: str, dtype: type, kind: str) -> None:
    header = {"compression": getattr(OpenEXR, f"{name}_COMPRESSION")}
    if kind == "tiled":
        header |= {"type": OpenEXR.tiledimage, "tiles": OpenEXR.TileDescription()}
    path = write_exr(tmp_path / "m.exr", {"Y": relief().astype(dtype)}, **header)
    np.testing.assert_array_equal(read_displacement(path), relief().astype(dtype).astype(np.float32))


def test_parts_of_an_exr_are_layers(tmp_path: Path) -> None:
    def write(**parts: int) -> None:
        made = [OpenEXR.Part({"name": name}, {"Y": relief(seed)}) for name, seed in parts.items()]
        OpenEXR.File(made).write(str(tmp_path / "m.exr"))

    write(beauty=1, height=2)
    np.testing.assert_array_equal(read_displacement(tmp_path / "m.exr"), relief(2))
    np.testing.assert_array_equal(read_displacement(tmp_path / "m.exr", MapReading(channel="beauty")), relief(1))
    write(left=1, right=2)
    with pytest.raises(ChoiceNeeded, match=r"left\.Y, right\.Y"):
        read_displacement(tmp_path / "m.exr")


@pytest.mark.parametrize("wanted", ["only", "second"])
@pytest.mark.parametrize("name", ["ZIP", "PIZ", "PXR24", "B44", "DWAA", "RLE"])
def test_openexr_says_nothing_of_damage_itself(
    tmp_path: Path, name: str, wanted: str, capfd: pytest.CaptureFixture[str]
) -> None:
    compression = getattr(OpenEXR, f"{name}_COMPRESSION")
    names = ("first", "second") if wanted == "second" else ("only",)
    parts = [OpenEXR.Part({"name": n, "compression": compression}, {f"{n}.Y": relief()}) for n in names]
    path = tmp_path / "m.exr"
    OpenEXR.File(parts).write(str(path))
    whole = path.read_bytes()
    for keep in (0.4, 0.8):
        path.write_bytes(whole[: int(keep * len(whole))])
        with pytest.raises(MapError, match="damaged"):
            read_displacement(path, MapReading(channel=wanted))
    printed = capfd.readouterr()
    assert (printed.out, printed.err) == ("", "")


def test_names_of_channels_cannot_steer_a_terminal(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "m.exr", {"one\x1b[2J": relief(1), "two\n": relief(2)})
    with pytest.raises(ChoiceNeeded) as caught:
        read_displacement(path)
    assert str(caught.value).isprintable()


# ---- PNG ---------------------------------------------------------------------------------------------------


def png(values: np.ndarray, color: int, *extra: bytes, interlaced: bool = False) -> bytes:
    """A 16-bit PNG; values (H, W, C)."""
    height, width = values.shape[:2]
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b"".join(
        b"\0" + row.astype(">u2").tobytes()
        for x, y, dx, dy in (passes if interlaced else ((0, 0, 1, 1),))
        for row in values[y::dy, x::dx]
        if row.size
    )
    header = struct.pack(">IIBBBBB", width, height, 16, color, 0, 0, int(interlaced))
    packed = zlib.compress(rows)
    data = [png_chunk(b"IDAT", packed[i : i + 3000]) for i in range(0, len(packed), 3000)]
    return b"".join([b"\x89PNG\r\n\x1a\n", png_chunk(b"IHDR", header), *extra, *data, png_chunk(b"IEND", b"")])


EXTRAS = {
    "tRNS": png_chunk(b"tRNS", struct.pack(">H", 32768)),
    "gAMA": png_chunk(b"gAMA", struct.pack(">I", 45455)),
    "sRGB": png_chunk(b"sRGB", b"\0"),
    "iCCP": png_chunk(b"iCCP", b"broken\0\0" + zlib.compress(b"no profile")),
    "sBIT": png_chunk(b"sBIT", b"\x0c"),
    "eXIf": png_chunk(b"eXIf", b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x03\0\0\0\0\0\0"),
    "acTL": png_chunk(b"acTL", struct.pack(">II", 1, 0)),
}


@pytest.mark.parametrize("interlaced", [False, True])
@pytest.mark.parametrize("color", [0, 2, 4, 6])
@pytest.mark.parametrize("extra", [*EXTRAS, ""])
def test_a_png_is_its_samples_whatever_else_it_holds(
    tmp_path: Path, extra: str, color: int, interlaced: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    grey = grey16(relief())
    grey[:2] = 32768
    alpha = np.linspace(0, 65535, grey.size).reshape(grey.shape).astype(np.uint16)
    samples = [grey] * (3 if color & 2 else 1) + [alpha] * (color >= 4)
    path = tmp_path / "m.png"
    path.write_bytes(png(np.stack(samples, axis=-1), color, *filter(None, [EXTRAS.get(extra)]), interlaced=interlaced))
    found = read_map(path, ONE_PER_UNIT)
    np.testing.assert_array_equal(found.stored, grey)
    assert any("EXIF" in warning for warning in found.warnings) == (extra == "eXIf")
    assert capfd.readouterr().err == "", "libraries keep quiet"


def test_a_png_whose_rows_end_early_is_refused(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "m.png"
    whole = zlib.compress(b"".join(b"\0" + row.astype(">u2").tobytes() for row in grey16(relief())))
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 16, 0, 0, 0, 0))
    fewer = zlib.compress((b"\0" + bytes(2 * SIDE)) * (SIDE - 1))
    wrong_filter = zlib.compress((b"\x07" + bytes(2 * SIDE)) * SIDE)
    for packed in (whole[: len(whole) // 2], fewer, wrong_filter, b""):
        path.write_bytes(b"\x89PNG\r\n\x1a\n" + header + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b""))
        with pytest.raises(MapError, match="damaged"):
            read_displacement(path)
    assert capfd.readouterr().err == ""


# ---- arrays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(SIDE, SIDE), (1, SIDE, SIDE), (SIDE, SIDE, 1), (1, 1, SIDE, SIDE), (1, SIDE, SIDE, 1)]
)
@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", ">f2"])
def test_arrays_as_networks_save_them(tmp_path: Path, shape: tuple[int, ...], dtype: str) -> None:
    np.save(tmp_path / "m.npy", np.asfortranarray(relief().reshape(shape).astype(dtype)))
    np.testing.assert_array_equal(read_displacement(tmp_path / "m.npy"), relief().astype(dtype).astype(np.float32))


def test_archives_of_arrays(tmp_path: Path) -> None:
    np.savez_compressed(tmp_path / "one.npz", anything=relief())
    np.testing.assert_array_equal(read_displacement(tmp_path / "one.npz"), relief())
    np.savez(tmp_path / "named.npz", displacement=relief(1), mask=FLAT, labels=np.arange(5))
    np.testing.assert_array_equal(read_displacement(tmp_path / "named.npz"), relief(1))
    np.savez(tmp_path / "unclear.npz", before=relief(1), after=relief(2))
    with pytest.raises(ChoiceNeeded, match="before, after"):
        read_displacement(tmp_path / "unclear.npz")
    np.testing.assert_array_equal(read_displacement(tmp_path / "unclear.npz", MapReading(channel="after")), relief(2))
    np.savez(tmp_path / "pickled.npz", displacement=np.array([[None] * SIDE] * SIDE, object))
    with pytest.raises(MapError, match="object"):
        read_displacement(tmp_path / "pickled.npz")


def test_a_probe_shows_what_is_read(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "m.exr", {"A": FLAT, "Y": relief()})
    probe = probe_displacement(path)
    assert probe.header.channels == ("A", "Y")
    np.testing.assert_array_equal(probe.values, relief())
    assert (probe.value_min, probe.value_max) == (relief().min(), relief().max())
