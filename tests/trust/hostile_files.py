"""Hostile files, each with what must be said of it: `python tests/trust/hostile_files.py` reads all of them.

They are made here, and read one after the other in a process of its own; a refusal may take a second and 300 MB.
"""

from __future__ import annotations

import functools
import io
import json
import os
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from formats import FORMATS, full_state, load_head, load_project_with_thumbnail, read_displacement, read_line_picture
from limits import Outcome, outcomes, slowness

from rhytid.core.document.action_units import load_action_units
from rhytid.core.document.project import save_project
from rhytid.core.files.reading import read_json
from rhytid.core.learned.weights import open_model

_Make = Callable[[Path], object]
BOMB = 400 << 20  # more than a refusal may take, of which little is packed


@dataclass(frozen=True)
class Case:
    """One hostile file.

    Attributes
    ----------
    name : str
    file : str
        What it is called.
    make : callable
        Writes it; gets its path.
    read : callable
    says : str
        Regular expression for what is said; "" where it must be read.
    """

    name: str
    file: str
    make: Callable[[Path], object]
    read: Callable[[Path], object]
    says: str


@functools.cache
def _members() -> dict[str, bytes]:
    with tempfile.TemporaryDirectory() as folder:
        save_project(Path(folder) / "a.rhytid", full_state())
        with zipfile.ZipFile(Path(folder) / "a.rhytid") as archive:
            return {name: archive.read(name) for name in archive.namelist()}


def _project(name: str, data: bytes | Callable[[], bytes], change: Callable[[dict], object] | None = None) -> _Make:
    """A project with another member, and another state."""

    def make(path: Path) -> None:
        members = {**_members(), name: data() if callable(data) else data}
        if change is not None:
            document = json.loads(members["project.json"])
            change(document["state"])
            members["project.json"] = json.dumps(document).encode()
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for member, content in members.items():
                archive.writestr(member, content)

    return make


def _document(state: bytes | Callable[[], bytes]) -> _Make:
    """A project whose state is this JSON."""
    begin = b'{"format": "rhytid project", "schema": 1, "state": '
    return _project("project.json", lambda: begin + (state() if callable(state) else state) + b"}")


def _state(**values: object) -> _Make:
    """A project with other values in its state."""
    return _project("project.json", lambda: _members()["project.json"], lambda state: state.update(values))


def _npy(shape: str, data: bytes = b"", descr: str = "'<f4'", version: bytes = b"\1\0") -> bytes:
    """An array whose header says `shape`, whatever follows."""
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    header += b" " * (118 - len(header)) + b"\n"
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + data


