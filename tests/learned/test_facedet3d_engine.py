"""The engine "facedet3d": what must hold whatever the weights, above all that nothing changes outside the mask."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from expression_energy_sample import expression_energy
from sd_detail_sample import sd_detail_model

from rhytid.core.arkit import expression_array
from rhytid.core.detail.engine import Control
from rhytid.core.detail.engines import Engines
from rhytid.core.detail.request import EngineSettings, Pose, SourceDetail, displacement_digest
from rhytid.core.evaluation.scores import REGIONS_PX, log_region_energy
from rhytid.core.learned.engines import learned_engines
from rhytid.core.learned.facedet3d import FaceDet3DModel, Usual, condition
from rhytid.core.learned.facedet3d_engine import FaceDet3DEngine
from rhytid.core.learned.sd_detail_engine import SdDetailEngine
from rhytid.core.learned.weights import WEIGHTS_FOLDER, WeightsError
from rhytid.core.maps.array_cache import ArrayCache
from rhytid.core.maps.bands import log_energies, low_pass
from rhytid.core.synthesis import synthesise

NEUTRAL = np.zeros(52, np.float32)
SMILE = expression_array({"mouthSmileLeft": 1.0, "mouthSmileRight": 1.0})
INSIDE = np.s_[100:160, 60:120]


class Session:
    """A network that digs where its mask is, and deepens what is there, more the stronger the first action unit."""

    def __init__(self, added: float = 1.0, deeper: float = 0.5) -> None:
        self.runs = 0
        self._added, self._deeper = added, deeper

    def run(self, names: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        self.runs += 1
        assert names == ["gains", "added", "mask"]
        assert inputs["detail"].shape == (1, 256, 256)
        assert inputs["told"].shape == (1, 12, 16, 16)
        mask = np.zeros((1, 256, 256), np.float32)
        mask[0][INSIDE] = 1
        more = np.float32((inputs["target"] - inputs["source"]).sum())
        added = np.random.default_rng(0).normal(size=(1, 256, 256)).astype(np.float32) * more * self._added
        return [np.full((1, 4, 16, 16), 1 + self._deeper * more, np.float32), added.astype(np.float32), mask]


def model(session: Session) -> FaceDet3DModel:
    projection = np.zeros((52, 2), np.float32)
    projection[np.flatnonzero(SMILE)[0], 0] = 1
    return FaceDet3DModel(session, projection, usual())


def usual() -> Usual:
    """More relief the stronger the first of two action units."""
    slopes = np.zeros((3, 4, 16, 16), np.float32)
    slopes[0] = 0.8
    mean = np.full((4, 16, 16), -1, np.float32)
    return Usual(mean, slopes, np.full(4, 0.6, np.float32), np.ones((16, 16), bool))


def resting(cache: ArrayCache) -> SdDetailEngine:
    return SdDetailEngine(cache, sd_detail_model(), expression_energy())


def engine(**told: float) -> FaceDet3DEngine:
    cache = ArrayCache()
    return FaceDet3DEngine(cache, model(Session(**told)), resting(cache))


def pose(expression: np.ndarray = NEUTRAL, age: float = 30.0, **settings: float) -> Pose:
    return Pose(expression, {}, age, np.zeros((256, 256), np.float32), EngineSettings(name="facedet3d", **settings))


def scan(side: int) -> SourceDetail:
    values = low_pass(np.random.default_rng(1).normal(size=(side, side)).astype(np.float32), 2.0)
    values *= np.float32(0.05) / values.std()
    values.setflags(write=False)
    return SourceDetail(values, (0.0,) * 52, 30.0, "scan", (), displacement_digest(values))


@pytest.mark.parametrize("side", [256, 1024])
def test_outside_the_mask_nothing_changes_bit_for_bit(side: int) -> None:
    source, one = scan(side), engine()
    made = one.reposed(source.displacement, source, pose(), pose(SMILE), Control())
    changed = made.values != source.displacement
    scale = side // 256
    reach = 3 * scale  # of the enlargement
    near = np.zeros_like(changed)
    near[100 * scale - reach : 160 * scale + reach, 60 * scale - reach : 120 * scale + reach] = True
    assert changed.any()
    assert not changed[~near].any()
    assert made.line_gain is not None
    outside = np.ones((256, 256), bool)
    outside[INSIDE] = False
    assert (made.line_gain[outside] == 1).all()


def test_the_pose_of_the_capture_is_the_map_itself_and_asks_no_network() -> None:
    source, one = scan(256), engine()
    made = one.reposed(source.displacement, source, pose(), pose(), Control())
    assert np.array_equal(made.values, source.displacement)
    assert one._model._session.runs == 0


def test_strengths_weigh_the_person_and_the_expression() -> None:
    source, one = scan(256), engine()
    whole = one.reposed(source.displacement, source, pose(), pose(SMILE), Control()).values
    half = one.reposed(source.displacement, source, pose(), pose(SMILE, dynamic_strength=0.5), Control()).values
    own = source.displacement
    np.testing.assert_allclose(half - own, 0.5 * (whole - own), atol=1e-6)
    static = one.reposed(source.displacement, source, pose(), pose(SMILE, static_strength=0.0), Control()).values
    np.testing.assert_allclose(static, whole - own, atol=1e-6)


def test_a_generated_face_at_rest_is_sd_detail_s_and_an_expression_changes_it_inside_the_mask() -> None:
    one = engine()
    rest = one.surface(pose(), 256, Control())
    assert np.array_equal(rest, resting(ArrayCache()).surface(pose(), 256, Control()))
    smiling = one.surface(pose(SMILE), 256, Control())
    outside = np.ones((256, 256), bool)
    outside[INSIDE] = False
    assert np.array_equal(smiling[outside], rest[outside])
    assert np.abs(smiling - rest)[INSIDE].mean() > 0.01
    assert one.strokes(EngineSettings()) == ()


def test_of_a_generated_face_the_dynamic_part_alone_is_what_the_expression_brings() -> None:
    one = engine()
    whole, rest = one.surface(pose(SMILE), 256, Control()), one.surface(pose(), 256, Control())
    alone = one.surface(pose(SMILE, static_strength=0.0), 256, Control())
    nothing = one.surface(pose(static_strength=0.0), 256, Control())
    np.testing.assert_allclose(alone - nothing, whole - rest, atol=1e-6)
    assert np.array_equal(one.surface(pose(SMILE, dynamic_strength=0.0), 256, Control()), rest)


@pytest.mark.parametrize("side", [256, 1024])
def test_gains_deepen_what_is_there_and_tell_lines_so(side: int) -> None:
    source, one = scan(side), engine(added=0.0)
    made = one.reposed(source.displacement, source, pose(), pose(SMILE), Control())
    scale = side // 256
    inner = np.s_[112 * scale : 148 * scale, 72 * scale : 108 * scale]
    own = source.displacement - low_pass(source.displacement, 8.0 * scale)
    np.testing.assert_allclose((made.values - source.displacement)[inner], 0.5 * own[inner], atol=1e-5)
    assert made.line_gain is not None
    np.testing.assert_allclose(made.line_gain[112:148, 72:108], 1.5, atol=1e-6)


def test_what_is_usual_starts_the_network_off() -> None:
    detail = scan(256).displacement * 10
    source, target = np.zeros(3, np.float32), np.float32([1, 0, 0])
    told = usual().told(detail, source, target)
    np.testing.assert_allclose(told[4:8], 0.8, atol=1e-6)
    np.testing.assert_allclose(told[8:], log_energies(detail) + 1, atol=1e-5)
    assert not usual().told(detail, source, source)[:8].any()
    # Who has more in one place than usual is expected to get less more there, and the other way round.
    more = detail.copy()
    more[:128] *= 3
    expected = usual().told(more, source, target)[:4]
    assert (expected[:, :6].mean(axis=(1, 2)) < 0.7).all()
    assert (expected[:, 10:].mean(axis=(1, 2)) > 0.75).all()


def test_what_is_usual_ships_and_damage_is_told() -> None:
    tensors = usual().tensors()
    again = Usual.of(tensors, 3)
    assert all(np.array_equal(again.tensors()[name], value) for name, value in tensors.items())
    for name, value in tensors.items():
        for damaged in (None, value[:1], np.full_like(value, np.nan)):
            with pytest.raises(WeightsError, match=name):
                Usual.of(tensors | {name: damaged}, 3)


def test_a_condition_is_intensities_and_the_age() -> None:
    projection = np.zeros((52, 1), np.float32)
    projection[3] = 2
    expression = np.zeros(52, np.float32)
    expression[3] = 0.7
    assert condition(expression, 16.0, projection)[0] == 1
    assert condition(0.5 * expression, 16.0, projection)[0] == pytest.approx(0.7)
    assert condition(expression, 60.0, projection)[1] > condition(expression, 30.0, projection)[1]


def shipped() -> FaceDet3DModel:
    pytest.importorskip("onnxruntime")
    return FaceDet3DModel.load()


def wrinkled() -> SourceDetail:
    """A synthetic person's map at rest, as it would be imported."""
    values = synthesise(7, 45.0, NEUTRAL, 256).displacement.copy()
    values.setflags(write=False)
    return SourceDetail(values, (0.0,) * 52, 45.0, "made", (), displacement_digest(values))


