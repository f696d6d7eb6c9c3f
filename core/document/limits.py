"""Ranges of everything in the document: commands clamp to them, the project reader refuses beyond them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from rhytid.core.ageing import AGE_MAX, AGE_MIN, LIFE_MAX
from rhytid.core.animation.clip import check_clip
from rhytid.core.arkit import ARKIT_INDEX, N_EXPRESSION
from rhytid.core.detail.request import SourceDetail
from rhytid.core.document.state import DocumentState, SecondFace
from rhytid.core.files.text import storable
from rhytid.core.given import given_number
from rhytid.core.head.pins import check_pins
from rhytid.core.lines.layer import StrokeLayer
from rhytid.core.lines.stroke import Stroke
from rhytid.core.maps.albedo_map import MOST_DARKENING, AlbedoMap
from rhytid.core.maps.complexion import COMPLEXION_FIELDS
from rhytid.core.photo.layer import MAX_PHOTOS, PhotoLayer
from rhytid.core.photo.light_map import MAP_SIDE

MAX_STROKES = 20_000
MAX_POINTS = 1_000_000
MAX_LAYERS = 500
LAYER_STRENGTH = (-2.0, 2.0)
BAND_STRENGTH = (0.0, 2.0)
MAX_NAME_LENGTH = 200
MAX_PATH_LENGTH = 4096
MAX_IDENTITY_MODES = 512
IDENTITY_LIMIT = 5.0
SEED_MAX = 2**31 - 1
SOURCE_MIN_SIZE, SOURCE_MAX_SIZE = 64, 8192
ALBEDO_MIN_SIZE, ALBEDO_MAX_SIZE = 64, 8192
AROUND_MAX_SIZE = 4096
MAX_PHOTO_BYTES = 64 * 1024 * 1024
MAX_PINS = 1000
MAX_VERTICES = 10_000_000
_PHOTO_PX = (1.0, 100_000.0)
_FAR_MM = (-100_000.0, 100_000.0)
AGE_PART = (0.0, 2.0)
_OFFSET_MM = (-200.0, 200.0)
ACTION_UNIT_NAME = re.compile(r"AU[1-9][0-9]?[LR]?")

Range = tuple[float, float]

ENGINE_RANGES: dict[str, Range] = {
    "strength": (0.0, 2.0),
    "static_strength": (0.0, 2.0),
    "dynamic_strength": (0.0, 2.0),
    "pores": (0.0, 2.0),
    "seed": (0, SEED_MAX),
}
LIGHTING_RANGES: dict[str, Range] = {
    "environment_intensity": (0.0, 4.0),
    "environment_yaw_deg": (-180.0, 180.0),
    "key_intensity": (0.0, 8.0),
    "key_yaw_deg": (-180.0, 180.0),
    "key_pitch_deg": (-90.0, 90.0),
    "exposure": (-4.0, 4.0),
}
CAMERA_RANGES: dict[str, Range] = {
    "yaw_deg": (-180.0, 180.0),
    "pitch_deg": (-90.0, 90.0),
    "distance_mm": (20.0, 10_000.0),
    "fov_deg": (2.0, 120.0),
    "target_mm": (-5_000.0, 5_000.0),
}
HAIR_RANGES: dict[str, Range] = {
    "brows": (0.0, 2.0),
    "lashes": (0.0, 2.0),
    "stubble": (0.0, 2.0),
    "vellus": (0.0, 2.0),
    "length": (0.3, 2.0),
    "thickness": (0.3, 2.0),
    "melanin": (0.0, 1.0),
    "redness": (0.0, 1.0),
    "grey": (-1.0, 1.0),
}
STROKE_RANGES: dict[str, Range] = {
    "width": (0.0005, 0.25),
    "depth_mm": (-5.0, 5.0),
    "birth_age": (0.0, AGE_MAX),
    "tint": (-1.0, 1.0),
    "folding": (0.0, 1.0),
}
HEAD_POSE_RANGES: dict[str, Range] = {
    "yaw_deg": (-90.0, 90.0),
    "pitch_deg": (-60.0, 60.0),
    "roll_deg": (-60.0, 60.0),
}
CHANNEL_RANGES: dict[str, Range] = {
    **dict.fromkeys(ARKIT_INDEX, (0.0, 1.0)),
    "age": (AGE_MIN, LIFE_MAX),
    "shape_age": (AGE_MIN, LIFE_MAX),
    "key_yaw_deg": LIGHTING_RANGES["key_yaw_deg"],
    "key_pitch_deg": LIGHTING_RANGES["key_pitch_deg"],
    **{f"head_{name}": limits for name, limits in HEAD_POSE_RANGES.items()},
}
"""What can have keys, beside action units."""
LENGTH_MM = (1.0, 300.0)
_TANGENT = 1.0  # chart units: a control point is no farther from its point
# Angles that turn all the way round: 190 degrees is -170, not 180.
WRAPPED_ANGLES = frozenset({"environment_yaw_deg", "key_yaw_deg", "yaw_deg"})


def finite(value: float, what: str) -> float:
    """`value` as a float.

    Raises
    ------
    ValueError
        Not a number, or NaN or infinite.
    """
    return given_number(value, what)


def clamp(value: float, limits: Range, what: str) -> float:
    """`value` brought into `limits`; raises `ValueError` when it is not a finite number."""
    low, high = limits
    return min(max(finite(value, what), float(low)), float(high))


def clamp_field(name: str, value: float, limits: Range) -> float:
    """`clamp`, except that angles of `WRAPPED_ANGLES` go round where all of them are allowed."""
    if name in WRAPPED_ANGLES and limits == (-180.0, 180.0) and not limits[0] <= finite(value, name) <= limits[1]:
        return (float(value) + 180.0) % 360.0 - 180.0
    return clamp(value, limits, name)


def clamp_stroke(stroke: Stroke) -> Stroke:
    """The stroke with every value in range: the same object when nothing had to change.

    Raises
    ------
    ValueError
        A value that is not a finite number, an empty id, or a name that is too long.
    """
    check_text(stroke.id, "the id of a stroke", empty=False)
    check_text(stroke.name, "the name of a stroke")
    check_text(stroke.layer, "the layer of a stroke")
    changes: dict[str, object] = {}
    for name, limits in STROKE_RANGES.items():
        value = getattr(stroke, name)
        inside = clamp(value, limits, f"{name} of a stroke")
        if inside != value:
            changes[name] = inside
    for name in ("points", "pressure"):
        array = getattr(stroke, name)
        if array.min() < 0.0 or array.max() > 1.0:
            changes[name] = np.clip(array, 0.0, 1.0)
    if stroke.breadth is not None and (stroke.breadth.min() < 0.0 or stroke.breadth.max() > 1.0):
        changes["breadth"] = np.clip(stroke.breadth, 0.0, 1.0)
    if stroke.tangents is not None and np.abs(stroke.tangents).max() > _TANGENT:
        changes["tangents"] = np.clip(stroke.tangents, -_TANGENT, _TANGENT)
    if not changes:
        return stroke
    return replace(stroke, **changes)  # type: ignore[arg-type]


def check_text(text: str, what: str, *, empty: bool = True, length: int = MAX_NAME_LENGTH) -> None:
    """Raises `ValueError` unless `text` is a string of at most `length` characters that UTF-8 can hold."""
    if not isinstance(text, str):
        raise ValueError(f"{what} must be text, got {text!r}")
    if not empty and not text:
        raise ValueError(f"{what} must not be empty")
    if len(text) > length:
        raise ValueError(f"{what} may have at most {length} characters, got {len(text)}")
    if storable(text) != text:
        raise ValueError(f"{what} holds NUL or half a character")


def check_strokes(strokes: Iterable[Stroke]) -> None:
    """Raises `ValueError` when ids repeat or there are more strokes or points than the program can carry."""
    ids: set[str] = set()
    n_points = 0
    for stroke in strokes:
        if stroke.id in ids:
            raise ValueError(f"two strokes have the id {stroke.id!r}; every stroke needs its own")
        ids.add(stroke.id)
        n_points += len(stroke.points)
    if len(ids) > MAX_STROKES:
        raise ValueError(f"a document may have at most {MAX_STROKES} strokes, got {len(ids)}")
    if n_points > MAX_POINTS:
        raise ValueError(f"the strokes of a document may have at most {MAX_POINTS} points, got {n_points}")


def check_layers(layers: tuple[StrokeLayer, ...], taken: tuple[str, ...], strokes: Iterable[Stroke]) -> None:
    """Raises `ValueError` when layers break their contract, or a stroke belongs to one that is not there."""
    if len(layers) > MAX_LAYERS:
        raise ValueError(f"a document may have at most {MAX_LAYERS} layers, got {len(layers)}")
    for layer in layers:
        check_text(layer.id, "the id of a layer", empty=False)
        check_text(layer.name, "the name of a layer")
        _within(layer.strength, LAYER_STRENGTH, "strength of a layer")
    ids = {layer.id for layer in layers}
    if len(ids) != len(layers):
        raise ValueError("two layers have the same id")
    lost = {stroke.layer for stroke in strokes} - ids - {""}
    if lost:
        raise ValueError(f"a stroke belongs to the layer {sorted(lost)[0]!r}, which is not there")
    if len(taken) > MAX_STROKES:
        raise ValueError(f"at most {MAX_STROKES} generated strokes may be taken over, got {len(taken)}")
    for name in taken:
        check_text(name, "the id of a generated stroke", empty=False)


def check_state(state: DocumentState) -> None:
    """Raises `ValueError`, naming the value, when anything in `state` is out of range."""
    _within(state.age, (AGE_MIN, LIFE_MAX), "age")
    if state.shape_age is not None:
        _within(state.shape_age, (AGE_MIN, LIFE_MAX), "age of the shape")
    for name, factor in state.age_parts:
        check_text(name, "the name of a part that ages", empty=False)
        _within(factor, AGE_PART, f"ageing of {name}")
    check_text(storable(state.head.path), "the path of the head", length=MAX_PATH_LENGTH)
    check_text(state.head.digest, "the digest of the head")
    check_pins(state.head.pins or ())
    check_text(state.settings.name, "the name of the engine")
    check_text(state.lighting.environment, "the name of the environment")
    if state.lighting.panorama is not None:
        state.lighting.panorama.texels()
    if len(state.identity) > MAX_IDENTITY_MODES:
        raise ValueError(f"identity may have at most {MAX_IDENTITY_MODES} modes, got {len(state.identity)}")
    for value in state.identity:
        _within(value, (-IDENTITY_LIMIT, IDENTITY_LIMIT), "identity")
    for value in state.expression:
        _within(value, (0.0, 1.0), "expression")
    for name, value in state.action_units:
        _within(value, (0.0, 1.0), f"action unit {name}")
    for part, ranges in (
        (state.settings, ENGINE_RANGES),
        (state.lighting, LIGHTING_RANGES),
        (state.camera, CAMERA_RANGES),
        (state.hair, HAIR_RANGES),
        (state.head_pose, HEAD_POSE_RANGES),
    ):
        for name, limits in ranges.items():
            value = getattr(part, name)
            for item in value if isinstance(value, tuple) else (value,):
                _within(item, limits, name)
    for name in COMPLEXION_FIELDS:
        _within(getattr(state.complexion, name), (0.0, 1.0), f"{name} of the complexion")
    if state.paint is not None:
        _within(state.paint.opacity, (0.0, 1.0), "opacity of paint")
    if len(state.camera.target_mm) != 3:
        raise ValueError(f"target_mm has three coordinates, got {len(state.camera.target_mm)}")
    for stroke in state.strokes:
        if clamp_stroke(stroke) is not stroke:
            raise ValueError(f"stroke {stroke.id!r} has a value out of range")
    check_strokes(state.strokes)
    check_layers(state.layers, state.taken, state.strokes)
    for band in (state.bands.folds, state.bands.fine_lines, state.bands.pores):
        _within(band, BAND_STRENGTH, "strength of a band")
    if state.source is not None:
        check_source(state.source)
    if state.second is not None:
        if state.source is None:
            raise ValueError("a second face needs a source to be mixed into")
        check_second(state.second)
    if state.photo is not None:
        check_photos(state.photo, state.other_photos)
    elif state.other_photos:
        raise ValueError("there are other photos, but no first one")
    if state.albedo is not None:
        check_albedo(state.albedo)
    check_clip(state.clip)
    for track in state.clip.tracks:
        limits = channel_range(track.name)
        for key in track.keys:
            _within(key.value, limits, f"a key of {track.name}")


def channel_range(name: str) -> Range:
    """Least and greatest value of what can have keys; raises `ValueError` for anything else."""
    if name in CHANNEL_RANGES:
        return CHANNEL_RANGES[name]
    if ACTION_UNIT_NAME.fullmatch(name):
        return (0.0, 1.0)
    raise ValueError(f"{name!r:.80} can have no keys")


def check_photos(photo: PhotoLayer, others: tuple[PhotoLayer, ...]) -> None:
    """Raises `ValueError` when photos of one person break their contract."""
    check_photo(photo)
    if len(others) >= MAX_PHOTOS:
        raise ValueError(f"a face may have at most {MAX_PHOTOS} photos, got {len(others) + 1}")
    for other in others:
        check_photo(other)
        if not np.array_equal(other.fit.identity, photo.fit.identity) or other.fit.offsets is not photo.fit.offsets:
            raise ValueError("photos of one person must show one head")
    numbers = {photo.number, *(other.number for other in others)}
    if len(numbers) != len(others) + 1:
        raise ValueError("two photos have the same number")


def check_photo(photo: PhotoLayer) -> None:
    """Raises `ValueError` when a photo's layer breaks its contract."""
    check_text(storable(photo.name), "the name of the photo")
    check_text(photo.digest, "the digest of the photo")
    _within(photo.number, (0, MAX_PHOTOS - 1), "number of a photo")
    if not 0 < len(photo.data) <= MAX_PHOTO_BYTES:
        raise ValueError(f"a photo may have at most {MAX_PHOTO_BYTES} bytes, got {len(photo.data)}")
    fit, camera = photo.fit, photo.fit.camera
    if fit.identity.ndim != 1 or len(fit.identity) > MAX_IDENTITY_MODES or fit.expression.shape != (N_EXPRESSION,):
        raise ValueError("the fit of the photo has other modes or weights than a head can have")
    _all_within(fit.identity, (-IDENTITY_LIMIT, IDENTITY_LIMIT), "identity of the photo")
    _all_within(fit.expression, (0.0, 1.0), "expression of the photo")
    _within(fit.error_percent, (0.0, 1000.0), "error of the fit")
    if camera.rotation.shape != (3, 3) or camera.translation.shape != (3,) or camera.centre.shape != (2,):
        raise ValueError("the camera of the photo is incomplete")
    if not np.allclose(camera.rotation @ camera.rotation.T, np.eye(3), atol=1e-4):
        raise ValueError("the camera of the photo does not turn, it bends")
    _all_within(camera.translation, _FAR_MM, "place of the photo's camera")
    _all_within(camera.centre, _FAR_MM, "centre of the photo")
    for value in (camera.focal_px, *camera.size):
        _within(value, _PHOTO_PX, "size or focal length of the photo")
    if fit.offsets is not None:
        if fit.offsets.dtype != np.float32 or fit.offsets.ndim != 2 or fit.offsets.shape[1] != 3:
            raise ValueError("the offsets of the photo's head must be float32 (V, 3)")
        _all_within(fit.offsets, _OFFSET_MM, "an offset of the photo's head")
    if photo.light is not None:
        if photo.light.sh9.shape != (9, 3) or photo.light.sh_map.shape != (MAP_SIDE, MAP_SIDE, 9, 3):
            raise ValueError("the light of the photo is incomplete")
        for values in (photo.light.sh9, photo.light.sh_map):
            _all_within(values, (-1000.0, 1000.0), "light of the photo")
    if len(photo.pins) > MAX_PINS:
        raise ValueError(f"a photo may have at most {MAX_PINS} pins, got {len(photo.pins)}")
    for pin in photo.pins:
        _within(pin.triangle, (0, 2 * MAX_VERTICES), "triangle of a pin")
        for value in pin.barycentric:
            _within(value, (0.0, 1.0), "place of a pin")
        for value in pin.pixel:
            _within(value, _FAR_MM, "pixel of a pin")


