"""Whole arrangements of light, by the names that photographers use, and turning the light by hand."""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.document.commands import SetLighting
from rhytid.core.document.commands.photo import PHOTO_LIGHT
from rhytid.core.document.state import Lighting
from rhytid.core.language import tr

YAW_DEG_PER_PX, PITCH_DEG_PER_PX = 0.45, 0.3
_HIGHEST_DEG = 89.0


@dataclass(frozen=True)
class LightLook:
    """One arrangement; exposure stays as it is.

    Attributes
    ----------
    text, tip : str
        What menus and buttons call it, and what it is good for.
    command : SetLighting
    """

    text: str
    tip: str
    command: SetLighting


def _look(
    text: str, tip: str, environment: str, around: float, key: float, yaw_deg: float, pitch_deg: float
) -> LightLook:
    return LightLook(text, tip, SetLighting(environment, around, 0.0, key, yaw_deg, pitch_deg))


LOOKS: dict[str, LightLook] = {
    "beauty": _look(tr("&Beauty Light"), tr("Soft, from above the camera: skin and form"), "studio", 1.1, 1.5, 0.0,
                    32.0),
    "rembrandt": _look(tr("Re&mbrandt Light"), tr("High from one side: a triangle of light on the far cheek"),
                       "studio", 0.4, 3.2, 48.0, 42.0),
    "rim": _look(tr("R&im Light"), tr("From behind on both sides: outline, and ears that glow"), "rim", 0.9, 3.5,
                 152.0, 22.0),
    "rake": _look(tr("Ra&king Light"), tr("Flat across the skin: every wrinkle casts a shadow"),
                  "studio", 0.18, 3.4, 80.0, 10.0),
}  # fmt: skip


def shown(look: LightLook, light: Lighting) -> bool:
    """Whether the light is that of a look."""
    wanted = look.command
    return (
        light.environment == wanted.environment
        and light.environment_intensity == wanted.environment_intensity
        and light.key_intensity == wanted.key_intensity
        and (light.key_yaw_deg, light.key_pitch_deg) == (wanted.key_yaw_deg, wanted.key_pitch_deg)
    )


def turned_light(light: Lighting, dx_px: float, dy_px: float) -> SetLighting:
    """The light after a drag of so many pixels, x right, y down; without a key light the surroundings go round."""
    if light.key_intensity == 0.0:
        return SetLighting(environment_yaw_deg=_round(light.environment_yaw_deg + dx_px * YAW_DEG_PER_PX))
    pitch = light.key_pitch_deg - dy_px * PITCH_DEG_PER_PX
    return SetLighting(
        key_yaw_deg=_round(light.key_yaw_deg + dx_px * YAW_DEG_PER_PX),
        key_pitch_deg=min(max(pitch, -_HIGHEST_DEG), _HIGHEST_DEG),
    )


def _round(deg: float) -> float:
    return (deg + 180.0) % 360.0 - 180.0


def lit_by(name: str, present: Lighting) -> SetLighting:
    """Choose an environment. The photo's light has no lamp beside it; the others get theirs back."""
    if name == PHOTO_LIGHT:
        return SetLighting(environment=name, environment_yaw_deg=0.0, environment_intensity=1.0, key_intensity=0.0)
    if present.environment == PHOTO_LIGHT and present.key_intensity == 0.0:
        return SetLighting(environment=name, key_intensity=Lighting().key_intensity)
    return SetLighting(environment=name)
