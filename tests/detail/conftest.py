"""Requests and the pipeline that the tests of detail share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from detail_samples import blank

from rhytid.core.arkit import expression_array
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import DetailRequest, EngineSettings, Pose, SourceDetail
from rhytid.core.lines.stroke import Stroke

MakeRequest = Callable[..., DetailRequest]


@pytest.fixture
def make_request() -> MakeRequest:
    """Builds a request from what a test cares about."""

    def make(
        resolution: int = 256,
        age: float = 30.0,
        expression: Mapping[str, float] | None = None,
        action_units: Mapping[str, float] | None = None,
        tension: np.ndarray | None = None,
        strokes: Sequence[Stroke] = (),
        source: SourceDetail | None = None,
        source_action_units: Mapping[str, float] | None = None,
        **settings: object,
    ) -> DetailRequest:
        engine_settings = EngineSettings(**settings)
        pose = Pose(
            expression=expression_array(expression or {}),
            action_units=dict(action_units or {}),
            age=age,
            tension=blank() if tension is None else tension,
            settings=engine_settings,
        )
        captured = None
        if source is not None:
            then = np.asarray(source.expression, np.float32)
            captured = Pose(then, dict(source_action_units or {}), source.age, blank(), engine_settings)
        return DetailRequest(resolution, pose, captured, source, tuple(strokes))

    return make


@pytest.fixture(scope="session")
def pipeline() -> DetailPipeline:
    """One pipeline for tests that only look at results."""
    return DetailPipeline()
