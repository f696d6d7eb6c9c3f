"""Requests and the pipeline that the tests of detail share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pytest
from detail_samples import blank

from rhytid.core.arkit import expression_array
from rhytid.core.detail.pipeline import DetailPipeline
from rhytid.core.detail.request import DetailRequest, EngineSettings, SourceDetail
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
        return DetailRequest(
            resolution=resolution,
            expression=expression_array(expression or {}),
            action_units=tuple(sorted((action_units or {}).items())),
            age=age,
            tension=blank() if tension is None else tension,
            source=source,
            strokes=tuple(strokes),
            settings=EngineSettings(**settings),
            source_action_units=tuple(sorted((source_action_units or {}).items())),
            source_tension=blank(),
        )

    return make


@pytest.fixture(scope="session")
def pipeline() -> DetailPipeline:
    """One pipeline for tests that only look at results."""
    return DetailPipeline()
