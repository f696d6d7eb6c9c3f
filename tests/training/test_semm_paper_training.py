"""The paper's variant of SEMM in training: each equation reacts to what it should and to nothing else."""

from __future__ import annotations

import copy
import math
from functools import partial

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch
from record_samples import made_up_group
from torch import nn

from rhytid.core.networks import semm_paper
from rhytid.core.networks.semm_config import N_EXPRESSION, PaperConfig
from rhytid.core.networks.semm_paper import PaperSemm
from rhytid.core.networks.stylegan2 import widths
from rhytid.core.training import semm_paper_losses as losses
from rhytid.core.training.record_shards import Group, Pose, write_index, write_shard
from rhytid.core.training.records import Records
from rhytid.core.training.semm_paper import PaperSemmTrainer, discriminator_loss, edits, generator_terms
from rhytid.core.training.semm_paper_source import EditSource, others_of, styles_of

SMILE, FROWN, GROUP_OF_30 = 3, 7, 20 + 2
SIDE = 64  # of most maps here: the equations are the same for those of 256 texels, which take sixteen times as long


@pytest.fixture(autouse=True)
def small_maps(monkeypatch):
    sized_for(SIDE, monkeypatch)


def sized_for(side, monkeypatch):
    """Networks of this test are for maps of that many texels."""
    monkeypatch.setattr(semm_paper, "SIDE", side)
    monkeypatch.setattr(semm_paper, "widths", partial(widths, finest=side))


def batch_of(count=2, seed=0):
    """A face and itself in another expression; keys and ages are the same for all."""
    random = torch.Generator().manual_seed(seed)
    maps = {name: torch.randn(count, SIDE, SIDE, generator=random) for name in ("x", "other_x", "style_x")}
    fields = {name: torch.rand(count, SIDE, SIDE, generator=random) for name in ("field", "other_field")}
    weights = {name: torch.rand(count, N_EXPRESSION, generator=random) for name in ("expression", "other_expression")}
    return {
        **maps, **fields, **weights, "age": torch.full((count,), 30.0),
        "key_expression": torch.full((count,), SMILE), "other_key": torch.full((count,), FROWN),
    }  # fmt: skip


def trainer_of(**changes):
    return PaperSemmTrainer(PaperConfig(**{"channels": 2, "bf16": False, **changes}))


class Critic(nn.Module):
    """Gives the same verdicts for all, and the pair itself as its features."""

    def __init__(self, factor=1.0):
        super().__init__()
        self.verdict = nn.Parameter(torch.zeros(27))
        self.factor = factor

    def forward(self, pair):
        return self.verdict.expand(len(pair), -1), [self.factor * pair]


def terms_of(model, batch, critic=None, to_age=60.0, **changes):
    made = edits(model, batch, torch.full_like(batch["age"], to_age))
    config = PaperConfig(**{"channels": 2, **changes})
    return generator_terms(model, critic or Critic(), batch, made, config), made


@pytest.fixture
def model():
    torch.manual_seed(0)
    model = PaperSemm(PaperConfig(channels=2)).eval()
    for part in (model.by_expression, model.by_age):
        nn.init.normal_(part.layers[-1].weight)
    return model


def test_equation_2_adds_the_field_with_its_weight():
    assert losses.reconstruction(torch.tensor(2.0), torch.tensor(3.0), PaperConfig().weight_field) == 2 + 2.5 * 3


def test_equation_3_is_a_sum_over_layers_and_pulls_the_made_ones_only():
    made, wanted = [torch.ones(2, 3, requires_grad=True)], [torch.full((2, 3), 2.0, requires_grad=True)]
    assert float(losses.feature_matching(made * 3, wanted * 3).detach()) == pytest.approx(3.0)
    losses.feature_matching(made, wanted).backward()
    assert (made[0].grad < 0).all()
    assert wanted[0].grad is None


def test_equation_4_compares_fields_up_to_delta_and_no_displacements():
    pair = torch.zeros(1, 2, 4, 4)
    pair[:, 1, 0] = 3.0
    displaced, beyond, nearer = pair.clone(), pair.clone(), pair.clone()
    displaced[:, 0] += 9
    beyond[:, 1, 0] = 8.0
    nearer[:, 1, 1] = -1.0
    assert losses.distance_field(displaced, pair, 1.0) == 0
    assert losses.distance_field(beyond, pair, 1.0) == 0
    assert losses.distance_field(beyond, pair, float("inf")) > 0
    assert losses.distance_field(nearer, pair, 1.0) == pytest.approx(0.25)


def test_equation_6_keeps_the_field_and_lets_the_skin_be_another_s():
    pair, mixed = torch.randn(1, 2, 8, 8), torch.randn(1, 2, 8, 8)
    mixed[:, 1] = pair[:, 1]
    assert losses.structure(mixed, pair, 1.0, 2.5) == 0
    mixed[:, 1] += 0.1
    assert losses.structure(mixed, pair, float("inf"), 2.5) == pytest.approx(0.25, rel=1e-4)


