"""Training SD-DeTail on a few made-up persons."""

from __future__ import annotations

import copy

import numpy as np
import pytest

pytest.importorskip("torch")

import torch
from record_samples import made_up_group

from rhytid.core.learned.sd_detail import SdDetailModel
from rhytid.core.maps.bands import low_pass
from rhytid.core.training.checkpoint import read_state, write_state
from rhytid.core.training.make_records import make_records
from rhytid.core.training.records import Records
from rhytid.core.training.sd_detail import SdDetailTrainer
from rhytid.core.training.sd_detail_bases import by_age, principal
from rhytid.core.training.shipping import save_model
from rhytid.core.training.trainer import PoseSource

TINY = {
    "static": 4, "dynamic": 3, "energy": 5, "width": 16, "basis_persons": 12, "energy_poses": 20, "texel_step": 31,
}  # fmt: skip


def made_up_maps(seed, age):
    """Three smooth patterns whose strength the seed and the age give."""
    rng = np.random.default_rng(5)
    patterns = [low_pass(rng.normal(size=(256, 256)).astype(np.float32), 2.0) for _ in range(6)]
    own = np.random.default_rng(seed)
    static = patterns[0] * own.normal() + patterns[1] * np.float32((age - 43) / 27)
    compressed = patterns[2] * own.normal() + patterns[3]
    return static, compressed, -0.3 * compressed + patterns[4] * own.normal()


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    make_records(folder, range(6), workers=0, group_of=made_up_group)
    return Records(folder)


@pytest.fixture(scope="module")
def start(records):
    """What is solved for, on which how it is trained later has no influence."""
    trainer = SdDetailTrainer(TINY, "cpu", made_up_maps)
    trainer.initialise(records)
    return trainer.state_dict()


def started(start, **changed):
    """A trainer from `start`, without the seconds that this takes."""
    trainer = SdDetailTrainer(TINY | changed, "cpu", made_up_maps)
    trainer.load_state_dict(copy.deepcopy(start))
    return trainer


@pytest.fixture(scope="module")
def trained(records, start):
    trainer = started(start)
    return trainer, [trainer.step(batch(records, 0)) for _ in range(25)]


def batch(records, number, n_pairs=4):
    return PoseSource(records).batch(n_pairs, np.random.default_rng(number))


def test_every_loss_falls(trained):
    _, losses = trained
    for name in ("codes", "detail", "energy"):
        values = [step[name] for step in losses]
        assert np.mean(values[-3:]) < np.mean(values[:3]), name


ALL_TERMS = {"code_weight": 1.0, "detail_weight": 1.0, "energy_weight": 1.0}


def last_losses(records, start, **weights):
    """Means of the last of fifteen steps on one batch."""
    trainer, seen = started(start, **ALL_TERMS | weights), batch(records, 0, 2)
    losses = [trainer.step(seen) for _ in range(15)][-3:]
    return {name: np.mean([step[name] for step in losses]) for name in losses[0]}


@pytest.fixture(scope="module")
def by_all_terms(records, start):
    return last_losses(records, start)


@pytest.mark.parametrize(("weight", "name"), [("code", "codes"), ("detail", "detail"), ("energy", "energy")])
def test_every_term_reacts(records, start, by_all_terms, weight, name):
    """Without its weight, the loss of a term falls less."""
    assert by_all_terms[name] < last_losses(records, start, **{f"{weight}_weight": 0.0})[name]


def test_resume_is_exact(records, trained, tmp_path):
    trainer, _ = trained
    write_state(tmp_path, trainer.state_dict())
    other = SdDetailTrainer(TINY, "cpu", made_up_maps)
    other.load_state_dict(read_state(tmp_path))
    assert other.step(batch(records, 3)) == trainer.step(batch(records, 3))
    for a, b in zip(trainer.net.parameters(), other.net.parameters(), strict=True):
        assert torch.equal(a, b)


def test_what_is_shipped_is_read_again(records, trained, tmp_path):
    trainer, _ = trained
    scores = trainer.scores(PoseSource(records))
    assert 0 < scores["log_energy_change_error"] < 3
    save_model(tmp_path, "sd_detail", trainer.tensors(), trainer.config, {"steps": 25}, scores, trainer.export_onnx)
    model = SdDetailModel.load(tmp_path)
    assert model.static.basis.shape == (4, model.inside.sum())
    picture = trainer.picture(batch(records, 1))
    assert picture.shape == (4 * 256, 4 * 256)
    assert np.isfinite(picture).all()


def test_principal_components_have_unit_codes_and_give_the_rows_again():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(40, 3)).astype(np.float32) @ rng.normal(size=(3, 200)).astype(np.float32) + 2
    mean, basis, codes = principal(rows, 5)
    np.testing.assert_allclose(mean + codes @ basis, rows, atol=1e-3)
    np.testing.assert_allclose(codes[:, :3].std(axis=0), 1, atol=1e-3)
    assert not basis[3:].any()


def test_the_age_regression_finds_slope_and_rest():
    rng = np.random.default_rng(0)
    share = np.linspace(-1, 1, 4000, dtype=np.float32)
    codes = share[:, None] * np.array([2.0, -1.0]) + rng.normal(size=(4000, 2)) * [0.5, 1.0]
    slope, factor = by_age(share, codes.astype(np.float32))
    np.testing.assert_allclose(slope[0], [2, -1], atol=0.1)
    np.testing.assert_allclose(np.diag(factor @ factor.T), [0.25, 1], atol=0.1)
