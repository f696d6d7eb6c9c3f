"""The paper's variant at run time computes what torch computes."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")
pytest.importorskip("onnxruntime")

import torch
from semm_paper_sample import paper_trainer, write_paper_semm

from rhytid.core.learned.semm import SemmModel
from rhytid.core.learned.semm_paper import PaperModel
from rhytid.core.learned.weights import WeightsError

RNG = np.random.default_rng(0)
MAP = RNG.normal(0, 0.08, (256, 256)).astype(np.float32)
FIELD = RNG.random((256, 256)).astype(np.float32)
SMILE = np.linspace(0, 1, 52, dtype=np.float32)
NEUTRAL = np.zeros(52, np.float32)


@pytest.mark.parametrize("ablation", ["", "no-distance-field", "concatenation"])
def test_codes_and_maps_are_those_of_torch(tmp_path, ablation):
    trainer = paper_trainer(ablation)
    model = PaperModel.load(write_paper_semm(tmp_path, trainer=trainer))
    network = trainer.average
    with torch.no_grad():
        pair = network.pair(torch.from_numpy(MAP[None] * 10), torch.from_numpy(FIELD[None]))
        code = network.encode(pair)
        shown = torch.from_numpy(SMILE[None]), torch.tensor([30.0])
        rebuilt = network.maps(network.reconstructed(code, *shown))[0][0].numpy() / 10
        neutral = network.in_expression(code, torch.from_numpy(NEUTRAL[None]), shown[1])
        older = network.at_age(code, torch.tensor([60.0]), shown[0])
    own = model.encode(MAP, FIELD)
    np.testing.assert_allclose(own.vector, code[0].numpy(), atol=0.02)
    found = (model.reconstructed(own, SMILE, 30), model.edited(own, SMILE, 30, NEUTRAL),
             model.edited(own, SMILE, 30, None, 60.0))  # fmt: skip
    wanted = (rebuilt, *(network.maps(pair)[0][0].numpy() / 10 for pair in (neutral, older)))
    for values, expected in zip(found, wanted, strict=True):
        assert values.dtype == np.float32
        assert np.abs(values - expected).max() < 0.02 * np.abs(expected).max()
    assert not np.allclose(found[0], found[1], atol=0.05 * found[0].std())
    both = model.edited(own, SMILE, 30, NEUTRAL, 60.0)
    assert not np.allclose(both, found[1], atol=0.01 * both.std())


def test_no_annotation_of_the_source_is_looked_at(tmp_path):
    model = PaperModel.load(write_paper_semm(tmp_path))
    code = model.encode(MAP, FIELD)
    edited = model.edited(code, SMILE, 30, NEUTRAL)
    assert np.array_equal(edited, model.edited(code, NEUTRAL, 60, NEUTRAL))


def test_the_variants_do_not_take_each_other_s_weights(tmp_path):
    from semm_sample import write_semm

    with pytest.raises(WeightsError, match="paper variant, which no engine runs"):
        SemmModel.load(write_paper_semm(tmp_path / "paper"))
    with pytest.raises(WeightsError, match="not weights of SEMM's paper variant"):
        PaperModel.load(write_semm(tmp_path / "structured"))


def test_maps_of_another_size_are_refused(tmp_path):
    with pytest.raises(ValueError, match="256 x 256"):
        PaperModel.load(write_paper_semm(tmp_path)).encode(MAP[:128], FIELD)
