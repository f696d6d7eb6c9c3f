"""How the face is looked at: settings of the viewport that are no part of the document.

Every field sends ``settings.events.<field>`` when it changes. The camera and the lights belong to the
document (`core.document.state.Camera`, `Lighting`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from psygnal import SignalGroupDescriptor


@dataclass
class ViewSettings:
    """Settings of the view.

    Attributes
    ----------
    view_mode : str
        The value of a `gui.render.view_mode.ViewMode`.
    show_gizmo : bool
        The axes in the viewport's corner; a click on one looks along it.
    displacement_range_mm : float
        False colours of the displacement view span minus to plus this.
    through_photo : bool
        Look through the camera of the document's photo, with the photo under the head; without a photo nothing.
    head_opacity : float
        0..1, of the head over the photo.
    in_photo : bool
        See the document's photo with every edit in it, through its camera; without a photo nothing.
    photo_network : bool
        The rendering network draws what is seen in the photo, once nothing moves; ratio images alone otherwise.
    tension_lines, muscle_fibres : bool
        Lines of relaxed skin tension, and fibres of the muscles below, faintly over the face.
    other_parts : bool
        Body, hair and clothes that the head's file holds.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    view_mode: str = "detailed"
    show_gizmo: bool = True
    displacement_range_mm: float = 0.5
    through_photo: bool = False
    head_opacity: float = 0.6
    in_photo: bool = False
    photo_network: bool = False
    tension_lines: bool = False
    muscle_fibres: bool = False
    other_parts: bool = True

    def look(self, *, through_photo: bool = False, in_photo: bool = False) -> None:
        """Look through the photo's camera at the head over it or at the photo with the edits, or at the head alone."""
        self.through_photo, self.in_photo = through_photo, in_photo
