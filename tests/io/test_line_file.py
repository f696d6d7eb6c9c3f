"""Pictures of lines out of files of every kind that a drawing program writes."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import tifffile
from PIL import Image

from rhytid.core.files.reading import FileRefused
from rhytid.core.io import line_file
from rhytid.core.io.errors import MapError
from rhytid.core.io.line_file import read_line_picture, read_mask, write_line_map

LINES = np.zeros((128, 128), np.uint8)
cv2.line(LINES, (10, 20), (110, 35), 255)
cv2.line(LINES, (15, 90), (60, 120), 255)
cv2.line(LINES, (100, 60), (100, 110), 255)
DRAWN = LINES > 0


def grey_alpha() -> Image.Image:
    return Image.merge("LA", (Image.new("L", (128, 128), 255), Image.fromarray(LINES)))


def palette() -> Image.Image:
    picture = Image.fromarray((LINES > 0).astype(np.uint8), mode="P")
    picture.putpalette([250, 240, 230, 10, 20, 120])
    return picture


def palette_with_transparent_paper(path: Path) -> None:
    picture = Image.fromarray((LINES > 0).astype(np.uint8), mode="P")
    picture.putpalette([255, 255, 255, 255, 255, 255])
    picture.save(path, transparency=0)


def sixteen_bit_rgba(path: Path) -> None:
    values = np.full((128, 128, 4), 65535, np.uint16)
    values[..., 3] = np.uint16(257) * LINES
    cv2.imwrite(str(path), values)


SAVED = {
    "white on black": lambda p: write_line_map(p, DRAWN),
    "black on white": lambda p: Image.fromarray(255 - LINES).save(p),
    "one bit": lambda p: Image.fromarray(LINES).convert("1").save(p),
    "one bit, inverted": lambda p: Image.fromarray(255 - LINES).convert("1").save(p),
    "palette": lambda p: palette().save(p),
    "palette with transparency": palette_with_transparent_paper,
    "two bits": lambda p: palette().save(p, bits=2),
    "grey with alpha": lambda p: grey_alpha().save(p),
    "colour with alpha": lambda p: grey_alpha().convert("RGBA").save(p),
    "16 bit": lambda p: cv2.imwrite(str(p), np.uint16(257) * LINES),
    "16 bit, inverted": lambda p: cv2.imwrite(str(p), 65535 - np.uint16(257) * LINES),
    "16 bit, faint": lambda p: cv2.imwrite(str(p), np.uint16(12) * LINES),
    "16 bit colour with alpha": sixteen_bit_rgba,
    "one colour transparent": lambda p: Image.fromarray(255 - LINES).convert("RGB").save(p, transparency=(255,) * 3),
    "interlaced": lambda p: Image.fromarray(LINES).convert("RGB").save(p, interlace=True),
}


@pytest.mark.parametrize("kind", SAVED)
def test_every_kind_of_png(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "Zeichnung 佐藤.png"
    SAVED[kind](path)
    np.testing.assert_array_equal(read_line_picture(path).lines, DRAWN)


@pytest.mark.parametrize(
    ("name", "options"),
    [("a.tif", {"compression": "tiff_lzw"}), ("a.tiff", {}), ("a.bmp", {}), ("a.webp", {"lossless": True})],
)
def test_other_formats(name: str, options: dict[str, object], tmp_path: Path) -> None:
    Image.fromarray(255 - LINES).convert("RGB").save(tmp_path / name, **options)
    np.testing.assert_array_equal(read_line_picture(tmp_path / name).lines, DRAWN)


def test_float_tiff(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", DRAWN.astype(np.float32))
    np.testing.assert_array_equal(read_line_picture(tmp_path / "a.tif").lines, DRAWN)


@pytest.mark.parametrize("inverted", [False, True])
@pytest.mark.parametrize("quality", [30, 75, 95])
def test_noise_of_jpeg_is_no_line(quality: int, inverted: bool, tmp_path: Path) -> None:
    thick = cv2.dilate(LINES, np.ones((2, 2), np.uint8))
    Image.fromarray(255 - thick if inverted else thick).save(tmp_path / "a.jpg", quality=quality)
    found = read_line_picture(tmp_path / "a.jpg").lines
    far = cv2.distanceTransform((thick == 0).astype(np.uint8), cv2.DIST_L2, 5)
    assert found[thick > 0].mean() > 0.97
    assert (far[found] <= 2).mean() > 0.99


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.png", "a.jpg", "a.tif"])
def test_orientation_is_obeyed(orientation: int, name: str, tmp_path: Path) -> None:
    turns = {
        1: lambda x: x, 2: np.fliplr, 3: lambda x: np.rot90(x, 2), 4: np.flipud, 5: np.transpose,
        6: lambda x: np.rot90(x, 1), 7: lambda x: np.rot90(x, 2).T, 8: lambda x: np.rot90(x, -1),
    }  # fmt: skip
    stored = Image.fromarray(np.ascontiguousarray(turns[orientation](LINES)))
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"tiffinfo": {274: orientation}} if name == "a.tif" else {"exif": exif}
    stored.save(tmp_path / name, **({"quality": 100} if name == "a.jpg" else {}), **options)
    np.testing.assert_array_equal(read_line_picture(tmp_path / name).lines, DRAWN)


def test_a_mask_is_what_is_white(tmp_path: Path) -> None:
    mask = np.zeros((64, 64), np.uint8)
    mask[:50] = 255
    Image.fromarray(mask).save(tmp_path / "mask.png")
    np.testing.assert_array_equal(read_mask(tmp_path / "mask.png"), mask > 0)


def test_what_is_no_picture_of_lines_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    path.write_text("no picture")
    with pytest.raises(MapError, match=r"a\.png: is no picture"):
        read_line_picture(path)
    Image.new("L", (128, 120)).save(path)
    with pytest.raises(MapError, match="128 x 120"):
        read_line_picture(path)
    Image.new("1", (9000, 9000)).save(path)
    with pytest.raises(MapError, match="9000 x 9000"):
        read_line_picture(path)
    write_line_map(path, DRAWN)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(MapError, match="damaged"):
        read_line_picture(path)
    noise = np.random.default_rng(0).integers(0, 2, (64, 64)).astype(np.uint8) * 255
    Image.fromarray(noise).save(path)
    with pytest.raises(MapError, match=r"a\.png: .* of the picture would be ink"):
        read_line_picture(path)
    monkeypatch.setattr(line_file, "MAX_PICTURE_BYTES", 10)
    with pytest.raises(FileRefused, match="larger than"):
        read_line_picture(path)
