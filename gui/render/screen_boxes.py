"""From rectangles of the chart to the pixels that show them."""

from __future__ import annotations

import numpy as np

from rhytid.core.maps.rect import Rect
from rhytid.gui.render.geometry import GeometryPasses
from rhytid.gui.render.mesh_buffers import MeshBuffers
from rhytid.gui.render.picture import Picture
from rhytid.gui.render.surface import MeshTopology

_RING_GRID = 4096
_MOST_STRETCH = 2.6  # of the chart over skin, see `core.head.metric`
_WINDOW_MARGIN_PX = 4


class ScreenBoxes:
    """Boxes of the last picture, origin bottom left; None for what is not in view.

    Parameters
    ----------
    topology, mesh, geometry : MeshTopology, MeshBuffers, GeometryPasses
        Of the head that is drawn; they know its shape and the camera.
    """

    def __init__(self, topology: MeshTopology, mesh: MeshBuffers, geometry: GeometryPasses) -> None:
        self._topology = topology
        self._mesh = mesh
        self._geometry = geometry

    def drawn(self, picture: Picture, rect: Rect, resolution: int, margin_px: int) -> Rect | None:
        """Pixels of the drawn part that a rectangle of a map of `resolution` texels may cover."""
        matrix = self._geometry.clip_from_head
        vertices = self._mesh.vertices
        return self._topology.screen_box(rect, resolution, vertices, matrix, picture.drawn_px, margin_px)

    def in_window(self, picture: Picture, rect: Rect, resolution: int) -> Rect | None:
        """Pixels of the window that a rectangle of the chart may cover."""
        box = self.drawn(picture, rect, resolution, _WINDOW_MARGIN_PX)
        if box is None:
            return None
        scale = picture.size_px[0] / picture.drawn_px[0]
        return Rect(*(int(np.ceil(value * scale)) for value in (box.x0, box.y0, box.x1, box.y1)))

    def ring(self, picture: Picture, ring: tuple[float, float, float], on_skin: bool) -> Rect | None:
        """Pixels of the window that a brush ring (chart x, y, radius) may cover; see `Overlay.ring_on_skin`."""
        x, y, radius = (round(value * _RING_GRID) for value in ring)
        radius = round(_MOST_STRETCH * radius) if on_skin else radius
        return self.in_window(picture, Rect(x - radius, y - radius, x + radius + 1, y + radius + 1), _RING_GRID)
