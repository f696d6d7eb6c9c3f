"""Photo and albedo in a project: their JSON, and the members that hold their arrays and the photo's file.

The scalars of the fit lie in the JSON. The head's offsets, float32 (V, 3), and the light, float32
(9 + 128 * 128 * 9, 3), are members of their own; the photo's file goes in as it was, and the albedo and the colour
around it as their bytes, uint8 (R, R, 3). Photos of one person share identity and offsets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.document.limits import MAX_PINS, finite
from rhytid.core.document.project_json import decode, encode, expect_keys
from rhytid.core.files.text import storable
from rhytid.core.maps.albedo_map import AlbedoMap, Rgb
from rhytid.core.maps.harmonics import N_HARMONICS
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.layer import PhotoLayer
from rhytid.core.photo.light_map import MAP_SIDE
from rhytid.core.photo.locks import Locks
from rhytid.core.read_only import read_only

if TYPE_CHECKING:  # only those who have a photo wait for it
    from rhytid.core.photo.light import PhotoLight

Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

LIGHT_ROWS = N_HARMONICS * (1 + MAP_SIDE * MAP_SIDE)
_KEYS = ("name", "digest", "identity", "expression", "camera", "error_percent", "pins", "locks", "number", "stale",
         "edges_px")  # fmt: skip
_CAMERA_KEYS = ("rotation", "translation_mm", "focal_px", "centre_px", "size_px")
_MAX_MODES = 10_000


def photo_to_json(photo: PhotoLayer) -> dict[str, Any]:
    """The plain values of a photo's layer, without its file, offsets and light."""
    from rhytid.core.photo.fit import Pin

    fit, camera = photo.fit, photo.fit.camera
    return {
        "name": storable(photo.name),
        "digest": photo.digest,
        "identity": [float(value) for value in fit.identity],
        "expression": [float(value) for value in fit.expression],
        "camera": {
            "rotation": [float(value) for value in camera.rotation.ravel()],
            "translation_mm": [float(value) for value in camera.translation],
            "focal_px": float(camera.focal_px),
            "centre_px": [float(value) for value in camera.centre],
            "size_px": [int(side) for side in camera.size],
        },
        "error_percent": float(fit.error_percent),
        "pins": [encode(Pin, pin) for pin in photo.pins],
        "locks": encode(Locks, photo.locks),
        "number": int(photo.number),
        "stale": bool(photo.stale),
        "edges_px": None if photo.edges is None else [float(value) for value in photo.edges.ravel()],
    }


def photo_from_json(value: Any, data: bytes, offsets: Float32 | None, light: Float32 | None) -> PhotoLayer:
    """The layer that `photo_to_json` wrote, with what its members held.

    Raises
    ------
    ValueError
        A value is missing, unknown or of the wrong type. Ranges are not checked here.
    """
    from rhytid.core.photo.fit import HeadFit, Pin

    if isinstance(value, dict):
        # Projects of schema 3 have one photo, and those of schema 4 know nothing of edges.
        value = {"number": 0, "stale": False, "edges_px": None, **value}
    expect_keys(value, _KEYS, "photo")
    expect_keys(value["camera"], _CAMERA_KEYS, "photo.camera")
    camera = value["camera"]
    size = _numbers(camera["size_px"], 2, "photo.camera.size_px")
    seen = PhotoCamera(
        _numbers(camera["rotation"], 9, "photo.camera.rotation").reshape(3, 3),
        _numbers(camera["translation_mm"], 3, "photo.camera.translation_mm"),
        finite(camera["focal_px"], "photo.camera.focal_px"),
        _numbers(camera["centre_px"], 2, "photo.camera.centre_px"),
        (int(size[0]), int(size[1])),
    )
    fit = HeadFit(
        read_only(_numbers(value["identity"], None, "photo.identity").astype(np.float32)),
        read_only(_numbers(value["expression"], N_EXPRESSION, "photo.expression").astype(np.float32)),
        seen,
        offsets,
        finite(value["error_percent"], "photo.error_percent"),
    )
    pins = value["pins"]
    if not isinstance(pins, list) or len(pins) > MAX_PINS:
        raise ValueError(f"photo.pins: must be a list of at most {MAX_PINS}")
    return PhotoLayer(
        decode(str, value["name"], "photo.name"),
        data,
        decode(str, value["digest"], "photo.digest"),
        fit,
        None if light is None else light_from_rows(light),
        tuple(decode(Pin, pin, f"photo.pins[{number}]") for number, pin in enumerate(pins)),
        decode(Locks, value["locks"], "photo.locks"),
        decode(int, value["number"], "photo.number"),
        decode(bool, value["stale"], "photo.stale"),
        None if value["edges_px"] is None else _edges(value["edges_px"]),
    )


def _edges(value: Any) -> Float32:
    from rhytid.core.photo.registration import EDGES

    return read_only(_numbers(value, 2 * len(EDGES), "photo.edges_px").reshape(-1, 2).astype(np.float32))


def light_to_rows(light: PhotoLight) -> Float32:
    """A light as one array (LIGHT_ROWS, 3): the one light, then the map."""
    return np.concatenate([light.sh9, light.sh_map.reshape(-1, 3)]).astype(np.float32)


def light_from_rows(rows: Float32) -> PhotoLight:
    """The light of `light_to_rows`; raises `ValueError` for an array of another size."""
    from rhytid.core.photo.light import PhotoLight

    if rows.shape != (LIGHT_ROWS, 3):
        raise ValueError(f"photo: its light has {rows.shape} values instead of {(LIGHT_ROWS, 3)}")
    sh_map = rows[N_HARMONICS:].reshape(MAP_SIDE, MAP_SIDE, N_HARMONICS, 3)
    return PhotoLight(read_only(rows[:N_HARMONICS].copy()), read_only(sh_map.copy()))


def albedo_to_json(albedo: AlbedoMap) -> dict[str, Any]:
    """What a project says of an albedo beside its texels."""
    iris = None if albedo.iris is None else list(albedo.iris)
    said = {"age": float(albedo.age), "digest": albedo.digest, "iris": iris, "darkening": list(albedo.darkening)}
    return said | ({"head": albedo.head} if albedo.head else {})


def albedo_from_json(value: Any, srgb: UInt8, around: UInt8 | None = None) -> AlbedoMap:
    """The albedo of `albedo_to_json` with its texels; raises `ValueError` for anything else."""
    if isinstance(value, dict):
        # As written before these were known, and where there is no such head.
        value = {"darkening": [0.0, 0.0, 0.0], "head": "", **value}
    expect_keys(value, ("age", "digest", "iris", "darkening", "head"), "albedo")
    age, digest = finite(value["age"], "albedo.age"), decode(str, value["digest"], "albedo.digest")
    iris = None if value["iris"] is None else _rgb(value["iris"], "albedo.iris")
    darkening, head = _rgb(value["darkening"], "albedo.darkening"), decode(str, value["head"], "albedo.head")
    return AlbedoMap(srgb, age, digest, iris, around, darkening, head)


def _rgb(value: Any, where: str) -> Rgb:
    red, green, blue = _numbers(value, 3, where).tolist()
    return red, green, blue


def _numbers(value: Any, count: int | None, where: str) -> npt.NDArray[np.float64]:
    if not isinstance(value, list) or len(value) > _MAX_MODES or (count is not None and len(value) != count):
        raise ValueError(f"{where}: must be a list of {'' if count is None else f'{count} '}numbers")
    return np.array([finite(item, f"{where}[{number}]") for number, item in enumerate(value)], np.float64)
