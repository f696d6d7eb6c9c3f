"""The size of the map that a photo's detailed light is kept in."""

from __future__ import annotations

MAP_SIDE = 128
"""As fine as shadows have edges."""
