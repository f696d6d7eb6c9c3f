"""Engines of small random weights that the tests of learned detail share."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def semm_engine(tmp_path_factory):
    """The engine "semm" with random weights, registered under its name."""
    pytest.importorskip("onnx")
    from semm_sample import write_semm

    from rhytid.core.detail.engine import register_engine
    from rhytid.core.learned.register import register
    from rhytid.core.learned.semm_engine import SemmEngine

    engine = SemmEngine(write_semm(tmp_path_factory.mktemp("semm")))
    register()
    register_engine("semm", lambda: engine)
    return engine


@pytest.fixture
def make_request():
    """Builds a request of the engine "semm" from what a test cares about."""
    import numpy as np

    from rhytid.core.arkit import expression_array
    from rhytid.core.detail.request import DetailRequest, EngineSettings

    def make(resolution=256, age=30.0, expression=None, units=(), strokes=(), source=None, **settings):
        return DetailRequest(
            resolution=resolution,
            expression=expression_array(expression or {}),
            action_units=tuple(sorted(units)),
            age=age,
            tension=np.zeros((256, 256), np.float32),
            source=source,
            strokes=tuple(strokes),
            settings=EngineSettings(name="semm", **settings),
            source_action_units=(),
            source_tension=np.zeros((256, 256), np.float32),
        )

    return make
