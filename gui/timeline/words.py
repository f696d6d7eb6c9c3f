"""Names of tracks for people, and the colours of their curves."""

from __future__ import annotations

import colorsys
import zlib

from PySide6.QtGui import QColor

from rhytid.core.arkit import ARKIT_NAMES
from rhytid.core.document.limits import channel_range
from rhytid.core.language import tr
from rhytid.gui.theme import colour

_WORDS = {
    "age": tr("Age"), "shape_age": tr("Age of the shape"), "key_yaw_deg": tr("Key light, around"),
    "key_pitch_deg": tr("Key light, height"), "head_yaw_deg": tr("Head, turn"), "head_pitch_deg": tr("Head, nod"),
    "head_roll_deg": tr("Head, tilt"),
}  # fmt: skip


def track_title(name: str) -> str:
    """What people call a track."""
    return _WORDS.get(name, name)


def track_colour(name: str) -> QColor:
    """The colour of a track, the same in every clip; names that belong together have colours of one kind."""
    order = ARKIT_NAMES.index(name) / len(ARKIT_NAMES) if name in ARKIT_NAMES else zlib.crc32(name.encode()) / 2**32
    lightness = 0.66 if colour("field").lightness() < 128 else 0.36
    red, green, blue = colorsys.hls_to_rgb((order * 0.83 + 0.02) % 1.0, lightness, 0.62)
    return QColor.fromRgbF(red, green, blue)


def shown_value(name: str, share: float) -> str:
    """A value in its own unit, of its share of the range."""
    low, high = channel_range(name)
    value = low + share * (high - low)
    return f"{value:.2f}" if high - low <= 1.0 else f"{value:.1f}"
