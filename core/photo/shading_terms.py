"""What the brightness of the skin in one photo says about the shape: residuals and how they change.

Shape from shading with the head's own modes: the logarithm of a texel's luminance is that of its usual colour plus that
of the light's nine spherical harmonics at its normal. What this leaves out (shadows, gloss, scattering, other skin) is
large and has patterns; they were measured on pictures of which all is known and are unknowns of the fit, as the errors
of the detector of landmarks are.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.head.arrays import read_npz
from rhytid.core.head.head import Head
from rhytid.core.maps.harmonics import N_HARMONICS, harmonics, harmonics_gradient
from rhytid.core.photo.albedo_prior import albedo_prior
from rhytid.core.photo.camera import PhotoCamera
from rhytid.core.photo.controls import N_CONTROLS
from rhytid.core.photo.landmark_terms import N_POSE, ViewState
from rhytid.core.photo.rasteriser import Rasteriser
from rhytid.core.photo.skin_texels import GRID, LUMINANCE, skin_texels
from rhytid.core.resources import resource

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]

ERROR_FILE = resource("photo", "shading_error.npz")
N_SHADE_MODES = 32
_VISIBLE_PX = 400  # longer side of the picture in which visibility is looked up
_HIDDEN_MM = 4.0
_LEAST_COSINE = 0.25
_DARK = 0.01
_ROBUST = 9.0
_MOST_SURPRISE, _SURPRISE_POWER = 6.0, 3.0
_LEAST_SHADING = 0.03


@dataclass(frozen=True, eq=False)
class ShadingError:
    """What the shading of smooth geometry leaves out, as logarithms on the grid of the chart.

    Attributes
    ----------
    mean : float64 (64 * 64,)
    modes : float64 (K, 64 * 64)
        Principal modes at one standard deviation.
    sigma : float64 (64 * 64,)
        Standard deviation of what remains.
    """

    mean: Float64
    modes: Float64
    sigma: Float64


@lru_cache(maxsize=1)
def shading_error() -> ShadingError:
    """The errors that come with the program; raises `HeadFileError` where the file is missing or damaged."""
    n = GRID * GRID
    table = {"mean": ("f2", (n,)), "modes": ("f2", (N_SHADE_MODES, n)), "sigma": ("f2", (n,))}
    arrays = read_npz(ERROR_FILE, table, {})
    return ShadingError(**{name: values.astype(np.float64) for name, values in arrays.items()})


class ShadingTerms:
    """The skin of one photo, ready to be compared with a head.

    Parameters
    ----------
    linear : float32 (H, W, 3)
        Linear RGB.
    skin : float32 (H, W)
        How far each pixel is to be trusted, 0..1.
    camera : PhotoCamera
        About where the head is; decides how finely the picture is read.
    head : Head
    error : ShadingError
    """

    def __init__(self, linear: Float32, skin: Float32, camera: PhotoCamera, head: Head, error: ShadingError) -> None:
        self.head = head
        self.texels = skin_texels(head)
        depth = float(camera.translation[2])
        step_px = float(np.linalg.norm(self.texels.across, axis=1).mean()) * camera.focal_px / depth
        # The picture is read in steps of half a texel.
        factor = min(1.0, 2 / max(step_px, 1e-6))
        size = camera.scaled(factor).size
        self.scale = np.array(size) / camera.size
        luminance = cv2.resize(linear @ LUMINANCE.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        blurred = cv2.GaussianBlur(np.log(luminance + _DARK), (0, 0), max(0.5 * step_px * factor, 0.3))
        self.log_image = np.asarray(blurred, np.float32)
        down, across = np.gradient(self.log_image)
        slopes = zip((across, down), self.scale, strict=True)
        self.log_slope: list[Float32] = [np.asarray(slope * factor, np.float32) for slope, factor in slopes]
        self.skin = np.asarray(cv2.resize(skin, size, interpolation=cv2.INTER_AREA), np.float32)
        chosen = self.texels.texel
        self.mean, self.sigma = error.mean[chosen], error.sigma[chosen]
        # What shading leaves out, and then how skins differ in colour.
        colours = albedo_prior().basis.reshape(-1, GRID * GRID, 3)[:, chosen] @ LUMINANCE
        self.modes = np.concatenate([error.modes[:, chosen], colours])
        self.visible = np.zeros(len(chosen))
        self.n_modes = len(self.modes)

    def look(self, identity: Float64, state: ViewState, vertices: Float32, rasteriser: Rasteriser) -> None:
        """Find out which texels the camera sees; `vertices` is the whole head as it is now."""
        factor = min(1.0, _VISIBLE_PX / max(state.camera.size))
        camera = state.camera.scaled(factor)
        seen = rasteriser.fragments(
            camera.to_camera(vertices), self.head.triangles, camera.focal_px, camera.centre, camera.size
        )
        point, across, down = self.texels.places(np.concatenate([identity, state.controls]))
        cam = camera.to_camera(point)
        pixel = np.floor(camera.pixels(cam)).astype(int)
        inside = ((pixel >= 0) & (pixel < camera.size)).all(axis=1)
        column, row = np.clip(pixel, 0, np.array(camera.size) - 1).T
        shown = inside & (cam[:, 2] < seen.depth[row, column] + _HIDDEN_MM) & (seen.triangle[row, column] >= 0)
        normal = np.cross(down, across)
        towards = camera.position_mm - point
        cosine = np.einsum("ij,ij->i", normal, towards) / (
            np.linalg.norm(normal, axis=1) * np.linalg.norm(towards, axis=1)
        )
        self.visible = shown * np.clip((cosine - _LEAST_COSINE) / 0.25, 0, 1)

    def sampled(self, camera: PhotoCamera, point: Float64) -> tuple[Float64, Float64, Float64]:
        """Logarithm of the luminance at points (N, 3), its slope per px of the photo (N, 2), and the skin's share."""
        # OpenCV counts from the middle of the first pixel.
        at = (camera.project(point) * self.scale - 0.5).astype(np.float32)
        x, y = np.ascontiguousarray(at[:, :1]), np.ascontiguousarray(at[:, 1:])

        def read(image: Float32) -> Float64:
            return np.asarray(cv2.remap(image, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE), np.float64)

        inside = ((at > 0) & (at < np.array(self.log_image.shape[::-1]) - 1)).all(axis=1)
        slope = np.concatenate([read(part) for part in self.log_slope], axis=1)
        return read(self.log_image)[:, 0], slope, read(self.skin)[:, 0] * inside

    def first_light(self, identity: Float64, state: ViewState) -> Float64:
        """Light (9,) that explains the brightness best as things stand."""
        point, across, down = self.texels.places(np.concatenate([identity, state.controls]))
        normal = _unit(np.cross(down, across))
        value, _, share = self.sampled(state.camera, point)
        usual = np.exp(self.texels.log_albedo + self.mean)
        weight = self.visible * share
        polynomials, wanted = harmonics(normal), np.exp(value) / usual
        light = np.zeros(N_HARMONICS)
        for _ in range(5):
            rows = polynomials * weight[:, None]
            light = np.linalg.solve(
                rows.T @ polynomials + 1e-3 * np.eye(N_HARMONICS) * max(weight.sum(), 1.0), rows.T @ wanted
            )
            off = np.log(np.maximum(wanted, 1e-3) / np.maximum(polynomials @ light, 1e-2))
            weight = self.visible * share / (1 + (off / 0.2) ** 2)
        return light

    def normal_equations(self, identity: Float64, state: ViewState) -> tuple[Float64, Float64]:
        """J'WJ and J'Wr over identity, pose, controls, light and modes, (I + 7 + 47 + 9 + K)."""
        jacobian, residual, weight = self.linearised(identity, state)
        rows = jacobian * weight[:, None]
        return rows.T @ rows, rows.T @ (residual * weight)

    def _surprise(self, residual: Float64, trust: Float64) -> float:
        """How much less the photo is to be trusted than a picture of the program's own head, at least 1.

        Skin, hair and light of real photos differ by more than was measured. What is left shows by how much; it has
        patterns that fit the shape by chance, so that it counts for more than noise would.
        """
        seen = trust > 0.5
        if not seen.any():
            return 1.0
        ratio = 1.4826 * float(np.median(np.abs(residual[seen]) / self.sigma[seen]))
        return float(np.clip(ratio, 1.0, _MOST_SURPRISE) ** _SURPRISE_POWER)

    def linearised(self, identity: Float64, state: ViewState) -> tuple[Float64, Float64, Float64]:
        """Jacobian (N, I + 7 + 47 + 9 + K), residual (N,) and square root of the weight (N,)."""
        camera, texels, light = state.camera, self.texels, state.light
        point, across, down = texels.places(np.concatenate([identity, state.controls]))
        cross = np.cross(down, across)
        length = np.linalg.norm(cross, axis=1, keepdims=True)
        normal = cross / length
        polynomials = harmonics(normal)
        raw = polynomials @ light
        floor = _LEAST_SHADING * max(float(np.abs(light[0])), 1e-6)
        shading = np.maximum(raw, floor)
        lit = (raw > floor)[:, None]
        value, slope, share = self.sampled(camera, point)
        residual = texels.log_albedo + self.mean + state.shade_modes @ self.modes + np.log(shading) - value
        trust = self.visible * share
        sigma = self.sigma * self._surprise(residual, trust)
        robust = 1 / (1 + (residual / sigma) ** 2 / _ROBUST)
        weight = np.sqrt(robust * trust) / sigma

        n_identity = len(identity)
        n_shape = n_identity + N_CONTROLS
        by_normal = harmonics_gradient(normal, light) / shading[:, None] * lit
        by_cross = (by_normal - normal * np.einsum("ni,ni->n", by_normal, normal)[:, None]) / length
        turned = point @ camera.rotation.T
        seen = turned + camera.translation
        depth = seen[:, 2:]
        by_pixel = -slope
        by_point = np.concatenate(
            [by_pixel * camera.focal_px / depth,
             -camera.focal_px * (by_pixel * seen[:, :2]).sum(axis=1, keepdims=True) / depth**2], axis=1
        )  # fmt: skip
        jacobian = np.empty((len(point), n_shape + N_POSE + N_HARMONICS + self.n_modes))
        by_shape = (
            _contract(np.cross(across, by_cross), texels.down_basis)
            + _contract(np.cross(by_cross, down), texels.across_basis)
            + _contract(by_point @ camera.rotation, texels.basis)
        )
        jacobian[:, :n_identity] = by_shape[:, :n_identity]
        at = n_identity
        jacobian[:, at : at + 3] = np.cross(turned, by_point)
        jacobian[:, at + 3 : at + 6] = by_point
        jacobian[:, at + 6] = (by_pixel * (camera.pixels(seen) - camera.centre)).sum(axis=1)
        at += N_POSE
        jacobian[:, at : at + N_CONTROLS] = by_shape[:, n_identity:]
        at += N_CONTROLS
        jacobian[:, at : at + N_HARMONICS] = polynomials / shading[:, None] * lit
        jacobian[:, at + N_HARMONICS :] = self.modes.T
        return jacobian, residual, weight


def _contract(vectors: Float64, basis: Float64) -> Float64:
    """Products (N, K) of vectors (N, 3) with a basis (N, 3, K)."""
    product: Float64 = (vectors[:, None] @ basis)[:, 0]
    return product


def _unit(vectors: Float64) -> Float64:
    unit: Float64 = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
