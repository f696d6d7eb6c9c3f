"""Photos of every kind come in upright and in sRGB; what is none says so in one line."""

from __future__ import annotations

import io
import struct
import sys
import zlib

import numpy as np
import pytest
from PIL import Image, ImageCms

from rhytid.core.photo.image import MAX_SIDE, PhotoError, photo_of, read_photo

SIZE = (96, 64)  # width, height


@pytest.fixture
def scene():
    """A picture without sharp edges whose corners are of four colours, uint8 (64, 96, 3)."""
    corners = np.array([[[200, 40, 30], [40, 190, 60]], [[50, 60, 210], [220, 210, 190]]], np.float64)
    y, x = ((np.arange(n) + 0.5) / n for n in SIZE[::-1])
    rows = corners[0] * (1 - y[:, None, None]) + corners[1] * y[:, None, None]
    return np.rint(rows[:, :1] * (1 - x[None, :, None]) + rows[:, 1:] * x[None, :, None]).astype(np.uint8)


def file_of(picture, kind, **options):
    stream = io.BytesIO()
    picture.save(stream, kind, **options)
    return stream.getvalue()


def differs(pixels, scene):
    return np.abs(pixels.astype(int) - scene).mean()


@pytest.mark.parametrize(
    ("kind", "options", "most"),
    [("PNG", {}, 0), ("TIFF", {}, 0), ("TIFF", {"compression": "tiff_lzw"}, 0), ("BMP", {}, 0),
     ("WEBP", {"lossless": True}, 0), ("WEBP", {"quality": 90}, 3), ("JPEG", {"quality": 95}, 2),
     ("JPEG", {"quality": 95, "progressive": True}, 2)],
)  # fmt: skip
def test_every_format_is_read(scene, kind, options, most, tmp_path):
    path = tmp_path / f"a.{kind.lower()}"
    path.write_bytes(file_of(Image.fromarray(scene), kind, **options))
    photo = read_photo(path)
    assert photo.pixels.shape == scene.shape
    assert photo.pixels.dtype == np.uint8
    assert not photo.pixels.flags.writeable
    assert differs(photo.pixels, scene) <= most
    assert photo.data == path.read_bytes()
    assert photo.name == path.name
    assert photo.focal_35mm is None


