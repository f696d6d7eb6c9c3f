"""What the viewport shows on the surface."""

from __future__ import annotations

from enum import Enum

from rhytid.core.language import tr


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

    DETAILED = "detailed", tr("Detailed"), tr("The face with all its detail")
    SMOOTH = "smooth", tr("Smooth (no detail)"), tr("The shape without detail")
    NORMALS = "normals", tr("Normals"), tr("Surface normals as colours")
    DISPLACEMENT = "displacement", tr("Displacement"), tr("Displacement in false colours, with a scale in mm")
    TENSION = "tension", tr("Tension"), tr("Where the expression squeezes (warm) and stretches (cold) the skin")
    WIREFRAME = "wireframe", tr("Wireframe"), tr("The mesh")
    CHART = "chart", tr("Chart checker"), tr("The chart as a chequerboard")

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
