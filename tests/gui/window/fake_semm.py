"""A stand-in for the SEMM: the procedural engine, half as deep, and plain mixtures of maps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from rhytid.core.detail.engine import EngineInfo
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.procedural import ProceduralEngine


class FakeSemm(ProceduralEngine):
    def surface(self, pose, resolution, control):
        return super().surface(pose, resolution, control) * np.float32(0.5)


@contextmanager
def installed(driver, reasons: dict[str, str]) -> Iterator[None]:
    """Let the window know these engines for a while, with "semm" the stand-in; its document is new after it."""
    import rhytid.core.learned.latent as latent

    engines = Engines(
        [
            EngineInfo("semm", "SEMM", "", FakeSemm, mixes=True),
            EngineInfo("sd_detail", "SD-DeTail", "", FakeSemm),
            EngineInfo("facedet3d", "FaceDet3D", "", FakeSemm),
        ]
    )
    engines.on_broken = lambda text: None
    for name, reason in reasons.items():
        engines.note_broken(name, reason)
    engines.reasons()
    session, patch = driver.session, pytest.MonkeyPatch()
    patch.setattr(session.engines, "_entries", engines._entries)
    patch.setattr(latent, "reposed_detail", lambda engine, source, expression, age: source.displacement)
    patch.setattr(
        latent,
        "interpolate_detail",
        lambda engine, a, b, share: a.displacement * np.float32(1 - share) + b.displacement * np.float32(share),
    )
    patch.setattr(
        latent, "transfer_detail", lambda engine, giver, taker, share=1.0: taker.displacement - giver.displacement
    )
    session.engines.cache.clear()
    try:
        session.engine_choices.changed.emit()
        driver.settle()
        yield
        driver.document.new()
        driver.settle()
    finally:
        patch.undo()
        session.engines.cache.clear()
        session.engine_choices.changed.emit()
