"""Files that announce more than they hold cost a refusal: a second and little memory, decided before decoding."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
import tifffile

from rhytid.core.io.displacement_file import probe_displacement, read_displacement
from rhytid.core.io.errors import MapError
from rhytid.core.io.formats.png import png_chunk


def packed(row: bytes, n_rows: int) -> bytes:
    squeezer = zlib.compressobj(1)
    return b"".join([*(squeezer.compress(row) for _ in range(n_rows)), squeezer.flush()])


def png_of_zeros(side: int, color: int, row_bytes: int, n_rows: int) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        path.write_bytes(png(side, color, packed(bytes(row_bytes), n_rows)))

    return write


def png(side: int, color: int, data: bytes, *extra: bytes) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 16, color, 0, 0, 0))
    return b"".join([b"\x89PNG\r\n\x1a\n", header, *extra, png_chunk(b"IDAT", data), png_chunk(b"IEND", b"")])


def npy(shape: str, descr: str = "<f4") -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def exr_of_many_channels(path: Path) -> None:
    zeros = np.zeros((2048, 2048), np.float32)
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION}, {f"c{i:02}.R": zeros for i in range(40)}).write(str(path))


def exr_of_many_parts(path: Path) -> None:
    zeros = np.zeros((2048, 2048), np.float32)
    parts = [OpenEXR.Part({"name": f"p{i}"}, {"height" if i == 19 else "Z": zeros}) for i in range(20)]
    OpenEXR.File(parts).write(str(path))


def zipped(name: str, content: bytes, zeros_mib: int = 0) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
            archive.open(name, "w") as member,
        ):
            for part in (content, *[bytes(1 << 20)] * zeros_mib):
                member.write(part)

    return write


def tiff_with(tag: str, count: int | None = None, value: int | None = None) -> Callable[[Path], None]:
    def write(path: Path) -> None:
        tifffile.imwrite(path, np.zeros((64, 64), np.uint16), compression="zlib")
        data = bytearray(path.read_bytes())
        with tifffile.TiffFile(path) as tiff:
            offset = tiff.pages.first.tags[tag].offset
        if count is not None:
            struct.pack_into("<I", data, offset + 4, count)
        if value is not None:
            struct.pack_into("<I", data, offset + 8, value)
        path.write_bytes(data)

    return write


def tiff_without_end(path: Path) -> None:
    with tifffile.TiffWriter(path) as tiff:
        for _ in range(4):
            tiff.write(np.zeros((8, 8), np.uint8), contiguous=False)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as tiff:
        first, last = tiff.pages[0].offset, tiff.pages[3].offset
    (n_tags,) = struct.unpack_from("<H", data, last)
    struct.pack_into("<I", data, last + 2 + 12 * n_tags, first)
    path.write_bytes(data)


def jpeg_2000_of_60000(path: Path) -> None:
    tifffile.imwrite(path, np.zeros((64, 64), np.uint16), compression="jpeg2000")
    data = bytearray(path.read_bytes())
    struct.pack_into(">II", data, data.find(b"\xff\x4f\xff\x51") + 8, 60000, 60000)
    path.write_bytes(data)


FILES: dict[str, bytes | Callable[[Path], None]] = {
    "16384.png": png_of_zeros(16384, 0, 2 * 16384 + 1, 16384),
    "rgba.png": png_of_zeros(8192, 6, 8 * 8192 + 1, 8192),
    "rows_without_end.png": png_of_zeros(64, 0, 1 << 20, 400),
    "chunks.png": png(64, 0, b"")[:33] + png_chunk(b"abCd", b"") * 300_000,
    "lying_chunk.png": png(64, 0, b"")[:33] + struct.pack(">I", 0xFFFFFFF0) + b"IDAT",
    "channels.exr": exr_of_many_channels,
    "parts.exr": exr_of_many_parts,
    "lie.npy": npy("(8192, 8192)"),
    "beyond.npy": npy("(99999999999999999999999, 64)"),
    "axes.npy": npy("(" + "1, " * 30 + "64, 64)"),
    "nested.npy": b"\x93NUMPY\x01\x00" + struct.pack("<H", 9000) + b"(" * 9000,
    "long_header.npy": b"\x93NUMPY\x02\x00" + struct.pack("<I", 0xFFFFFFFF) + b"{" * 100,
    "void.npy": npy("(64, 64)", "V99999999"),
    "bomb.npz": zipped("a.npy", npy("(4096, 4096, 8)"), zeros_mib=512),
    "lie.npz": zipped("a.npy", npy("(4096, 4096)")),
    "text.npz": zipped("a.txt", b"no array"),
    "cut.npz": b"PK\x03\x04" + bytes(50),
    "offsets.tif": tiff_with("StripOffsets", count=0x7FFFFFFF),
    "counts.tif": tiff_with("StripByteCounts", count=200_000_000),
    "rows.tif": tiff_with("RowsPerStrip", value=0),
    "samples.tif": tiff_with("SamplesPerPixel", value=65535),
    "codec.tif": tiff_with("Compression", value=0x7777),
    "loop.tif": tiff_without_end,
    "jpeg2000.tif": jpeg_2000_of_60000,
}


PROGRAM = """
import json, sys, time
sys.path.insert(0, sys.argv[1])
import main
import rhytid.core.io.displacement_file as maps, scipy.fft
for path in sys.argv[2:]:
    started = time.perf_counter()
    try:
        maps.read_displacement(path)
        reason = "was read"
    except ValueError as error:
        reason = str(error)
    print(json.dumps([reason, time.perf_counter() - started]))
try:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1))
except ImportError:
    print(0)
"""


def refusals(paths: list[Path]) -> tuple[list[tuple[str, float]], int]:
    """Reason and seconds of each in a process of its own, and the most kB that it ever had."""
    root = os.fspath(Path(__file__).parents[2])
    command = [sys.executable, "-c", PROGRAM, root, *map(os.fspath, paths)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert done.stderr == "", "libraries keep quiet"
    *lines, most_kb = done.stdout.splitlines()
    return [tuple(json.loads(line)) for line in lines], int(most_kb)


def test_a_refusal_costs_little(tmp_path: Path) -> None:
    paths = []
    for name, content in FILES.items():
        paths.append(tmp_path / name)
        if isinstance(content, bytes):
            paths[-1].write_bytes(content)
        else:
            content(paths[-1])
    (tmp_path / "empty.png").write_bytes(b"")
    _, least_kb = refusals([tmp_path / "empty.png"])
    found, most_kb = refusals(paths)
    for path, (reason, seconds) in zip(paths, found, strict=True):
        assert path.name in reason
        assert len(reason.splitlines()) == 1
        assert seconds < 5, f"{path.name}: a second on a machine that does nothing else"
        with pytest.raises(MapError):
            probe_displacement(path)
    assert most_kb - least_kb < 300 << 10


def test_only_the_wanted_channel_of_an_exr_is_decoded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "m.exr"
    zeros = np.zeros((64, 64), np.float32)
    OpenEXR.File({}, {"height": zeros, **{f"c{i}": zeros for i in range(50)}}).write(str(path))

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("everything would be decoded")

    monkeypatch.setattr(OpenEXR, "File", refuse)
    assert read_displacement(path).shape == (64, 64)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names on this system")
def test_pipes_and_folders_are_no_maps(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    for path in (tmp_path / "pipe.png", tmp_path):
        with pytest.raises(MapError, match="not a file"):
            read_displacement(path)
