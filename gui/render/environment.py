"""Light environments made from a few lamps: second-order spherical harmonics, and what surfaces mirror.

`resources/presets/environments.json` holds per preset a constant ambient radiance, a vertical gradient and
lamps (direction, angular radius, radiance, and of softboxes and windows their form), and the nine radiance coefficients
per colour that follow, of the orthonormal basis of `core.maps.harmonics`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rhytid.core.document.commands.photo import PHOTO_LIGHT
from rhytid.core.document.commands.scene import PANORAMA
from rhytid.core.document.state import Lighting
from rhytid.core.files.presets import read_preset_file
from rhytid.core.language import tr
from rhytid.core.maps.harmonics import BASIS, DIFFUSE, harmonics
from rhytid.core.maps.panorama import Panorama
from rhytid.core.read_only import read_only
from rhytid.core.resources import resource
from rhytid.gui.render.radiance import N_LEVELS, coefficients_of, directions, harmonic_map, levels_of

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]
PRESETS_FILE = resource("presets", "environments.json")
_SOFT_EDGE = 0.06  # of a lamp, part of its radius
_FRAME = 0.06  # of a window, part of its side
_SHARP, _ROUGH = (0.6, 0.6, 0.6), (1.0, 1.25, 1.6)  # factors on the bands of a light known as nine numbers
_PHOTO_LAMP_DEG = 9.0
_SEEN_FROM = 0.1  # z of normals that portraits show
_BEHIND_SHARE, _BEHIND_WEIGHT = 0.5, 0.3  # of the light in front at most; against the shading in front
_FAINT = 1e-3  # light that comes from nowhere in particular


@dataclass(frozen=True)
class Lamp:
    """A source of light.

    Attributes
    ----------
    direction : 3 floats
        Unit vector towards it.
    radius_deg : float
        Of a disc; a rectangle has the disc's area.
    radiance : 3 floats
        Linear red, green and blue.
    aspect : float
        Width over height of a rectangle; 0: a disc.
    panes : (int, int)
        Of a window, across and down.
    """

    direction: tuple[float, float, float]
    radius_deg: float
    radiance: tuple[float, float, float]
    aspect: float = 0.0
    panes: tuple[int, int] = (1, 1)


@dataclass(frozen=True, eq=False)
class Environment:
    """One preset.

    Attributes
    ----------
    coefficients : float64 (9, 3)
        Radiance, for diffuse light.
    mirrored : callable
        Makes `levels`, when they are first asked for.
    """

    name: str
    label: str
    coefficients: Float64
    mirrored: Callable[[], Sequence[Float32]]

    @cached_property
    def levels(self) -> Sequence[Float32]:
        """What surfaces mirror, each float32 (128 >> level, 256 >> level, 3), as `radiance.levels_of` has it."""
        return self.mirrored()

    def diffuse_coefficients(self) -> Float64:
        """(9, 3) so that the sum over `harmonics` is irradiance / pi."""
        return self.coefficients * (DIFFUSE * BASIS)[:, None]

    def irradiance(self, normals: npt.ArrayLike) -> Float64:
        """Irradiance / pi for unit normals (N, 3), as the shader computes it."""
        return harmonics(np.asarray(normals, np.float64)) @ self.diffuse_coefficients()


def of_shading(shading: npt.NDArray[np.floating]) -> Environment:
    """The light of a photo as surroundings.

    Parameters
    ----------
    shading : (9, 3)
        Coefficients of `core.maps.harmonics` whose sum is the shading of a white matt surface, as
        `core.photo.light.PhotoLight.sh9` has them.
    """
    coefficients = np.asarray(shading, np.float64)
    levels = partial(_blurred_levels, without_glow(coefficients), photo_lamp(coefficients))
    return Environment(PHOTO_LIGHT, tr("The light of the photo"), coefficients / (DIFFUSE * BASIS)[:, None], levels)


def photo_lamp(shading: npt.NDArray[np.floating]) -> Lamp | None:
    """What shines in a photo's light (9, 3): a lamp where most of it comes from; None where it comes from all sides.

    A disc of radius a and radiance R shades a matt surface by R sin^2 a / 2 times the cosine in the first band.
    """
    towards = np.asarray(shading, np.float64)[[3, 1, 2]]  # x, y, z per colour
    direction = towards.sum(axis=1)
    length = float(np.linalg.norm(direction))
    if length <= _FAINT:
        return None
    direction /= length
    radiance = 2 * np.maximum(direction @ towards, 0.0) / np.sin(np.radians(_PHOTO_LAMP_DEG)) ** 2
    return Lamp(_three(direction), _PHOTO_LAMP_DEG, _three(radiance))


def _blurred_levels(coefficients: Float64, lamp: Lamp | None) -> list[Float32]:
    """Nine numbers are as blurred as a rough surface's mirror: all levels but the sharpest hold the same."""
    sharp, rough = harmonic_map(coefficients, _SHARP), harmonic_map(coefficients, _ROUGH)
    if lamp is not None:
        sharp = sharp + _lamp_map(lamp)
    return [sharp, *(_halved(rough, level) for level in range(1, N_LEVELS))]


