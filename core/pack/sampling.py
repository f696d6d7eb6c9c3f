"""What the editor shows of a face in an expression, as the numbers that a pack is fitted to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.engines import Engines
from rhytid.core.document.state import DocumentState
from rhytid.core.face.detail_maker import DetailMaker
from rhytid.core.face.resolve import ResolvedPose, resolve_pose
from rhytid.core.head.head import Head
from rhytid.core.head.normals import chart_tangents, vertex_normals
from rhytid.core.head.tension import tension_model
from rhytid.core.io.chart_frame import chart_frame
from rhytid.core.maps.cavity import cavity
from rhytid.core.maps.flush import flush_factor
from rhytid.core.maps.normal_map import chart_metric, normal_rows
from rhytid.core.maps.resample import resample
from rhytid.core.maps.units import SIDE

Float32 = npt.NDArray[np.float32]
NEUTRAL = (0.0,) * N_EXPRESSION


@dataclass(frozen=True, eq=False)
class Look:
    """The relief of a face in one expression.

    Attributes
    ----------
    slopes : float32 (S, S, 2)
        x / z and y / z of the unit normal in tangent space, y up in the texture.
    height : float32 (S, S)
        Displacement in mm, faded where the skin takes no detail.
    tension : float32 (256, 256)
        Chart map, faded likewise.
    """

    slopes: Float32
    height: Float32
    tension: Float32

    def color_factor(self, darkening: tuple[float, float, float], side: int) -> Float32:
        """What linear skin colour is multiplied by in folds and squeezed skin, float32 (side, side, 3)."""
        depth = resample(np.ascontiguousarray(cavity(self.height)), side)
        factor = np.exp(depth[..., None] * np.array(darkening, np.float32))
        return np.asarray(factor * flush_factor(resample(self.tension, side)), np.float32)


class Sampler:
    """Looks of one face, one expression after the other.

    Parameters
    ----------
    state : DocumentState
        Its expression and action units do not matter, everything else does.
    head : Head
    engines : Engines
    side : int
        Texels per side, a multiple of 32.
    cancel : callable, optional
        Polled while maps are made; `Cancelled` comes out once it says True.
    """

    def __init__(
        self, state: DocumentState, head: Head, engines: Engines, side: int, cancel: Callable[[], bool] | None = None
    ) -> None:
        self.head, self.side = head, side
        self._state, self._cancel = state, cancel
        self._maker = DetailMaker(engines)
        self._pose: ResolvedPose | None = None
        self._frame: Float32 | None = None
        self._weight = np.clip(tension_model(head).chart_map(head.detail_weight), 0, 1)
        self._fading = np.clip(resample(self._weight, side), 0, 1)

    def state(self, weights: tuple[float, ...]) -> DocumentState:
        """That of the face in an expression (52,)."""
        return replace(self._state, expression=weights, action_units=())

    def pose(self, weights: tuple[float, ...]) -> ResolvedPose:
        """The head in an expression."""
        self._pose = resolve_pose(self.state(weights), self.head, self._pose)
        return self._pose

    def displacement(self, weights: tuple[float, ...]) -> Float32:
        """The editor's map in an expression, float32 (S, S) mm, not faded."""
        state = self.state(weights)
        return self._maker.maps(state, self.head, self.side, self.pose(weights), cancel=self._cancel).displacement

    def faded(self, displacement: Float32) -> Float32:
        """Displacement where the skin takes it."""
        faded: Float32 = displacement * self._fading
        return faded

    def turn(self, pose: ResolvedPose) -> Float32:
        """`core.maps.tangent_frame.chart_turn` of the head in a pose, float32 (256, 256, 4).

        Engines bend the tangents of the mesh at rest; so the frame along the chart's rows, which follows the skin, is
        turned everywhere by as much as it is from MikkTSpace's at rest.
        """
        if self._frame is None:
            rest = self.pose(NEUTRAL)
            at_rest = chart_frame(self.head, rest.vertices, SIDE).turn.reshape(SIDE, SIDE, 2, 2)
            self._frame = at_rest @ np.linalg.inv(self._along_rows(rest.vertices))
        turned = self._frame @ self._along_rows(pose.vertices)
        return np.asarray(turned.reshape(SIDE, SIDE, 4), np.float32)

    def _along_rows(self, vertices: Float32) -> Float32:
        """From gradients over the chart to the normal in a frame whose x is dP/dx, float32 (256, 256, 2, 2)."""
        normals = vertex_normals(vertices, self.head.triangles)[: self.head.n_skin]
        values = chart_metric(*chart_tangents(self.head, vertices), normals)
        model = tension_model(self.head)
        e, f, g = (model.chart_map(values[:, k]) for k in range(3))
        e = np.maximum(e, np.float32(1))
        shear = f / e
        up = 1 / np.sqrt(np.maximum(g - shear * f, np.float32(1)))
        rows = np.stack([-1 / np.sqrt(e), np.zeros_like(e), -shear * up, up], axis=-1)
        return np.asarray(rows.reshape(SIDE, SIDE, 2, 2), np.float32)

    def look(self, weights: tuple[float, ...]) -> Look:
        """The relief in an expression (52,)."""
        pose = self.pose(weights)
        height = self.faded(self.displacement(weights))
        slopes = np.empty((self.side, self.side, 2), np.float32)
        for rect, normals in normal_rows(height, self.turn(pose)):
            slopes[rect.slices] = normals[..., :2] / normals[..., 2:]
        return Look(slopes, height, pose.tension * self._weight)
