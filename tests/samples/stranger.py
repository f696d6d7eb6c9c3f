"""A head that nobody has seen: another order of vertices, another layout, a body, lashes and hair, names as VRM has."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES
from rhytid.core.head.head import Head, Part, split_faces

SPELLING = {"Left": "_L", "Right": "_R"}
FACE_TEXTURE_PX = 256


def spelled(name: str) -> str:
    """ARKit's name as files of others have it: Face.M_F00_000_Fcl_mouthSmile_L."""
    for word, short in SPELLING.items():
        if name.endswith(word):
            name = name[: -len(word)] + short
    return f"Face.M_F00_000_Fcl_{name}"


class GlbWriter:
    """A GLB by hand: arrays become accessors, pictures images, the rest is plain JSON."""

    def __init__(self) -> None:
        self._blob = bytearray()
        self.json: dict[str, Any] = {
            "asset": {"version": "2.0"}, "scene": 0, "bufferViews": [], "accessors": [], "images": [], "textures": [],
        }  # fmt: skip

    def view(self, data: bytes) -> int:
        self._blob.extend(bytes(-len(self._blob) % 4))
        self.json["bufferViews"].append({"buffer": 0, "byteOffset": len(self._blob), "byteLength": len(data)})
        self._blob.extend(data)
        return len(self.json["bufferViews"]) - 1

    def accessor(self, values: np.ndarray) -> int:
        width = values.shape[1] if values.ndim > 1 else 1
        values = np.ascontiguousarray(values, "<u4" if values.dtype.kind in "iu" else "<f4")
        entry: dict[str, Any] = {"bufferView": self.view(values.tobytes()), "count": len(values)}
        entry["componentType"] = 5125 if values.dtype.kind == "u" else 5126
        entry["type"] = {1: "SCALAR", 2: "VEC2", 3: "VEC3"}[width]
        if width == 3:
            entry |= {"min": values.min(axis=0).tolist(), "max": values.max(axis=0).tolist()}
        self.json["accessors"].append(entry)
        return len(self.json["accessors"]) - 1

    def texture(self, rgb: np.ndarray) -> dict[str, int]:
        order = [2, 1, 0, 3][: rgb.shape[2]]
        png = cv2.imencode(".png", np.ascontiguousarray(rgb[..., order]))[1].tobytes()
        self.json["images"].append({"bufferView": self.view(png), "mimeType": "image/png"})
        self.json["textures"].append({"source": len(self.json["images"]) - 1})
        return {"index": len(self.json["textures"]) - 1}

    def write(self, path: Path) -> Path:
        self.json["buffers"] = [{"byteLength": len(self._blob)}]
        text = json.dumps({key: value for key, value in self.json.items() if value != []}).encode()
        text += b" " * (-len(text) % 4)
        blob = bytes(self._blob) + bytes(-len(self._blob) % 4)
        body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(blob), 0x004E4942) + blob
        path.write_bytes(struct.pack("<III", 0x46546C67, 2, 12 + len(body)) + body)
        return path