def _png(width: int, height: int, bits: int = 16, colour: int = 0, rows: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def _zeros(n_bytes: int) -> bytes:
    """Deflated zeros, made in pieces."""
    packer, pieces = zlib.compressobj(1), []
    for start in range(0, n_bytes, 1 << 22):
        pieces.append(packer.compress(bytes(min(1 << 22, n_bytes - start))))
    return b"".join(pieces) + packer.flush()


def _bytes(data: bytes | Callable[[], bytes]) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(data() if callable(data) else data)


def _sparse(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(3 << 30)


def _wide_exr(path: Path) -> None:
    import OpenEXR

    values = np.zeros((512, 512), np.float32)
    channels = {f"c{number:03d}": values for number in range(100)}
    OpenEXR.File({"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}, channels).write(str(path))


def _large_tiff(path: Path) -> None:
    """A tile of nothing that says it is one of a million."""
    tags = [(256, 4, 1 << 20), (257, 4, 1 << 20), (258, 3, 32), (259, 3, 1), (262, 3, 1), (273, 4, 8), (277, 3, 1),
            (278, 4, 1 << 20), (279, 4, 4), (339, 3, 3)]  # fmt: skip
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    path.write_bytes(b"II*\0" + struct.pack("<I", 12) + b"\0" * 4 + struct.pack("<H", len(tags)) + entries + b"\0" * 4)


def _npz(members: dict[str, Callable[[], bytes]]) -> _Make:
    def make(path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data())

    return make


def _bomb(name: str, n_bytes: int, header: bytes = b"") -> _Make:
    def make(path: Path) -> None:
        packed = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        with packed as archive, archive.open(name, "w") as member:
            member.write(header)
            for _ in range(n_bytes >> 22):
                member.write(bytes(1 << 22))

    return make


def _many_members(path: Path) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(70_000):
            archive.writestr(f"m{number}", b"")


def _pickled() -> bytes:
    stream = io.BytesIO()
    np.save(stream, np.array([{"a": 1}], object), allow_pickle=True)
    return stream.getvalue()


def _one_stroke_often(state: dict) -> None:
    state["strokes"] = [state["strokes"][1]] * 19_000


def _cases() -> Iterator[Case]:
    project, displacement, head = load_project_with_thumbnail, read_displacement, load_head
    odd = "device or a pipe"
    for kind, file, read in (
        ("project", "a.rhytid", project), ("map", "a.png", displacement), ("map", "a.exr", displacement),
        ("map", "a.npy", displacement), ("map", "a.tif", displacement), ("lines", "a.png", read_line_picture),
        ("head", "a.npz", head), ("head", "a.safetensors", head), ("json", "a.json", read_json),
        ("presets", "a.json", load_action_units),
    ):  # fmt: skip
        what = f"{kind} {Path(file).suffix}"
        yield Case(f"{what} of a device", file, lambda path: path.symlink_to("/dev/zero"), read, odd)
        yield Case(f"{what} of a pipe", file, os.mkfifo, read, odd)
        yield Case(f"{what} of three gigabytes", file, _sparse, read, "larger|too large|large")
        yield Case(f"{what} of nothing", file, _bytes(b""), read, ".")
        yield Case(f"{what} of noise", file, _bytes(bytes(range(256)) * 64), read, ".")


    def large() -> bytes:
        return _npy("(7000, 7000)", bytes(196_000_000))

    yield from (
        Case(name, "a.rhytid", make, project, says)
        for name, make, says in (
            ("16 million zeros", _document(lambda: b"[" + b"0," * 16_000_000 + b"0]"), "values"),
            ("5 million lists", _document(lambda: b"[" + b"[]," * 5_000_000 + b"[]]"), "values"),
            ("deep lists", _document(b"[" * 900_000), "deep"),
            ("deep objects", _document(b'{"a":' * 400_000), "deep"),
            ("1e400", _document(b"1e400"), "no number"),
            ("NaN", _document(b"NaN"), "no number"),
            ("a long number", _document(b"9" * 4_000_000), "no number"),
            ("NUL in a name", _document(b'"\\u0000"'), "NUL"),
            ("half a pair", _document(b'"\\udc00"'), "surrogates"),
            ("a name twice", _document(b'{"a":1,"a":2}'), "twice"),
            ("a long text", _document(lambda: b'"' + b"x" * 30_000_000 + b'"'), "object"),
            ("a stroke 19 000 times", _project("evil", b"", _one_stroke_often), "unknown"),
            ("points 19 000 times", _project("points.npy", _npy("(0, 3)"), _one_stroke_often), "points"),
            ("150 000 modes", _state(identity=[0.0] * 150_000), "modes"),
            ("a million lines", _state(strokes=[0] * 1_000_000), "at most"),
            ("a pickled map", _project("source.npy", _pickled), "float32"),
            ("a large map and a wrong age", _project("source.npy", large, lambda s: s.update(age=400.0)), "age"),
            ("a large map of another size", _project("source.npy", lambda: large()[:-4]), "what it holds"),
            ("a member outside", _project("../../evil", b""), "unsafe"),
            ("a member too many", _project("evil.sh", b""), "unknown"),
            ("a bomb", _bomb("project.json", BOMB), "bytes"),
        )
    )  # fmt: skip
    for shape in ("(8192, 8192)", "(999999, 999999)", "(-64, -64)", "(64,)", "()", "(64, 64, 1)", "(True, 64)",
                  "(1e9, 2)", "(10**9, 2)", "([],)", "(" * 50):  # fmt: skip
        for member in ("source.npy", "points.npy"):
            yield Case(f"{member} of {shape}", "a.rhytid", _project(member, _npy(shape)), project, "float32|what it h")
        yield Case(f"array of {shape}", "a.npy", _bytes(_npy(shape)), displacement, ".")
    for descr in ("'|O'", "'<f8'", "'<U99999999'", "[('a', '<f4')]", "'V2147483647'", "5"):
        array = _npy("(64, 64)", b"", descr)
        yield Case(f"map of type {descr}", "a.rhytid", _project("source.npy", array), project, "float32|what it hol")
        yield Case(f"array of type {descr}", "a.npy", _bytes(array), displacement, ".")
    yield Case("a pickled array", "a.npy", _bytes(_pickled), displacement, ".")
    yield Case("a pickled head", "a.npz", _npz({"neutral.npy": _pickled}), head, ".")
    yield Case("70 000 members", "a.rhytid", _many_members, project, "too many")
    for bits, read in ((16, displacement), (8, read_line_picture)):
        pixels = functools.partial(_zeros, bits << 25)
        large_png = _bytes(lambda bits=bits, pixels=pixels: _png(16_384, 16_384, bits, rows=pixels()))
        yield Case(f"16 384 texels of {bits} bits", "a.png", large_png, read, ".")
    yield Case("a map of 2^31", "a.png", _bytes(_png((1 << 31) - 1, (1 << 31) - 1)), displacement, ".")
    yield Case("a map of 0", "a.png", _bytes(_png(0, 0)), displacement, ".")
    yield Case("a strip of a map", "a.png", _bytes(_png(8_000_000, 1)), displacement, ".")
    yield Case("a map without pixels", "a.png", _bytes(_png(4096, 4096)), displacement, ".")
    yield Case("a map of a million", "a.tif", _large_tiff, displacement, ".")
    yield Case("100 channels", "a.exr", _wide_exr, displacement, "channel")
    yield Case("an NPZ bomb", "a.npz", _bomb("neutral.npy", BOMB, _npy("(300000000, 3)")), head, ".")
    yield Case("a head of many arrays", "a.npz", _many_members, head, ".")
    for number in (0, 1, (1 << 63) - 1, (1 << 64) - 1, 100_000_000):
        header = struct.pack("<Q", number) + b"{}" * 100
        yield Case(f"a header of {number}", "a.safetensors", _bytes(header), head, ".")
    tensors = {"a": {"dtype": "F32", "shape": [1 << 40], "data_offsets": [0, 1 << 42]}}
    text = json.dumps(tensors).encode()
    huge = struct.pack("<Q", len(text)) + text
    yield Case("a tensor outside", "a.safetensors", _bytes(huge), head, ".")
    yield Case("weights outside", "semm.safetensors", _bytes(huge), FORMATS["weights"].read, "outside")
    yield Case("a model of zeros", "semm.json", _bytes(b"[" + b"0," * 500_000 + b"0]"),
               lambda path: open_model("semm", path.parent), "values")  # fmt: skip
    sidecar = FORMATS["sidecar"]
    for name, data in (("zeros", b"[" + b"0," * 500_000 + b"0]"), ("depth", b"[" * 500_000), ("noise", bytes(256))):
        yield Case(f"a sidecar of {name}", sidecar.file, _bytes(data), sidecar.read, "")


CASES = tuple(_cases())


def tried(cases: tuple[Case, ...]) -> list[Outcome]:
    """What the readers make of the cases; a wrong message is an outcome of the kind "message"."""
    with tempfile.TemporaryDirectory(prefix="hostile") as name:
        folder = Path(name)
        files = []
        for number, case in enumerate(cases):
            path = folder / str(number) / case.file
            path.parent.mkdir()
            if case.read is FORMATS["sidecar"].read:
                FORMATS["sidecar"].prepare(path)
            case.make(path)
            files.append(path)

        def read(number: int) -> Path:
            cases[number].read(files[number])
            return files[number]

        found = []
        for outcome in outcomes(len(cases), read, slowness()):
            says = cases[outcome.number].says
            wrong = outcome.kind == "refused" and (not says or not re.search(says, outcome.text))
            if wrong or (outcome.kind == "valid" and says):
                outcome = replace(outcome, kind="message", text=f"expected {says!r}: {outcome.text}")
            found.append(outcome)
        return found


if __name__ == "__main__":
    cv2.setNumThreads(1)
    print(json.dumps([{**asdict(outcome), "name": CASES[outcome.number].name} for outcome in tried(CASES)]))
