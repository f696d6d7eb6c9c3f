"""Photos as files: JPEG, PNG, TIFF, WebP, BMP and HEIC of any depth and colours, as upright sRGB of eight bits.

Sizes are checked before anything is decoded. Whatever is wrong with a file is told in one line that names it.
"""

from __future__ import annotations

import hashlib
import io
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, read_file
from rhytid.core.files.text import shown
from rhytid.core.read_only import read_only

if TYPE_CHECKING:
    from PIL import Image

UInt8 = npt.NDArray[np.uint8]

PHOTO_SUFFIXES = (".jpg", ".jpeg", ".png", ".tif", ".tiff", ".webp", ".bmp", ".heic", ".heif")
MAX_FILE_BYTES = 1 << 28
MAX_PIXELS = 1 << 26
"""The most that are decoded: 67 megapixels."""
MAX_SIDE = 4096
"""Long side of what a photo is reduced to, px."""
MIN_SIDE = 32
_FORMATS = ("JPEG", "PNG", "TIFF", "WEBP", "BMP")
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_REMEDY = "save it as JPEG or PNG"
_HEIC_REMEDY = "python -m pip install pillow-heif, or save it as JPEG"
_MAX_PROFILE_BYTES = 1 << 24
_BEHIND = 128  # grey that shows where a picture is transparent
# EXIF, and what a focal length can be: a frame of film measures 36 x 24 mm.
_ORIENTATION = 0x0112
# What brings a picture upright that is stored in one of these ways.
_TURNS = {2: "FLIP_LEFT_RIGHT", 3: "ROTATE_180", 4: "FLIP_TOP_BOTTOM", 5: "TRANSPOSE", 6: "ROTATE_270",
          7: "TRANSVERSE", 8: "ROTATE_90"}  # fmt: skip
_EXIF_BLOCK, _MAKER_OF_RAW = 0x8769, 0xC612
_FOCAL_LENGTH, _FOCAL_35MM = 0x920A, 0xA405
_X_PER_UNIT, _Y_PER_UNIT, _UNIT, _WIDTH, _HEIGHT = 0xA20E, 0xA20F, 0xA210, 0xA002, 0xA003
_UNIT_MM = {2: 25.4, 3: 10.0, 4: 1.0}
FILM_DIAGONAL_MM = math.hypot(36, 24)
_FOCAL_RANGE_MM = (5.0, 2000.0)


class PhotoError(ValueError):
    """A photo that cannot be read; the message names the file and the remedy."""


@dataclass(frozen=True)
class Photo:
    """A picture as it was taken.

    Attributes
    ----------
    name : str
        Of its file, as it may be shown.
    data : bytes
        The file as it was.
    digest : str
        SHA-256 of `data`.
    pixels : uint8 (H, W, 3), read-only
        sRGB, upright, the long side at most `MAX_SIDE`.
    focal_35mm : float or None
        Focal length that sees the same angle on film of 36 x 24 mm, in mm; None where the file does not tell.
    """

    name: str
    data: bytes
    digest: str
    pixels: UInt8
    focal_35mm: float | None


def read_photo(path: str | os.PathLike[str]) -> Photo:
    """A photo of the disk.

    Raises
    ------
    PhotoError
        It cannot be read as a photo.
    OSError
        The file cannot be read.
    """
    try:
        data = read_file(path, MAX_FILE_BYTES, _REMEDY)
    except FileRefused as error:
        raise PhotoError(str(error)) from None
    return photo_of(data, Path(path).name)


def photo_of(data: bytes, name: str) -> Photo:
    """A photo of the bytes of its file; raises `PhotoError` where they are none."""
    name = shown(name)
    if len(data) > MAX_FILE_BYTES:
        raise PhotoError(f"{name}: is larger than {MAX_FILE_BYTES >> 20} MB, the most that is read; {_REMEDY}")
    picture = _opened(data, name)
    try:
        focal_35mm = _focal_35mm(picture)
        pixels = _pixels(picture)
    except Exception as error:  # foreign decoders meet hostile bytes: whatever they raise, the file is bad
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PhotoError(
            f"{name}: the file is damaged or incomplete ({shown(reason):.160}); copy or export it again"
        ) from error
    return Photo(name, data, hashlib.sha256(data).hexdigest(), read_only(pixels), focal_35mm)


def _opened(data: bytes, name: str) -> Image.Image:
    """The picture, described and not decoded."""
    from PIL import Image, UnidentifiedImageError

    formats: tuple[str, ...] = _FORMATS
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC_BRANDS:
        try:
            import pillow_heif
        except ImportError:
            raise PhotoError(f"{name}: is a HEIC picture, which needs one more package; {_HEIC_REMEDY}") from None
        pillow_heif.register_heif_opener()
        formats = ("HEIF",)
    try:
        picture: Image.Image = Image.open(io.BytesIO(data), formats=formats)
    except UnidentifiedImageError:
        raise PhotoError(f"{name}: is no picture that can be read; {_REMEDY}") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PhotoError(f"{name}: has more than {MAX_PIXELS / 1e6:.0f} megapixels; make it smaller") from None
    except Exception as error:  # as above
        reason = " ".join(str(error).split()) or type(error).__name__
        raise PhotoError(f"{name}: the file is damaged ({shown(reason):.160}); copy or export it again") from error
    if picture.width * picture.height > MAX_PIXELS:
        size = f"{picture.width} x {picture.height}"
        raise PhotoError(f"{name}: is {size}, {MAX_PIXELS / 1e6:.0f} megapixels are read at most; make it smaller")
    if min(picture.size) * min(1.0, MAX_SIDE / max(picture.size)) < MIN_SIDE:
        raise PhotoError(f"{name}: the picture is {picture.width} x {picture.height}; take a larger one")
    if picture.format == "TIFF" and _MAKER_OF_RAW in getattr(picture, "tag_v2", ()):
        raise PhotoError(f"{name}: is what the sensor saw, not a picture yet; develop it and {_REMEDY}")
    return picture


