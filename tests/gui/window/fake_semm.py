"""A stand-in for the SEMM: the procedural engine, half as deep, and plain mixtures of maps."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from rhytid.core.detail import engine as engines
from rhytid.core.detail.engine import engine_names, unregister_engine
from rhytid.core.detail.procedural import ProceduralEngine
from rhytid.core.face import engine_choice, mixing


class FakeSemm(ProceduralEngine):
    name = "semm"

    def surface(self, pose, resolution, control):
        return super().surface(pose, resolution, control) * np.float32(0.5)


@contextmanager
def installed(driver, reasons: dict[str, str]) -> Iterator[None]:
    """Let the window know these engines for a while, with "semm" the stand-in; its document is new after it."""
    for name in set(engine_names()) - {"procedural", "semm", "sd_detail"}:
        unregister_engine(name)  # left by tests of the registry in the same process
    import rhytid.core.learned.latent as latent

    patch = pytest.MonkeyPatch()
    patch.setattr(engine_choice._known, "reasons", dict(reasons))
    patch.setattr(engine_choice._known, "broken", {})
    patch.setitem(engines._registry.makers, "semm", FakeSemm)
    patch.setattr(engines._registry, "engines", {})
    patch.setattr(latent, "reposed_detail", lambda source, expression, age: source.displacement)
    patch.setattr(
        latent,
        "interpolate_detail",
        lambda a, b, share: a.displacement * np.float32(1 - share) + b.displacement * np.float32(share),
    )
    patch.setattr(latent, "transfer_detail", lambda giver, taker, share=1.0: taker.displacement - giver.displacement)
    _forget_mixtures()
    try:
        driver.session.engines.changed.emit()
        driver.settle()
        yield
        driver.document.new()
        driver.settle()
    finally:
        patch.undo()
        _forget_mixtures()
        driver.session.engines.changed.emit()


def _forget_mixtures() -> None:
    for cache in (mixing._kept, mixing._brought, mixing._sized):
        cache.cache_clear()
