"""Engines of small random weights that the tests of learned detail share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def engines(tmp_path_factory):
    """Engines whose "semm" has random weights."""
    pytest.importorskip("onnx")
    from semm_sample import write_semm

    from rhytid.core.detail.engines import Engines
    from rhytid.core.learned.engines import learned_engines

    return Engines(learned_engines(write_semm(tmp_path_factory.mktemp("semm"))))


@pytest.fixture(scope="session")
def semm_engine(engines):
    """The engine "semm" with random weights."""
    return engines.get("semm")


@pytest.fixture
def make_request():
    """Builds a request of the engine "semm" from what a test cares about."""
    import numpy as np

    from rhytid.core.arkit import expression_array
    from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose

    def make(resolution=256, age=30.0, expression=None, units=(), strokes=(), source=None, **settings):
        still, wanted = np.zeros((256, 256), np.float32), EngineSettings(name="semm", **settings)
        pose = Pose(expression_array(expression or {}), dict(units), age, still, wanted)
        captured = None
        if source is not None:
            captured = Pose(np.asarray(source.expression, np.float32), {}, source.age, still, wanted)
        return DetailRequest(resolution, pose, captured, source, tuple(strokes))

    return make
