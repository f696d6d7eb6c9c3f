"""Figures against the ICT-FaceKit model and the chart's landmarks, where those are at hand."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import N_EXPRESSION
from rhytid.core.head.ageing import part_shares
from rhytid.core.head.head import Part
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.quality import flipped_triangles
from rhytid.core.head.report import head_report, read_landmark_targets

SHARED = Path(os.environ.get("RHYTID_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
ICT = SHARED / "ict-facekit"
LANDMARKS = SHARED / "facescape-sample" / "landmarks_68.json"


@pytest.mark.skipif(not ICT.is_dir(), reason="needs shared/data/ict-facekit beside the checkout")
def test_the_default_head_is_like_the_model_it_was_registered_to() -> None:
    model = load_head(ICT)
    likeness = head_report(default_head(), model)["likeness"]
    assert likeness["face_distance_median_mm"] < 0.3
    assert likeness["face_distance_p95_mm"] < 1.0
    assert likeness["expression_cosine_mean"] > 0.97
    assert min(likeness["expression_cosine"].values()) > 0.95
    assert model.n_identity == 100
    assert np.isclose(np.linalg.norm(model.eye_centers[0] - model.eye_centers[1]), 62, atol=1)


@pytest.mark.skipif(not ICT.is_dir(), reason="needs shared/data/ict-facekit beside the checkout")
def test_a_registered_head_ages_as_the_default_head_does() -> None:
    model, own = load_head(ICT), default_head()
    assert model.ageing_names == own.ageing_names
    shares, still = part_shares(70.0), np.zeros(N_EXPRESSION, np.float32)
    moved, expected = (
        (head.shape((), still, shares) - head.neutral)[head.landmarks] for head in (model, own)
    )
    assert np.linalg.norm(expected, axis=1).max() > 4
    assert np.linalg.norm(moved - expected, axis=1).max() < 1.0
    assert np.linalg.norm(moved - expected, axis=1).mean() < 0.25
    stiff = model.faces[np.isin(model.parts, (Part.EYE_LEFT, Part.EYE_RIGHT, Part.TEETH))]
    assert not model.ageing[:, stiff[stiff >= 0]].any()
    before = len(flipped_triangles(model.neutral, model.skin_triangles))
    assert len(flipped_triangles(model.shape((), still, shares), model.skin_triangles)) <= before + 20


@pytest.mark.skipif(not LANDMARKS.is_file(), reason="needs shared/data/facescape-sample beside the checkout")
def test_landmarks_lie_where_the_chart_wants_them() -> None:
    error = head_report(default_head(), landmark_targets=read_landmark_targets(LANDMARKS))["chart"]["landmark_error_px"]
    assert error["median"] <= 2
    assert error["max"] <= 6
