"""What the values of a map mean: stated, told by options, guessed and said, or asked for."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile

from rhytid.core.io.displacement_file import probe_displacement, read_displacement, read_map
from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.formats.png import png_chunk
from rhytid.core.io.map_meaning import FACESCAPE, MapReading
from rhytid.core.maps.normal_map import normal_map

SIDE = 96


def relief(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((SIDE, SIDE)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3.0)


def write(path: Path, values: np.ndarray) -> Path:
    if path.suffix == ".npy":
        np.save(path, values)
    elif path.suffix == ".exr":
        OpenEXR.File({}, {"Y": values}).write(str(path))
    elif path.suffix == ".tif":
        tifffile.imwrite(path, values, photometric="minisblack")
    else:
        cv2.imwrite(str(path), values)
    return path


STATEMENT = {"format": "rhytid-displacement", "version": 1, "scale_mm": 2.4, "mid": 0.25}


# ---- units -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".npy", ".exr", ".tif"])
@pytest.mark.parametrize(("unit", "mm"), [("mm", 1), ("cm", 10), ("m", 1000)])
def test_units_of_floating_point(tmp_path: Path, unit: str, mm: float, suffix: str) -> None:
    path = write(tmp_path / f"map{suffix}", relief() / np.float32(mm))
    found = read_map(path, MapReading(unit=unit))
    np.testing.assert_allclose(found.displacement, relief(), atol=1e-6)
    assert found.certain
    assert found.warnings == ()
    unsaid = read_map(path)
    assert not unsaid.certain
    assert bool(unsaid.warnings) == (unit != "mm")
    assert unit == "mm" or f"--unit {unit}" in " ".join(unsaid.warnings)


def test_values_around_a_half_are_told(tmp_path: Path) -> None:
    path = write(tmp_path / "map.exr", relief() / np.float32(4) + np.float32(0.5))
    assert any("normalised" in warning for warning in read_map(path).warnings)
    read = read_displacement(path, MapReading(unit="normalised", scale_mm=4.0))
    np.testing.assert_allclose(read, relief(), atol=1e-6)


def test_a_flat_map_is_flat(tmp_path: Path) -> None:
    path = write(tmp_path / "map.npy", np.zeros((SIDE, SIDE), np.float32))
    assert read_displacement(path).max() == 0.0


def test_integers_have_no_unit_and_a_unit_no_scale(tmp_path: Path) -> None:
    path = write(tmp_path / "map.png", np.full((SIDE, SIDE), 32768, np.uint16))
    with pytest.raises(MapError, match="no unit"):
        read_displacement(path, MapReading(unit="cm"))
    with pytest.raises(MapError, match="contradict"):
        MapReading(unit="cm", scale_mm=2.0)


@pytest.mark.parametrize("dtype", [np.int16, np.int32, np.uint32])
def test_integers_of_which_nobody_says_anything_are_asked_about(tmp_path: Path, dtype: type) -> None:
    largest = np.iinfo(dtype).max
    mid = 0.0 if np.iinfo(dtype).min else 0.5
    values = np.rint((relief().astype(np.float64) / 4 + mid) * largest).astype(dtype)
    path = write(tmp_path / "map.npy", values)
    with pytest.raises(ChoiceNeeded, match="--scale") as caught:
        read_displacement(path)
    assert caught.value.question == "scale_mm"
    assert probe_displacement(path).value_max > mid, "a dialog shows it all the same"
    found = read_map(path, MapReading(scale_mm=4.0))
    np.testing.assert_allclose(found.displacement, relief(), atol=4 / largest + 1e-6)
    assert any("middle" in warning for warning in found.warnings)
    assert read_map(path, MapReading(scale_mm=4.0, mid=mid)).certain


def test_16_bits_without_a_word_are_a_guess_and_said(tmp_path: Path) -> None:
    path = write(tmp_path / "map.png", np.rint(relief() * 20000 + 32768).astype(np.uint16))
    found = read_map(path)
    assert (found.scaling, found.certain) == (FACESCAPE, False)
    assert "FaceScape" in found.warnings[0]
    half = read_map(path, MapReading(scale_mm=3.0))
    assert (half.scaling.scale_mm, half.scaling.mid, half.certain) == (3.0, FACESCAPE.mid, False)
    whole = read_map(path, MapReading(scale_mm=3.0, mid=0.5))
    assert (whole.certain, whole.warnings) == (True, ())
    black = write(tmp_path / "black.png", np.rint(relief() * 5000 + 8000).astype(np.uint16))
    assert any("--mid" in warning for warning in read_map(black).warnings[1:])


# ---- statements --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".npy", ".exr", ".tif", ".png"])
def test_the_json_beside_counts_for_every_format(tmp_path: Path, suffix: str) -> None:
    values = relief() / np.float32(4) + np.float32(0.5)
    if suffix == ".png":
        values = np.rint(values * 65535).astype(np.uint16)
    path = write(tmp_path / f"map.v2{suffix}", values)
    path.with_suffix(".json").write_text(json.dumps(STATEMENT | {"file": path.name}))
    found = read_map(path)
    assert (found.scaling.scale_mm, found.scaling.mid, found.certain) == (2.4, 0.25, True)
    assert "map.v2.json" in found.reason
    assert read_map(path, MapReading(scale_mm=7.0)).scaling.scale_mm == 7.0


def insert(path: Path, chunk: bytes) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:33] + chunk + data[33:])


@pytest.mark.parametrize("how", ["tEXt", "zTXt", "iTXt", "packed iTXt", "tiff", "exr", "exr numbers", "png numbers"])
def test_the_same_inside_counts_as_well(tmp_path: Path, how: str) -> None:
    values, text = relief() / np.float32(4) + np.float32(0.5), json.dumps(STATEMENT)
    if how == "tiff":
        path = tmp_path / "map.tif"
        tifffile.imwrite(path, values, description=text, metadata=None)
    elif how.startswith("exr"):
        path = tmp_path / "map.exr"
        stated = {"note": text} if how == "exr" else {"scale_mm": 2.4000000953674316, "mid": 0.25}
        OpenEXR.File(stated, {"Y": values}).write(str(path))
    else:
        path = write(tmp_path / "map.png", np.rint(values * 65535).astype(np.uint16))
        packed = zlib.compress(text.encode())
        for chunk in {
            "tEXt": [png_chunk(b"tEXt", b"Comment\0" + text.encode())],
            "zTXt": [png_chunk(b"zTXt", b"Comment\0\0" + packed)],
            "iTXt": [png_chunk(b"iTXt", b"Comment\0\0\0en\0\0" + text.encode())],
            "packed iTXt": [png_chunk(b"iTXt", b"Comment\0\1\0en\0\0" + packed)],
            "png numbers": [png_chunk(b"tEXt", b"scale_mm\0002.4"), png_chunk(b"tEXt", b"mid\0000.25")],
        }[how]:
            insert(path, chunk)
    found = read_map(path)
    assert found.scaling.scale_mm == pytest.approx(2.4)
    assert (found.scaling.mid, found.certain) == (0.25, True)


def test_a_json_that_contradicts_the_file_wins_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    tifffile.imwrite(path, relief(), description=json.dumps(STATEMENT), metadata=None)
    path.with_suffix(".json").write_text(json.dumps(STATEMENT | {"scale_mm": 5.0}))
    found = read_map(path)
    assert found.scaling.scale_mm == 5.0
    assert any("contradicts" in warning for warning in found.warnings)


def test_a_json_of_another_type_does_not_count(tmp_path: Path) -> None:
    path = write(tmp_path / "map.tif", relief())
    path.with_suffix(".json").write_text(json.dumps(STATEMENT | {"file": "map.tif", "bits": 16}))
    found = read_map(path)
    np.testing.assert_array_equal(found.displacement, relief())
    assert any("16 bits" in warning for warning in found.warnings)


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"format": "other", "scale_mm": 9, "mid": 9}', '{"scale_mm": 1e400}', "NaN", "[" * 5000]
)
def test_a_json_of_somebody_else_says_nothing(tmp_path: Path, content: str) -> None:
    path = write(tmp_path / "map.exr", relief())
    path.with_suffix(".json").write_text(content)
    np.testing.assert_array_equal(read_displacement(path), relief())


@pytest.mark.parametrize("wrong", [{"mid": "0.5"}, {"scale_mm": 0}, {"scale_mm": None}, {"mid": True}])
def test_our_own_json_must_have_numbers(tmp_path: Path, wrong: dict[str, object]) -> None:
    path = write(tmp_path / "map.exr", relief())
    path.with_suffix(".json").write_text(json.dumps(STATEMENT | wrong))
    with pytest.raises(MapError, match=r"map\.json.*export again"):
        read_displacement(path)


@pytest.mark.parametrize("length", [40, 60])
def test_our_own_json_that_was_cut_off_is_told(tmp_path: Path, length: int) -> None:
    path = write(tmp_path / "map.exr", relief())
    path.with_suffix(".json").write_text(json.dumps(STATEMENT)[:length])
    with pytest.raises(MapError, match=r"map\.json: is no valid JSON.*export again"):
        read_displacement(path)


def test_two_numbers_that_a_person_wrote_down_count(tmp_path: Path) -> None:
    path = write(tmp_path / "map.tif", relief() / np.float32(4) + np.float32(0.5))
    path.with_suffix(".json").write_text('{"scale_mm": 3, "mid": 0.5}')
    assert (read_map(path).scaling.scale_mm, read_map(path).certain) == (3.0, True)


# ---- three channels ----------------------------------------------------------------------------------------


def test_packed_bands_are_asked_about_and_added_up(tmp_path: Path) -> None:
    bands = [relief(seed) / np.float32(8) + np.float32(0.5) for seed in range(3)]
    path = tmp_path / "map.tif"
    tifffile.imwrite(path, np.stack(bands, axis=-1), photometric="rgb")
    with pytest.raises(ChoiceNeeded, match=r"differ.*R, G, B, sum") as caught:
        read_displacement(path)
    assert caught.value.choices == ("R", "G", "B", "sum")
    total = read_displacement(path, MapReading(channel="sum", mid=0.5, scale_mm=8.0))
    np.testing.assert_allclose(total, relief(0) + relief(1) + relief(2), atol=1e-5)
    green = read_displacement(path, MapReading(channel="G", mid=0.5, scale_mm=8.0))
    np.testing.assert_allclose(green, relief(1), atol=1e-6)
    integers = np.rint(np.stack(bands, axis=-1) * 65535).astype(np.uint16)
    tifffile.imwrite(path, integers, photometric="rgb")
    total = read_displacement(path, MapReading(channel="sum", scale_mm=8.0))
    np.testing.assert_allclose(total, relief(0) + relief(1) + relief(2), atol=1e-3)


def test_an_alpha_without_a_name_is_no_second_map(tmp_path: Path) -> None:
    path = tmp_path / "map.tif"
    two = {"photometric": "minisblack", "planarconfig": "contig"}
    tifffile.imwrite(path, np.stack([relief(), np.ones_like(relief())], axis=-1), **two)
    np.testing.assert_array_equal(read_displacement(path), relief())
    tifffile.imwrite(path, np.stack([relief(1), relief(2)], axis=-1), **two)
    with pytest.raises(ChoiceNeeded, match="0, 1"):
        read_displacement(path)
    np.testing.assert_array_equal(read_displacement(path, MapReading(channel="1")), relief(2))


def test_a_vector_displacement_is_not_read_as_height(tmp_path: Path) -> None:
    path = tmp_path / "map.exr"
    OpenEXR.File({}, dict(zip("RGB", map(relief, range(3)), strict=True))).write(str(path))
    with pytest.raises(ChoiceNeeded, match="vector displacement"):
        read_displacement(path)


def normals(side: int, green: str, bits: int) -> tuple[np.ndarray, np.ndarray]:
    """A relief and its normal map as the program's own export writes it, on a chart of 200 mm."""
    meant = cv2.GaussianBlur(np.random.default_rng(5).standard_normal((side, side)).astype(np.float32), (0, 0), 4) * 4
    turn = np.tile(np.array((-1, 0, 0, 1), np.float32) / np.float32(200), (4, 4, 1))
    return meant, normal_map(meant, turn, green, bits)


