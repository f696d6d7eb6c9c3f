"""The rendering network: each term reacts to what it names, records come back as written, what ships is what learnt."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from rhytid.core.learned.weights import PHOTO_RENDER, open_model
from rhytid.core.networks.photo_render import Lobes, NeuralTexture, PhotoRender, ShadingReader
from rhytid.core.photo.render_buffers import COARSE, COARSE_PX, FINE, SIDE_PX, RenderBuffers
from rhytid.core.photo.rendered_photo import RenderNetwork
from rhytid.core.training.config import RunConfig
from rhytid.core.training.data import HELD_GROUPS, open_data
from rhytid.core.training.distributed import ranks
from rhytid.core.training.photo_render import (
    DEFAULTS,
    PhotoRenderTrainer,
    augmented_wrinkles,
    decibels,
    detailed_shading,
    laplacian_loss,
    photometric,
)
from rhytid.core.training.photo_render_records import RenderRecord, RenderSource, mirrored, record_path, write_records
from rhytid.core.training.record_shards import RecordsError
from rhytid.core.training.shipping import save_model

SKIN, CHANGE = FINE.index("skin"), FINE.index("level_change")


def made_record(seed: int, fake: bool) -> RenderRecord:
    rng = np.random.default_rng(seed)
    fine = rng.uniform(0.2, 0.8, (len(FINE), SIDE_PX, SIDE_PX)).astype(np.float32)
    fine[SKIN], fine[CHANGE] = 1, 0.2 * np.sin(np.arange(SIDE_PX) / 9)
    coarse = rng.normal(0, 1, (len(COARSE), COARSE_PX, COARSE_PX)).astype(np.float32)
    share = np.zeros((SIDE_PX, SIDE_PX), np.float32)
    share[100:400, 100:400] = 1
    places = np.stack(np.meshgrid(*[np.linspace(0.1, 0.9, SIDE_PX, dtype=np.float32)] * 2), axis=-1)
    # What is wanted can be told from the inputs.
    wanted = np.repeat(0.1 * (fine[CHANGE] + 0.5)[..., None], 3, axis=2)
    return RenderRecord(RenderBuffers(fine, coarse, places, share), wanted, fake)


ALBEDO = np.random.default_rng(1).integers(0, 255, (128, 128, 3), np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("records")
    for seed in (3, 5):
        write_records(path, seed, ALBEDO, [made_record(10 * seed, False), made_record(10 * seed + 1, True)])
    return path


@pytest.fixture(scope="module")
def batch(folder: Path) -> dict[str, torch.Tensor]:
    values = RenderSource(folder).batch(1, np.random.default_rng(0))
    return {name: torch.from_numpy(np.ascontiguousarray(value)) for name, value in values.items()}


def trainer(**changed: object) -> PhotoRenderTrainer:
    torch.manual_seed(0)
    return PhotoRenderTrainer(DEFAULTS | {"half": False} | changed)


def test_records_come_back_as_they_were_written(folder: Path) -> None:
    source = RenderSource(folder)
    assert source.n_groups == 2
    whole, written = source.whole(0), made_record(30, False)
    np.testing.assert_allclose(whole["fine"][0], written.buffers.fine, atol=2.1e-3)
    np.testing.assert_allclose(whole["coarse"][0], written.buffers.coarse, atol=3e-3)
    np.testing.assert_allclose(whole["places"][0], written.buffers.places, atol=3e-4)
    np.testing.assert_allclose(whole["wanted"][0], written.wanted.transpose(2, 0, 1), atol=1e-3)
    assert np.array_equal(whole["share"][0], written.buffers.share)
    assert whole["fake"].tolist() == [0, 1]
    assert np.array_equal(np.rint(whole["albedo"][0] * 255), ALBEDO.transpose(2, 0, 1))


def test_batches_are_crops_that_show_an_edit(folder: Path, batch: dict[str, torch.Tensor]) -> None:
    assert {name: tuple(value.shape) for name, value in batch.items()} == {
        "fine": (2, 11, 192, 192), "coarse": (2, 13, 48, 48), "places": (2, 192, 192, 2), "albedo": (2, 3, 128, 128),
        "wanted": (2, 3, 192, 192), "share": (2, 192, 192), "fake": (2,),
    }  # fmt: skip
    assert (batch["share"].mean(dim=(1, 2)) > 0.04).all()
    plain = RenderSource(folder, fake=False)
    for seed in range(6):
        assert not plain.batch(1, np.random.default_rng(seed))["fake"].any()


def test_twice_mirrored_is_as_it_was(folder: Path) -> None:
    whole = RenderSource(folder).whole(1)
    sample = {name: value[0] for name, value in whole.items()}
    once, twice = mirrored(sample), mirrored(mirrored(sample))
    for name, value in sample.items():
        np.testing.assert_allclose(twice[name], value, atol=1e-6)
    assert np.array_equal(once["coarse"][0], -sample["coarse"][0][:, ::-1])
    assert np.array_equal(once["coarse"][1], sample["coarse"][1][:, ::-1])
    np.testing.assert_allclose(once["places"][:, ::-1, 0], 1 - sample["places"][..., 0], atol=1e-6)


def test_damaged_and_missing_records_are_told_of(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="render_records"):
        RenderSource(tmp_path).batch(1, np.random.default_rng(0))
    record_path(tmp_path, 1).write_bytes(b"nothing")
    with pytest.raises(RecordsError, match="make it again"):
        RenderSource(tmp_path).batch(1, np.random.default_rng(0))
    with ranks("cpu") as group:
        for config in (RunConfig(PHOTO_RENDER), RunConfig(PHOTO_RENDER, records=str(tmp_path))):
            with pytest.raises(ValueError, match="render_records"), open_data(config, tmp_path, group, print):
                pass


def test_some_persons_are_held_back_and_a_plain_run_sees_no_fake_wrinkles(tmp_path: Path) -> None:
    for seed in range(HELD_GROUPS + 2):
        write_records(tmp_path, seed, ALBEDO, [made_record(seed, False), made_record(seed, True)])
    config = RunConfig(PHOTO_RENDER, records=str(tmp_path), model={"augmented": False})
    with ranks("cpu") as group, open_data(config, tmp_path, group, print) as data:
        assert data.source.n_groups == 2
        assert data.held.n_groups == HELD_GROUPS
        assert not any(data.source.batch(1, np.random.default_rng(seed))["fake"].any() for seed in range(4))


def test_the_photometric_term_counts_where_the_edit_shows(batch: dict[str, torch.Tensor]) -> None:
    right = {name: float(value) for name, value in photometric(batch["wanted"], batch).items()}
    assert right == {"color": 0, "edges": 0}
    nothing = photometric(torch.zeros_like(batch["wanted"]), batch)
    assert all(float(value) > 0 for value in nothing.values())
    elsewhere = batch["wanted"] + (batch["share"][:, None] == 0).float()
    assert float(photometric(elsewhere, batch)["color"]) == 0
    even = photometric(batch["wanted"] + 0.1, {**batch, "share": torch.ones(2, 192, 192)})
    assert float(even["edges"]) == pytest.approx(0, abs=1e-7)


def test_eq_15_sees_fake_wrinkles_that_are_not_painted_and_those_alone(batch: dict[str, torch.Tensor]) -> None:
    fake = {**batch, "fake": torch.tensor([1.0, 1.0])}
    nothing = torch.zeros_like(batch["wanted"])
    assert float(augmented_wrinkles(batch["wanted"], fake)) == 0
    assert float(augmented_wrinkles(nothing, fake)) > float(augmented_wrinkles(0.5 * batch["wanted"], fake)) > 0
    assert float(augmented_wrinkles(nothing, {**batch, "fake": torch.zeros(2)})) == 0


def test_eq_16_sees_shading_that_the_picture_does_not_show(batch: dict[str, torch.Tensor]) -> None:
    fake = {**batch, "fake": torch.ones(2)}
    reader = torch.nn.Identity()  # reads the change as it is
    nothing = torch.zeros_like(batch["wanted"])
    assert float(detailed_shading(reader, nothing, fake)) < 1e-6  # ratio images show the shading
    base, change = batch["fine"][:, :3], batch["fine"][:, CHANGE : CHANGE + 1]
    wiped_out = base * (torch.exp(-change / 2.2) - 1)  # the network takes the wrinkles away again
    assert float(detailed_shading(reader, wiped_out, fake)) > 0.01
    off_the_skin = batch["fine"].clone()
    off_the_skin[:, SKIN] = 0
    assert float(detailed_shading(reader, wiped_out, {**fake, "fine": off_the_skin})) == 0
    torch.manual_seed(0)
    learns = ShadingReader()
    loss = detailed_shading(learns, wiped_out.requires_grad_(), fake)
    loss.backward()
    assert wiped_out.grad is not None
    assert wiped_out.grad.abs().max() > 0
    assert all(parameter.grad is not None for parameter in learns.parameters())


def test_the_laplacian_loss_sees_every_scale() -> None:
    for step in (1, 4, 16):
        waves = torch.sign(torch.sin(torch.arange(256) * torch.pi / step + 0.1)).expand(1, 1, 256, 256)
        assert float(laplacian_loss(waves)) > 0.5
    assert float(laplacian_loss(torch.zeros(1, 1, 64, 64))) == 0


def test_eq_10_makes_a_texture_of_colour_and_place() -> None:
    torch.manual_seed(0)
    texture = NeuralTexture(8)
    one, other = torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128)
    assert texture(one).shape == (1, 8, 128, 128)
    assert (texture(one) - texture(other)).abs().max() > 0.01
    with torch.no_grad():
        texture.place[..., :16] = 1.0
    assert (texture(one)[..., :40] - texture(one)[..., -40:]).mean() > 0.5


def test_eq_13_adds_two_branches_of_which_one_alone_sees_depth() -> None:
    torch.manual_seed(0)
    network = PhotoRender()
    for branch in (network.smooth, network.detail):
        torch.nn.init.normal_(branch.out.weight, std=0.05)
    sizes = (1, 11, 64, 64), (1, 13, 16, 16), (1, 64, 64, 2), (1, 3, 128, 128)
    inputs = [torch.rand(size) for size in sizes]
    both = network(*inputs)
    assert both.shape == (1, 3, 64, 64)
    deeper = inputs[1].clone()
    deeper[:, COARSE.index("depth")] += 1
    assert (network(inputs[0], deeper, *inputs[2:]) - both).abs().max() > 1e-4
    torch.nn.init.zeros_(network.smooth.out.weight)
    assert torch.equal(network(*inputs), network(inputs[0], deeper, *inputs[2:]))


def test_gloss_lies_where_skin_mirrors_the_light_and_moves_with_the_relief() -> None:
    fine, coarse = torch.zeros(1, len(FINE), 64, 64), torch.zeros(1, len(COARSE), 16, 16)
    fine[:, SKIN, :, :32] = 1
    for name in ("normal_z", "normal_before_z", "light_z"):  # all towards the camera
        coarse[:, COARSE.index(name)] = -1.0
    facing, broad, sharp, *changes = Lobes()(fine, coarse)[0]
    assert all(torch.allclose(one[8:-8, 8:24], torch.ones(48, 16), atol=1e-4) for one in (facing, broad, sharp))
    assert not facing[:, 32:].any()  # no skin
    assert not any(one.any() for one in changes)
    slope = torch.arange(64) * 4.0
    fine[:, FINE.index("relief")] = fine[:, FINE.index("relief_change")] = slope  # rises to the right
    *_, changed = Lobes()(fine, coarse)[0, :, 8:-8, 8:24]
    assert (changed < -0.5).all()  # turned away
    coarse[:, COARSE.index("light_x")] = -1.0
    assert (Lobes()(fine, coarse)[0, 2, 8:-8, 8:24] > sharp.new_tensor(0.1)).all()  # and towards a lamp at the left


def window(batch: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """A quarter of a batch, out of its middle."""
    cut = slice(48, 144)
    parts = {name: batch[name][..., cut, cut].contiguous() for name in ("fine", "wanted", "share")}
    return {**batch, **parts, "coarse": batch["coarse"][..., 12:36, 12:36].contiguous(),
            "places": batch["places"][:, cut, cut].contiguous()}  # fmt: skip


def test_it_starts_as_ratio_images_and_learns(batch: dict[str, torch.Tensor]) -> None:
    learnt, seen = trainer(learning_rate=1e-2), window(batch)
    first = learnt.step(seen)
    assert first["db"] == first["db_before"]
    for _ in range(60):
        last = learnt.step(seen)
    assert last["db"] > first["db"] + 2
    assert last["color"] < first["color"] / 1.3
    assert learnt.picture(batch).shape == (2 * 194, 4 * 194, 3)


def test_a_plain_run_has_neither_term_of_fake_wrinkles(batch: dict[str, torch.Tensor]) -> None:
    assert set(trainer().step(batch)) - set(trainer(augmented=False).step(batch)) == {"augmented", "shading"}


def test_scores_stand_beside_ratio_images(folder: Path) -> None:
    scores = trainer().scores(RenderSource(folder))
    assert scores["db"] == scores["ratio_images_db"]  # it knows nothing yet
    assert -1 <= scores["obeys_relief"] <= 1


def test_decibels_are_of_the_picture_that_is_composed(batch: dict[str, torch.Tensor]) -> None:
    half = {**batch, "share": torch.full_like(batch["share"], 0.5)}
    assert decibels(2 * batch["wanted"], half) == pytest.approx(70, abs=0.5)
    assert decibels(batch["wanted"], half) < 40


def test_a_resumed_run_is_exact(batch: dict[str, torch.Tensor]) -> None:
    whole, part, resumed = trainer(), trainer(), trainer()
    for one in (whole, part):
        one.step(batch)
    resumed.load_state_dict(part.state_dict())
    for one in (whole, resumed):
        one.step(batch)
    for network in ("model", "reader"):
        parameters = (getattr(one, network).parameters() for one in (whole, resumed))
        assert all(torch.equal(one, other) for one, other in zip(*parameters, strict=True))
    with pytest.raises(ValueError, match="another network"):
        trainer(width=32).load_state_dict(part.state_dict())


def test_what_is_shipped_gives_what_was_trained(tmp_path: Path, folder: Path, batch: dict[str, torch.Tensor]) -> None:
    learnt = trainer(learning_rate=1e-2)
    for _ in range(3):
        learnt.step(batch)
    save_model(tmp_path, PHOTO_RENDER, learnt.tensors(), learnt.config, {}, {}, learnt.export_onnx)
    opened = open_model(PHOTO_RENDER, tmp_path)
    assert sum((tmp_path / name).stat().st_size for name in opened.json["files"]) < 2 << 20
    whole = RenderSource(folder).whole(0)
    buffers = RenderBuffers(whole["fine"][0], whole["coarse"][0], whole["places"][0], whole["share"][0])
    with torch.no_grad():
        inputs = (torch.from_numpy(np.ascontiguousarray(whole[n][:1])) for n in ("fine", "coarse", "places", "albedo"))
        wanted = learnt.average(*inputs)[0].permute(1, 2, 0).numpy()
    found = RenderNetwork(opened.onnx()).added(buffers, ALBEDO)
    assert np.abs(wanted).max() > 1e-3
    np.testing.assert_allclose(found, wanted, atol=2e-3)
