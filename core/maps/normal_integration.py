"""Displacement from a tangent-space normal map: the surface whose slopes fit the normals best.

The slopes are integrated in the least-squares sense (Frankot and Chellappa 1988) with the discrete cosine transform,
whose basis leaves the border free (Simchony, Chellappa and Shao 1990).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rhytid.core.maps.resample import enlarged_rows

Float32 = npt.NDArray[np.float32]

_MIN_SHARE = 0.9
_STEEPEST_Z = 0.05
_MOST_EMPTY = 0.5
_LEAST_TURN = 1e-10  # 1 / mm^2 of an area of skin that a chart's side would be 100 m of
_ROWS_TEXELS = 1 << 20


def unit_vectors(channels: Sequence[Float32]) -> tuple[Float32, Float32, Float32] | None:
    """x, y and z of the normals that three channels hold, None when these are no tangent-space normals.

    Parameters
    ----------
    channels : three float32 (H, W)
        0..1 standing for -1..1, or the components themselves. Where all are 0 nothing was baked, and flat is assumed.

    Notes
    -----
    Normals are of length 1 and look out of the surface: hardly anything else that three channels hold does both.
    """
    lowest = min(float(np.nanmin(channel, initial=0.0)) for channel in channels)
    highest = max(float(np.nanmax(channel, initial=0.0)) for channel in channels)
    if lowest < -1.05 or highest > 1.05:
        return None
    x, y, z = (2 * channel - 1 for channel in channels) if lowest > -0.01 else channels
    empty = np.logical_and.reduce([channel == 0 for channel in channels])
    if 0 < empty.mean() < _MOST_EMPTY:  # black outside of what was baked
        x, y, z = (np.where(empty, np.float32(flat), part) for part, flat in ((x, 0), (y, 0), (z, 1)))
    length = np.sqrt(x * x + y * y + z * z)
    is_unit = np.abs(length - 1) < 0.06
    if is_unit.mean() < _MIN_SHARE or (z > -0.01).mean() < 0.99 or z.mean() < 0.6:
        return None
    if max(abs(float(x.mean())), abs(float(y.mean()))) > 0.3:
        return None
    return x, y, z


def slopes(normal: Sequence[Float32], green: str) -> tuple[Float32, Float32]:
    """Rise per texel along the columns and down the rows, float32 (H, W) each.

    Parameters
    ----------
    normal : x, y, z
    green : str
        "opengl": y points up the picture; "directx": down.
    """
    x, y, z = normal
    z = np.maximum(z, np.float32(_STEEPEST_Z))
    return -x / z, (y if green == "opengl" else -y) / z


def likelier_green(normal: Sequence[Float32]) -> tuple[str, float]:
    """Which of "opengl" and "directx" fits, and how little it fits better, 0..1; 1 means no better.

    Slopes of a surface have no curl; with the wrong sign of green they have.
    """
    curl = {}
    for green in ("opengl", "directx"):
        along_x, along_y = slopes(normal, green)
        difference = np.diff(along_x, axis=0)[:, 1:] - np.diff(along_y, axis=1)[1:]
        curl[green] = float(np.mean(np.square(difference, dtype=np.float64)))
    best, other = sorted(curl, key=lambda green: curl[green])
    return best, 1.0 if curl[other] == 0 else float(np.sqrt(curl[best] / curl[other]))


def on_skin(along_u: Float32, along_v: Float32, turn: Float32) -> tuple[Float32, Float32]:
    """Slopes in tangent space as slopes over the chart: what `core.maps.normal_map` did, undone.

    Parameters
    ----------
    along_u, along_v : float32 (H, H)
        Rise along the tangent (u, columns) and the bitangent (v, up the rows), mm per mm.
    turn : float32 (r, r, 4)
        `core.maps.tangent_frame.chart_turn` on a raster of the chart.

    Returns
    -------
    along_x, along_y : float32 (H, H)
        Rise along the columns and down the rows, mm per texel.
    """
    side = len(along_u)
    along_x, along_y = np.empty_like(along_u), np.empty_like(along_v)
    parts = [np.ascontiguousarray(turn[..., k]) for k in range(4)]
    n_rows = max(1, _ROWS_TEXELS // side)
    for y in range(0, side, n_rows):
        rows = slice(y, min(y + n_rows, side))
        xx, xy, yx, yy = (enlarged_rows(one, side, y, rows.stop) for one in parts)
        area = xx * yy - xy * yx
        area = np.where(np.abs(area) < _LEAST_TURN, np.float32(np.inf), area) * np.float32(side)
        # A normal leans against the slope.
        u, v = -along_u[rows], -along_v[rows]
        along_x[rows] = (yy * u - xy * v) / area
        along_y[rows] = (xx * v - yx * u) / area
    return along_x, along_y


def integrate(along_x: Float32, along_y: Float32) -> Float32:
    """Heights whose slopes fit best, float32 (H, W), median 0; slopes are rises per texel."""
    from scipy.fft import dctn, idctn

    # Between two texels the slope is the mean of theirs; beyond the border nothing is asked.
    divergence = np.zeros_like(along_x)
    between_columns = (along_x[:, 1:] + along_x[:, :-1]) / 2
    between_rows = (along_y[1:] + along_y[:-1]) / 2
    divergence[:, :-1] += between_columns
    divergence[:, 1:] -= between_columns
    divergence[:-1] += between_rows
    divergence[1:] -= between_rows
    height, width = along_x.shape
    spectrum = dctn(divergence, norm="ortho", overwrite_x=True)
    frequency_y = 2 * np.cos(np.pi * np.arange(height) / height) - 2
    frequency_x = 2 * np.cos(np.pi * np.arange(width) / width) - 2
    laplacian = (frequency_y[:, None] + frequency_x[None]).astype(np.float32)
    laplacian[0, 0] = 1
    spectrum /= laplacian
    spectrum[0, 0] = 0
    heights = np.asarray(idctn(spectrum, norm="ortho", overwrite_x=True), np.float32)
    return heights - np.float32(np.median(heights))
