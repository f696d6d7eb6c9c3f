"""Commands on engine settings, lighting, camera and hair. A field that is None stays as it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, TypeVar

from rhytid.core.document.commands.base import Command, CommandError, changed, refusing
from rhytid.core.document.commands.layers import forget_generated
from rhytid.core.document.limits import (
    CAMERA_RANGES,
    ENGINE_RANGES,
    HAIR_RANGES,
    HEAD_POSE_RANGES,
    LIGHTING_RANGES,
    Range,
    check_text,
    clamp,
    clamp_field,
)
from rhytid.core.document.state import Camera, DocumentState, Lighting
from rhytid.core.hair.settings import Hair
from rhytid.core.maps.panorama import Panorama

Settings = TypeVar("Settings")

_ENGINE_LABELS = {
    "name": "Change engine",
    "strength": "Set detail strength",
    "static_strength": "Set static strength",
    "dynamic_strength": "Set dynamic strength",
    "pores": "Set pores",
    "seed": "Set detail seed",
    "generate_wrinkles": "Switch generated wrinkles",
}


@dataclass(frozen=True)
class SetEngine(Command):
    """Change some of the `EngineSettings`.

    Another seed is another person: what was made strokes of the old one's generated wrinkles goes.
    """

    name: str | None = None
    strength: float | None = None
    static_strength: float | None = None
    dynamic_strength: float | None = None
    pores: float | None = None
    seed: int | None = None
    generate_wrinkles: bool | None = None

    @property
    def label(self) -> str:
        given = _given(self)
        return _ENGINE_LABELS[next(iter(given))] if len(given) == 1 else "Set detail settings"

    def apply(self, state: DocumentState) -> DocumentState:
        settings = _with(state.settings, _given(self), ENGINE_RANGES)
        if settings.seed != state.settings.seed and state.taken:
            state = forget_generated(state)
            settings = replace(settings, generate_wrinkles=self.generate_wrinkles is not False)
        return changed(state, settings=settings)


@dataclass(frozen=True)
class ShowDetail(Command):
    """Show static detail, dynamic detail or both; a strength that was set stays where it is shown."""

    static: bool = True
    dynamic: bool = True

    @property
    def label(self) -> str:
        names = {(True, True): "static and dynamic detail", (True, False): "static detail only"}
        return f"Show {names.get((self.static, self.dynamic), 'dynamic detail only')}"

    def apply(self, state: DocumentState) -> DocumentState:
        settings = replace(
            state.settings,
            static_strength=(state.settings.static_strength or 1.0) if self.static else 0.0,
            dynamic_strength=(state.settings.dynamic_strength or 1.0) if self.dynamic else 0.0,
        )
        return changed(state, settings=settings)


@dataclass(frozen=True)
class SetLighting(Command):
    """Change some fields of the `Lighting`; yaw angles go round at 180 degrees."""

    environment: str | None = None
    environment_intensity: float | None = None
    environment_yaw_deg: float | None = None
    key_intensity: float | None = None
    key_yaw_deg: float | None = None
    key_pitch_deg: float | None = None
    exposure: float | None = None

    @property
    def label(self) -> str:
        given = set(_given(self))
        if given <= {"key_yaw_deg", "key_pitch_deg"}:
            return "Move key light"
        return "Set exposure" if given == {"exposure"} else "Set lighting"

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, lighting=_with(state.lighting, _given(self), LIGHTING_RANGES))


PANORAMA = "panorama"
"""Name of the environment that was imported."""


@dataclass(frozen=True)
class SetPanorama(Command):
    """Light the face by an imported environment, without a lamp beside it."""

    label = "Open environment"
    panorama: Panorama

    def apply(self, state: DocumentState) -> DocumentState:
        lighting = replace(
            state.lighting, environment=PANORAMA, environment_yaw_deg=0.0, environment_intensity=1.0,
            key_intensity=0.0, panorama=self.panorama,
        )  # fmt: skip
        return changed(state, lighting=lighting)


@dataclass(frozen=True)
class SetHeadPose(Command):
    """Turn the head on its neck."""

    label = "Turn head"
    yaw_deg: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, head_pose=_with(state.head_pose, _given(self), HEAD_POSE_RANGES))


@dataclass(frozen=True)
class ResetLighting(Command):
    """Back to the default light."""

    label = "Reset lighting"

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, lighting=Lighting())


@dataclass(frozen=True)
class SetHair(Command):
    """Change some fields of the `Hair`."""

    label = "Set hair"
    brows: float | None = None
    lashes: float | None = None
    stubble: float | None = None
    vellus: float | None = None
    length: float | None = None
    thickness: float | None = None
    melanin: float | None = None
    redness: float | None = None
    grey: float | None = None
    over_albedo: bool | None = None

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, hair=_with(state.hair, _given(self), HAIR_RANGES))


@dataclass(frozen=True)
class ResetHair(Command):
    """Back to the hair of a new document."""

    label = "Reset hair"

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, hair=Hair())


@dataclass(frozen=True)
class SetCamera(Command):
    """Change some fields of the `Camera`. Saved with the project, but not an undo step."""

    label = "Move camera"
    recorded: ClassVar[bool] = False

    yaw_deg: float | None = None
    pitch_deg: float | None = None
    distance_mm: float | None = None
    target_mm: tuple[float, float, float] | None = None
    fov_deg: float | None = None

    @classmethod
    def of(cls, camera: Camera) -> SetCamera:
        """The command that makes the document's camera equal to `camera`."""
        return cls(camera.yaw_deg, camera.pitch_deg, camera.distance_mm, camera.target_mm, camera.fov_deg)

    def apply(self, state: DocumentState) -> DocumentState:
        return changed(state, camera=_with(state.camera, _given(self), CAMERA_RANGES))


def _given(command: Command) -> dict[str, Any]:
    return {name: value for name, value in vars(command).items() if value is not None}


def _with(settings: Settings, given: Mapping[str, Any], ranges: Mapping[str, Range]) -> Settings:
    current: Any = settings
    with refusing():
        changes = {name: _checked(name, new, getattr(current, name), ranges) for name, new in given.items()}
    new_settings: Settings = replace(current, **changes)
    return new_settings


def _checked(name: str, value: Any, old: Any, ranges: Mapping[str, Range]) -> Any:
    if isinstance(old, str):
        check_text(value, name, empty=False)
        return value
    if isinstance(old, bool):
        return bool(value)
    if isinstance(old, tuple):
        items = tuple(value)
        if len(items) != len(old):
            raise CommandError(f"{name} needs {len(old)} numbers, got {len(items)}")
        return tuple(clamp(item, ranges[name], name) for item in items)
    inside = clamp_field(name, value, ranges[name])
    return round(inside) if isinstance(old, int) else inside
