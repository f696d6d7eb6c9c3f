"""Handles of the selected line on the face: where they are seen, and which one is under the pen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF

from rhytid.core.detail.anatomy import CHART_MM
from rhytid.core.document.state import Camera
from rhytid.gui.controllers.handles import TREMBLE_PX, Grip, Handles, held_line
from rhytid.gui.controllers.session import EditorSession
from rhytid.gui.render.camera import mm_per_px, project
from rhytid.gui.render.handle_pass import HIDDEN_BEYOND, HandleMarks
from rhytid.gui.render.picking import SurfacePoint
from rhytid.gui.render.renderer import FaceRenderer

Float64 = npt.NDArray[np.float64]
_MOST_PLACES = 400  # that are remembered
Pick = Callable[[Sequence[QPointF]], list[SurfacePoint | None]]


class FaceHandles:
    """Looks the handles of the selected line up on the skin of one renderer after the other.

    Parameters
    ----------
    session : EditorSession
    """

    def __init__(self, session: EditorSession) -> None:
        self._session = session
        self._places: dict[tuple[float, float], tuple[npt.NDArray[np.int32], Float64]] = {}
        self._of: object = None  # what the places belong to

    def _handles(self) -> Handles | None:
        session = self._session
        if session.view.through_photo and not session.view.in_photo:
            return None
        line = held_line(session.document, session.selection, session.tools)
        return None if line is None else Handles.of(line, session.selection.point)

    def marks(
        self, renderer: FaceRenderer, camera: Camera, size_px: tuple[int, int], pixel_ratio: float
    ) -> HandleMarks | None:
        """What is drawn of the handles into a picture of this size; None for nothing."""
        handles = self._handles()
        if handles is None:
            return None
        places = self._positions_mm(renderer, handles)
        shown = handles.shown(project(camera, size_px, places) / pixel_ratio)
        arms, kinds = shown[shown >= handles.n_points], np.where(shown < handles.n_points, 2.0, 1.0)
        kinds[shown == handles.held] = 3.0
        held = np.full(len(arms), handles.held)
        starts, ends = np.concatenate([arms, shown]), np.concatenate([held, shown])
        return HandleMarks(
            np.column_stack([places[starts], places[ends]]).astype(np.float32),
            handles.charts[ends].astype(np.float32),
            np.concatenate([np.zeros(len(arms)), kinds]).astype(np.float32),
        )

    def grip_at(
        self, renderer: FaceRenderer, camera: Camera, size: tuple[int, int], position: QPointF, pick: Pick
    ) -> Grip | None:
        """The handle that is seen under a point of a widget, sizes in logical pixels; None for none."""
        handles = self._handles()
        if handles is None:
            return None
        screen = project(camera, size, self._positions_mm(renderer, handles))
        row = handles.nearest(screen, (position.x(), position.y()))
        if row is None:
            return None
        seen = pick([QPointF(*screen[row].tolist())])[0]
        if seen is None or float(np.abs(handles.charts[row] - seen.chart).max()) >= HIDDEN_BEYOND:
            return None
        return handles.grip(row, TREMBLE_PX * mm_per_px(camera, size[1]) / CHART_MM)

    def _positions_mm(self, renderer: FaceRenderer, handles: Handles) -> Float64:
        """Where the handles are in head space, (M, 3)."""
        if self._of is not renderer.topology or len(self._places) > _MOST_PLACES:
            self._of = renderer.topology
            self._places.clear()
        found = []
        for x, y in handles.charts.tolist():
            place = self._places.get((x, y))
            if place is None:
                place = self._places[x, y] = renderer.topology.place((x, y))
            found.append(place)
        corners = renderer.mesh.vertices[np.stack([corners for corners, _ in found])].astype(np.float64)
        return np.einsum("ij,ijk->ik", np.stack([weights for _, weights in found]), corners)
