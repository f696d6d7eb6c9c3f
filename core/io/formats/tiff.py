"""TIFF maps, read by tifffile; what a page says is checked before and what a codec gives afterwards."""

from __future__ import annotations

import io
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tifffile

from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.chatter import silence
from rhytid.core.io.formats.picture import (
    MAX_TEXT_BYTES,
    Layer,
    Pixels,
    check_extent,
    check_unpacked,
    damaged,
    native,
    shown,
)

SIGNATURES = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_MAX_PAGES = 256
_MAX_SAMPLES = 16
_REDUCED, _MASK = 1, 4  # bits of NewSubfileType
_MIN_IS_WHITE, _RGB, _CMYK = 0, 2, 5
_GDAL_NODATA, _PAGE_NAME, _ORIENTATION = 42113, 285, 274
# Codecs whose streams state a size of their own; the others are told how much they may unpack.
_JPEG_2000 = (33003, 33004, 33005, 34712)
_LERC, _JPEG_XL = 34887, (50002, 52546)


def open_tiff(path: Path, data: bytes) -> list[Layer]:
    """The full-resolution pages of a TIFF whose content is `data`; raises `MapError`."""
    with _reading(path):
        pages = _pages(path, tifffile.TiffFile(io.BytesIO(data)))
        largest = max(page.imagewidth * page.imagelength for page in pages)
        pages = [page for page in pages if page.imagewidth * page.imagelength == largest]
        numbered = list(zip(pages, range(1, len(pages) + 1) if len(pages) > 1 else (0,), strict=True))
        layers = [_layer(path, data, page, number) for page, number in numbered]
        if len({layer.channels[0] for layer in layers}) < len(layers):  # several pages of one name
            layers = [_layer(path, data, page, number, by_name=False) for page, number in numbered]
        return layers


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """tifffile meets hostile bytes with whatever its struct and dict calls raise, and talks to a log meanwhile."""
    log = logging.getLogger("tifffile")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    except MapError:
        raise
    except Exception as error:
        raise damaged(path, f"TIFF: {error}") from error
    finally:
        log.setLevel(level)


def _pages(path: Path, tiff: Any) -> list[Any]:
    """Pages and sub-pages that are no previews and no masks; all where nothing else is there."""
    found: list[Any] = []
    seen: set[int] = set()
    for number in range(_MAX_PAGES + 1):
        try:
            page = tiff.pages[number]
        except IndexError:
            break
        if number == _MAX_PAGES or page.offset in seen:
            raise damaged(path, "TIFF: its pages have no end")
        seen.add(page.offset)
        found.append(page)
        offsets = [offset for offset in page.subifds or () if offset not in seen]
        if offsets and len(offsets) <= _MAX_PAGES:
            seen.update(offsets)
            found += list(page.pages)
    full = [page for page in found if not int(page.subfiletype) & (_REDUCED | _MASK)]
    if not found:
        raise damaged(path, "TIFF: it has no page")
    return full or found


def _layer(path: Path, data: bytes, page: Any, number: int, by_name: bool = True) -> Layer:
    page = page.aspage() if isinstance(page, tifffile.TiffFrame) else page
    width, height, n_samples = int(page.imagewidth), int(page.imagelength), int(page.samplesperpixel)
    check_extent(path, width, height)
    if not 0 < n_samples <= _MAX_SAMPLES:
        raise MapError(f"{path}: {n_samples} channels; save the one that holds the displacement")
    dtype = _pixel_type(path, page)
    check_unpacked(path, 0 if n_samples == 1 else width * height * n_samples * dtype.itemsize, len(data))
    _check_segments(path, data, page)
    prefix = _page_name(page, number) if by_name else f"page{number}."
    orientation = page.tags.valueof(_ORIENTATION, 1)
    orientation = int(orientation) if orientation in range(1, 9) else 1
    inverted = int(page.photometric) == _MIN_IS_WHITE
    if inverted and dtype.kind != "u":
        raise MapError(f"{path}: {dtype} values with white as zero mean nothing certain; save it with black as zero")

    no_data = _no_data(page)
    if inverted and no_data is not None:
        no_data = np.iinfo(dtype).max - no_data

    def decode(wanted: Sequence[int]) -> list[Pixels]:
        with _reading(path), silence():
            pictures = _decoded(path, page, dtype, wanted)
        if inverted:
            pictures = [np.iinfo(dtype).max - picture for picture in pictures]
        return [_upright(picture, orientation) for picture in pictures]

    return Layer(
        "tiff",
        *((height, width) if orientation >= 5 else (width, height)),
        tuple(prefix + name for name in _sample_names(page, n_samples)),
        (native(dtype),) * n_samples,
        decode,
        _facts(page),
        no_data,
    )


def _pixel_type(path: Path, page: Any) -> np.dtype[Any]:
    if page.imagedepth != 1:
        raise MapError(f"{path}: the TIFF holds a volume; save one picture")
    if int(page.photometric) not in (_MIN_IS_WHITE, 1, _RGB, _CMYK):
        name = shown(getattr(page.photometric, "name", page.photometric))
        raise MapError(f"{path}: {name} colours hold no displacement; save it as grey or RGB, 16 bits or float")
    if page.dtype is None or page.dtype.kind not in "uif":
        raise MapError(f"{path}: unknown pixel type; save it as 16-bit or 32-bit float TIFF")
    dtype = np.dtype(page.dtype).newbyteorder("=")
    if dtype.kind in "ui" and page.bitspersample != 8 * dtype.itemsize:
        raise MapError(f"{path}: {page.bitspersample}-bit values; save it as 16-bit or 32-bit float TIFF")
    return dtype