def test_equations_9_and_10_are_sums_of_two_verdicts_that_do_not_saturate():
    both, age_alone = torch.ones(1, 2), torch.tensor([[0.0, 1.0]])
    assert losses.told_real(torch.zeros(1, 2), both) == pytest.approx(2 * math.log(2))
    assert losses.told_fake(torch.zeros(1, 2), age_alone) == pytest.approx(math.log(2))
    sure = torch.full((1, 2), 9.0)
    assert losses.told_real(sure, both) < 0.01 < losses.told_fake(sure, both)
    seen_through = torch.full((1, 2), -20.0, requires_grad=True)
    losses.told_real(seen_through, age_alone).backward()
    assert torch.allclose(seen_through.grad, torch.tensor([[0.0, -1.0]]), atol=1e-3)


def test_equation_14_has_the_paper_s_weights():
    terms = {name: torch.tensor(1.0) for name in ("reconstruction", "adversarial", "structure", "cycle")}
    config = PaperConfig()
    total = losses.full_objective(terms, config.weight_adversarial, config.weight_cycle)
    assert float(total) == pytest.approx(1 + 0.05 + 1 + 1)
    assert config.weight_field == 2.5


def test_equation_11_judges_each_edit_by_what_it_was_asked_for(model):
    batch, critic = batch_of(), Critic()
    terms, made = terms_of(model, batch, critic)
    terms["adversarial"].backward()
    wanted = torch.zeros(27)
    wanted[SMILE], wanted[FROWN] = 3, 1  # rebuilt, older and mixed faces keep the expression
    wanted[GROUP_OF_30], wanted[20 + 5] = 3, 1  # the older one is of another group
    assert torch.allclose(critic.verdict.grad, -0.5 * wanted)
    critic.verdict.grad = None
    discriminator_loss(model, critic, batch, made).backward()
    real = torch.zeros(27)
    real[[SMILE, GROUP_OF_30]] = 1
    assert torch.allclose(critic.verdict.grad, 0.5 * wanted - 0.5 * real)


def test_mixtures_of_expressions_are_judged_by_age_alone(model):
    batch, critic = batch_of(), Critic()
    batch["key_expression"], batch["other_key"] = torch.full((2,), -1), torch.full((2,), -1)
    terms_of(model, batch, critic)[0]["adversarial"].backward()
    assert not critic.verdict.grad[:20].any()
    assert critic.verdict.grad[20:].any()


def gradients(model, term):
    model.zero_grad(set_to_none=True)
    term.backward()
    return {part for part in ("encoder", "generator", "by_expression", "by_age")
            if any(p.grad is not None and p.grad.any() for p in getattr(model, part).parameters())}  # fmt: skip


def test_each_term_teaches_the_networks_that_it_goes_through(model):
    taught = {}
    for name in ("reconstruction", "adversarial", "structure", "cycle"):
        critic = Critic()
        if name == "adversarial":  # verdicts must depend on what is judged
            critic.forward = lambda pair: (pair.mean((1, 2, 3))[:, None].expand(-1, 27), [pair])
        taught[name] = gradients(model, terms_of(model, batch_of(), critic)[0][name])
    assert taught["reconstruction"] == {"encoder", "generator", "by_expression"}  # equation 12
    assert taught["adversarial"] == {"encoder", "generator", "by_expression", "by_age"}  # equation 11
    assert taught["structure"] == {"encoder", "generator"}  # equations 5 and 6
    assert taught["cycle"] == {"encoder", "generator", "by_age"}  # equation 13


def test_each_term_looks_at_its_own_target(model):
    def changed(name):
        batch = batch_of()
        before, _ = terms_of(model, batch)
        batch[name] = batch[name] + (0.5 if name.endswith("x") else 0.1)
        after, _ = terms_of(model, batch)
        return {term for term in before if not torch.equal(before[term], after[term])}

    with torch.no_grad():
        assert changed("other_x") == changed("other_field") == {"reconstruction"}
        assert changed("style_x") == {"structure"}  # the verdicts of this critic are the same for all
        assert changed("x") == {"reconstruction", "cycle"}


def test_the_code_is_mixed_by_encoding_two_faces_together(model):
    batch = batch_of()
    with torch.no_grad():
        batch["style_x"] = batch["x"]
        same = edits(model, batch, batch["age"])
        assert torch.equal(same.mixed, same.rebuilt)


def test_without_feature_matching_texels_are_compared(model):
    with torch.no_grad():
        full = [terms_of(model, batch_of(), Critic(factor))[0]["reconstruction"] for factor in (1.0, 5.0)]
        ablated = [
            terms_of(model, batch_of(), Critic(factor), ablation="no-feature-matching")[0]["reconstruction"]
            for factor in (1.0, 5.0)
        ]
    assert full[1] > full[0]
    assert ablated[0] == ablated[1]
    assert torch.allclose(ablated[0], full[0], rtol=1e-5)  # this critic's features are the texels