def own_layout(head: Head, mirrored: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Another layout of the facial skin: its halves are islands of one tile, turned by a right angle, scalp in a tile.

    Parameters
    ----------
    head : Head
    mirrored : bool
        Both halves of the face on the same texels, as artists mirror them.

    Returns
    -------
    uv : float (S, 3, 2)
        Of the corners of the skin's triangles, origin bottom left, in 0..1 of their tile.
    tile : int (S,)
        0 the face's left half, 1 its right half, 2 the rest, whose tile is another.
    """
    chart = head.chart[head.skin_triangles].astype(float)
    inside = ((chart >= 0) & (chart <= 1)).all(axis=(1, 2))
    right = chart[..., 0].mean(axis=1) < 0.5
    uv = np.empty_like(chart)
    # Left half: turned; right half: beside it, turned the other way round. A triangle on both goes on past the middle.
    across, down = np.where(right, -1, 1)[:, None] * (chart[..., 0] - 0.5) * 2, chart[..., 1]
    left_uv = np.stack([0.02 + 0.46 * across, 0.03 + 0.94 * down], axis=-1)
    right_uv = left_uv if mirrored else np.stack([0.98 - 0.46 * across, 0.97 - 0.94 * down], axis=-1)
    uv[:] = np.where(right[:, None, None], right_uv, left_uv)
    low, high = head.chart.min(axis=0), head.chart.max(axis=0)
    uv[~inside] = 0.02 + 0.96 * (chart[~inside] - low) / (high - low)
    return uv, np.where(inside, right.astype(int), 2)


def face_texture(px: int = FACE_TEXTURE_PX) -> np.ndarray:
    """Colour of the face in `own_layout`: the left island bluish, the right one reddish, uint8 (R, R, 3)."""
    ramp = np.linspace(120, 200, px).astype(np.uint8)
    texture = np.empty((px, px, 3), np.uint8)
    texture[:] = ramp[:, None, None]
    texture[:, : px // 2, 2] += 40
    texture[:, px // 2 :, 0] += 40
    return texture


def body(head: Head) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A tapered tube with shoulders that joins the neck: vertices in mm, triangles, texture coordinates."""
    neck = head.neutral[: head.n_skin]
    low = neck[:, 1].min()
    ring = neck[neck[:, 1] < low + 12]
    centre, radius = ring.mean(axis=0), 0.5 * np.ptp(ring, axis=0)[[0, 2]]
    around = np.linspace(-np.pi, np.pi, 33)  # from the back, where the seam is
    levels = [(20, 0.98), (0, 1.08), (-40, 1.6), (-70, 1.9), (-120, 1.95), (-220, 1.8), (-330, 1.7)]
    rows = [
        np.stack([centre[0] + wide * radius[0] * np.sin(around), np.full(33, low + y),
                  centre[2] + min(wide, 1.2) * radius[1] * np.cos(around)], axis=1)
        for y, wide in levels
    ]  # fmt: skip
    vertices = np.concatenate(rows)
    row, column = np.divmod(np.arange(32 * (len(rows) - 1)), 32)
    a = row * 33 + column
    b, below = a + 1, a + 33
    triangles = np.concatenate([np.stack([a, below, b], axis=1), np.stack([b, below, below + 1], axis=1)])
    uv = np.stack([np.tile(np.linspace(0, 1, 33), len(rows)), np.repeat(np.linspace(1, 0, len(rows)), 33)], axis=1)
    return vertices, triangles, uv


def lashes(head: Head) -> tuple[np.ndarray, np.ndarray]:
    """Vertices of a strip along the lids of the left eye, as indices into the head, and the way it stands off, mm."""
    on_lid = np.flatnonzero(np.abs(head.expression[ARKIT_INDEX["eyeBlinkLeft"], : head.n_skin, 1]) > 2.0)
    order = on_lid[np.argsort(head.neutral[on_lid, 0])][::4]
    return order, np.array([0.0, 1.0, 8.0])


def write_stranger(
    path: Path, head: Head, mirrored: bool = False, names: tuple[str, ...] = ARKIT_NAMES, seed: int = 5,
    layout: tuple[np.ndarray, np.ndarray] | None = None,
) -> Path:  # fmt: skip
    """Write the stranger as GLB or VRM, in metres; `layout` is as `own_layout` gives it."""
    writer = GlbWriter()
    rng = np.random.default_rng(seed)
    order = rng.permutation(head.n_skin)
    number = np.empty(head.n_skin, int)
    number[order] = np.arange(head.n_skin)
    corner_uv, tile = own_layout(head, mirrored) if layout is None else layout

    def primitive(vertex: np.ndarray, uv: np.ndarray, triangles: np.ndarray, material: int) -> dict[str, Any]:
        """`vertex` (N,) of the head at each vertex of the file."""
        targets = [
            {"POSITION": writer.accessor(head.expression[ARKIT_INDEX[name]][vertex].astype(float) / 1000)}
            for name in names
        ]
        attributes = {
            "POSITION": writer.accessor(head.neutral[vertex] / 1000),
            "TEXCOORD_0": writer.accessor(np.stack([uv[:, 0], 1 - uv[:, 1]], axis=1)),
        }
        return {
            "attributes": attributes, "indices": writer.accessor(triangles.ravel()),
            "targets": targets, "material": material,
        }  # fmt: skip

    skin = []
    for material, chosen in enumerate((tile < 2, tile == 2)):
        corners = head.skin_triangles[chosen]
        # Vertices are split along seams of the layout, and lie in another order.
        keys = np.concatenate([number[corners.ravel()][:, None], corner_uv[chosen].reshape(-1, 2).round(6)], axis=1)
        rows, index = np.unique(keys, axis=0, return_inverse=True)
        skin.append(primitive(order[rows[:, 0].astype(int)], rows[:, 1:], index.reshape(-1, 3), material))
    others = []
    eyes = np.isin(head.triangle_parts, (Part.EYE_LEFT, Part.EYE_RIGHT))
    uv, corners = head.uv, split_faces(head.face_uv)[0]
    for material, chosen in ((2, eyes), (3, head.triangle_parts == Part.TEETH), (4, head.triangle_parts == Part.MOUTH)):
        pairs = np.stack([head.triangles[chosen].ravel(), corners[chosen].ravel()], axis=1)
        rows, index = np.unique(pairs, axis=0, return_inverse=True)
        others.append(primitive(rows[:, 0], uv[rows[:, 1]] % 1, index.reshape(-1, 3), material))
    vertices, triangles, body_uv = body(head)
    plaid = np.full((64, 64, 3), (60, 80, 140), np.uint8)
    plaid[::8], plaid[:, ::8] = (200, 190, 90), (180, 60, 60)
    strip, away = lashes(head)
    lash = np.concatenate([head.neutral[strip] + [0, 0, 1.0], head.neutral[strip] + away])
    first = np.arange(len(strip) - 1)
    two = np.stack([first, first + 1, first + len(strip)], axis=1)
    lash_triangles = np.concatenate([two, np.stack([first + 1, first + 1 + len(strip), first + len(strip)], axis=1)])
    blink = head.expression[ARKIT_INDEX["eyeBlinkLeft"]][np.tile(strip, 2)].astype(float)
    target_names = {"targetNames": [spelled(name) for name in names]}
    writer.json |= {
        "materials": [
            {"name": "N00_Face_SKIN", "pbrMetallicRoughness": {"baseColorTexture": writer.texture(face_texture())}},
            {"name": "N00_Scalp_SKIN", "pbrMetallicRoughness": {"baseColorFactor": [0.62, 0.42, 0.34, 1.0]}},
            {"name": "N00_EyeIris"},
            {"name": "N00_Teeth"},
            {"name": "N00_MouthInner"},
            {
                "name": "N00_Cloth", "doubleSided": True,
                "pbrMetallicRoughness": {
                    "baseColorTexture": writer.texture(plaid), "metallicFactor": 0.0, "roughnessFactor": 0.9,
                },
                "normalTexture": writer.texture(np.full((4, 4, 3), (128, 128, 255), np.uint8)),
            },
            {
                "name": "N00_Eyelash", "alphaMode": "BLEND", "doubleSided": True,
                "pbrMetallicRoughness": {"baseColorFactor": [0.02, 0.01, 0.01, 0.8], "metallicFactor": 0.0},
            },
        ],
        "meshes": [
            {"name": "Face", "primitives": [*skin, *others], "extras": target_names},
            {
                "name": "Body",
                "primitives": [
                    {
                        "attributes": {
                            "POSITION": writer.accessor(vertices / 1000),
                            "TEXCOORD_0": writer.accessor(np.stack([body_uv[:, 0], 1 - body_uv[:, 1]], axis=1)),
                        },
                        "indices": writer.accessor(triangles.ravel()),
                        "material": 5,
                    }
                ],
            },
            {
                "name": "Lashes",
                "primitives": [
                    {
                        "attributes": {"POSITION": writer.accessor(lash / 1000)},
                        "indices": writer.accessor(lash_triangles.ravel()),
                        "material": 6,
                        "targets": [{"POSITION": writer.accessor(blink / 1000)}],
                    }
                ],
                "extras": {"targetNames": [spelled("eyeBlinkLeft")]},
            },
        ],
        "nodes": [
            {"name": "Face", "mesh": 0}, {"name": "Body", "mesh": 1}, {"name": "Lashes", "mesh": 2},
        ],
        "scenes": [{"nodes": [0, 1, 2]}],
    }  # fmt: skip
    return writer.write(path)
