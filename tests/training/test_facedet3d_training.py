"""FaceDet3D's hallucination learns from pairs of poses, each term reacts to what it should; what it learnt ships."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from record_samples import made_up_group

from rhytid.core.arkit import ARKIT_INDEX, expression_array
from rhytid.core.document.action_units import action_unit_table
from rhytid.core.learned.facedet3d import FaceDet3DModel, condition
from rhytid.core.learned.weights import FACEDET3D
from rhytid.core.maps import bands
from rhytid.core.networks.facedet3d import ExpressionDiscriminator
from rhytid.core.training import facedet3d as training
from rhytid.core.training.facedet3d import DEFAULTS, FaceDet3DTrainer, log_energies
from rhytid.core.training.facedet3d_usual import projection, solved
from rhytid.core.training.make_records import make_records
from rhytid.core.training.record_shards import Group, Pose
from rhytid.core.training.records import Records
from rhytid.core.training.shipping import save_model
from rhytid.core.training.trainer import PoseSource


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    folder = tmp_path_factory.mktemp("records")
    make_records(folder, range(2), made_up_group, workers=0)
    drawn = PoseSource(Records(folder)).batch(1, np.random.default_rng(0))
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in drawn.items()}


def trainer(**changed: object) -> FaceDet3DTrainer:
    torch.manual_seed(0)
    return FaceDet3DTrainer(DEFAULTS | changed)


def test_conditions_are_intensities_of_action_units_and_the_age() -> None:
    table, matrix = action_unit_table(), projection()
    for name in ("AU1", "AU12L", "AU26"):
        told = condition(0.7 * table.weights[name], 40.0, matrix)
        assert told.max() == pytest.approx(0.7, abs=1e-4)
        assert told[-1] < 0.1
    older = condition(np.zeros(52, np.float32), 70.0, matrix)
    assert not older[:-1].any()
    assert older[-1] > 0.5


def test_energies_are_those_of_the_scores() -> None:
    values = bands.low_pass(np.random.default_rng(0).normal(size=(256, 256)).astype(np.float32), 1.5)
    made = log_energies(torch.from_numpy(values)[None])[0].numpy()
    np.testing.assert_allclose(made[:, 1:-1, 1:-1], bands.log_energies(values)[:, 1:-1, 1:-1], atol=0.25)


def wrinkling_group(person: int) -> Group:
    """One person's noise, deeper by a factor of 1.6 with AU 4, and by the person's own at rest."""
    rng = np.random.default_rng(person)
    own = cv2.GaussianBlur(rng.standard_normal((256, 256)).astype(np.float32), (0, 0), 1.5) * rng.uniform(2, 4)
    frown = action_unit_table().weights["AU4"]
    poses = []
    for key, share in enumerate((0.0, 0.5, 1.0)):
        x = own * np.float32(1.6**share)
        maps = {"x": x, "relief": np.zeros_like(x), "df_strong": np.ones_like(x), "df_all": np.ones_like(x)}
        poses.append(Pose(maps, (frown * np.float32(share)).astype(np.float32), 30.0, key))
    return Group(person, tuple(poses))


@pytest.fixture(scope="module")
def wrinkling(tmp_path_factory: pytest.TempPathFactory) -> Records:
    folder = tmp_path_factory.mktemp("wrinkling")
    make_records(folder, range(16), wrinkling_group, workers=0)
    return Records(folder)


def test_what_is_usual_is_solved_for_within_people(wrinkling: Records) -> None:
    matrix = projection()
    usual = solved(wrinkling, matrix)
    rest, frown = (condition(wrinkling.expression[i], 30.0, matrix) for i in (0, 2))
    change = np.tensordot(frown - rest, usual.slopes, 1)
    share = change / (2 * np.log(1.6))
    assert 0.6 < share.min() <= share.max() < 1.05  # so few poses leave a ridge below
    assert 0 < usual.face.mean() < 1
    # All that makes these people differ is their own and is there in every pose.
    np.testing.assert_allclose(usual.kept, 1, atol=0.05)


def test_scores_start_at_what_was_solved_for_and_the_network_is_told_so(
    wrinkling: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "_HELD_PAIRS", 24)
    learnt = trainer()
    learnt.initialise(wrinkling)
    scores = learnt.scores(PoseSource(wrinkling))
    assert scores["solved"] > 0.9
    assert scores["energy_correlation"] > 0.9
    assert scores["error"] < 0.6 * scores["error_kept"]
    resumed = trainer()
    resumed.load_state_dict(learnt.state_dict())
    assert resumed.scores(PoseSource(wrinkling)) == scores


def test_poses_of_a_pair_are_varied_alike_and_mirrored_with_their_expression(batch: dict[str, torch.Tensor]) -> None:
    x = batch["x"].float().numpy()[[0, 0]]
    left = np.stack([expression_array({"mouthSmileLeft": 1.0})] * 2)
    mirrored = 0
    for seed in range(8):
        torch.manual_seed(seed)
        made, expression = training._varied(x, left)
        assert np.array_equal(made[0], made[1])
        turned = bool(expression[0, ARKIT_INDEX["mouthSmileRight"]])
        mirrored += turned
        same, other = (np.corrcoef(made[0].ravel(), y.ravel())[0, 1] for y in (x[0], x[0][:, ::-1]))
        assert (other > same) == turned
        assert np.abs(made[0] - (x[0][:, ::-1] if turned else x[0])).mean() > 0.05
    assert 0 < mirrored < 8


def test_where_a_pose_lacks_a_line_it_is_to_stay_as_it_is(batch: dict[str, torch.Tensor]) -> None:
    one = trainer()
    erased = one._pairs(batch | {"line_pair": torch.tensor([True])})
    assert torch.equal(erased.wanted, erased.detail)
    posed = one._pairs(batch | {"line_pair": torch.tensor([False])})
    assert torch.equal(posed.wanted[0], posed.detail[1])
    np.testing.assert_allclose(posed.bands.sum(1), posed.detail - torch.from_numpy(np.stack(
        [bands.low_pass(values.numpy(), 8.0) for values in posed.detail])), atol=1e-4)  # fmt: skip


def test_the_terms_react_to_what_they_name(batch: dict[str, torch.Tensor]) -> None:
    wanted, weight = batch["x"].float(), torch.ones(256, 256)
    assert float(training._detail(wanted, wanted, weight)) == 0
    assert float(training._detail(0.5 * wanted, wanted, weight)) > 0.1
    assert float(training._energies(wanted, wanted, weight)) == 0
    moved = torch.roll(wanted, 3, -1)  # as much relief, elsewhere
    calm = float(training._energies(0.4 * wanted, wanted, weight))
    assert float(training._energies(moved, wanted, weight)) < calm
    assert float(training._detail(moved, wanted, weight)) > float(training._detail(0.4 * wanted, wanted, weight))
    added = torch.zeros_like(wanted)
    assert float(training._relative(added, wanted, weight)) == 0
    added[:, 100:120] = 1
    once, twice = (float(training._relative(share * added, wanted, weight)) for share in (1, 2))
    assert twice == pytest.approx(2 * once)
    assert once > 0.05


def test_the_discriminator_tells_places_and_reads_action_units() -> None:
    torch.manual_seed(0)
    judge = ExpressionDiscriminator(5).requires_grad_(False)
    maps = torch.randn(2, 256, 256)
    whole, places, units = judge(maps)
    assert (whole.shape, places.shape, units.shape) == ((2,), (2, 64, 64), (2, 5))
    other = maps.clone()
    other[:, :40, :40] += 2
    changed = (judge(other)[1] - places).abs()
    assert float(changed[:, :10, :10].mean()) > 20 * float(changed[:, 48:, 48:].mean())


def test_a_step_lowers_the_loss_and_the_judge_comes_in_later(wrinkling: Records) -> None:
    learning = trainer(learning_rate=1e-2)
    learning.initialise(wrinkling)
    drawn = PoseSource(wrinkling).batch(1, np.random.default_rng(0))
    batch = {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in drawn.items()}
    losses = []
    for _ in range(16):
        torch.manual_seed(1)  # the same pairs
        losses.append(learning.step(batch))
    first, last = losses[0], losses[-1]
    assert {"detail", "energies", "added", "mask"} == set(first)
    assert last["energies"] < 0.8 * first["energies"]
    learning.progress(0.9)
    assert {"realism", "units", "judge"} < set(learning.step(batch))


def test_a_resumed_run_is_bitwise_the_same(batch: dict[str, torch.Tensor]) -> None:
    whole, part = trainer(), trainer()
    for one in (whole, part):
        one.progress(0.7)
        torch.manual_seed(1)
        one.step(batch)
    resumed = trainer()
    resumed.load_state_dict(part.state_dict())
    for one in (whole, resumed):
        torch.manual_seed(2)
        one.step(batch)
    for a, b in zip(whole.model.parameters(), resumed.model.parameters(), strict=True):
        assert torch.equal(a, b)
    with pytest.raises(ValueError, match="another network"):
        resumed.load_state_dict({"model": {}})


def test_what_is_shipped_gives_what_was_trained(tmp_path: Path, wrinkling: Records) -> None:
    learnt = trainer()
    learnt.initialise(wrinkling)
    drawn = PoseSource(wrinkling).batch(1, np.random.default_rng(0))
    learnt.step({name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in drawn.items()})
    save_model(tmp_path, FACEDET3D, learnt.tensors(), learnt.config, {}, {}, learnt.export_onnx)
    model = FaceDet3DModel.load(tmp_path)
    poses = {name: torch.from_numpy(np.ascontiguousarray(drawn[name])) for name in ("x", "expression", "age")}
    pairs = learnt._pairs(poses)
    with torch.no_grad():
        made = pairs.made(*learnt.average(*pairs.inputs))[0].numpy()
    before, after = ((drawn["expression"][i], float(drawn["age"][i])) for i in range(2))
    displacement = pairs.detail[0].numpy() * np.float32(0.1)
    found = displacement + model.hallucinated(displacement, before, after).change(displacement)
    assert np.abs(made - pairs.detail[0].numpy()).max() > 0.2
    np.testing.assert_allclose(found, 0.1 * made, atol=2e-3)
