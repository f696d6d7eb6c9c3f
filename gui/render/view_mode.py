"""What the viewport shows on the surface."""

from __future__ import annotations

from enum import Enum


class ViewMode(str, Enum):
    """View modes in the order of the number keys."""

    DETAILED = "detailed"
    SMOOTH = "smooth"
    NORMALS = "normals"
    DISPLACEMENT = "displacement"
    TENSION = "tension"
    WIREFRAME = "wireframe"
    CHART = "chart"

    @property
    def shows_detail(self) -> bool:
        """Whether the picture depends on the displacement map."""
        return self in (ViewMode.DETAILED, ViewMode.NORMALS, ViewMode.DISPLACEMENT)

    @property
    def is_lit(self) -> bool:
        """Whether the picture depends on the lighting."""
        return self in (ViewMode.DETAILED, ViewMode.SMOOTH)
