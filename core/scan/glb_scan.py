"""A scan out of a GLB: all its meshes where they stand in the scene, with base colours or colours of vertices."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rhytid.core.files.glb import Entry, Glb
from rhytid.core.head.gltf import placed_nodes
from rhytid.core.head.head import Float32, Int32
from rhytid.core.scan.pictures import MAX_BYTES, Pictures
from rhytid.core.scan.texture import NO_PICTURE, ScanColor, Texture, VertexColors

UInt8 = npt.NDArray[np.uint8]

_TRIANGLES = 4
_MOST_PIECES = 256


@dataclass(frozen=True, eq=False)
class _Piece:
    positions: Float32
    triangles: Int32
    uv: Float32
    colors: UInt8 | None
    picture: int


def read_glb_scan(
    path: Path, limits: tuple[int, int, int], pictures: Pictures, with_color: bool
) -> tuple[Float32, Int32, ScanColor | None]:
    """The content of a GLB as one mesh, as it stands in the scene: vertices (V, 3), triangles (T, 3), colour.

    Parameters
    ----------
    path : Path
    limits : 3 int
        The most bytes, vertices and triangles that are read.
    pictures : Pictures
    with_color : bool
        Also its colour, where it has one.

    Raises
    ------
    FileRefused
        Damaged, compressed or too large.
    OSError
        The file cannot be read.
    """
    reader = _Reader(path, limits, pictures, with_color)
    pieces = reader.pieces()
    if not pieces:
        raise reader.refused("holds no triangles")
    first = np.cumsum([0] + [len(piece.positions) for piece in pieces])
    corners = np.concatenate([piece.triangles + np.int32(at) for at, piece in zip(first, pieces, strict=False)])
    vertices = np.concatenate([piece.positions for piece in pieces])
    color: ScanColor | None = None
    if reader.pictures:
        number = np.repeat([piece.picture for piece in pieces], [len(piece.triangles) for piece in pieces])
        uv = np.concatenate([piece.uv for piece in pieces])
        color = Texture(uv, corners, number.astype(np.int16), tuple(reader.pictures))
    elif with_color and all(piece.colors is not None for piece in pieces):
        color = VertexColors(np.concatenate([piece.colors for piece in pieces if piece.colors is not None]))
    return vertices, corners, color


class _Reader:
    """Takes a GLB apart; `pictures` are those that were read so far."""

    def __init__(self, path: Path, limits: tuple[int, int, int], told: Pictures, with_color: bool) -> None:
        max_bytes, self._max_vertices, self._max_triangles = limits
        self._glb = Glb(path, max_bytes, 3 * self._max_triangles)
        self._told, self._with_color = told, with_color
        self._of_image: dict[int, int] = {}
        self.pictures: list[UInt8] = []
        self.refused = self._glb.refused

    def pieces(self) -> list[_Piece]:
        glb = self._glb
        found: list[_Piece] = []
        max_vertices, max_triangles = self._max_vertices, self._max_triangles
        for node, matrix in placed_nodes(glb):
            for primitive in glb.entries(glb.entry("meshes", node.get("mesh")), "primitives"):
                if not isinstance(primitive, dict) or primitive.get("mode", _TRIANGLES) != _TRIANGLES:
                    continue
                attributes = primitive.get("attributes")
                if not isinstance(attributes, dict):
                    raise glb.refused("is damaged (attributes)")
                count = glb.count(attributes.get("POSITION"))
                n_corners = count if primitive.get("indices") is None else glb.count(primitive.get("indices"))
                max_vertices, max_triangles = max_vertices - count, max_triangles - n_corners // 3
                if max_vertices < 0 or max_triangles < 0 or len(found) >= _MOST_PIECES:
                    raise glb.refused("holds more than a scan may: reduce it")
                found.append(self._piece(primitive, attributes, matrix))
        return found

    def _piece(self, primitive: Entry, attributes: Entry, matrix: npt.NDArray[np.float64]) -> _Piece:
        glb = self._glb
        positions = glb.values(attributes.get("POSITION"))
        count = len(positions)
        if positions.shape != (count, 3) or not np.isfinite(positions).all():
            raise glb.refused("has vertices that are no finite numbers")
        index = np.arange(count) if primitive.get("indices") is None else glb.values(primitive["indices"])[:, 0]
        if index.dtype.kind not in "iu" or len(index) % 3 or (len(index) and int(index.max()) >= count):
            raise glb.refused("is damaged (indices)")
        triangles = index.astype(np.int32).reshape(-1, 3)
        if np.linalg.det(matrix[:3, :3]) < 0:
            triangles = triangles[:, ::-1]
        with np.errstate(over="ignore"):
            placed = (positions @ matrix[:3, :3].T + matrix[:3, 3]).astype(np.float32)
        if not np.isfinite(placed).all():
            raise glb.refused("has vertices that are no finite numbers")
        picture, uv_set = self._picture(primitive)
        uv = self._uv(attributes, f"TEXCOORD_{uv_set}", count)
        colors = self._vertex_colors(attributes, count)
        if uv is None:
            picture, uv = NO_PICTURE, np.zeros((count, 2), np.float32)
        return _Piece(placed, np.ascontiguousarray(triangles), uv, colors, picture)

    def _uv(self, attributes: Entry, name: str, count: int) -> Float32 | None:
        if attributes.get(name) is None:
            return None
        with np.errstate(over="ignore"):
            given = self._glb.values(attributes[name]).astype(np.float32)
        if given.shape != (count, 2) or not np.isfinite(given).all():
            return None
        return np.stack([given[:, 0], 1 - given[:, 1]], axis=1)  # glTF counts rows from the top

    def _vertex_colors(self, attributes: Entry, count: int) -> UInt8 | None:
        if attributes.get("COLOR_0") is None:
            return None
        given = self._glb.values(attributes["COLOR_0"])
        if given.shape not in ((count, 3), (count, 4)) or given.dtype.kind != "f":
            return None
        linear = np.nan_to_num(given[:, :3]).clip(0, 1)
        encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
        return np.rint(255 * encoded).astype(np.uint8)

    def _picture(self, primitive: Entry) -> tuple[int, int]:
        """Number of the primitive's base colour among the pictures, and of its texture coordinates."""
        glb = self._glb
        material = glb.entry("materials", primitive["material"]) if primitive.get("material") is not None else {}
        rough = material.get("pbrMetallicRoughness")
        shown = rough.get("baseColorTexture") if isinstance(rough, dict) else None
        if not isinstance(shown, dict) or not self._with_color:
            return NO_PICTURE, 0
        texture = glb.entry("textures", shown.get("index"))
        uv_set = shown.get("texCoord", 0)
        extension = texture.get("extensions")
        webp = extension.get("EXT_texture_webp") if isinstance(extension, dict) else None
        source = webp.get("source") if isinstance(webp, dict) else texture.get("source")
        if type(source) is not int or type(uv_set) is not int or not 0 <= uv_set < 8:
            self._told.remarks.append("a texture of it is of a kind that is not read")
            return NO_PICTURE, 0
        if source not in self._of_image:
            picture = self._read(source)
            self._of_image[source] = NO_PICTURE if picture is None else len(self.pictures)
            self.pictures += [] if picture is None else [picture]
        return self._of_image[source], uv_set

    def _read(self, source: int) -> UInt8 | None:
        image = self._glb.entry("images", source)
        if image.get("bufferView") is not None:
            data = self._glb.view_bytes(image["bufferView"])
        else:
            data = self._glb.named_bytes(str(image.get("uri")), MAX_BYTES)
        return self._told.within(data, str(image.get("name", source)))