def test_a_step_teaches_both_sides_and_penalises_every_few():
    trainer = trainer_of(penalty_every=2)
    before = {name: {key: value.clone() for key, value in part.state_dict().items()}
              for name, part in (("model", trainer.model), ("critic", trainer.discriminator))}  # fmt: skip
    told = [trainer.step(batch_of()) for _ in range(2)]
    assert set(told[0]) - set(told[1]) == {"penalty"}
    assert {"reconstruction", "adversarial", "structure", "cycle", "discriminator", "loss"} == set(told[1])
    for name, part in (("model", trainer.model), ("critic", trainer.discriminator)):
        assert any(not torch.equal(value, before[name][key]) for key, value in part.state_dict().items())
    kept = next(iter(trainer.average.parameters()))
    assert not torch.equal(kept, next(iter(trainer.model.parameters())))


def test_half_precision_computes_nearly_the_same():
    told = []
    for bf16 in (False, True):
        trainer = trainer_of()
        trainer.model.bf16 = bf16
        torch.manual_seed(1)
        told.append(trainer.step(batch_of()))
        assert all(p.dtype == torch.float32 for p in trainer.model.parameters())
    assert told[0] != told[1]
    for name, value in told[0].items():
        assert told[1][name] == pytest.approx(value, rel=0.1, abs=1e-3), name


def test_the_loss_falls():
    trainer = trainer_of(ablation="no-feature-matching", weight_adversarial=0.0, learning_rate=1e-2)
    history = []
    for _ in range(6):
        torch.manual_seed(1)
        history.append(trainer.step(batch_of())["loss"])
    assert history[-1] < 0.8 * history[0]


def test_a_resumed_training_goes_on_exactly():
    whole, resumed = trainer_of(), trainer_of(seed=5)
    torch.manual_seed(0)
    whole.step(batch_of())
    resumed.load_state_dict(copy.deepcopy(whole.state_dict()))
    told = []
    for trainer in (whole, resumed):
        torch.manual_seed(1)
        told.append(trainer.step(batch_of(seed=1)))
    assert told[0] == told[1]
    for a, b in ((whole.model, resumed.model), (whole.discriminator, resumed.discriminator)):
        assert all(torch.equal(x, y) for x, y in zip(a.state_dict().values(), b.state_dict().values(), strict=True))


def test_states_of_another_width_and_incomplete_batches_are_refused():
    with pytest.raises(ValueError, match="another network"):
        trainer_of(channels=3).load_state_dict(trainer_of().state_dict())
    with pytest.raises(ValueError, match="lacks style_x"):
        trainer_of().step({name: value for name, value in batch_of().items() if name != "style_x"})


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    """Persons 0..3 of `made_up_group`, and two that share age and expression with nobody but each other."""
    folder = tmp_path_factory.mktemp("records")
    flat = {name: np.zeros((256, 256), np.float32) for name in ("x", "relief", "df_strong", "df_all")}
    alone = [
        Group(person, (Pose({**flat, "x": flat["x"] + person}, np.zeros(52, np.float32), 65.0, 11),))
        for person in (90, 91)
    ]
    write_index(folder, [write_shard(folder, [*(made_up_group(person) for person in range(4)), *alone])])
    return Records(folder)


def test_partners_are_the_same_person_at_the_same_age(records):
    ages = records.age.copy()
    for face in np.flatnonzero(records.twin < 0):
        assert not len(others_of(records, face))  # made-up poses differ in age
    records.age[:] = 30
    try:
        for face in np.flatnonzero(records.twin < 0)[:-2]:
            found = others_of(records, face)
            assert len(found) == 2
            assert (records.person[found] == records.person[face]).all()
            assert (records.expression[found] != records.expression[face]).any(1).all()
            assert (records.twin[found] < 0).all()
    finally:
        records.age[:] = ages


def test_skin_is_lent_by_others_with_the_same_expression_and_age_group(records):
    last = len(records) - 1
    assert styles_of(records, last).tolist() == [last - 1]
    for face in range(3):
        found = styles_of(records, face)
        assert len(found) == 3
        assert (records.key_expression[found] == records.key_expression[face]).all()
        assert (records.person[found] != records.person[face]).all()


def test_a_batch_is_the_same_for_the_same_random_numbers(records, monkeypatch):
    sized_for(256, monkeypatch)
    source = EditSource(records)
    one, two = (source.batch(3, np.random.default_rng(4)) for _ in range(2))
    assert all(np.array_equal(one[name], two[name]) for name in one)
    assert np.array_equal(one["x"], one["other_x"])  # nobody has a partner here
    assert not np.array_equal(one["x"], one["style_x"])
    trainer = trainer_of()
    trainer.initialise(records)
    pair = trainer.model.pair(*(torch.from_numpy(records.maps(range(len(records)))[n]) for n in ("x", "df_strong")))
    assert torch.allclose(pair.mean((0, 2, 3)), torch.zeros(2), atol=1e-3)
    assert torch.allclose(pair.std((0, 2, 3)), torch.ones(2), atol=1e-3)
    picture = trainer.picture({name: torch.from_numpy(values) for name, values in one.items()})
    assert picture.dtype == np.uint8
    assert picture.shape == (7 * 256, 3 * 256)
