"""Files of scans, as scanners and scan programs write them."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.floating]
Quads = npt.NDArray[np.integer]


def write_ply(path: Path, vertices: Numbers, quads: Quads, colors: Numbers) -> None:
    """Binary PLY with colours (V, 3), 0..255."""
    row = np.zeros(len(vertices), [("p", "<f4", 3), ("c", "u1", 3)])
    row["p"], row["c"] = vertices, colors
    face = np.zeros(len(quads), [("n", "u1"), ("i", "<i4", 4)])
    face["n"], face["i"] = 4, quads
    header = (
        f"ply\nformat binary_little_endian 1.0\nelement vertex {len(row)}\n"
        + "".join(f"property float {axis}\n" for axis in "xyz")
        + "".join(f"property uchar {color}\n" for color in ("red", "green", "blue"))
        + f"element face {len(face)}\nproperty list uchar int vertex_indices\nend_header\n"
    )
    path.write_bytes(header.encode() + row.tobytes() + face.tobytes())


def write_textured(path: Path, vertices: Numbers, quads: Quads, uv: Numbers, rgb: npt.NDArray[np.uint8]) -> None:
    """PLY, OBJ with MTL, or GLB, by the suffix, whose picture lies on it.

    Parameters
    ----------
    uv : (V, 2)
        Origin bottom left.
    rgb : uint8 (H, W, 3)
        Row 0 on top.
    """
    png = cv2.imencode(".png", rgb[..., ::-1])[1].tobytes()
    triangles = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])
    if path.suffix == ".glb":
        path.write_bytes(_glb(vertices, triangles, uv, png))
        return
    picture = path.with_name("its skin.png")
    picture.write_bytes(png)
    if path.suffix == ".ply":
        path.write_bytes(_textured_ply(vertices, triangles, uv, picture.name))
        return
    path.with_suffix(".mtl").write_text(f"newmtl skin\nKd 1 1 1\nmap_Kd -bm 0.5 C:\\scans\\{picture.name}\n")
    with path.open("w") as stream:
        stream.write(f"mtllib {path.with_suffix('.mtl').name}\n")
        np.savetxt(stream, vertices, "v %.7g %.7g %.7g")
        np.savetxt(stream, uv, "vt %.6g %.6g")
        stream.write("usemtl skin\n")
        np.savetxt(stream, np.repeat(quads + 1, 2, axis=1), "f %d/%d %d/%d %d/%d %d/%d")


def _textured_ply(vertices: Numbers, triangles: Quads, uv: Numbers, name: str) -> bytes:
    row = np.ascontiguousarray(vertices, "<f4")
    face = np.zeros(len(triangles), [("n", "u1"), ("i", "<i4", 3), ("m", "u1"), ("uv", "<f4", 6), ("t", "<i4")])
    face["n"], face["i"], face["m"], face["uv"] = 3, triangles, 6, uv[triangles].reshape(-1, 6)
    header = (
        f"ply\nformat binary_little_endian 1.0\ncomment TextureFile {name}\nelement vertex {len(row)}\n"
        + "".join(f"property float {axis}\n" for axis in "xyz")
        + f"element face {len(face)}\nproperty list uchar int vertex_indices\n"
        + "property list uchar float texcoord\nproperty int texnumber\nend_header\n"
    )
    return header.encode() + row.tobytes() + face.tobytes()


def _glb(vertices: Numbers, triangles: Quads, uv: Numbers, png: bytes) -> bytes:
    arrays = [np.ascontiguousarray(vertices, "<f4"), np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1).astype("<f4")]
    views = [arrays[0].tobytes(), arrays[1].tobytes(), np.ascontiguousarray(triangles, "<u4").tobytes(), png]
    views = [view + bytes(-len(view) % 4) for view in views]
    starts = np.cumsum([0, *map(len, views)]).tolist()
    content = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": starts[-1]}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": start, "byteLength": len(view)}
            for start, view in zip(starts, views, strict=False)
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": len(vertices), "type": "VEC3"},
            {"bufferView": 1, "componentType": 5126, "count": len(uv), "type": "VEC2"},
            {"bufferView": 2, "componentType": 5125, "count": triangles.size, "type": "SCALAR"},
        ],
        "images": [{"bufferView": 3, "mimeType": "image/png"}],
        "textures": [{"source": 0}],
        "materials": [{"pbrMetallicRoughness": {"baseColorTexture": {"index": 0}}}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0, "TEXCOORD_0": 1}, "indices": 2, "material": 0}]}],
        "nodes": [{"mesh": 0, "translation": [0, 0, 0]}],
    }
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    body = b"".join(struct.pack("<I", len(data)) + kind + data
                    for kind, data in ((b"JSON", text), (b"BIN\0", b"".join(views))))  # fmt: skip
    return b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body
