"""Rhytid: the fine detail of 3D faces, from Python.

- `Face`: open a head or a project, set expression, action units, age and strokes; `Face.maps`, `Face.picture`,
  `Face.export`, `Face.save`.
- `read_displacement`, `write_displacement`: displacement maps in mm out of files and into them; `MapReading` says
  what a file does not. `read_albedo`: a skin colour out of a picture.
- `extract_lines`, `draw_line_map`: wrinkle lines of a map as strokes, and strokes as a picture.
- `edit_map`: a map with other lines, in another expression or at another age.
- `engines`: what can make detail here; `EngineInfo`, `EngineBase`, `Pose`, `Reposed`: to write one of your own.
- `Stroke`, `Binding`, `Onset`, `Profile`, `Style`: a wrinkle line and when it shows.

Bad values and bad files raise `ValueError`, what the disk refuses raises `OSError`; messages name file and remedy.
Everything is imported when it is first used, so ``import rhytid`` costs next to nothing.

>>> import rhytid
>>> face = rhytid.Face()
>>> face.action_units = {"AU12": 0.8}
>>> face.maps(256).displacement.shape
(256, 256)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rhytid.core.detail.engine import EngineInfo, Reposed
    from rhytid.core.detail.engine_base import EngineBase
    from rhytid.core.detail.request import Pose
    from rhytid.core.face.edit import edit_map
    from rhytid.core.io.albedo_reading import read_albedo
    from rhytid.core.io.displacement_writing import write_displacement
    from rhytid.core.io.map_meaning import MapReading
    from rhytid.core.io.own_layout_reading import read_displacement
    from rhytid.core.lines.extract import extract_lines
    from rhytid.core.lines.raster import draw_line_map
    from rhytid.core.lines.stroke import Binding, Onset, Profile, Stroke
    from rhytid.face import Face

__all__ = [
    "Binding",
    "EngineBase",
    "EngineInfo",
    "Face",
    "MapReading",
    "Onset",
    "Pose",
    "Profile",
    "Reposed",
    "Stroke",
    "Style",
    "draw_line_map",
    "edit_map",
    "engines",
    "extract_lines",
    "read_albedo",
    "read_displacement",
    "write_displacement",
]
_HOMES = {
    "Face": "rhytid.face",
    "EngineBase": "rhytid.core.detail.engine_base",
    "EngineInfo": "rhytid.core.detail.engine",
    "Pose": "rhytid.core.detail.request",
    "Reposed": "rhytid.core.detail.engine",
    "edit_map": "rhytid.core.face.edit",
    "read_albedo": "rhytid.core.io.albedo_reading",
    "read_displacement": "rhytid.core.io.own_layout_reading",
    "write_displacement": "rhytid.core.io.displacement_writing",
    "MapReading": "rhytid.core.io.map_meaning",
    "extract_lines": "rhytid.core.lines.extract",
    "draw_line_map": "rhytid.core.lines.raster",
    **dict.fromkeys(("Binding", "Onset", "Profile", "Stroke", "Style"), "rhytid.core.lines.stroke"),
}


def engines() -> dict[str, str]:
    """Names of all engines, each with the reason why it cannot run here, "" for those that can.

    >>> engines()["procedural"]
    ''
    """
    from rhytid.core.face.engine_choice import default_engines

    return default_engines().reasons()


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'rhytid' has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
