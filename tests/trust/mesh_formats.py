"""Small valid files with meshes, for the fuzzing: OBJ, glTF, PLY, materials, the Basel Face Model, USD."""

from __future__ import annotations

import base64
import json
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from scan_samples import write_ply, write_textured

from rhytid.core.files.apart import read_apart
from rhytid.core.head.arrays import read_npz
from rhytid.core.resources import resource
from rhytid.core.scan.glb_scan import read_glb_scan
from rhytid.core.scan.pictures import Pictures


def written(name: str, write: Callable[[Path], object]) -> bytes:
    """Bytes of the file that `write` makes."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        write(path)
        return path.read_bytes()


def objs() -> list[bytes]:
    lines = ["mtllib a.mtl", "v 0 0 0", "v 1 0 0", "v 1 1 0", "v 0 1 0", "vt 0 0", "vt 1 1", "vn 0 0 1", "usemtl skin",
             "f 1/1/1 2/2/1 3/2/1 4/1/1", "f 1 2 3", "f -1 -2 -3"]  # fmt: skip
    return [("\n".join(lines) + "\n").encode(), ("\r\n".join(lines[1:5] + lines[-2:]) + "\r\n").encode()]


def glbs() -> list[bytes]:
    """One accessor of three vertices."""
    values = np.arange(9, dtype="<f4").tobytes()
    content = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": len(values)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(values)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3"}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
        "nodes": [{"mesh": 0}],
    }
    text = json.dumps(content).encode()
    text += b" " * (-len(text) % 4)
    parts = ((b"JSON", text), (b"BIN\0", values))
    body = b"".join(struct.pack("<I", len(data)) + kind + data for kind, data in parts)
    return [b"glTF" + struct.pack("<II", 2, 12 + len(body)) + body]


def gltfs() -> list[bytes]:
    content = json.loads(glbs()[0][20:].partition(b"BIN\0")[0][:-4])
    content["buffers"][0]["uri"] = "data:;base64," + base64.b64encode(np.arange(9, dtype="<f4").tobytes()).decode()
    return [json.dumps(content).encode(), json.dumps(content, indent=1).encode()]


def _scan_mesh() -> tuple[np.ndarray, np.ndarray]:
    """Vertices and quads of a bent square."""
    x, y = np.meshgrid(np.arange(5.0), np.arange(5.0))
    first = (np.arange(4)[:, None] * 5 + np.arange(4)).reshape(-1)
    return np.stack([x, y, x * y], axis=-1).reshape(-1, 3), np.stack([first, first + 1, first + 6, first + 5], axis=1)


def plys() -> list[bytes]:
    """With colours of vertices, with a texture, as text."""
    vertices, quads = _scan_mesh()
    picture = np.zeros((4, 4, 3), np.uint8)
    lines = ["ply", "format ascii 1.0", "comment TextureFile a.png", "element vertex 3"]
    lines += [f"property float {name}" for name in "xyzst"]
    lines += ["element face 1", "property list uchar int vertex_index", "end_header"]
    lines += ["0 0 0 0 0", "1 0 0 1 0", "0 1 0 0 1", "3 0 1 2"]
    return [
        written("a.ply", lambda path: write_ply(path, vertices, quads, vertices % 9)),
        written("a.ply", lambda path: write_textured(path, vertices, quads, vertices[:, :2] / 5, picture)),
        ("\n".join(lines) + "\n").encode(),
    ]


def scan_glbs() -> list[bytes]:
    vertices, quads = _scan_mesh()
    picture = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    return [written("a.glb", lambda path: write_textured(path, vertices, quads, vertices[:, :2] / 5, picture))]


def read_scan_glb(path: Path) -> object:
    return read_glb_scan(path, (1 << 20, 9000, 9000), Pictures(path), True)


def mtls() -> list[bytes]:
    return [b"newmtl skin\nKd 0.8 0.7 0.6\nmap_Kd -s 1 1 1 -bm 0.5 skin of anna.png\nnewmtl hair\nKd 0 0 0\n"]


def bfms() -> list[bytes]:
    """Arrays in the form of the Basel Face Model's, of four vertices."""
    import h5py

    def write(path: Path) -> None:
        with h5py.File(path, "w") as file:
            for name, value in (("mean", np.arange(12.0)), ("pcaBasis", np.eye(12, 2)), ("pcaVariance", np.ones(2))):
                file[f"shape/model/{name}"] = value.astype(np.float32)
            file["shape/representer/points"] = np.eye(3, 4)
            file["shape/representer/cells"] = np.array([[0, 1, 2], [0, 2, 3]], np.int32).T

    return [written("a.h5", write)]


def arrays_of(script: str, package: str, table: dict) -> Callable[[Path], object]:
    """The arrays of a reader that runs apart: no head, for nothing so small is one."""
    limits = dict.fromkeys("VFICLSBM", 9000)

    def read(path: Path) -> object:
        with read_apart(resource("readers", script), path, package, 1 << 20, "export it again") as (file, _answer):
            return read_npz(file, table, limits)

    return read


def usds() -> list[bytes]:
    """As text and packed."""
    from pxr import Usd, UsdGeom

    def write(path: Path) -> None:
        stage = Usd.Stage.CreateNew(str(path))
        mesh = UsdGeom.Mesh.Define(stage, "/skin")
        mesh.CreatePointsAttr([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)])
        mesh.CreateFaceVertexCountsAttr([4])
        mesh.CreateFaceVertexIndicesAttr([0, 1, 2, 3])
        stage.Save()

    return [written("a.usda", write), written("a.usdc", write)]