@pytest.mark.parametrize("green", ["opengl", "directx"])
@pytest.mark.parametrize("bits", [8, 16])
def test_a_normal_map_is_recognised_and_integrated(tmp_path: Path, bits: int, green: str) -> None:
    meant, texels = normals(SIDE, green, bits)
    path = write(tmp_path / "map.png", texels[..., ::-1])
    with pytest.raises(ChoiceNeeded, match="normal map") as caught:
        read_displacement(path)
    assert caught.value.question == "normal_map"
    for wanted in ("auto", green):
        found = read_map(path, MapReading(normal_map=wanted))
        assert green in found.channel
        difference = found.displacement - (meant - np.median(meant))
        assert np.abs(difference - np.median(difference)).max() < 0.1 * np.ptp(meant)
        assert any("200 mm" in warning for warning in found.warnings), "the depth is a guess"
    twice = read_displacement(path, MapReading(normal_map="auto", scale_mm=400.0))
    once = read_displacement(path, MapReading(normal_map="auto", scale_mm=200.0))
    np.testing.assert_allclose(twice, 2 * once, atol=1e-4)


def test_normals_as_components_are_recognised_too(tmp_path: Path) -> None:
    _, texels = normals(SIDE, "opengl", 16)
    components = texels.astype(np.float32) / np.float32(32767.5) - 1
    OpenEXR.File({}, {c: np.ascontiguousarray(components[..., i]) for i, c in enumerate("RGB")}).write(
        str(tmp_path / "map.exr")
    )
    with pytest.raises(ChoiceNeeded, match="normal map"):
        read_displacement(tmp_path / "map.exr")