def without_glow(shading: Float64) -> Float64:
    """Light (9, 3) that shades what a portrait shows much as `shading` does, with less behind the head than before it.

    Of what comes from behind a photo tells next to nothing, and nine numbers that fit its front may say anything there:
    mirrored at grazing angles it would shine on every edge.
    """
    directions = _sphere()
    front, behind = directions[directions[:, 2] >= _SEEN_FROM], directions[directions[:, 2] < _SEEN_FROM]
    mirrored = behind * (1, 1, -1)
    to_radiance = 1 / (DIFFUSE * BASIS)[:, None]
    radiance = [harmonics(part) @ (shading * to_radiance) for part in (behind, mirrored)]
    wanted = np.minimum(radiance[0], _BEHIND_SHARE * np.maximum(radiance[1], 0))
    facing = front[:, 2:]  # skin that is turned away is hardly seen
    rows = np.concatenate([facing * harmonics(front), _BEHIND_WEIGHT * harmonics(behind) * to_radiance[:, 0]])
    goal = np.concatenate([facing * (harmonics(front) @ shading), _BEHIND_WEIGHT * wanted])
    result: Float64 = np.linalg.lstsq(rows, goal, rcond=None)[0]
    return result


@lru_cache(maxsize=1)
def _sphere() -> Float64:
    """Directions spread evenly (a Fibonacci lattice), (400, 3)."""
    i = np.arange(400) + 0.5
    z, angle = 1 - i / 200, np.pi * (1 + np.sqrt(5)) * i
    radius = np.sqrt(1 - z * z)
    return read_only(np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1))


def project(ambient: npt.ArrayLike, vertical: npt.ArrayLike, lamps: tuple[Lamp, ...]) -> Float64:
    """Radiance coefficients (9, 3) of an environment.

    Parameters
    ----------
    ambient : (3,)
        Constant radiance.
    vertical : (3,)
        Added times the y of the direction.
    lamps : tuple of Lamp
        A disc of radius a has zonal coefficients sqrt(pi) (1 - cos a), sqrt(3 pi) / 2 sin^2 a and
        sqrt(5 pi) / 2 cos a sin^2 a. The second band is halved, which keeps the irradiance of small
        lamps from ringing below zero.
    """
    result = np.zeros((9, 3))
    result[0] += np.sqrt(4 * np.pi) * np.asarray(ambient, np.float64)
    result[1] += np.sqrt(4 * np.pi / 3) * np.asarray(vertical, np.float64)
    for lamp in lamps:
        direction = np.asarray(lamp.direction) / np.linalg.norm(lamp.direction)
        sine, cosine = np.sin(np.radians(lamp.radius_deg)), np.cos(np.radians(lamp.radius_deg))
        zonal = [
            np.sqrt(np.pi) * (1 - cosine),
            np.sqrt(3 * np.pi) / 2 * sine**2,
            0.5 * np.sqrt(5 * np.pi) / 2 * cosine * sine**2,
        ]
        bands = np.repeat(np.array(zonal) * np.sqrt(4 * np.pi / (2 * np.arange(3) + 1)), [1, 3, 5])
        value = bands * BASIS * harmonics(direction)
        result += value[:, None] * np.asarray(lamp.radiance)
    return result


@lru_cache(maxsize=1)
def environments() -> Mapping[str, Environment]:
    """All presets by name, in the order of the file."""
    return load_environments(PRESETS_FILE)


