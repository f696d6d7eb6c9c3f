"""Reading Wavefront OBJ: the one reader of the program.

Not trimesh, which reads the project's other meshes: it cuts quads into triangles, makes a mesh of each material,
renumbers vertices, and knows no indices that count backwards. A head's shapes are told by the number and the
order of the vertices, so a reader has to keep both.

Everything is read as the format states it, whatever wrote it: indices that count backwards, any line ends, a byte
order mark, UTF-16, lines that go on behind a backslash, colours or weights behind coordinates, polygons of any
size. What cannot be read exactly is refused with the number of its line.
"""

from __future__ import annotations

import codecs
import io
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import numpy as np
import numpy.typing as npt

from rhytid.core.files.reading import FileRefused, read_file

Bytes = npt.NDArray[np.uint8]
Float64 = npt.NDArray[np.float64]
Index = npt.NDArray[np.int64]

_REMEDY = "export it again as OBJ"
_FEWER = "export it with fewer faces"
_FACES_AT_ONCE = 1 << 18  # in words of eight bytes a character is large
_NEW_LINE, _SPACE, _MINUS, _ZERO, _NINE, _SLASH = b"\n -09/"


@dataclass(frozen=True, eq=False)
class ObjMesh:
    """The statements of an OBJ that a mesh is made of, in the file's order and units.

    Attributes
    ----------
    vertices : float64 (V, 3)
    uv : float64 (U, 2)
        Origin bottom left.
    normals : float64 (N, 3)
    corners : int64 (C, 3)
        Vertex, texture coordinate and normal of each corner of each face, -1 where none is stated.
    n_corners : int64 (F,)
        Corners of each face, 3 or more; they lie in `corners` one face after the other.
    material : int64 (F,)
        Index into `material_names`.
    material_names : tuple of str
        "" for faces before the first `usemtl`.
    libraries : tuple of str
        The MTL files that it names.
    """

    vertices: Float64
    uv: Float64
    normals: Float64
    corners: Index
    n_corners: Index
    material: Index
    material_names: tuple[str, ...]
    libraries: tuple[str, ...] = ()

    def quads(self) -> tuple[Index, Index]:
        """Triangles, quads, and fans of larger polygons.

        Returns
        -------
        corners : int64 (Q, 4, 3)
            As `corners`, in the file's order; the fourth is -1 for a triangle.
        face : int64 (Q,)
            The face that each is a piece of.
        """
        first = np.cumsum(self.n_corners) - self.n_corners
        n_pieces = np.where(self.n_corners > 4, self.n_corners - 2, 1)
        face = np.repeat(np.arange(len(self.n_corners)), n_pieces)
        piece = np.arange(len(face)) - np.repeat(np.cumsum(n_pieces) - n_pieces, n_pieces)
        base = first[face]
        quads = np.full((len(face), 4, 3), -1, np.int64)
        quads[:, 0] = self.corners[base]
        quads[:, 1] = self.corners[base + piece + 1]
        quads[:, 2] = self.corners[base + piece + 2]
        is_quad = self.n_corners[face] == 4
        quads[is_quad, 3] = self.corners[base[is_quad] + 3]
        return quads, face


@dataclass(frozen=True)
class ObjLimits:
    """The most that an OBJ may hold; checked before anything is decoded."""

    n_bytes: int
    lines: int
    vertices: int
    faces: int


def read_obj_mesh(path: str | os.PathLike[str], limits: ObjLimits) -> ObjMesh:
    """Read an OBJ.

    Raises
    ------
    FileRefused
        Not a regular file, too large, or damaged; the message names the file, the line and what to do.
    OSError
        The file cannot be read.
    """
    lines = _Lines(Path(path), limits)
    vertices, uv, normals = lines.numbers(b"v", 3), lines.numbers(b"vt", 2), lines.numbers(b"vn", 3)
    corners, n_corners = lines.faces((len(vertices), len(uv), len(normals)))
    return ObjMesh(vertices, uv, normals, corners, n_corners, *lines.materials(), lines.libraries())


def read_obj_vertices(path: str | os.PathLike[str], limits: ObjLimits) -> Float64:
    """Only the vertices (V, 3) of an OBJ; raises as `read_obj_mesh`."""
    return _Lines(Path(path), limits).numbers(b"v", 3)