def test_one_channel_is_no_normal_map(tmp_path: Path) -> None:
    with pytest.raises(MapError, match="three channels"):
        read_displacement(write(tmp_path / "map.exr", relief()), MapReading(normal_map="auto"))


# ---- no data -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-10000.0, -9999.0, np.finfo("f4").max, np.finfo("f4").min, 1e30, -32768.0, -500.0])
def test_values_of_no_data_are_counted_and_filled_on_request(tmp_path: Path, value: float) -> None:
    values = relief()
    values[:20], values[50:53, 40:45] = value, value
    path = write(tmp_path / "map.exr", values)
    count = 20 * SIDE + 15
    with pytest.raises(ChoiceNeeded, match="--no-data fill") as caught:
        read_displacement(path)
    assert f"{count} texels hold {value:.7g}, a no-data value" in str(caught.value)
    assert caught.value.question == "no_data"
    assert str(count) in probe_displacement(path).missing
    filled = read_displacement(path, MapReading(no_data="fill"))
    holds = values == np.float32(value)
    np.testing.assert_array_equal(filled[~holds], values[~holds])
    assert np.abs(filled).max() <= np.abs(values[~holds]).max() + 1e-6


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_filled_on_request(tmp_path: Path, bad: float) -> None:
    values = relief()
    values[:, :10] = bad
    path = write(tmp_path / "map.npy", values)
    filled = read_displacement(path, MapReading(no_data="fill"))
    np.testing.assert_array_equal(filled[:, 10:], values[:, 10:])
    with pytest.raises(MapError, match="cannot be kept"):
        read_displacement(path, MapReading(no_data="keep"))


