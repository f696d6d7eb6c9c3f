"""What the pen does: the settings of brush, eraser and select tool, shared by viewport, canvas and panels.

Nothing here belongs to the document: changing a tool setting makes no undo step. Every field sends
``settings.events.<field>`` when it changes; ``settings.events.connect(f)`` hears all of them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from psygnal import SignalGroupDescriptor

from rhytid.core.ageing import AGE_MAX
from rhytid.core.lines.response import LINEAR, PEN_WIDTH, Response
from rhytid.core.lines.stroke import Onset, Profile, Style


class Tool(str, Enum):
    """The tool that the pen holds. A `str`, so it compares with "brush", "eraser", "select", "mask" and "paint"."""

    BRUSH = "brush"
    ERASER = "eraser"
    SELECT = "select"
    MASK = "mask"
    PAINT = "paint"


class Band(str, Enum):
    """Which relief eraser and smoother work on."""

    ALL = "all"
    FOLDS = "folds"
    FINE_LINES = "fine_lines"
    PORES = "pores"

    def takes(self, width: float) -> bool:
        """Whether a stroke of this width, as a fraction of the chart's side, may be touched; pores know no strokes."""
        return self in (Band.ALL, Band.PORES) or (width >= FOLD_WIDTH) == (self is Band.FOLDS)


class Paints(str, Enum):
    """What the paint tool paints: colour, more or less of something in the skin, or all as it is generated."""

    COLOR = "color"
    MELANIN = "melanin"
    BLOOD = "blood"
    YELLOW = "yellow"
    FRECKLES = "freckles"
    GLOSS = "gloss"
    ORIGINAL = "original"


class Handling(str, Enum):
    """What a drag of the select tool does to a line."""

    MOVE = "move"
    BEND = "bend"
    SCALE = "scale"
    BRANCH = "branch"
    CUT = "cut"


class MaskTarget(str, Enum):
    """What the mask tool paints."""

    LAYER = "layer"
    SKIN = "skin"


Float32 = npt.NDArray[np.float32]
WIDTH_MIN, WIDTH_MAX = 0.001, 0.15  # 0.2 to 30 mm
RADIUS_MIN, RADIUS_MAX = 0.002, 0.15
DEPTH_MIN_MM, DEPTH_MAX_MM = -3.0, 5.0
FOLD_WIDTH = 0.02  # of the chart: strokes from 4 mm on are folds
SIZE_STEP = 1.1  # factor of one press of [ or ]


@dataclass
class ToolSettings:
    """Settings of the tools.

    Attributes
    ----------
    tool : Tool
    width : float
        Width of new strokes, shoulder to shoulder, as a fraction of the chart's side, 0.001..0.15.
    radius : float
        Radius of eraser, select, mask and paint tool as a fraction of the chart's side, 0.002..0.15; paint measures
        it on the skin.
    depth_mm : float
        Depth of new strokes at full pressure in mm, -3..5; negative draws a ridge.
    profile : Profile
        Cross-section of new strokes.
    style : Style
        Whether new strokes become wrinkles or stay as they are drawn.
    tint : float
        Colour of the skin along new strokes, as of `Stroke`.
    onset : Onset
        Binding of new strokes: always there, to the expression that is up, or to its action units. With a
        neutral face every new stroke is always there.
    birth_age : float
        Age in years at which new strokes appear; 0 = always there.
    mirror_x : bool
        Draw, erase and move on both halves of the face.
    mirror_asymmetry : float
        0..1, how much the twin of a stroke differs from it (seeded jitter of length, place and depth).
    pressure_to_depth, pressure_to_width : bool
        Whether the pen's pressure acts; without it depth or width are full all along.
    depth_curve, width_curve : Response
        Depth and width of a stroke, as shares of the full ones, that the pen's pressure makes where it acts.
    pressure_exponent : float
        0.25..4, response of the pen: what the curves are given is pen pressure ** exponent.
    smooth : float
        0..1, the stabiliser: how far the line lags behind the pen.
    along_tension : float
        0..1, how far new strokes are turned towards the lines of skin tension once the pen is up.
    folding : float
        0..1, how far the depth of new strokes follows the skin where they are wrinkles; as drawn they keep it.
    band : Band
        What eraser and smoother touch: all strokes, or broad or narrow ones alone. The eraser tool can rub pores
        away instead.
    handling : Handling
        What a drag of the select tool does to a line.
    mask_target : MaskTarget
        The mask tool hides strokes of a layer, or locks skin.
    show_mask : bool
        Tint what the mask tool has hidden or locked, on face and chart.
    paints : Paints
    paint_color : tuple of 3 ints
        sRGB 0..255.
    amount : float
        -1..1, of what is painted in the skin: less or more than there is.
    strength, hardness : float
        0..1, of the paint tool: how much one stroke does, and which part of the radius it does all of it within.
    picking : bool
        The next press takes the skin's colour.
    layer : str
        Id of the layer that new strokes go into; "" or one that is not there for none.
    show_strokes : bool
        Draw the strokes as lines over the face and the chart.
    show_ring : bool
        Draw the brush ring on the surface.
    """

    events: ClassVar[SignalGroupDescriptor] = SignalGroupDescriptor()

    tool: Tool = Tool.BRUSH
    width: float = 0.012
    radius: float = 0.02
    depth_mm: float = 0.25
    profile: Profile = Profile.WRINKLE
    style: Style = Style.NATURAL
    tint: float = 0.0
    onset: Onset = Onset.ALWAYS
    birth_age: float = 0.0
    mirror_x: bool = False
    mirror_asymmetry: float = 0.25
    pressure_to_depth: bool = True
    pressure_to_width: bool = True
    pressure_exponent: float = 1.0
    depth_curve: Response = LINEAR
    width_curve: Response = PEN_WIDTH
    smooth: float = 0.3
    along_tension: float = 0.0
    folding: float = 0.3
    band: Band = Band.ALL
    handling: Handling = Handling.MOVE
    mask_target: MaskTarget = MaskTarget.LAYER
    show_mask: bool = True
    paints: Paints = Paints.COLOR
    paint_color: tuple[int, int, int] = (176, 72, 70)
    amount: float = 0.5
    strength: float = 0.5
    hardness: float = 0.2
    picking: bool = False
    layer: str = ""
    show_strokes: bool = False
    show_ring: bool = True

    @property
    def size(self) -> float:
        """Radius in chart units of what the current tool touches: half the brush's width, or `radius`."""
        return 0.5 * self.width if self.tool == Tool.BRUSH else self.radius

    def scale_size(self, steps: int) -> None:
        """Make the current tool larger (`steps` > 0) or smaller by a tenth per step, within its limits."""
        factor = math.pow(SIZE_STEP, steps)
        if self.tool == Tool.BRUSH:
            self.width = min(max(self.width * factor, WIDTH_MIN), WIDTH_MAX)
        else:
            self.radius = min(max(self.radius * factor, RADIUS_MIN), RADIUS_MAX)

    def shape_pressure(self, pressures: npt.ArrayLike) -> tuple[Float32, Float32]:
        """Shares of depth and width, 0..1 float32 (N,) each, for pressures (N,) of the pen."""
        given = np.clip(np.asarray(pressures, np.float64), 0.02, 1.0) ** self.pressure_exponent
        full = np.ones(given.shape)
        depth = self.depth_curve.at(given) if self.pressure_to_depth else full
        width = self.width_curve.at(given) if self.pressure_to_width else full
        return depth.astype(np.float32), width.astype(np.float32)

    def clipped_birth_age(self) -> float:
        """`birth_age` within 0..70 years."""
        return min(max(self.birth_age, 0.0), AGE_MAX)
