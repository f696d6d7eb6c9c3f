"""Vectors, normals in space, curvature, bands and masks: what they hold, in every format, and in OpenImageIO."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest
import tifffile
from other_programs import blender
from small_maps import allow_small_maps

from rhytid.core.detail.request import DetailMaps
from rhytid.core.document.state import DocumentState
from rhytid.core.face.skin_color import skin_colors
from rhytid.core.head.head import Head
from rhytid.core.io.chart_frame import chart_frame
from rhytid.core.io.displacement_file import read_map
from rhytid.core.io.export import export
from rhytid.core.io.export_options import FURTHER, ExportOptions, ExportReport, planned_files
from rhytid.core.io.shown_face import ShownFace
from rhytid.core.io.value_maps import ValueMap, scale_for, value_map_check, write_value_map
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import REGIONS
from rhytid.core.maps.field import Field
from rhytid.core.maps.region_masks import soft_region

MakeMaps = Callable[[int], DetailMaps]
CURVATURE = 1 / (80.0 * 2**0.5)  # of the tests' dome, 1/mm
SIDE = 512
PLANES = {1: ("Y",), 3: ("R", "G", "B"), 4: ("R", "G", "B", "A")}


def run(head: Head, make_maps: MakeMaps, folder: Path, **options: object) -> ExportReport:
    state = DocumentState()
    face = ShownFace(
        state, head, head.neutral, head.neutral, make_maps, partial(skin_colors, state, cache=ArrayCache())
    )
    with pytest.MonkeyPatch.context() as patch:
        allow_small_maps(patch)
        return export(face, folder, ExportOptions(resolution=SIDE, **options))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def done(head: Head, make_maps: MakeMaps, tmp_path_factory: pytest.TempPathFactory) -> ExportReport:
    return run(
        head, make_maps, tmp_path_factory.mktemp("further"), what={*FURTHER, "displacement", "normal_map", "albedo"},
        map_formats={"exr", "png", "tiff"}, picture_formats={"tiff", "exr"}, packing="both", normal_bits=16,
    )  # fmt: skip


def planes(report: ExportReport, label: str, tile: str = "1001", suffix: str = ".exr") -> dict[str, np.ndarray]:
    with OpenEXR.File(str(report.folder / f"face_{label}.{tile}{suffix}"), separate_channels=True) as exr:
        return {name: channel.pixels for name, channel in exr.channels().items()}


def test_files_are_those_that_were_announced(done: ExportReport) -> None:
    options = ExportOptions(
        what={*FURTHER, "displacement", "normal_map", "albedo"}, packing="both",
        map_formats={"exr", "png", "tiff"}, picture_formats={"tiff", "exr"},
    )  # fmt: skip
    no_eyes_here = {f"face_albedo.1003.{kind}" for kind in ("png", "exr", "tif")}
    assert {file.name for file in done.files} == set(planned_files(options)) - no_eyes_here
    assert all(check.passed for check in done.checks)
    assert {check.file for check in done.checks} >= {f.name for f in done.files if f.kind != "about"}


def test_bands_add_up_to_the_displacement(done: ExportReport) -> None:
    for tile in ("1001", "1002"):
        bands, whole = planes(done, "bands", tile), planes(done, "displacement", tile)["Y"]
        np.testing.assert_allclose(bands["R"] + bands["G"] + bands["B"], whole, atol=1e-6)
        for channel, name in zip("RGB", ("folds", "fine_lines", "pores"), strict=True):
            np.testing.assert_array_equal(planes(done, f"band_{name}", tile)["Y"], bands[channel])
    # Waves of 33 and 50 mm are folds.
    bands = planes(done, "bands")
    inner = np.s_[SIDE // 5 : -SIDE // 5, SIDE // 5 : -SIDE // 5]
    assert np.abs(bands["R"][inner]).max() > 10 * np.abs(bands["B"][inner]).max()


def test_vectors_are_the_displacement_along_the_normal(done: ExportReport, head: Head) -> None:
    normals = chart_frame(head, head.neutral).normals
    for tile in ("1001", "1002"):
        height, tangent = planes(done, "displacement", tile)["Y"], planes(done, "vector", tile)
        np.testing.assert_array_equal(tangent["G"], height)
        assert not tangent["R"].any()
        assert not tangent["B"].any()
        space = planes(done, "vector_object", tile)
        length = np.sqrt(space["R"] ** 2 + space["G"] ** 2 + space["B"] ** 2)
        np.testing.assert_allclose(length, np.abs(height), atol=1e-5)
    space, height = planes(done, "vector_object"), planes(done, "displacement")["Y"]
    at = np.unravel_index(height.argmax(), height.shape)
    found = np.array([space[channel][at] for channel in "RGB"]) / height[at]
    np.testing.assert_allclose(found, normals[at[0] * len(normals) // SIDE, at[1] * len(normals) // SIDE], atol=0.02)


def test_normals_in_space_are_those_of_the_tangent_map_on_the_mesh(done: ExportReport, head: Head) -> None:
    in_space = tifffile.imread(done.folder / "face_normal_object.1001.tif") / 32767.5 - 1
    frame = chart_frame(head, head.neutral)
    smooth = cv2.resize(frame.normals, (SIDE, SIDE))
    inner = np.s_[SIDE // 5 : -SIDE // 5, SIDE // 5 : -SIDE // 5]
    tilt = (in_space * smooth).sum(axis=-1)[inner]
    tangent = tifffile.imread(done.folder / "face_normal.1001.tif")[..., 2] / 32767.5 - 1
    np.testing.assert_allclose(tilt, tangent[inner], atol=2e-3)
    np.testing.assert_allclose(np.linalg.norm(in_space, axis=-1)[inner], 1, atol=1e-3)


def test_curvature_of_a_sphere_is_one_over_its_radius(head: Head, tmp_path: Path) -> None:
    def flat(side: int) -> DetailMaps:
        zero = Field.of(np.zeros((side, side), np.float32))
        return DetailMaps(zero, np.zeros((side, side), bool), zero)

    report = run(head, flat, tmp_path, what={"curvature"})
    found = planes(report, "curvature")["Y"]
    inner = np.s_[3 * SIDE // 10 : -3 * SIDE // 10, 3 * SIDE // 10 : -3 * SIDE // 10]
    np.testing.assert_allclose(np.median(found[inner]), CURVATURE, rtol=0.03)


def test_curvature_of_waves_is_half_their_second_derivative(done: ExportReport, make_maps: MakeMaps) -> None:
    found = planes(done, "curvature")["Y"]
    height = make_maps(SIDE).displacement
    inner = np.s_[3 * SIDE // 10 : -3 * SIDE // 10, 3 * SIDE // 10 : -3 * SIDE // 10]
    per_mm = np.float32(SIDE / 120)  # the dome's chart is 120 mm wide, a little more on its slopes
    wanted = -cv2.Laplacian(height, cv2.CV_32F)[inner] * per_mm * per_mm / 2
    slope, at_zero = np.polyfit(wanted.ravel(), found[inner].ravel(), 1)
    assert np.corrcoef(wanted.ravel(), found[inner].ravel())[0, 1] > 0.97
    assert slope == pytest.approx(1, abs=0.15)
    assert at_zero == pytest.approx(CURVATURE, abs=1e-3)


def test_masks_are_the_regions(done: ExportReport) -> None:
    packed = cv2.imread(str(done.folder / "face_regions_1.1001.png"), cv2.IMREAD_UNCHANGED)
    names = list(REGIONS)
    for channel, name in zip((2, 1, 0, 3), names, strict=False):
        np.testing.assert_array_equal(packed[..., channel], soft_region(name, SIDE))
    for name, (x, y, radius_x, _) in REGIONS.items():
        mask = soft_region(name, 1024)
        assert mask[int(y * 1024), int(x * 1024)] == 255
        assert int(mask[int(y * 1024), int((x + radius_x) * 1024)]) == pytest.approx(128, abs=8)
        assert (mask > 0).mean() < 0.12
    detail = cv2.imread(str(done.folder / "face_detail_mask.1001.png"), cv2.IMREAD_UNCHANGED)
    assert detail[SIDE // 2, SIDE // 2] == 255
    assert not detail[: SIDE // 50].any()


def test_what_is_told_of_them(done: ExportReport) -> None:
    told = {file.name: file.details for file in done.files}
    assert told["face_vector.1001.exr"]["axes"] == "R tangent, G normal, B bitangent"
    assert told["face_vector_object.1001.png"]["units"] == "mm"
    assert told["face_curvature.1001.png"]["units"] == "1/mm"
    for name, details in told.items():
        if details.get("bits") == 16 and "curvature" in name:
            assert details["mid"] == pytest.approx(0.5, abs=1e-5)
            assert details["scale"] > 0
    scales = {told[f"face_{label}.1001.png"]["scale"] for label in ("bands", "band_folds", "band_pores")}
    assert len(scales) == 1, "bands apart are of one scale"


@pytest.mark.parametrize("suffix", [".png", ".tif"])
@pytest.mark.parametrize("largest", [1e-6, 0.3, 47.0, 31_000.0])
def test_sixteen_bits_never_clip(tmp_path: Path, suffix: str, largest: float) -> None:
    rng = np.random.default_rng(0)
    shown = ValueMap(tuple((rng.uniform(-1, 1, (64, 64)) * largest).astype(np.float32) for _ in range(3)), "mm")
    shown.planes[1][:2, 0] = -largest, largest
    options, scale = ExportOptions(), scale_for([shown])
    path = tmp_path / f"map{suffix}"
    write_value_map(path, shown, scale, options)
    assert [check.passed for check in value_map_check(path, shown, scale, options)] == [True]
    stored = tifffile.imread(path) if suffix == ".tif" else cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert stored.min() > 0 or stored.max() < 65535 or scale >= 2 * largest
    damaged = ValueMap((shown.planes[0] + np.float32(0.01 * scale), *shown.planes[1:]), "mm")
    assert not value_map_check(path, damaged, scale, options)[0].passed


def test_half_floats_and_floats_in_tiff(head: Head, make_maps: MakeMaps, tmp_path: Path) -> None:
    report = run(
        head, make_maps, tmp_path, what={"displacement", "bands"}, map_formats={"exr", "tiff"}, float_bits=16,
        tiff_bits=32,
    )  # fmt: skip
    assert all(check.passed for check in report.checks)
    assert planes(report, "displacement")["Y"].dtype == np.float16
    assert tifffile.imread(tmp_path / "face_bands.1001.tif").dtype == np.float32
    for name in ("face_displacement.1001.exr", "face_displacement.1001.tif"):
        found = read_map(tmp_path / name)
        assert found.certain
        assert found.reason == "stated in the file"
    assert {file.name for file in report.files} == set(
        planned_files(ExportOptions(what={"displacement", "bands"}, map_formats={"exr", "tiff"}))
    )


@pytest.mark.parametrize(
    "wrong", [{"map_formats": {"jpg"}}, {"map_formats": set()}, {"picture_formats": {"png"}}, {"float_bits": 8},
              {"tiff_bits": 8}, {"packing": "loose"}, {"what": {"vectors"}}],
)  # fmt: skip
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"choose from|must be one of"):
        ExportOptions(**wrong)  # type: ignore[arg-type]


_READ = """
import json, pathlib
import numpy as np
import OpenImageIO as oiio
told = {}
for path in sorted(pathlib.Path(ARGS[0]).iterdir()):
    if path.suffix not in (".exr", ".png", ".tif"):
        continue
    config = oiio.ImageSpec()
    config["oiio:UnassociatedAlpha"] = 1
    picture = oiio.ImageInput.open(str(path), config)
    spec = picture.spec()
    texels = picture.read_image(0, 0, 0, spec.nchannels, spec.format)
    np.save(ARGS[1] + "/" + path.name + ".npy", texels)
    told[path.name] = [list(spec.channelnames), str(spec.format), spec.get_string_attribute("oiio:ColorSpace"),
                       [one.name for one in spec.extra_attribs]]
    picture.close()