def load_environments(path: Path) -> Mapping[str, Environment]:
    """Read and check a file of presets.

    Raises
    ------
    ValueError
        The file cannot be read, or an entry is wrong; the message names both.
    """
    entries = read_preset_file(path).get("environments")
    if not isinstance(entries, dict) or not entries:
        raise ValueError(f'{path}: needs an object "environments"; install the program again')
    found = {}
    for name, entry in entries.items():
        try:
            found[name] = _parse(name, entry)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError) as error:
            raise ValueError(f"{path}: environment {name!r}: {error!r:.200}; install the program again") from error
    return found


def _parse(name: str, entry: Mapping[str, Any]) -> Environment:
    lamps = [
        Lamp(_three(lamp["direction"]), float(lamp["radius_deg"]), _three(lamp["radiance"]),
             float(lamp.get("aspect", 0.0)), _panes(lamp.get("panes", (1, 1))))
        for lamp in entry["lamps"]
    ]  # fmt: skip
    coefficients = np.asarray(entry["coefficients"], np.float64)
    if coefficients.shape != (9, 3):
        raise ValueError("needs 9 x 3 coefficients")
    return Environment(name, str(entry["label"]), coefficients,
                       partial(_levels, _three(entry["ambient"]), _three(entry["vertical"]), lamps))  # fmt: skip


def _levels(ambient: npt.ArrayLike, vertical: npt.ArrayLike, lamps: Sequence[Lamp]) -> list[Float32]:
    """What surfaces mirror of a constant, a gradient over y, and lamps."""
    up = directions()[..., 1:2]
    radiance = np.asarray(ambient, np.float32) + np.asarray(vertical, np.float32) * up
    for lamp in lamps:
        radiance = radiance + _lamp_map(lamp)
    return levels_of(np.maximum(radiance, 0))


def _lamp_map(lamp: Lamp) -> Float32:
    """Radiance of a lamp alone, with soft edges, and of a rectangle a little less at its corners than in its middle."""
    towards = np.array(lamp.direction, np.float32) / np.float32(np.linalg.norm(lamp.direction))
    ahead = directions() @ towards
    radius = np.tan(np.radians(lamp.radius_deg))
    right = np.cross((0, 1, 0) if abs(towards[1]) < 0.95 else (0, 0, 1), towards)
    right /= np.linalg.norm(right)
    # On the plane at distance 1 before the eye; behind the eye nothing.
    distance = np.maximum(ahead, 1e-3)
    x, y = directions() @ right / distance / radius, directions() @ np.cross(towards, right) / distance / radius
    if lamp.aspect > 0:
        half = np.sqrt(np.pi / 4 * lamp.aspect), np.sqrt(np.pi / 4 / lamp.aspect)
        x, y = x / half[0], y / half[1]
        edge, fall = np.maximum(np.abs(x), np.abs(y)), 1.12 - 0.18 * (x * x + y * y)
        for at, n in ((x, lamp.panes[0]), (y, lamp.panes[1])):
            bar = np.abs((at + 1) / 2 * n - np.round((at + 1) / 2 * n)) / n
            inner = (np.round((at + 1) / 2 * n) > 0) & (np.round((at + 1) / 2 * n) < n)
            fall = np.where(inner & (bar < _FRAME / 2), 0.05, fall)
    else:
        edge, fall = np.hypot(x, y), np.ones_like(x)
    inside = np.clip((1 + _SOFT_EDGE - edge) / (2 * _SOFT_EDGE), 0, 1) * (ahead > 0)
    return np.asarray((inside * fall)[..., None] * np.array(lamp.radiance), np.float32)


def _halved(radiance: Float32, times: int) -> Float32:
    step = 1 << times
    return np.asarray(radiance.reshape(len(radiance) // step, step, -1, step, 3).mean(axis=(1, 3)), np.float32)


def _panes(values: Any) -> tuple[int, int]:
    across, down = values
    return int(across), int(down)


def _three(values: Any) -> tuple[float, float, float]:
    x, y, z = values
    return float(x), float(y), float(z)


@lru_cache(maxsize=4)
def of_panorama(panorama: Panorama) -> Environment:
    """An imported environment as surroundings."""
    texels = panorama.texels()
    return Environment(PANORAMA, panorama.name, coefficients_of(texels), partial(levels_of, texels))


def environment(lighting: Lighting) -> Environment:
    """The imported environment or a preset; an unknown name (a newer project) falls back to the first one."""
    if lighting.environment == PANORAMA and lighting.panorama is not None:
        return of_panorama(lighting.panorama)
    presets = environments()
    return presets.get(lighting.environment) or next(iter(presets.values()))