@pytest.mark.parametrize("end", [0, 65535])
def test_borders_at_an_end_of_16_bits_are_asked_about(tmp_path: Path, end: int) -> None:
    values = np.rint(relief() * 10000 + 32768).astype(np.uint16)
    values[-9:] = end
    path = write(tmp_path / "map.png", values)
    with pytest.raises(ChoiceNeeded, match=f"{9 * SIDE} texels hold {end}"):
        read_displacement(path)
    assert np.abs(read_displacement(path, MapReading(no_data="fill"))).max() < 0.4
    kept = read_displacement(path, MapReading(no_data="keep"))
    assert np.abs(kept).max() == pytest.approx(0.914, rel=1e-3)


def test_borders_of_signed_integers(tmp_path: Path) -> None:
    for value in (-32768, -9999):
        values = np.rint(relief() * 3000).astype(np.int16)
        values[:, -7:] = value
        with pytest.raises(ChoiceNeeded, match=f"{7 * SIDE} texels hold {value}"):
            read_displacement(write(tmp_path / "map.npy", values), MapReading(scale_mm=10.9223))


@pytest.mark.parametrize("named", [0.125, np.nan])
def test_the_no_data_value_that_a_tiff_names_is_obeyed(tmp_path: Path, named: float) -> None:
    values = relief()
    values[10:14] = named
    path = tmp_path / "map.tif"
    tifffile.imwrite(path, values, extratags=[(42113, 2, 0, str(named), True)])
    with pytest.raises(ChoiceNeeded, match=str(4 * SIDE)):
        read_displacement(path)
    assert np.isfinite(read_displacement(path, MapReading(no_data="fill"))).all()


