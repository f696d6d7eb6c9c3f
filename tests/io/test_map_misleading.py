"""Maps whose names, borders or ranges could mislead: the map comes back, or it is told or asked about."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile

from rhytid.core.io.displacement_file import read_displacement, read_map
from rhytid.core.io.displacement_writing import write_like
from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.line_file import read_line_picture
from rhytid.core.io.map_meaning import MapReading
from rhytid.core.maps.normal_map import normal_map

SIDE = 96
FLAT, SLOPE = np.zeros((SIDE, SIDE), np.float32), np.tile(np.linspace(0, 1, SIDE, dtype=np.float32), (SIDE, 1))


def relief(seed: int = 0) -> np.ndarray:
    noise = np.random.default_rng(seed).standard_normal((SIDE, SIDE)).astype(np.float32)
    return cv2.GaussianBlur(noise, (0, 0), 3.0)


def colour(prefix: str, values: np.ndarray, *more: str) -> dict[str, np.ndarray]:
    return {prefix + base: values for base in "RGB"} | {prefix + base: SLOPE for base in more}


def normals_of(values: np.ndarray, bits: int) -> np.ndarray:
    """RGB (H, W, 3) of values in mm on a chart of 200 mm."""
    turn = np.tile(np.array((-1, 0, 0, 1), np.float32) / np.float32(200), (4, 4, 1))
    return normal_map(values, turn, "opengl", bits)


def write_exr(path: Path, channels: dict[str, np.ndarray]) -> Path:
    OpenEXR.File({}, channels).write(str(path))
    return path


# ---- channels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "channels",
    [
        colour("displacement.", relief(), "A"),
        colour("displacement.", relief(), "A", "Z") | colour("", relief(1), "A"),
        colour("ViewLayer.Displacement.", relief(), "A") | colour("ViewLayer.Combined.", relief(1), "A"),
        {"disp.red": relief(), "disp.green": relief(), "disp.blue": relief(), "disp.alpha": SLOPE},
        {"height.Y": relief(), "height.A": SLOPE},
        {"height": relief(), "height_mask": SLOPE},
        {"height": relief(), "height_normal.X": FLAT, "height_normal.Y": SLOPE, "height_normal.Z": FLAT},
    ],
    ids=lambda channels: ",".join(channels)[:40],
)
def test_alpha_and_depth_of_a_layer_of_displacement_are_none(tmp_path: Path, channels: dict[str, np.ndarray]) -> None:
    np.testing.assert_array_equal(read_displacement(write_exr(tmp_path / "m.exr", channels)), relief())


def test_depth_is_taken_where_the_layer_has_nothing_else(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "m.exr", {"height.Z": relief(), "height.A": SLOPE, "Z": SLOPE})
    np.testing.assert_array_equal(read_displacement(path), relief())


@pytest.mark.parametrize("layer", ["N", "P", "Z", "view.N", "albedo", "Diffuse", "beauty.specular"])
def test_a_layer_of_something_else_is_never_taken_unasked(tmp_path: Path, layer: str) -> None:
    with pytest.raises(ChoiceNeeded, match="--channel"):
        read_displacement(write_exr(tmp_path / "alone.exr", colour(f"{layer}.", relief())))
    both = colour(f"{layer}.", SLOPE) | {"map.R": relief()}
    np.testing.assert_array_equal(read_displacement(write_exr(tmp_path / "both.exr", both)), relief())


def test_pages_of_one_name_go_by_number(tmp_path: Path) -> None:
    path = tmp_path / "m.tif"
    with tifffile.TiffWriter(path) as tiff:
        for seed in (1, 2):
            tiff.write(relief(seed), metadata=None, extratags=[(285, 2, 0, "disp", True)])
    with pytest.raises(ChoiceNeeded) as caught:
        read_displacement(path)
    assert caught.value.choices == ("page1.Y", "page2.Y")
    np.testing.assert_array_equal(read_displacement(path, MapReading(channel="page2")), relief(2))


@pytest.mark.parametrize("names", [("a", "b"), ("x", "y", "z"), ("y", "n")])
def test_letters_of_arrays_mean_nothing(tmp_path: Path, names: tuple[str, ...]) -> None:
    path = tmp_path / "m.npz"
    np.savez(path, **{name: relief(i) for i, name in enumerate(names)})
    with pytest.raises(ChoiceNeeded, match="--channel") as caught:
        read_displacement(path)
    assert caught.value.choices == names


def test_a_mesh_or_a_thumbnail_beside_a_map_is_none(tmp_path: Path) -> None:
    path = tmp_path / "m.npz"
    np.savez(path, vertices=np.zeros((500, 3), np.float32), first=relief(), thumb=np.zeros((32, 32), np.float32))
    np.testing.assert_array_equal(read_displacement(path), relief())


def test_the_normals_of_a_file_are_found_when_a_normal_map_is_meant(tmp_path: Path) -> None:
    rgb = normals_of(4 * relief(), 16).astype(np.float32) / np.float32(65535)
    normals = {f"N.{base}": np.ascontiguousarray(2 * rgb[..., i] - 1) for i, base in enumerate("XYZ")}
    reading = MapReading(normal_map="opengl")
    alone = read_displacement(write_exr(tmp_path / "alone.exr", normals), reading)
    among = normals | {"height": relief(1)} | colour("", relief(2))
    np.testing.assert_array_equal(read_displacement(write_exr(tmp_path / "among.exr", among), reading), alone)
    assert np.corrcoef(alone.ravel(), relief().ravel())[0, 1] > 0.99


def test_black_around_normals_is_flat(tmp_path: Path) -> None:
    rgb = normals_of(4 * relief(), 8)
    disc = cv2.circle(np.zeros((SIDE, SIDE), np.uint8), (SIDE // 2, SIDE // 2), 40, 1, -1)
    path = tmp_path / "m.png"
    cv2.imwrite(str(path), (rgb * disc[..., None])[..., ::-1])
    with pytest.raises(ChoiceNeeded, match="normal map"):
        read_displacement(path)
    inner = cv2.erode(disc, np.ones((5, 5))) > 0
    heights = read_displacement(path, MapReading(normal_map="opengl"))
    assert np.corrcoef(heights[inner], relief()[inner])[0, 1] > 0.9


# ---- nothing was measured ----------------------------------------------------------------------------------


def test_no_data_of_a_tiff_with_white_as_zero_is_the_stored_value(tmp_path: Path) -> None:
    values = np.rint(32768 + 9000 * relief()).astype(np.uint16)
    values[20:30] = 1234
    path = tmp_path / "m.tif"
    tifffile.imwrite(path, values, photometric="miniswhite", extratags=[(42113, 2, 0, "1234", True)])
    with pytest.raises(ChoiceNeeded, match=f"{10 * SIDE} texels"):
        read_displacement(path)
    assert np.abs(read_displacement(path, MapReading(no_data="fill"))).max() < 0.5


@pytest.mark.parametrize("value", [-1.0, 5.0, -30.0])
def test_a_frame_far_from_all_that_the_map_holds_is_asked_about(tmp_path: Path, value: float) -> None:
    values = relief() / 4
    values[:, :7] = value
    path = tmp_path / "m.npy"
    np.save(path, values)
    with pytest.raises(ChoiceNeeded, match=f"{7 * SIDE} texels hold {value:g}"):
        read_displacement(path)
    np.testing.assert_array_equal(read_displacement(path, MapReading(no_data="keep")), values)
    np.testing.assert_array_equal(read_displacement(path, MapReading(unit="mm")), values)


def test_frames_of_zero_and_plains_of_a_map_are_relief(tmp_path: Path) -> None:
    offset = 2 + relief() / 4
    offset[:9] = 0
    clipped = np.maximum(relief(), -0.1)
    two_levels = np.where(SLOPE > 0.5, np.float32(-0.2), np.float32(0))
    for i, values in enumerate((offset, clipped, two_levels)):
        np.save(tmp_path / f"{i}.npy", values)
        np.testing.assert_array_equal(read_displacement(tmp_path / f"{i}.npy"), values)


@pytest.mark.parametrize(("suffix", "value"), [(".png", 0), (".png", 65535), (".tif", 0)])
def test_no_data_is_still_none_in_what_is_written(tmp_path: Path, suffix: str, value: int) -> None:
    values = np.rint(32768 + 9000 * relief()).astype(np.uint16)
    values[:9] = value
    cv2.imwrite(str(tmp_path / f"in{suffix}"), values)
    source = read_map(tmp_path / f"in{suffix}", MapReading(no_data="fill"))
    assert source.no_data == value
    path = tmp_path / f"out{suffix}"
    write_like(path, source.displacement, source)
    with pytest.raises(ChoiceNeeded, match=f"{9 * SIDE} texels hold {value}"):
        read_displacement(path)
    np.testing.assert_array_equal(read_displacement(path, MapReading(no_data="fill")), source.displacement)
    kept = read_map(tmp_path / f"in{suffix}", MapReading(no_data="keep"))
    assert kept.no_data is None


# ---- ranges ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["black is zero", "largest is one", "smallest is minus one"])
def test_normalised_values_are_told(tmp_path: Path, kind: str) -> None:
    deep = np.minimum(relief(), 0.05) - 0.05
    values = {
        "black is zero": (deep - deep.min()) / np.ptp(deep),
        "largest is one": -deep / np.abs(deep).max(),
        "smallest is minus one": deep / np.abs(deep).max(),
    }[kind]
    np.save(tmp_path / "m.npy", values)
    assert "normalised map" in " ".join(read_map(tmp_path / "m.npy").warnings)
    np.save(tmp_path / "mm.npy", deep)
    assert "normalised" not in " ".join(read_map(tmp_path / "mm.npy").warnings)


def test_inches_and_micrometres_are_told(tmp_path: Path) -> None:
    np.save(tmp_path / "inches.npy", relief() / np.float32(25.4))
    assert "--scale 25.4" in " ".join(read_map(tmp_path / "inches.npy").warnings)
    np.save(tmp_path / "micrometres.npy", relief() * 1000)
    with pytest.raises(MapError, match="--scale"):
        read_displacement(tmp_path / "micrometres.npy")


@pytest.mark.parametrize(("dtype", "ink", "paper"), [("f4", 200, 100), ("f4", 0, 255), ("u4", 2**32 - 1, 0)])
def test_line_pictures_of_any_range(tmp_path: Path, dtype: str, ink: int, paper: int) -> None:
    lines = np.zeros((SIDE, SIDE), bool)
    lines[40, 10:80] = True
    tifffile.imwrite(tmp_path / "m.tif", np.where(lines, ink, paper).astype(dtype))
    np.testing.assert_array_equal(read_line_picture(tmp_path / "m.tif").lines, lines)