def test_as_shipped_expressions_stay_inside_their_mask_and_wrinkle_skin_where_they_should() -> None:
    model, source = shipped(), wrinkled()
    one = FaceDet3DEngine(ArrayCache(), model, resting(ArrayCache()))
    every = np.ones((256, 256), bool)
    before = log_region_energy(source.displacement, every)
    smile = {f"{name}{side}": 1.0 for name in ("mouthSmile", "cheekSquint") for side in ("Left", "Right")}
    raised = {"browInnerUp": 1.0, "browOuterUpLeft": 1.0, "browOuterUpRight": 1.0}
    changes = []
    for expression in (expression_array(smile), expression_array(raised)):
        wanted = pose(expression, age=45.0)
        made = one.reposed(source.displacement, source, pose(age=45.0), wanted, Control()).values
        outside = model.hallucinated(source.displacement, (NEUTRAL, 45.0), (expression, 45.0)).mask == 0
        assert 0.02 < outside.mean() < 0.95
        # A slider that begins to move changes nothing at once.
        shares = [model.hallucinated(source.displacement, (NEUTRAL, 45.0), (expression * np.float32(share), 45.0))
                  .change(source.displacement) for share in (0, 0.01, 0.1, 0.5)]  # fmt: skip
        sizes = [float(np.abs(change).mean()) for change in shares]
        assert sizes[0] == 0
        assert 0 < sizes[1] < 0.2 * sizes[2] < 0.1 * sizes[3]
        assert np.array_equal(made[outside], source.displacement[outside])
        changes.append(dict(zip(REGIONS_PX, log_region_energy(made, every) - before, strict=True)))
    smiling, raising = changes
    for side in ("left", "right"):
        assert smiling[f"nasolabial_{side}"] > 0.15
        assert smiling[f"nasolabial_{side}"] > raising[f"nasolabial_{side}"]
    assert raising["forehead"] > 0.25 > smiling["forehead"]


