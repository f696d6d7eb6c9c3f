"""The SEMM trainer: closed-form start, falling losses, exact resume, what it ships."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("onnx")

import torch

from rhytid.core.networks.semm_config import CODE, SemmConfig
from rhytid.core.networks.semm_style import N_ENERGIES
from rhytid.core.training.record_shards import Group, Pose, write_index, write_shard
from rhytid.core.training.records import Records
from rhytid.core.training.semm import SemmTrainer
from rhytid.core.training.semm_initialise import TrainingMaps

SMALL = {
    "refiner_channels": 8, "inner_channels": 8, "painter_channels": 8, "discriminator_channels": 4,
    "crop_px": 48, "linear_turns": 1, "adversarial_every": 2, "penalty_every": 2,
    "weight_adversarial": 0.02, "whole_every": 1,
}  # fmt: skip
SIDE = 256


def pose_of(person, smile, age, key, lines=3, twin=-1):
    """A face whose lines deepen with age and of which one shows only in a smile."""
    rng = np.random.default_rng(person)
    axis = np.arange(SIDE, dtype=np.float32)
    x = np.sin(axis / 9 + rng.uniform(0, 6))[None, :] * np.sin(axis / 11 + rng.uniform(0, 6))[:, None]
    distance = np.full((SIDE, SIDE), 99, np.float32)
    for row in (60 + rng.integers(20), 150 + rng.integers(20), *([200] if smile else []))[:lines]:
        distance = np.minimum(distance, np.hypot(axis[:, None] - row, np.maximum(np.abs(axis[None] - 128) - 40, 0)))
    relief = -(0.5 + age / 60) * np.exp(-((distance / 2) ** 2))
    far = np.clip(distance / 12.8, 0, 1).astype(np.float32)
    expression = np.zeros(52, np.float32)
    expression[7] = smile
    maps = {"x": x.astype(np.float32) + relief, "relief": relief, "df_strong": far, "df_all": far}
    return Pose({name: values.astype(np.float32) for name, values in maps.items()}, expression, float(age), key, twin)


@pytest.fixture(scope="module")
def records(tmp_path_factory):
    folder = tmp_path_factory.mktemp("records")
    groups = [
        Group(
            person,
            (
                pose_of(person, 0.0, 30, 0), pose_of(person, 1.0, 30, 3),
                pose_of(person, 1.0, 60, -1), pose_of(person, 1.0, 30, 3, 2, twin=1),
            ),
        )
        for person in range(8)
    ]  # fmt: skip
    write_index(folder, [write_shard(folder, groups)])
    return Records(folder)


def batch_of(records, pairs, seed=0):
    poses = records.draw_pairs(pairs, np.random.default_rng(seed))
    labels = {name: getattr(records, name)[poses] for name in ("expression", "age", "key_expression", "person")}
    arrays = {**records.maps(poses), **labels, "line_pair": records.is_line_pair(poses)}
    return {name: torch.from_numpy(values) for name, values in arrays.items()}


def trainer_of(**changes):
    return SemmTrainer(SemmConfig(**{**SMALL, **changes}), "cpu")


@pytest.fixture(scope="module")
def start(records):
    """The weights of a closed-form start, of which how it is trained later makes no part."""
    trainer = trainer_of()
    trainer.initialise(records)
    assert trainer.average.state_dict().keys() == trainer.model.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(trainer.average.parameters(), trainer.model.parameters(), strict=True))
    return trainer.model.state_dict()


def started(start, **changes):
    """A trainer with the weights of `start`, without the seconds that these take."""
    trainer = trainer_of(**changes)
    for model in (trainer.model, trainer.average):
        model.load_state_dict(start)
    return trainer


@pytest.fixture(scope="module")
def trained(records, start):
    trainer = started(start)
    history = [trainer.step(batch_of(records, 3, step)) for step in range(4)]
    return trainer, history


def test_the_start_knows_every_map_mirrored_too(records):
    model = trainer_of().model
    maps = TrainingMaps(records, model, len(records))
    count = len(maps.poses)
    assert len(maps) == 2 * count
    assert torch.equal(maps.x[count:], maps.x[:count].flip(-1))
    assert torch.equal(maps.y[count:], maps.y[:count].flip(-1))
    energies = maps.features[:, :N_ENERGIES].reshape(2, count, 4, 16, 16)
    assert torch.allclose(energies[1], energies[0].flip(-1), atol=1e-4)
    assert not torch.allclose(energies[1], energies[0], atol=1e-2)


def test_the_start_rebuilds_maps_and_knows_what_a_smile_adds(records, start):
    trainer = started(start)
    model, batch = trainer.model, batch_of(records, 4)
    x, y = batch["x"], 1 - batch["df_strong"]
    with torch.no_grad():
        code = model.encode(x, y)
        rebuilt = model.decode(code).x[:, 0]
        inside = trainer.importance > 0.5
        rest = (rebuilt - x)[:, inside].square().mean() / (x - model.lapped.mean_x)[:, inside].square().mean()
        assert rest < 0.35
        neutral = torch.tensor([0, 4, 8])
        smiling = neutral + 1
        maps = records.maps(np.arange(len(records)))
        codes = model.encode(torch.from_numpy(maps["x"]), 1 - torch.from_numpy(maps["df_strong"]))
        expression, age = torch.from_numpy(records.expression), torch.from_numpy(records.age)
        made = model.transform(codes[neutral], expression[neutral], expression[smiling], age[neutral], age[smiling])
        kept = (codes[neutral] - codes[smiling]).square().mean()
        assert (made - codes[smiling]).square().mean() < 0.7 * kept


WEIGHTS = ("reconstruction", "relief", "field", "style", "pair", "line_pair", "painter", "valleys", "mixing", "cycle")


@pytest.mark.parametrize("name", ["reconstruction", "relief", "field", "painter", "valleys", "pair", "line_pair"])
def test_each_loss_falls_when_it_is_asked_for(records, start, name):
    weights = {f"weight_{other}": 0.0 for other in (*WEIGHTS, "adversarial", "feature")} | {f"weight_{name}": 1.0}
    trainer = started(start, **weights, learning_rate=3e-2, linear_rate=1e-4, adversarial_every=99)
    batch = batch_of(records, 2, 3)
    random = trainer.state_dict()["random"]
    history = []
    for _ in range(5):  # the same random numbers each time, for some terms differ more by these than by what is learnt
        trainer.load_state_dict({**trainer.state_dict(), "random": random})
        history.append(trainer.step(batch)[name])
    assert history[-1] < history[0]


def test_steps_between_whole_ones_teach_the_painter_alone(records, start):
    trainer = started(start, whole_every=2, adversarial_every=99)
    batch = batch_of(records, 2, 3)
    assert "reconstruction" in trainer.step(batch)
    before = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    assert "reconstruction" not in trainer.step(batch)
    after = trainer.model.state_dict()
    changed = {name for name, value in before.items() if not torch.equal(value, after[name])}
    assert changed
    assert all(name.startswith("painter.") for name in changed)


def test_the_discriminator_learns_to_tell(records, start):
    trainer = started(start, adversarial_every=1, discriminator_rate=5e-3)
    batch = batch_of(records, 2)
    history = [trainer.step(batch)["discriminator"] for _ in range(8)]
    assert history[-1] < history[0]


def test_a_resumed_training_goes_on_exactly(records, start):
    batches = [batch_of(records, 2, seed) for seed in range(5)]
    whole = started(start)
    for batch in batches[:3]:
        whole.step(batch)
    state = whole.state_dict()
    assert all(isinstance(value, torch.Tensor) for value in state.values())
    resumed = trainer_of()
    resumed.load_state_dict(state)
    for batch in batches[3:]:
        assert whole.step(batch) == resumed.step(batch)
    after, expected = resumed.state_dict(), whole.state_dict()
    assert after.keys() == expected.keys()
    for name, value in after.items():
        assert torch.equal(value, expected[name]), name


def test_a_state_of_another_configuration_is_refused(trained):
    with pytest.raises(ValueError, match="configuration"):
        trainer_of(refiner_channels=12).load_state_dict(trained[0].state_dict())


@pytest.mark.parametrize(
    ("changes", "absent"),
    [
        ({"ablation": "no-feature-matching"}, {"feature"}),
        ({"ablation": "no-distance-field"}, {"field", "pair_field", "mixing"}),
        ({"ablation": "concatenation"}, set()),
    ],
)
def test_variants_and_ablations_train(records, start, trained, changes, absent):
    full = set().union(*trained[1])
    changes = {**changes, "adversarial_every": 1}
    if changes.get("ablation") == "no-feature-matching":  # which says nothing of the start
        trainer = started(start, **changes)
    else:
        trainer = trainer_of(**changes)
        trainer.initialise(records)
    terms = set().union(*(trainer.step(batch_of(records, 3, step)) for step in range(2)))
    assert full - terms == absent
    assert trainer.picture(batch_of(records, 2)).dtype == np.uint8


def test_shipped_tensors_are_those_that_are_documented(trained):
    tensors = trained[0].tensors()
    documented = {
        "structure.origin": (64, 2), "structure.mean_x": (256, 256), "structure.mean_y": (128, 128),
        "structure.mix": (512, 512),
        "structure.analysis_x": (64, 8, 48, 48), "structure.analysis_y": (64, 8, 24, 24),
        "structure.synthesis_x": (64, 8, 48, 48), "structure.synthesis_y": (64, 8, 24, 24),
        "style.mean": (1280,), "style.analysis": (64, 1280), "style.synthesis": (1024, 64),
        "transform.expression": (52, CODE), "transform.age": (CODE,),
        "prior.mean": (CODE,), "prior.factor": (CODE, CODE), "prior.age": (1,),
    }  # fmt: skip
    assert {name: values.shape for name, values in tensors.items()} == documented
    assert tensors["structure.origin"].dtype == np.int32
    assert all(values.dtype == np.float16 for name, values in tensors.items() if name.startswith("style"))


def test_exported_networks_compute_what_torch_computes(trained, tmp_path):
    runtime = pytest.importorskip("onnxruntime")
    trainer = trained[0]
    trainer.export_onnx(tmp_path)
    model = trainer.average
    x_lin, y_lin, energy = torch.randn(1, 1, 256, 256), torch.rand(1, 1, 128, 128), torch.randn(1, 4, 16, 16)
    session = runtime.InferenceSession(tmp_path / "semm_refiner.onnx", providers=["CPUExecutionProvider"])
    fed = {"x_lin": x_lin.numpy(), "y_lin": y_lin.numpy(), "log_energy": energy.numpy()}
    found = session.run(["x_base", "y_hat", "relief_hat"], fed)
    with torch.no_grad():
        for values, expected in zip(found, model.refiner(x_lin, y_lin, energy), strict=True):
            np.testing.assert_allclose(values, expected.numpy(), atol=5e-3)
    session = runtime.InferenceSession(tmp_path / "semm_painter.onnx", providers=["CPUExecutionProvider"])
    for size in ((64, 96), (256, 256)):
        seen = torch.randn(1, 8, *size)
        with torch.no_grad():
            expected = model.painter(seen).numpy()
        np.testing.assert_allclose(session.run(["x"], {"condition": seen.numpy()})[0], expected, atol=5e-3)


def test_a_batch_that_is_no_set_of_pairs_is_refused(records, trained):
    batch = batch_of(records, 2)
    with pytest.raises(ValueError, match="pairs"):
        trained[0].step({name: values[:3] for name, values in batch.items()})
    with pytest.raises(ValueError, match="relief"):
        trained[0].step({name: values for name, values in batch.items() if name != "relief"})
    with pytest.raises(ValueError, match="256"):
        trained[0].step({**batch, "x": batch["x"][:, :128]})


def test_importance_is_highest_on_plain_skin(trained):
    importance = trained[0].importance
    assert importance.shape == (SIDE, SIDE)
    cheek, lips, corner = importance[140, 70], importance[178, 128], importance[5, 5]
    assert cheek == pytest.approx(1, abs=0.02)
    assert lips < 0.5 * cheek
    assert corner < lips
