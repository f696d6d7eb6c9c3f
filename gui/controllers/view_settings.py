"""How the face is looked at: settings of the viewport that are no part of the document.

Every field sends ``settings.events.<field>`` when it changes. The camera and the lights belong to the
document (`core.document.state.Camera`, `Lighting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

from psygnal import SignalGroupDescriptor


class Navigation(str, Enum):
    """Whose mouse habits the viewport follows."""

    MAYA = "maya"  # Alt+left tumbles, Alt+middle tracks, Alt+right dollies
    BLENDER = "blender"  # middle orbits, Shift+middle pans, Ctrl+middle zooms; numpad 1, 3, 7


@dataclass
class ViewSettings:
    """Settings of the view.

    Attributes
    ----------
    view_mode : str
        The value of a `gui.render.view_mode.ViewMode`.
    navigation : Navigation
    show_statistics : bool
        Frames per second and latency in the status bar.
    show_gizmo : bool
        The axes in the viewport's corner; a click on one looks along it.
    displacement_range_mm : float
        False colours of the displacement view span minus to plus this.
    max_resolution : int
        Side of the maps that the viewport asks for at rest: 256, 1024 or 2048.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    view_mode: str = "detailed"
    navigation: Navigation = Navigation.MAYA
    show_statistics: bool = False
    show_gizmo: bool = True
    displacement_range_mm: float = 0.5
    max_resolution: int = 1024