class _Lines:
    """The lines of an OBJ and where each begins."""

    def __init__(self, path: Path, limits: ObjLimits) -> None:
        self._path = path
        data = _text(path, read_file(path, limits.n_bytes, _FEWER))
        if data.count(b"\n") > limits.lines:
            raise FileRefused(f"{path}: more than {limits.lines} lines; {_FEWER}")
        self._bytes: Bytes = np.frombuffer(data, np.uint8)
        self._end = np.flatnonzero(self._bytes == _NEW_LINE)
        self._start = np.concatenate([[0], self._end[:-1] + 1])
        # Texture coordinates and normals of their own at each corner of a quad are four times the vertices.
        most = {b"v": limits.vertices, b"vt": 4 * limits.vertices, b"vn": 4 * limits.vertices, b"f": limits.faces}
        self._at = {keyword: self._with(keyword) for keyword in most}
        for keyword, count in most.items():
            if len(self._at[keyword]) > count:
                raise FileRefused(f"{path}: more than {count} lines with {keyword.decode()}; {_FEWER}")

    def numbers(self, keyword: bytes, n_columns: int) -> Float64:
        """First numbers of the statements with that keyword (N, n_columns); what stands behind them is skipped."""
        chosen = self._at[keyword]
        if not len(chosen):
            return np.zeros((0, n_columns))
        columns = range(1, n_columns + 1)
        try:
            values: Float64 = np.loadtxt(
                io.BytesIO(self._of(chosen).tobytes()), np.float64, usecols=columns, ndmin=2, comments=None,
                encoding="latin-1",
            )  # fmt: skip
        except ValueError as error:
            self._refuse_numbers(chosen, n_columns, str(error))
        broken = ~np.isfinite(values).all(axis=1)
        if broken.any():
            self._refuse(int(chosen[broken.argmax()]), "has a coordinate that is not a finite number")
        return values

    def faces(self, counts: tuple[int, int, int]) -> tuple[Index, Index]:
        """Indices from 0 of each corner (C, 3), -1 where none is stated, and corners of each face (F,)."""
        chosen = self._at[b"f"]
        corners, n_corners = [np.zeros((0, 3), np.int64)], [np.zeros(0, np.int64)]
        for start in range(0, len(chosen), _FACES_AT_ONCE):
            some = self._faces(chosen[start : start + _FACES_AT_ONCE], counts)
            corners.append(some[0])
            n_corners.append(some[1])
        return np.concatenate(corners), np.concatenate(n_corners)

    def _faces(self, chosen: npt.NDArray[np.intp], counts: tuple[int, int, int]) -> tuple[Index, Index]:
        text = self._of(chosen).copy()
        length = self._end[chosen] - self._start[chosen] + 1
        text[np.cumsum(length) - length] = _SPACE
        is_digit = (text >= _ZERO) & (text <= _NINE)
        known = is_digit | np.isin(text, np.frombuffer(b" \n-/", np.uint8))
        # A minus sign belongs to the number behind it and to nothing before.
        minus = text[1:] == _MINUS
        known[1:][minus] &= ~is_digit[:-1][minus] & (text[:-1][minus] != _MINUS)
        known[:-1][text[:-1] == _MINUS] &= is_digit[1:][text[:-1] == _MINUS]
        known[1:][text[:-1] == _SPACE] &= text[1:][text[:-1] == _SPACE] != _SLASH
        line_of = np.repeat(np.arange(len(chosen)), length)
        self._refuse_if(~known, line_of, chosen, "has a corner that is no index")
        written = ~((text == _SPACE) | (text == _NEW_LINE))
        begins = written & ~np.concatenate([[False], written[:-1]])
        n_corners = np.bincount(line_of[begins], minlength=len(chosen))
        self._refuse_if(n_corners < 3, None, chosen, "is a face with fewer than 3 corners")
        corner_of = np.cumsum(begins) - 1
        n_slashes = np.bincount(corner_of[text == _SLASH], minlength=int(n_corners.sum()))
        face_of = np.repeat(np.arange(len(chosen)), n_corners)
        first = np.cumsum(n_corners) - n_corners
        odd = (n_slashes > 2) | (n_slashes != n_slashes[first][face_of])
        self._refuse_if(odd, face_of, chosen, "has corners that are written in different ways")
        # An index that is left out becomes 0, which OBJ never uses.
        filled = re.sub(rb"/(?=[/ \n])", b"/0", text.tobytes()).replace(b"/", b" ")
        flat = np.fromstring(filled.decode("ascii"), np.int64, sep=" ")
        n_fields = n_slashes + 1
        if len(flat) != n_fields.sum():
            raise FileRefused(f"{self._path}: the faces cannot be read; {_REMEDY}")
        at = np.cumsum(n_fields) - n_fields
        corners = np.full((len(n_fields), 3), -1, np.int64)
        for column, (keyword, count, what) in enumerate(zip((b"v", b"vt", b"vn"), counts, _NAMES, strict=True)):
            stated = n_fields > column
            given = flat[at[stated] + column]
            if (given < 0).any():
                # Backwards from the last one stated before the face.
                before = np.searchsorted(self._at[keyword], chosen)[face_of[stated]]
                index = np.where(given < 0, before + given, given - 1)
            else:
                index = given - 1
            absent = (given == 0) & (column > 0)
            outside = ~absent & ((index < 0) | (index >= count))
            if outside.any():
                worst = int(outside.argmax())
                line = int(chosen[face_of[stated][worst]])
                self._refuse(line, f"is a face that names {what} {given[worst]}, which is not there (of {count})")
            corners[stated, column] = np.where(absent, -1, index)
        return corners, n_corners

    def materials(self) -> tuple[Index, tuple[str, ...]]:
        """Material of each face (F,) and the names of the materials, in the order of their first use."""
        switches = self._with(b"usemtl")
        names: dict[str, int] = {"": 0}
        number = [0]
        for line in switches.tolist():
            name = self._line(line)[6:].strip().decode("utf-8", "replace")
            number.append(names.setdefault(name, len(names)))
        section = np.searchsorted(switches, self._at[b"f"])
        return np.array(number, np.int64)[section], tuple(names)

    def libraries(self) -> tuple[str, ...]:
        """Names of the MTL files."""
        stated = (self._line(line)[6:].strip().decode("utf-8", "replace") for line in self._with(b"mtllib").tolist())
        return tuple(dict.fromkeys(name for name in stated if name))

    def _with(self, keyword: bytes) -> npt.NDArray[np.intp]:
        """Lines that begin with a keyword, their numbers from 0 (N,)."""
        fits = self._end - self._start >= len(keyword)
        for place, wanted in enumerate(keyword):
            fits[fits] = self._bytes[self._start[fits] + place] == wanted
        behind = self._bytes[self._start[fits] + len(keyword)]
        fits[fits] = (behind == _SPACE) | (behind == _NEW_LINE)
        return np.flatnonzero(fits)

    def _of(self, chosen: npt.NDArray[np.intp]) -> Bytes:
        """The bytes of the chosen lines, one after the other."""
        if not len(chosen):
            return self._bytes[:0]
        first, last = int(chosen[0]), int(chosen[-1])
        is_chosen = np.zeros(last + 1 - first, bool)
        is_chosen[chosen - first] = True
        length = (self._end - self._start + 1)[first : last + 1]
        return self._bytes[self._start[first] : self._end[last] + 1][np.repeat(is_chosen, length)]

    def _line(self, number: int) -> bytes:
        return self._bytes[self._start[number] : self._end[number]].tobytes()

    def _refuse_numbers(self, chosen: npt.NDArray[np.intp], n_columns: int, error: str) -> NoReturn:
        # numpy counts the row from 0 or from 1, depending on what is wrong with it.
        row = re.search(r"at row (\d+)", error)
        first = max(int(row[1]) - 1, 0) if row else 0
        for line in chosen[first : first + 2].tolist():
            words = self._line(line).split()[1 : n_columns + 1]
            if any(re.fullmatch(rb"[+-]?\d+,\d+", word) for word in words):
                self._refuse(line, "has a decimal comma where OBJ has a point")
            if not all(_NUMBER.fullmatch(word) for word in words):
                self._refuse(line, "has a coordinate that is no number")
            if len(words) < n_columns:
                self._refuse(line, f"has {len(words)} numbers, not {n_columns}: is the file cut off?")
        raise FileRefused(f"{self._path}: the coordinates cannot be read ({error}); {_REMEDY}")

    def _refuse_if(
        self, broken: npt.NDArray[np.bool_], line_of: Index | None, chosen: npt.NDArray[np.intp], what: str
    ) -> None:
        if broken.any():
            first = int(broken.argmax())
            self._refuse(int(chosen[first if line_of is None else line_of[first]]), what)

    def _refuse(self, line: int, what: str) -> NoReturn:
        quoted = self._line(line)[:40].decode("utf-8", "replace")
        raise FileRefused(f"{self._path}: line {line + 1} ({quoted!r}) {what}; {_REMEDY}")


_NAMES = ("vertex", "texture coordinate", "normal")
_NUMBER = re.compile(rb"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|nan|inf(?:inity)?)", re.IGNORECASE)


def _text(path: Path, data: bytes) -> bytes:
    """The file's lines in one spelling: UTF-8, no comments, line feeds, single statements, nothing before them."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            data = data.decode("utf-16").encode("utf-8")
        except UnicodeError:
            raise FileRefused(f"{path}: damaged UTF-16 text; {_REMEDY}") from None
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        raise FileRefused(f"{path}: binary data, not the text of an OBJ; {_REMEDY}")
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if b"\\\n" in data:
        data = data.replace(b"\\\n", b"  ")
    data = data.translate(bytes.maketrans(b"\t\v\f", b"   "))
    if b"#" in data:
        data = re.sub(rb"(^|[\n ])#[^\n]*", rb"\1", data)
    if b"\n " in data or data.startswith(b" "):
        data = re.sub(rb"(^|\n) +", rb"\1", data)
    return data if data.endswith(b"\n") else data + b"\n"