@pytest.mark.parametrize("name", ["facedet3d.json", "facedet3d.onnx", "facedet3d.safetensors"])
@pytest.mark.parametrize("damage", ["missing", "cut"])
def test_a_missing_or_damaged_file_is_one_line_and_the_other_engines_work(
    tmp_path: Path, name: str, damage: str
) -> None:
    for path in (*WEIGHTS_FOLDER.glob("facedet3d.*"), *WEIGHTS_FOLDER.glob("sd_detail.*")):
        shutil.copy(path, tmp_path)
    if damage == "missing":
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).write_bytes((tmp_path / name).read_bytes()[:-200])
    engines = Engines(learned_engines(tmp_path))
    reasons = engines.reasons()
    assert "facedet3d" in reasons["facedet3d"]
    assert "\n" not in reasons["facedet3d"]
    assert reasons["sd_detail"] == reasons["procedural"] == ""
    with pytest.raises(WeightsError):
        FaceDet3DModel.load(tmp_path)


def test_weights_whose_tensors_do_not_fit_are_refused(tmp_path: Path) -> None:
    """As of another version: whole files, but without what was solved for."""
    from safetensors.numpy import load_file, save_file

    for path in WEIGHTS_FOLDER.glob("facedet3d.*"):
        shutil.copy(path, tmp_path)
    stored = tmp_path / "facedet3d.safetensors"
    tensors = {name: value for name, value in load_file(stored).items() if not name.startswith("usual")}
    save_file(tensors, stored)
    told = json.loads((tmp_path / "facedet3d.json").read_text())
    told["files"][stored.name] = hashlib.sha256(stored.read_bytes()).hexdigest()
    (tmp_path / "facedet3d.json").write_text(json.dumps(told))
    with pytest.raises(WeightsError, match=r"usual\.mean"):
        FaceDet3DModel.load(tmp_path)