def test_a_value_that_the_artist_names_is_filled(tmp_path: Path) -> None:
    values = relief()
    values[:8] = 0.5
    filled = read_displacement(write(tmp_path / "map.npy", values), MapReading(no_data=0.5))
    assert not (filled[:8] == 0.5).any()
    np.testing.assert_array_equal(filled[8:], values[8:])


def test_one_deep_texel_is_no_border(tmp_path: Path) -> None:
    values = relief()
    values[5, 5] = 60.0
    with pytest.raises(MapError, match="no skin"):
        read_displacement(write(tmp_path / "map.npy", values))


# ---- places ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("place", "left"), [("left", 0), ("centre", 48), ("right", 96)])
def test_a_square_of_a_wide_picture(tmp_path: Path, place: str, left: int) -> None:
    wide = np.concatenate([relief(1), relief(2)], axis=1)
    path = write(tmp_path / "map.npy", wide)
    with pytest.raises(ChoiceNeeded, match=r"192 x 96.*square") as caught:
        read_displacement(path)
    assert caught.value.choices == ("left", "centre", "right")
    np.testing.assert_array_equal(read_displacement(path, MapReading(crop=place)), wide[:, left : left + 96])
    np.testing.assert_array_equal(read_displacement(path, MapReading(crop=(0.5, 0, 1, 1))), relief(2))
    with pytest.raises(MapError, match="square"):
        read_displacement(path, MapReading(crop=(0, 0, 0.75, 1)))


def test_values_of_the_options_are_checked() -> None:
    for wrong in (
        {"scale_mm": 0.0}, {"mid": np.nan}, {"unit": "inch"}, {"crop": "above"}, {"crop": (0.5, 0, 0.2, 1)},
        {"no_data": "zero"}, {"normal_map": "blender"},
    ):  # fmt: skip
        with pytest.raises(MapError):
            MapReading(**wrong)


def test_broken_texts_of_a_png_say_nothing(tmp_path: Path) -> None:
    path = write(tmp_path / "map.png", np.full((SIDE, SIDE), 32768, np.uint16))
    bomb = zlib.compress(bytes(30 << 20), 9)
    for chunk in (b"zTXtComment\0\0broken", b"iTXt\xff\0\1\0\0\0" + bomb, b"zTXta\0\0" + bomb, b"tEXt"):
        insert(path, png_chunk(chunk[:4], chunk[4:]))
    insert(path, struct.pack(">I", 0) + b"iTXt" + struct.pack(">I", zlib.crc32(b"iTXt")))
    assert read_displacement(path).max() == 0.0