def check_albedo(albedo: AlbedoMap) -> None:
    """Raises `ValueError` when an albedo breaks its contract."""
    for texels, largest in ((albedo.srgb, ALBEDO_MAX_SIZE), (albedo.around, AROUND_MAX_SIZE)):
        if texels is None:
            continue
        shape = texels.shape
        if texels.dtype != np.uint8 or len(shape) != 3 or shape[0] != shape[1] or shape[2] != 3:
            raise ValueError(f"an albedo must be a square picture of three bytes a texel, got {texels.dtype} {shape}")
        if not ALBEDO_MIN_SIZE <= shape[0] <= largest:
            raise ValueError(f"an albedo must be {ALBEDO_MIN_SIZE}..{largest} texels wide, got {shape[0]}")
    _within(albedo.age, (0.0, 120.0), "age of the albedo")
    for value in albedo.iris or ():
        _within(value, (0.0, 1.0), "colour of the irises")
    for value in albedo.darkening:
        _within(value, (0.0, MOST_DARKENING), "darkening of wrinkles")
    check_text(albedo.digest, "the digest of the albedo")
    check_text(albedo.head, "the head of the albedo")


def check_second(second: SecondFace) -> None:
    """Raises `ValueError` when a second face breaks its contract."""
    _within(second.share, (0.0, 1.0), "share of the second face")
    check_source(second.detail)
    if second.detail.lines:
        raise ValueError("a second face keeps no lines")


