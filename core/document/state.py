"""The document: one frozen value that holds everything an artist can change.

Commands are pure functions from state to state; the history keeps states, so undo, autosave and
background work need no locks (structural sharing).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from rhytid.core.animation.clip import Clip
from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.detail.finish import Bands, Finish, SkinLock, SmoothedSkin
from rhytid.core.detail.request import EngineSettings, SourceDetail
from rhytid.core.hair.settings import Hair
from rhytid.core.head.pins import HeadPin
from rhytid.core.lines.layer import Layering, StrokeLayer
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.albedo_map import AlbedoMap, Rgb
from rhytid.core.maps.complexion import Complexion, iris_color
from rhytid.core.maps.paint import Paint
from rhytid.core.maps.panorama import Panorama
from rhytid.core.maps.tooth_color import Enamel, enamel
from rhytid.core.photo.layer import PhotoLayer

# 2: a second face; 3: a photo, an albedo; 4: an albedo around the chart, several photos; 5: edges of lips and lids;
# 6: layers of strokes, natural strokes, hair, packed maps, strengths of bands, locked skin, complexion, clip, paint
SCHEMA_VERSION = 6
AGE_DEFAULT = 30.0


@dataclass(frozen=True)
class HeadReference:
    """Which head: the default one or a file, the digest it had when last saved, and pins that it is registered by.

    Without pins of its own (None) a head has those of its file.
    """

    path: str = ""  # "" = the head in resources/
    digest: str = ""
    pins: tuple[HeadPin, ...] | None = None


@dataclass(frozen=True)
class Lighting:
    """SH9 environment by preset plus one movable key light.

    Attributes
    ----------
    environment : str
        Name of an SH9 preset in resources/presets.
    environment_intensity : float
        0..4.
    environment_yaw_deg : float
        Rotation of the environment about +Y.
    key_intensity : float
        0..8; 0 switches the key light off.
    key_yaw_deg, key_pitch_deg : float
        Direction the key light comes from; 0, 0 = from the camera's default side (+Z).
    exposure : float
        Stops, -4..4.
    panorama : Panorama or None
        An imported environment, which the name "panorama" stands for.
    """

    environment: str = "studio"
    environment_intensity: float = 1.0
    environment_yaw_deg: float = 0.0
    key_intensity: float = 2.0
    key_yaw_deg: float = 40.0
    key_pitch_deg: float = 35.0
    exposure: float = 0.0
    panorama: Panorama | None = None


@dataclass(frozen=True)
class Camera:
    """Orbit camera: turns about `target_mm` at `distance_mm`.

    yaw 0 looks at the face from the front (+Z), positive yaw moves the camera to the subject's left (+X);
    positive pitch moves it up.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    distance_mm: float = 620.0
    target_mm: tuple[float, float, float] = (0.0, 0.0, 60.0)
    fov_deg: float = 26.0


@dataclass(frozen=True)
class HeadPose:
    """How the head is turned on its neck, in degrees about its own axes; lights and camera stay.

    Attributes
    ----------
    yaw_deg : float
        -90..90; positive to the subject's left.
    pitch_deg : float
        -60..60; positive down.
    roll_deg : float
        -60..60; positive onto the subject's right shoulder.
    """

    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    roll_deg: float = 0.0


class Mix(str, Enum):
    """What a second face gives to the first."""

    BLEND = "blend"  # all of its detail, and the first's goes
    WRINKLES = "wrinkles"  # its wrinkles; the fine texture stays the first's


@dataclass(frozen=True)
class SecondFace:
    """Another face's detail that is mixed into the source.

    Attributes
    ----------
    detail : SourceDetail
        Its map; lines are not kept, for only those of the source can be edited.
    share : float
        0..1: 0 leaves the source bit for bit as it is.
    mix : Mix
    """

    detail: SourceDetail
    share: float = 0.5
    mix: Mix = Mix.BLEND