tell(told)
"""


def test_openimageio_reads_what_was_meant(done: ExportReport, tmp_path: Path) -> None:
    found = blender(_READ, done.folder, tmp_path)
    details = {file.name: file.details for file in done.files}
    assert set(found) == {name for name in details if name.endswith((".exr", ".png", ".tif"))}
    for name, (channels, kind, space, attributes) in found.items():
        told, texels = details[name], np.load(tmp_path / f"{name}.npy")
        assert tuple(channels) == PLANES[len(channels)], name
        suffix = Path(name).suffix
        bits = told.get("bits", 8)
        assert kind == ({32: "float", 16: "half"}[bits] if suffix == ".exr" else {8: "uint8", 16: "uint16"}[bits]), name
        if suffix == ".png":
            assert ("sRGB" in space or "srgb_rec709" in space) == (told["color_space"] == "sRGB"), (name, space)
            assert ("lin" in space) == (told["color_space"] != "sRGB"), (name, space)
        if told.get("units") in ("mm", "1/mm"):
            stated = "ImageDescription" if suffix == ".tif" else ("rhytid-displacement", "rhytid-map")
            assert any(one in stated for one in attributes), (name, attributes)
        stem = name.removesuffix(suffix)
        if suffix != ".exr" and "scale" in told:
            exact = np.load(tmp_path / f"{stem}.exr.npy").reshape(texels.shape)
            read = (texels / 65535 - told["mid"]) * told["scale"]
            np.testing.assert_allclose(read, exact, atol=0.51 * told["scale"] / 65535, err_msg=name)
        if suffix == ".tif":
            np.testing.assert_array_equal(texels, np.load(tmp_path / f"{stem}.png.npy"), err_msg=name)


def test_exrheader_lists_the_channels(done: ExportReport) -> None:
    if shutil.which("exrheader") is None:
        pytest.skip("needs exrheader, Debian's openexr")
    said = subprocess.run(
        ["exrheader", str(done.folder / "face_bands.1001.exr")], capture_output=True, text=True, timeout=60, check=True
    ).stdout
    for channel in "RGB":
        assert f"{channel}, 32-bit floating-point" in said
    assert "rhytid-map" in said