def _check_segments(path: Path, data: bytes, page: Any) -> None:
    """Raise `MapError` unless every strip or tile lies within the file and its codec is at hand."""
    offsets, counts = page.dataoffsets, page.databytecounts
    if len(offsets) != len(counts) or len(offsets) < math.prod(page.chunked) or not all(counts) or not all(offsets):
        raise damaged(path, "TIFF strips are missing")
    if max(o + n for o, n in zip(offsets, counts, strict=True)) > len(data):
        raise damaged(path, "TIFF strips lie behind its end")
    try:
        if page.compression != 1:
            tifffile.TIFF.DECOMPRESSORS[page.compression]
        if page.predictor != 1:
            tifffile.TIFF.UNPREDICTORS[page.predictor]
    except (KeyError, ImportError, AttributeError):
        raise _codec_missing(path, page) from None
    if page.compression == _LERC or page.compression in tifffile.TIFF.IMAGE_COMPRESSIONS:
        # JPEG 2000 drops what is beyond its bits without a word, and no predictor is undone behind these codecs.
        is_known = page.compression in (*_JPEG_2000, _LERC, *_JPEG_XL) and page.predictor == 1
        if not is_known or (page.compression in _JPEG_2000 and page.dtype.itemsize > 2):
            raise _codec_missing(path, page)
        largest = math.prod(page.chunks)
        if any(_stated_texels(data[o : o + 64]) > largest for o in offsets):
            raise damaged(path, "TIFF strips are larger than it says")


def _codec_missing(path: Path, page: Any) -> MapError:
    codec = shown(getattr(page.compression, "name", page.compression))
    return MapError(
        f"{path}: TIFF compression {codec} (predictor {int(page.predictor)}) cannot be read here; "
        "save it uncompressed or with Deflate (ZIP) without predictor"
    )


def _stated_texels(head: bytes) -> int:
    """Values that a JPEG 2000 or LERC stream says it holds, as far as its first bytes tell; 0 if not."""
    start = head.find(b"\xff\x4f\xff\x51")
    if start >= 0 and len(head) >= start + 24:
        x1, y1, x0, y0 = (int.from_bytes(head[start + i : start + i + 4], "big") for i in (8, 12, 16, 20))
        return max(x1 - x0, 0) * max(y1 - y0, 0)
    if head.startswith(b"Lerc2 ") and len(head) >= 22:
        first = 14 if int.from_bytes(head[6:10], "little") >= 3 else 10
        rows, columns = (int.from_bytes(head[first + i : first + i + 4], "little") for i in (0, 4))
        return rows * columns
    return 0


def _decoded(path: Path, page: Any, dtype: np.dtype[Any], wanted: Sequence[int]) -> list[Pixels]:
    pictures = [np.empty((page.imagelength, page.imagewidth), dtype) for _ in wanted]
    separate = int(page.planarconfig) == 2 and page.samplesperpixel > 1
    n_filled = 0
    try:
        for segment, (sample, _, y, x, _), _ in page.segments(maxworkers=1):
            if segment is None:
                raise damaged(path, "TIFF strips are missing")
            if segment.dtype != dtype or segment.ndim != 4:
                raise damaged(path, f"TIFF: decoded to {segment.dtype}")
            for picture, index in zip(pictures, wanted, strict=True):
                if separate and sample != index:
                    continue
                window = picture[y : y + segment.shape[1], x : x + segment.shape[2]]
                window[...] = segment[0, : window.shape[0], : window.shape[1], 0 if separate else index]
                n_filled += window.size
    except (ImportError, NotImplementedError) as error:
        raise _codec_missing(path, page) from error
    if n_filled != sum(picture.size for picture in pictures):
        raise damaged(path, "TIFF strips do not cover the picture")
    return pictures


def _upright(picture: Pixels, orientation: int) -> Pixels:
    """The stored picture turned so that its first row is the top and its first column the left (TIFF 6.0, p. 36)."""
    if orientation >= 5:  # rows of the file are columns of the picture
        picture = picture.T
    if orientation in (3, 4, 7, 8):
        picture = picture[::-1]
    if orientation in (2, 3, 6, 7):
        picture = picture[:, ::-1]
    return np.ascontiguousarray(picture)


def _page_name(page: Any, number: int) -> str:
    if not number:
        return ""
    name = page.tags.valueof(_PAGE_NAME, None)
    return f"{name}." if isinstance(name, str) and name and len(name) < 64 else f"page{number}."


def _sample_names(page: Any, n_samples: int) -> list[str]:
    """Names by the photometric interpretation, A for alpha, numbers for samples that nobody named."""
    if int(page.photometric) == _CMYK:
        return [str(i) for i in range(n_samples)]
    first = ("R", "G", "B") if int(page.photometric) == _RGB else ("Y",)
    alpha = [int(kind) in (1, 2) for kind in page.extrasamples or ()]
    if len(first) + len(alpha) != n_samples or (len(first) == 1 and n_samples > 1 and not any(alpha)):
        return [str(i) for i in range(n_samples)]
    names = [*first]
    for is_alpha in alpha:
        names.append("A" if is_alpha and "A" not in names else str(len(names)))
    return names


def _facts(page: Any) -> dict[str, object]:
    text = page.tags.valueof(270, None)
    return {"ImageDescription": text} if isinstance(text, str) and len(text) <= MAX_TEXT_BYTES else {}


def _no_data(page: Any) -> float | None:
    text = page.tags.valueof(_GDAL_NODATA, None)
    try:
        return float(str(text).strip("\0 ")) if text is not None else None
    except ValueError:
        return None
