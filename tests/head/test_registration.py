"""A mesh of somebody that says nothing of itself: it is stood up, laid onto the chart, and given its expressions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, expression_array
from rhytid.core.detail.engine import Cancelled
from rhytid.core.files.state_folder import STATE_DIR_VARIABLE
from rhytid.core.head import load
from rhytid.core.head.eye_opening import EyeOpening
from rhytid.core.head.fit.residual import Residual, face_residual, poor_fit_words, residual_words
from rhytid.core.head.head import Head
from rhytid.core.head.load import default_head, load_head
from rhytid.core.head.model import HeadModel, registered_model
from rhytid.core.head.pins import HeadPin
from rhytid.core.head.store import save_head

INCH_MM = 25.4


@pytest.fixture(scope="module")
def mesh() -> tuple[np.ndarray, np.ndarray]:
    """Places in mm (V, 3) and triangles of a random person's skin, cut at the neck, with noise of 0.2 mm."""
    own, random = default_head(), np.random.default_rng(7)
    person = own.shape(random.normal(size=own.n_identity), np.zeros(52))[: own.n_skin].astype(float)
    below = person[own.landmarks[8]] + np.array([0, -25, 30])
    triangles = own.skin_triangles
    triangles = triangles[(person[triangles] @ [0, 1, -0.25] > below @ [0, 1, -0.25]).all(axis=1)]
    return person + 0.2 * random.normal(size=person.shape), triangles


@pytest.fixture(scope="module")
def file(mesh: tuple[np.ndarray, np.ndarray], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The mesh somewhere in space, lying askew, in inches, as an OBJ without a word."""
    places, triangles = mesh
    turned = places @ Rotation.from_euler("xyz", [65, 30, -50], degrees=True).as_matrix().T / INCH_MM + [40, -3, 7]
    lines = [f"v {x:.6f} {y:.6f} {z:.6f}" for x, y, z in turned] + [f"f {a} {b} {c}" for a, b, c in triangles + 1]
    path = tmp_path_factory.mktemp("stranger") / "stranger.obj"
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture(scope="module")
def stranger(file: Path) -> Head:
    return load_head(file)


@pytest.fixture(scope="module")
def vertices(mesh: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """Vertices of the default head that the stranger has."""
    return np.unique(mesh[1])


def test_it_stands_upright_and_in_millimetres(
    stranger: Head, mesh: tuple[np.ndarray, np.ndarray], vertices: np.ndarray
) -> None:
    away = stranger.neutral - mesh[0][vertices]
    assert np.linalg.norm(away - away.mean(axis=0), axis=1).max() < 5
    assert "scaled from inches" in stranger.notes


def test_its_skin_lies_in_the_chart_where_it_belongs(stranger: Head, vertices: np.ndarray) -> None:
    own = default_head()
    px = 256 * np.linalg.norm(stranger.chart - own.chart[vertices], axis=1)
    assert np.median(px[own.detail_weight[vertices] > 0.5]) < 1
    kept = np.isin(own.landmarks, vertices)
    px = px[np.searchsorted(vertices, own.landmarks[kept])]
    assert kept.sum() > 60
    assert np.median(px) < 2
    assert np.quantile(px, 0.95) < 6


def test_its_expressions_are_those_of_the_default_head(stranger: Head, vertices: np.ndarray) -> None:
    own = default_head()
    assert stranger.made_shapes == ARKIT_NAMES
    assert stranger.n_identity == own.n_identity
    for name in ("mouthSmileLeft", "jawOpen", "browInnerUp", "cheekPuff"):
        made, known = stranger.expression[ARKIT_INDEX[name]], own.expression[ARKIT_INDEX[name], vertices]
        error = np.linalg.norm(made.astype(float) - known) / np.linalg.norm(known.astype(float))
        assert error < 0.12, name


def test_its_eyes_close_however_wide_they_stand(
    stranger: Head, mesh: tuple[np.ndarray, np.ndarray], vertices: np.ndarray
) -> None:
    own = default_head()
    neutral = own.neutral.copy()
    neutral[: own.n_skin] = mesh[0]
    blink = [ARKIT_INDEX["eyeBlinkLeft"], ARKIT_INDEX["eyeBlinkRight"]]
    made = own.expression.copy()
    made[np.ix_(blink, vertices)] = stranger.expression[blink]

    def gap_deg(expression: np.ndarray, eye: int) -> float:
        head = replace(own, neutral=neutral, expression=expression)
        shape = head.shape((), expression_array({"eyeBlinkLeft": 1.0, "eyeBlinkRight": 1.0}))
        edges = EyeOpening(head, eye).of(shape, head.eye_centers[eye]).edges
        return float(np.degrees(np.abs(edges[8:16, 1] - edges[8:16, 0]).mean()))

    for eye in (0, 1):
        assert gap_deg(own.expression, eye) > 5
        assert gap_deg(made, eye) < 2.5


def test_it_is_kept_and_never_taken_for_another(
    stranger: Head, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STATE_DIR_VARIABLE, str(tmp_path))
    fitted: list[str] = []

    def fit(_model: HeadModel, _path: Path, name: str, *_args: object) -> Head:
        fitted.append(name)
        return stranger

    monkeypatch.setattr(load, "_fitted", fit)
    model = registered_model(stranger, default_head())

    def opened(model: HeadModel = model, pins: tuple[HeadPin, ...] = ()) -> Head:
        return load._registered(model, tmp_path / "stranger.obj", "stranger", pins=pins, keep=True)

    first, again = opened(), opened()
    assert fitted == ["stranger"]
    assert (again.digest, again.notes, again.made_shapes) == (first.digest, first.notes, first.made_shapes)
    opened(pins=(HeadPin(30, (0.0, 0.0, 100.0)),))
    for _ in range(2):  # what the stand-in gives has another mesh: under no name is it taken for this one
        opened(replace(model, neutral=model.neutral + np.float32(1)))
    assert len(fitted) == 4
    (oldest, *_) = sorted((tmp_path / "heads").iterdir(), key=lambda path: path.stat().st_mtime)
    oldest.write_bytes(oldest.read_bytes()[:100_000])
    assert opened().digest == first.digest
    assert len(fitted) == 5


def test_how_well_it_lies_is_said_and_kept(stranger: Head, tmp_path: Path) -> None:
    residual = face_residual(stranger)
    assert residual is not None
    assert 0.05 < residual.median_mm < 0.3
    assert residual.p95_mm < 1
    assert residual_words(stranger).startswith("registered to 0.")
    assert residual_words(default_head()) == ""
    save_head(stranger, tmp_path / "again.npz")
    again = load_head(tmp_path / "again.npz")
    assert (again.digest, again.made_shapes) == (stranger.digest, stranger.made_shapes)
    np.testing.assert_allclose(again.residual_mm, stranger.residual_mm, atol=0.05)


def test_a_face_that_is_found_only_roughly_is_told(stranger: Head) -> None:
    assert not any("roughly" in note for note in stranger.notes)
    assert poor_fit_words(Residual(0.2, 1.0)) == ""
    assert "3.6 mm" in poor_fit_words(Residual(0.2, 3.56))


def test_it_can_be_stopped(file: Path) -> None:
    def stop(share: float) -> None:
        if share > 0.05:
            raise Cancelled

    with pytest.raises(Cancelled):
        load_head(file, stop)