def check_source(source: SourceDetail) -> None:
    """Raises `ValueError` when source detail breaks its contract: size, type, finite values, marked lines."""
    map_mm = source.displacement
    if map_mm.dtype != np.float32 or map_mm.ndim != 2 or map_mm.shape[0] != map_mm.shape[1]:
        raise ValueError(f"source detail must be a square float32 map, got {map_mm.dtype} {map_mm.shape}")
    if not SOURCE_MIN_SIZE <= len(map_mm) <= SOURCE_MAX_SIZE:
        raise ValueError(f"source detail must be {SOURCE_MIN_SIZE}..{SOURCE_MAX_SIZE} texels wide, got {len(map_mm)}")
    if not np.isfinite(map_mm).all():
        raise ValueError("source detail holds values that are not finite")
    if len(source.expression) != N_EXPRESSION:
        raise ValueError(f"source detail needs {N_EXPRESSION} weights, got {len(source.expression)}")
    for value in source.expression:
        _within(value, (0.0, 1.0), "expression of the source")
    _within(source.age, (0.0, 120.0), "age of the source")
    check_text(storable(source.name), "the name of the source")  # as it is written; a file is called what it likes
    check_text(source.digest, "the digest of the source")
    for line in source.lines:
        if not line.from_source:
            raise ValueError(f"line {line.id!r} of source detail must be marked from_source")
        if clamp_stroke(line) is not line:
            raise ValueError(f"line {line.id!r} of source detail has a value out of range")
    check_strokes(source.lines)


def _all_within(values: npt.NDArray[np.floating], limits: Range, what: str) -> None:
    if values.size and not (np.isfinite(values).all() and limits[0] <= values.min() and values.max() <= limits[1]):
        raise ValueError(f"{what} must lie in {limits[0]:g}..{limits[1]:g}")


def _within(value: float, limits: Range, what: str) -> None:
    if clamp(value, limits, what) != value:
        raise ValueError(f"{what} must lie in {limits[0]:g}..{limits[1]:g}, got {value}")
