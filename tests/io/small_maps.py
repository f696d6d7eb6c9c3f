"""Exports with small maps, for tests that look at something else: maps are most of what an export costs."""

from __future__ import annotations

import numpy as np
import pytest

from rhytid.core.io import export_options, map_export


def allow_small_maps(patch: pytest.MonkeyPatch) -> None:
    """Let an export have maps of 256 texels, without a look at what hides what."""
    patch.setattr(export_options, "RESOLUTIONS", (256, 512, *export_options.RESOLUTIONS))
    patch.setattr(map_export, "ambient_visibility", lambda vertices, *_: np.ones(len(vertices), np.float32))
