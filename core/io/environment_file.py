"""Environments that were photographed: equirectangular pictures of light, .hdr (Radiance) and .exr.

As artists' programs have them: seen from inside, row 0 above. The middle lies behind the head, where the camera in
front looks to, and columns go on to the subject's left.
"""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.exr import SIGNATURE, open_exr
from rhytid.core.io.formats.picture import Layer, damaged
from rhytid.core.maps.panorama import BRIGHTEST, HEIGHT, Panorama

Float32 = npt.NDArray[np.float32]

ENVIRONMENT_SUFFIXES = (".hdr", ".exr")
MEAN_RADIANCE = 0.6
"""Mean over the sphere that each one gets: with no lamp beside it a face is about as bright as in the studio."""
_LIT_ALIKE = 100.0  # a sun counts as no brighter than so many times the mean when the exposure is chosen
_MAX_FILE_BYTES = 1 << 29
_MAX_WIDTH, _MIN_WIDTH = 16384, 64
_MOST = 1e9  # brighter than any sun in any scale
_HEADER = 4096
_SIZE = re.compile(rb"\n-Y (\d{1,6}) \+X (\d{1,6})\n")


def is_environment(path: Path) -> bool:
    """Whether a file is taken for an environment by its name and its first bytes: an EXR of 2 to 1, or any .hdr."""
    suffix = path.suffix.lower()
    if suffix == ".hdr":
        return True
    if suffix != ".exr":
        return False
    try:
        layer = _layer(path, _content(path))
    except (MapError, OSError):
        return False
    return layer.width == 2 * layer.height


def read_environment(path: Path) -> Panorama:
    """Read an environment, make it small and normalise its exposure.

    Raises
    ------
    MapError
        It is none, is damaged, too large, not twice as wide as high, or holds light that cannot be; the message names
        file and remedy.
    OSError
        It cannot be opened.
    """
    data = _content(path)
    radiance = _from_exr(path, data) if data.startswith(SIGNATURE) else _from_hdr(path, data)
    if not np.isfinite(radiance).all():
        raise MapError(f"{path}: the environment holds values that are no numbers; clean it and save it again")
    if radiance.min() < 0:
        raise MapError(f"{path}: the environment holds negative light; clamp it at 0 and save it again")
    if radiance.max() > _MOST:
        raise MapError(f"{path}: the environment holds light above {_MOST:g}; lower its exposure and save it again")
    small = np.asarray(cv2.resize(radiance, (2 * HEIGHT, HEIGHT), interpolation=cv2.INTER_AREA), np.float32)
    # Seen from the head: its middle is in front, and from there it goes to the subject's left.
    turned = np.roll(small[:, ::-1], HEIGHT, axis=1)
    return Panorama.of(path.name[-200:], _exposed(path, turned))


def _exposed(path: Path, radiance: Float32) -> Float32:
    rows = (np.arange(HEIGHT) + 0.5) / HEIGHT * np.pi
    weight = np.broadcast_to(np.sin(rows)[:, None, None], radiance.shape)
    mean = float(np.average(radiance, weights=weight))
    if mean <= 0:
        raise MapError(f"{path}: the environment is black; export it with light in it")
    lit = float(np.average(np.minimum(radiance, mean * _LIT_ALIKE), weights=weight))
    return np.clip(radiance * np.float32(MEAN_RADIANCE / lit), 0, np.float32(BRIGHTEST))


def _content(path: Path) -> bytes:
    size = path.stat().st_size
    if size > _MAX_FILE_BYTES:
        raise MapError(f"{path}: the file has {size >> 20} MB, at most {_MAX_FILE_BYTES >> 20} are read; scale it down")
    return path.read_bytes()


def _layer(path: Path, data: bytes) -> Layer:
    return open_exr(path, data)[0]


def _from_exr(path: Path, data: bytes) -> Float32:
    layer = _layer(path, data)
    _check_extent(path, layer.width, layer.height)
    by_end = {name.rpartition(".")[2].upper(): number for number, name in reversed(list(enumerate(layer.channels)))}
    wanted = [by_end[name] for name in "RGB" if name in by_end] or [by_end[name] for name in "Y" if name in by_end]
    if len(wanted) not in (1, 3):
        raise MapError(f"{path}: the EXR has no channels R, G and B; export it as a colour")
    if any(layer.dtypes[number] == "uint32" for number in wanted):
        raise MapError(f"{path}: the EXR holds whole numbers; export it as half or float")
    planes = [plane.astype(np.float32) for plane in layer.decode(wanted)]
    return np.stack(planes * (3 // len(planes)), axis=-1)


def _from_hdr(path: Path, data: bytes) -> Float32:
    if not data.startswith((b"#?RADIANCE", b"#?RGBE")):
        raise MapError(f"{path}: neither a Radiance .hdr nor an OpenEXR file; export the environment as one of them")
    found = _SIZE.search(data[:_HEADER])
    if found is None:
        raise damaged(path, "no size in its header")
    height, width = int(found[1]), int(found[2])
    _check_extent(path, width, height)
    try:
        read = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_ANYDEPTH | cv2.IMREAD_COLOR)
    except cv2.error as error:
        raise damaged(path, error) from error
    if read is None or read.shape != (height, width, 3) or read.dtype != np.float32:
        raise damaged(path, "its pixels cannot be read")
    return np.ascontiguousarray(read[..., ::-1])


def _check_extent(path: Path, width: int, height: int) -> None:
    if width != 2 * height:
        raise MapError(
            f"{path}: the picture is {width} x {height}; an environment is twice as wide as high: export it as "
            "equirectangular (latitude-longitude)"
        )
    if not _MIN_WIDTH <= width <= _MAX_WIDTH:
        raise MapError(f"{path}: the environment is {width} wide; {_MIN_WIDTH} to {_MAX_WIDTH} are read: scale it")