def _pixels(picture: Image.Image) -> UInt8:
    """Upright sRGB of at most `MAX_SIDE`, uint8 (H, W, 3)."""
    from PIL import Image

    larger = max(picture.size) / MAX_SIDE
    if larger > 1 and picture.format in ("JPEG", "MPO"):
        # Halves and quarters cost a JPEG less to decode than the whole.
        picture.draft(None, (math.ceil(picture.width / larger), math.ceil(picture.height / larger)))
    picture.load()
    profile = picture.info.get("icc_profile")
    turn = _TURNS.get(picture.getexif().get(_ORIENTATION, 1))
    picture = _reduced(picture)
    if turn is not None:
        picture = picture.transpose(Image.Transpose[turn])
    if picture.mode == "F" or picture.mode.startswith("I"):
        return np.repeat(_deep_grey(picture)[..., None], 3, axis=2)
    opacity = None
    if "transparency" in picture.info or picture.mode in ("RGBA", "LA", "PA", "RGBa", "La"):
        picture = picture.convert("RGBA")
        opacity = np.asarray(picture.getchannel("A"))
        picture = picture.convert("RGB")
    elif picture.mode not in ("L", "RGB", "CMYK", "LAB"):
        picture = picture.convert("RGB")
    pixels = np.asarray(_in_srgb(picture, profile))
    if opacity is not None and opacity.min() < 255:
        pixels = _laid_over(pixels, opacity)
    return np.ascontiguousarray(pixels)


def _reduced(picture: Image.Image) -> Image.Image:
    """The picture, its long side at most `MAX_SIDE`, before anything else is made of it that costs memory."""
    from PIL import Image

    larger = max(picture.size) / MAX_SIDE
    if larger <= 1:
        return picture
    if picture.mode in ("1", "P", "PA"):
        picture = picture.convert("RGBA" if "transparency" in picture.info or picture.mode == "PA" else "RGB")
    size = (max(round(picture.width / larger), 1), max(round(picture.height / larger), 1))
    return picture.resize(size, Image.Resampling.BOX)


def _deep_grey(picture: Image.Image) -> UInt8:
    """Grey of more than eight bits, uint8 (H, W): whole numbers count up to 65535, others to 1 or what they hold."""
    values = np.nan_to_num(np.asarray(picture), posinf=0, neginf=0)
    white = max(65535.0 if values.dtype.kind in "iu" else 1.0, float(values.max()))
    scaled = values.astype(np.float32) * np.float32(255 / white)
    return np.asarray(np.clip(np.rint(scaled), 0, 255), np.uint8)


def _laid_over(pixels: UInt8, opacity: UInt8) -> UInt8:
    """The picture before grey, uint8 (H, W, 3)."""
    share = opacity[..., None].astype(np.uint16)
    return ((pixels * share + _BEHIND * (255 - share) + 127) // 255).astype(np.uint8)


def _in_srgb(picture: Image.Image, profile: object) -> Image.Image:
    """The picture as its profile means it; one without a profile, or with one that makes no sense, is sRGB."""
    from PIL import ImageCms

    if isinstance(profile, bytes) and 0 < len(profile) <= _MAX_PROFILE_BYTES:
        try:
            given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if picture.mode == "RGB" and "sRGB" in ImageCms.getProfileDescription(given):
                return picture
            converted = ImageCms.profileToProfile(picture, given, ImageCms.createProfile("sRGB"), outputMode="RGB")
            if converted is not None:
                return converted
        except (ImageCms.PyCMSError, OSError, ValueError):  # a profile of other colours than the picture's, or damaged
            pass
    return picture.convert("RGB")


def _focal_35mm(picture: Image.Image) -> float | None:
    block = picture.getexif().get_ifd(_EXIF_BLOCK)
    told = _positive(block.get(_FOCAL_35MM))
    if told is None:
        told = _from_sensor(block)
    return told if told is not None and _FOCAL_RANGE_MM[0] <= told <= _FOCAL_RANGE_MM[1] else None


def _from_sensor(block: dict[int, object]) -> float | None:
    """Focal length by the size of the sensor: px of the whole picture, and px per unit of length."""
    focal, x, y, width, height = (
        _positive(block.get(tag)) for tag in (_FOCAL_LENGTH, _X_PER_UNIT, _Y_PER_UNIT, _WIDTH, _HEIGHT)
    )
    unit = int(_positive(block.get(_UNIT, 2)) or 0)
    if focal is None or x is None or y is None or width is None or height is None or unit not in _UNIT_MM:
        return None
    diagonal = math.hypot(width / x, height / y) * _UNIT_MM[unit]
    return focal * FILM_DIAGONAL_MM / diagonal


def _positive(value: object) -> float | None:
    """A number of EXIF that is one and above 0."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return number if math.isfinite(number) and number > 0 else None
