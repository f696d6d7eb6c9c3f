"""Environments from files: where their light comes from, how bright they become, and files that are none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import OpenEXR
import pytest

from rhytid.core.document.commands import SetPanorama
from rhytid.core.document.project import load_project, save_project
from rhytid.core.document.project_json import state_to_json
from rhytid.core.document.state import DocumentState
from rhytid.core.io.environment_file import MEAN_RADIANCE, is_environment, read_environment
from rhytid.core.io.errors import MapError
from rhytid.core.maps.panorama import HEIGHT, Panorama

Float32 = np.ndarray


def lobe(width: int, column: float, row: float = 0.5, radiance: float = 50.0) -> Float32:
    """A dim grey room with a bright disc at a part of its width and height."""
    y, x = np.mgrid[: width // 2, :width].astype(np.float32)
    away = np.hypot(x / width - column, (y / (width // 2) - row) / 2)
    return np.repeat(np.where(away < 0.03, radiance, 0.1)[..., None], 3, axis=2).astype(np.float32)


def write_hdr(path: Path, radiance: Float32) -> Path:
    path.write_bytes(cv2.imencode(".hdr", radiance[..., ::-1])[1].tobytes())
    return path


def write_exr(path: Path, radiance: Float32) -> Path:
    height, width = radiance.shape[:2]
    file = OpenEXR.OutputFile(str(path), OpenEXR.Header(width, height))
    file.writePixels({name: np.ascontiguousarray(radiance[..., k]).tobytes() for k, name in enumerate("RGB")})
    file.close()
    return path


@pytest.mark.parametrize("write", [write_hdr, write_exr])
def test_a_light_lies_where_it_was_photographed(tmp_path: Path, write) -> None:
    """The middle of the file is behind the head, and three quarters the subject's left; above is above."""
    suffix = ".hdr" if write is write_hdr else ".exr"
    for column, row, wanted in ((0.5, 0.5, (0.0, 0.5)), (0.75, 0.3, (0.75, 0.3)), (0.1, 0.5, (0.4, 0.5))):
        path = write(tmp_path / f"room{suffix}", lobe(1024, column, row))
        texels = read_environment(path).texels()
        bright = np.argwhere(texels[..., 0] > 0.5 * texels.max())
        turns = np.exp(2j * np.pi * (bright[:, 1] + 0.5) / (2 * HEIGHT)).mean()
        assert abs(np.angle(turns * np.exp(-2j * np.pi * wanted[0]))) / (2 * np.pi) < 0.01
        assert (bright[:, 0].mean() + 0.5) / HEIGHT == pytest.approx(wanted[1], abs=0.01)


def test_every_environment_is_about_as_bright_and_keeps_its_colour(tmp_path: Path) -> None:
    colour = np.array((2.0, 1.0, 0.5), np.float32)
    for scale in (1e-3, 1.0, 1e4):
        path = write_exr(tmp_path / "even.exr", np.ones((64, 128, 1), np.float32) * colour * np.float32(scale))
        texels = read_environment(path).texels()
        assert texels.mean() == pytest.approx(MEAN_RADIANCE, rel=0.01)
        np.testing.assert_allclose(texels[5, 5] / texels[5, 5, 1], colour, rtol=0.01)
    # A sun of a few texels does not make all else black.
    sunny = np.full((256, 512, 3), 0.5, np.float32)
    sunny[60:62, 100:102] = 1e6
    texels = read_environment(write_exr(tmp_path / "sunny.exr", sunny)).texels()
    assert np.median(texels) > 0.1 * MEAN_RADIANCE


def exr_of(value: float, shape: tuple[int, int] = (64, 128)):
    def write(path: Path) -> None:
        radiance = np.ones((*shape, 3), np.float32)
        radiance[3, 5] = value
        write_exr(path, radiance)

    return write


def black(path: Path) -> None:
    write_exr(path, np.zeros((64, 128, 3), np.float32))


def cut(path: Path) -> None:
    write_exr(path, lobe(256, 0.5))
    path.write_bytes(path.read_bytes()[:900])


def cut_hdr(path: Path) -> None:
    write_hdr(path, lobe(256, 0.5))
    path.write_bytes(path.read_bytes()[:60])


def announced(path: Path) -> None:
    path.write_bytes(b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 400000 +X 800000\n" + b"\2\2" * 50)


def text(path: Path) -> None:
    path.write_bytes(b"not a picture")


@pytest.mark.parametrize(
    ("write", "reason"),
    [
        (exr_of(np.nan), "no numbers; clean it"), (exr_of(np.inf), "no numbers"), (exr_of(-0.5), "negative light"),
        (exr_of(3e10), "lower its exposure"), (exr_of(1.0, (64, 64)), "twice as wide as high"),
        (exr_of(1.0, (16, 32)), "scale it"), (black, "black; export it"), (cut, "damaged"), (cut_hdr, "damaged"),
        (announced, "scale it"), (text, "neither"),
    ],
)  # fmt: skip
def test_what_is_no_environment_is_refused_with_its_name_and_a_remedy(tmp_path: Path, write, reason: str) -> None:
    path = tmp_path / "bad.exr"
    write(path)
    with pytest.raises(MapError, match=reason) as caught:
        read_environment(path)
    assert str(path) in str(caught.value)


def test_an_exr_of_two_to_one_is_an_environment_and_a_map_is_none(tmp_path: Path) -> None:
    assert is_environment(write_exr(tmp_path / "room.exr", lobe(256, 0.5)))
    assert not is_environment(write_exr(tmp_path / "map.exr", np.zeros((64, 64, 3), np.float32)))
    assert is_environment(tmp_path / "any.hdr")
    assert not is_environment(tmp_path / "missing.exr")


def test_a_project_carries_it_and_refuses_a_damaged_one(tmp_path: Path) -> None:
    panorama = Panorama.of("room.hdr", np.random.default_rng(1).random((HEIGHT, 2 * HEIGHT, 3), np.float32))
    state = SetPanorama(panorama).apply(DocumentState())
    path = tmp_path / "lit.rhytid"
    save_project(path, state)
    assert load_project(path) == state
    assert path.stat().st_size < 400_000
    before = state_to_json(DocumentState())[0]
    assert before["lighting"]["panorama"] is None
    for wrong in (Panorama("a", panorama.radiance[:-8]), Panorama("a", "?"), Panorama("a" * 300, panorama.radiance),
                  Panorama.of("a", np.full((HEIGHT, 2 * HEIGHT, 3), np.nan, np.float32))):  # fmt: skip
        with pytest.raises(ValueError, match="environment"):
            save_project(path, SetPanorama(wrong).apply(DocumentState()))
    assert load_project(path) == state