@dataclass(frozen=True)
class DocumentState:
    """Everything that is saved.

    Attributes
    ----------
    identity : tuple of float
        Weights of the head's identity modes in standard deviations; missing ones are 0.
    expression : tuple of 52 floats in 0..1
        ARKit weights in the order of `core.arkit.ARKIT_NAMES`.
    action_units : tuple of (name, intensity 0..1), sorted by name, nonzero only
        FACS action units, names such as "AU12", "AU12L", "AU12R".
    age : float
        Years, 16..80; those of the skin alone where the shape has its own.
    shape_age : float or None
        Years of the head's shape where they are not linked to `age`.
    age_parts : tuple of (name, factor 0..2), sorted by name, those other than 1 only
        How much of its ageing a part shows, by the names of `core.head.ageing`.
    second : SecondFace or None
        None without a source.
    layers : tuple of StrokeLayer
        Folders of the strokes, in the order of the list. Every layer that a stroke names is among them.
    taken : tuple of str
        See `core.lines.layer.Layering`; sorted.
    bands : Bands
        Strengths of the bands of the whole detail.
    smoothed : SmoothedSkin or None
        Skin without pores.
    lock : SkinLock or None
        Skin that keeps its detail.
    photo : PhotoLayer or None
        The photo that the face was made from; of several, the one that gives expression, light and relief.
    other_photos : tuple of PhotoLayer
        The person's other photos: they share identity and offsets of the head. Empty without a photo.
    albedo : AlbedoMap or None
        Skin colour that was brought in; None for that of the complexion.
    hair : Hair
        Brows, lashes, stubble and vellus as strands.
    complexion : Complexion
        Colours of skin and irises.
    clip : Clip
        Keys of expression, age and light over time, by the names of `core.document.channels`.
    paint : Paint or None
        What was painted on the skin by hand.
    """

    head: HeadReference = field(default_factory=HeadReference)
    identity: tuple[float, ...] = ()
    expression: tuple[float, ...] = (0.0,) * N_EXPRESSION
    action_units: tuple[tuple[str, float], ...] = ()
    age: float = AGE_DEFAULT
    shape_age: float | None = None
    age_parts: tuple[tuple[str, float], ...] = ()
    source: SourceDetail | None = None
    second: SecondFace | None = None
    strokes: tuple[Stroke, ...] = ()
    layers: tuple[StrokeLayer, ...] = ()
    taken: tuple[str, ...] = ()
    bands: Bands = field(default_factory=Bands)
    smoothed: SmoothedSkin | None = None
    lock: SkinLock | None = None
    settings: EngineSettings = field(default_factory=EngineSettings)
    lighting: Lighting = field(default_factory=Lighting)
    camera: Camera = field(default_factory=Camera)
    photo: PhotoLayer | None = None
    other_photos: tuple[PhotoLayer, ...] = ()
    albedo: AlbedoMap | None = None
    hair: Hair = field(default_factory=Hair)
    complexion: Complexion = field(default_factory=Complexion)
    clip: Clip = field(default_factory=Clip)
    paint: Paint | None = None
    head_pose: HeadPose = field(default_factory=HeadPose)

    @property
    def iris(self) -> Rgb | None:
        """Linear colour of both irises; None where a photo does not tell it."""
        albedo = self.albedo
        if albedo is None or (albedo.iris is None and albedo.head):
            return iris_color(self.complexion)
        return albedo.iris

    @property
    def enamel(self) -> Enamel:
        """What the teeth are like at this age."""
        return enamel(self.complexion.teeth, self.age)

    @property
    def layering(self) -> Layering:
        """What the layers make of strokes."""
        return Layering(self.layers, self.taken)

    @property
    def finish(self) -> Finish:
        """What happens to the detail at the end."""
        return Finish(self.bands, self.smoothed, self.lock)

    @property
    def photos(self) -> tuple[PhotoLayer, ...]:
        """All photos of the person, in their order."""
        return tuple(sorted((*((self.photo,) if self.photo else ()), *self.other_photos), key=lambda one: one.number))
