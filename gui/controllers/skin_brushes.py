"""The brush that measures on the skin of the face that is seen."""

from __future__ import annotations

import threading

from rhytid.core.face.resolve import ResolvedPose
from rhytid.core.head.skin_brush import SkinBrush
from rhytid.core.maps.paint import PAINT_SIDE
from rhytid.gui.controllers.detail_scheduler import Delivery


class SkinBrushes:
    """Follows the pose on the screen, and makes its brush when one is wanted.

    Attributes
    ----------
    pose : ResolvedPose or None
        The newest one; None before there is any.
    """

    def __init__(self) -> None:
        self.pose: ResolvedPose | None = None
        self._made: tuple[ResolvedPose, SkinBrush] | None = None

    def take(self, delivery: Delivery) -> None:
        """Follow the face."""
        if delivery.pose is not None:
            self.pose = delivery.pose

    def prepare(self) -> None:
        """The tool is at hand: make the brush behind, for the first one of a head takes a moment."""
        if self.pose is not None:
            threading.Thread(target=self._make, args=(self.pose,), name="skin brush", daemon=True).start()

    def current(self) -> SkinBrush | None:
        """Of the present face; None before there is any."""
        return None if self.pose is None else self._make(self.pose)

    def _make(self, pose: ResolvedPose) -> SkinBrush:
        made = self._made
        if made is None or made[0] is not pose:
            made = self._made = pose, SkinBrush(pose.head, pose.vertices, PAINT_SIDE)
        return made[1]
