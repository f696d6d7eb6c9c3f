"""What the viewport shows on the surface."""

from __future__ import annotations

from enum import Enum


class ViewMode(str, Enum):
    """View modes in the order of the number keys.

    Attributes
    ----------
    text : str
        What menus call it.
    tip : str
        What the picture shows.
    """

    text: str
    tip: str

    DETAILED = "detailed", "Detailed", "The face with all its detail"
    SMOOTH = "smooth", "Smooth (no detail)", "The shape without detail"
    NORMALS = "normals", "Normals", "Surface normals as colours"
    DISPLACEMENT = "displacement", "Displacement", "Displacement in false colours, with a scale in mm"
    TENSION = "tension", "Tension", "Where the expression squeezes (warm) and stretches (cold) the skin"
    WIREFRAME = "wireframe", "Wireframe", "The mesh"
    CHART = "chart", "Chart checker", "The chart as a chequerboard"

    def __new__(cls, value: str, text: str = "", tip: str = "") -> ViewMode:
        mode = str.__new__(cls, value)
        mode._value_ = value
        mode.text, mode.tip = text, tip
        return mode

    @property
    def shows_detail(self) -> bool:
        """Whether the picture depends on the displacement map."""
        return self in (ViewMode.DETAILED, ViewMode.NORMALS, ViewMode.DISPLACEMENT)

    @property
    def is_lit(self) -> bool:
        """Whether the picture depends on the lighting."""
        return self in (ViewMode.DETAILED, ViewMode.SMOOTH)