def deep_png(values):
    """A PNG of 16 bits, grey or RGB, which Pillow reads but does not write."""
    kind = 0 if values.ndim == 2 else 2
    rows = values.astype(">u2").reshape(len(values), -1)
    raw = b"".join(b"\0" + row.tobytes() for row in rows)
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", values.shape[1], values.shape[0], 16, kind, 0, 0, 0)),
              (b"IDAT", zlib.compress(raw)), (b"IEND", b"")]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def test_sixteen_bits_become_eight(scene):
    deep = scene.astype(np.uint16) * 257
    assert differs(photo_of(deep_png(deep), "a.png").pixels, scene) <= 1
    grey = photo_of(deep_png(deep[..., 0]), "a.png").pixels
    assert differs(grey, np.repeat(scene[..., :1], 3, axis=2)) <= 1
    dark = photo_of(deep_png(deep[..., 0] // 256), "a.png").pixels  # values that eight bits would hold
    assert dark.max() <= 1


def test_fractions_are_grey_too(scene):
    grey = scene[..., 0].astype(np.float32)
    for white in (1, 4, 255):  # what floating point holds is 0..1, or goes up to the lightest value
        pixels = photo_of(file_of(Image.fromarray(grey / grey.max() * white), "TIFF"), "a.tif").pixels
        assert np.abs(pixels[..., 0] - grey / grey.max() * 255).max() <= 1


def test_grey_palettes_and_transparency_become_colours(scene):
    picture = Image.fromarray(scene)
    grey = photo_of(file_of(picture.convert("L"), "PNG"), "a").pixels
    assert differs(grey, np.repeat(np.asarray(picture.convert("L"))[..., None], 3, 2)) == 0
    assert differs(photo_of(file_of(picture.quantize(256), "PNG"), "a").pixels, scene) < 6
    opacity = np.full(scene.shape[:2], 255, np.uint8)
    opacity[:, :40] = 0
    opacity[:, 40:50] = 128
    pixels = photo_of(file_of(Image.fromarray(np.dstack([scene, opacity])), "PNG"), "a").pixels
    assert (pixels[:, :40] == 128).all()
    assert (pixels[:, 50:] == scene[:, 50:]).all()
    assert differs(pixels[:, 40:50], scene[:, 40:50] / 2 + 64) <= 1


def test_cmyk_comes_in_the_right_way_round(scene):
    """Adobe's programs write CMYK upside down; one byte in the file tells."""
    cmyk = Image.fromarray(scene).convert("CMYK")
    for kind in ("JPEG", "TIFF"):
        pixels = photo_of(file_of(cmyk, kind, **({"quality": 95} if kind == "JPEG" else {})), "a").pixels
        assert differs(pixels, scene) < 4


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photo_stands_upright(scene, orientation):
    turns = {1: None, 2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_90",
             7: "TRANSVERSE", 8: "ROTATE_270"}  # fmt: skip
    stored = Image.fromarray(scene)
    if turns[orientation]:
        stored = stored.transpose(getattr(Image.Transpose, turns[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    pixels = photo_of(file_of(stored, "JPEG", quality=95, exif=exif), "a").pixels
    assert pixels.shape == scene.shape
    assert differs(pixels, scene) < 3


@pytest.mark.parametrize("kind", ["JPEG", "TIFF", "PNG"])
def test_a_large_turned_photo_stands_upright(kind):
    picture = Image.new("RGB", (5000, 400), (200, 30, 30))
    picture.paste((30, 30, 200), (2500, 0, 5000, 400))
    exif = Image.Exif()
    exif[0x0112] = 6
    pixels = photo_of(file_of(picture, kind, exif=exif), "a").pixels
    assert pixels.shape == (MAX_SIDE, 328, 3)
    assert np.abs(pixels[1000, 160].astype(int) - (200, 30, 30)).max() < 6
    assert np.abs(pixels[3000, 160].astype(int) - (30, 30, 200)).max() < 6


def with_exif(scene, **tags):
    exif = Image.Exif()
    names = {"focal": 0x920A, "film": 0xA405, "x": 0xA20E, "y": 0xA20F, "unit": 0xA210, "width": 0xA002,
             "height": 0xA003}  # fmt: skip
    exif.get_ifd(0x8769).update({names[name]: value for name, value in tags.items()})
    return file_of(Image.fromarray(scene), "JPEG", exif=exif)


def test_the_focal_length_is_that_of_film(scene):
    assert photo_of(with_exif(scene, focal=4.25, film=26), "a").focal_35mm == 26
    # A sensor of 6000 x 4000 px at 250 px/mm, 24 x 16 mm, is 1.5 times smaller than film.
    sensor = {"x": 2500.0, "y": 2500.0, "unit": 3, "width": 6000, "height": 4000}
    assert photo_of(with_exif(scene, focal=50.0, **sensor), "a").focal_35mm == pytest.approx(75)
    assert photo_of(with_exif(scene, focal=50.0, film=0, **sensor), "a").focal_35mm == pytest.approx(75)
    assert photo_of(with_exif(scene, focal=50.0), "a").focal_35mm is None
    assert photo_of(with_exif(scene, film=60000), "a").focal_35mm is None


def wide_profile():
    """Of Adobe RGB's primaries and gamma, made by hand: nine tags of an ICC profile, version 2."""
    def xyz(*values):
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    text = b"desc\0\0\0\0" + struct.pack(">I", 5) + b"wide\0" + bytes(78)
    tags = {b"desc": text + bytes(-len(text) % 4), b"cprt": b"text\0\0\0\0none", b"wtpt": xyz(0.9642, 1.0, 0.8249),
            b"rXYZ": xyz(0.60974, 0.31111, 0.01947), b"gXYZ": xyz(0.20528, 0.62567, 0.06087),
            b"bXYZ": xyz(0.14919, 0.06322, 0.74457), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}  # fmt: skip
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for name, data in tags.items():
        table += name + struct.pack(">II", start + len(body), len(data))
        body += data
    size = start + len(body)
    head = struct.pack(">I4sI4s4s4s", size, b"none", 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head + bytes(128 - len(head)) + struct.pack(">I", len(tags)) + table + body


def test_wide_colours_become_those_of_srgb():
    """Against the arithmetic of the profile: linear light, its primaries to those of sRGB, the curve of sRGB."""
    stored = np.zeros((64, 64, 3), np.uint8)
    stored[:] = (150, 120, 100)
    pixels = photo_of(file_of(Image.fromarray(stored), "PNG", icc_profile=wide_profile()), "a").pixels
    to_xyz = np.array([[0.60974, 0.20528, 0.14919], [0.31111, 0.62567, 0.06322], [0.01947, 0.06087, 0.74457]])
    srgb_to_xyz = np.array([[0.43607, 0.38515, 0.14307], [0.22249, 0.71687, 0.06061], [0.01392, 0.09708, 0.71410]])
    linear = np.linalg.solve(srgb_to_xyz, to_xyz @ (np.array([150, 120, 100]) / 255) ** 2.2)
    expected = 255 * (1.055 * linear ** (1 / 2.4) - 0.055)
    assert np.abs(pixels[0, 0] - expected).max() < 2.5
    assert pixels[0, 0, 0] > 160  # not the stored numbers

    # Of sRGB itself not a bit changes, and a profile that is none changes nothing.
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"no profile at all" * 20):
        assert (photo_of(file_of(Image.fromarray(stored), "PNG", icc_profile=profile), "a").pixels == stored).all()


def test_sixty_megapixels_are_reduced():
    wide = Image.new("RGB", (9504, 6336), (120, 90, 60))
    wide.paste((20, 200, 40), (0, 0, 4752, 6336))
    for kind, options in (("JPEG", {"quality": 90}), ("PNG", {"compress_level": 1})):
        pixels = photo_of(file_of(wide, kind, **options), "a").pixels
        assert pixels.shape == (2731, MAX_SIDE, 3)
        assert np.abs(pixels[1000, 1000].astype(int) - (20, 200, 40)).max() < 6
        assert np.abs(pixels[1000, 3000].astype(int) - (120, 90, 60)).max() < 6


def bomb(width, height):
    """A PNG of a hundred bytes that announces a picture of any size."""
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), (b"IDAT", zlib.compress(bytes(100))),
              (b"IEND", b"")]  # fmt: skip
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


@pytest.mark.parametrize("size", [(9000, 9000), (11000, 11000), (60000, 60000), (2**31 - 1, 1)])
def test_larger_ones_are_refused_before_they_are_decoded(size):
    with pytest.raises(PhotoError, match=r"big\.png: .*make it smaller"):
        photo_of(bomb(*size), "big.png")


@pytest.mark.parametrize("data", [b"", b"hello", bytes(1000), b"\xff\xd8\xff", b"%PDF-1.4", b"II*\0" + bytes(100)])
def test_what_is_no_picture_is_told(data):
    with pytest.raises(PhotoError, match=r"^a\.jpg: ") as caught:
        photo_of(data, "a.jpg")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_half_a_file_is_told(scene, kind):
    data = file_of(Image.fromarray(scene), kind)
    with pytest.raises(PhotoError, match=r"a: .*(copy or export it again|save it as)"):
        photo_of(data[: len(data) // 2], "a")


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_damage_is_told_or_read(scene, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = file_of(Image.fromarray(scene), kind, exif=exif, icc_profile=wide_profile())
    draw = np.random.default_rng(4)
    told = []
    for _ in range(150):
        broken = bytearray(data)
        for place in draw.integers(0, len(data), draw.integers(1, 8)):
            broken[place] = draw.integers(256)
        try:
            assert photo_of(bytes(broken), "a").pixels.dtype == np.uint8
        except PhotoError as error:
            told.append(str(error))
    assert told
    assert not any("\n" in line for line in told)


def test_a_name_cannot_steer_a_terminal():
    with pytest.raises(PhotoError, match=r"^a\\x1b\[2J\.jpg"):
        photo_of(b"", "a\x1b[2J.jpg")


def test_a_small_picture_is_refused(scene):
    with pytest.raises(PhotoError, match="20 x 64; take a larger one"):
        photo_of(file_of(Image.fromarray(scene[:, :20]), "PNG"), "a")


def test_a_folder_is_no_photo(tmp_path):
    with pytest.raises(PhotoError, match="is a folder"):
        read_photo(tmp_path)
    with pytest.raises(FileNotFoundError):
        read_photo(tmp_path / "none.jpg")


def test_raw_files_are_to_be_developed(scene):
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    tags = ImageFileDirectory_v2()
    tags[0xC612] = b"\1\4\0\0"
    with pytest.raises(PhotoError, match="develop it"):
        photo_of(file_of(Image.fromarray(scene), "TIFF", tiffinfo=tags), "a.dng")


HEIC_HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"


def test_heic_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(PhotoError, match="pip install pillow-heif, or save it as JPEG"):
        photo_of(HEIC_HEAD, "a.heic")


def test_heic_is_read(scene):
    pillow_heif = pytest.importorskip("pillow_heif", reason="pillow-heif reads HEIC")
    stream = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(scene)).save(stream, quality=95)
    assert stream.getvalue()[4:8] == b"ftyp"
    assert differs(photo_of(stream.getvalue(), "a.heic").pixels, scene) < 5
    with pytest.raises(PhotoError, match=r"a\.heic: "):
        photo_of(HEIC_HEAD + bytes(64), "a.heic")
