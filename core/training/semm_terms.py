"""What one batch says about a SEMM: all terms of its training, named, with their weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from rhytid.core.maps.units import SIDE
from rhytid.core.networks.semm import Decoded, Semm
from rhytid.core.networks.semm_config import STRUCTURE, SemmConfig
from rhytid.core.networks.semm_discriminator import Discriminator, chosen_verdicts
from rhytid.core.networks.semm_painter import near_field
from rhytid.core.networks.semm_style import N_ENERGIES
from rhytid.core.training import losses
from rhytid.core.training.semm_valleys import valleys

Terms = dict[str, Tensor]
Random = Callable[[int, int], Tensor]  # (below, count) -> int64 (count,)
_PAINTER_EDGE_PX = 8  # of a crop, where the painter sees the crop's end
_ALONE = 0.2  # share of the valleys' term for lines of the code: it knows them less well than given ones
_ON_LINE = 0.75  # of 1 - DF5: nearer than 1.25 px


@dataclass(frozen=True)
class Batch:
    """Pairs of faces; 2i and 2i + 1 are one person.

    Attributes
    ----------
    x, relief : (B, 256, 256)
        0.1 mm.
    y, y_all : (B, 256, 256)
        1 - distance field of the strong lines, of all lines.
    expression : (B, 52)
    age : (B,)
    key_expression : int64 (B,)
    line_pair : bool (B / 2,)
        Pairs that differ by one line instead of expression or age.
    """

    x: Tensor
    relief: Tensor
    y: Tensor
    y_all: Tensor
    expression: Tensor
    age: Tensor
    key_expression: Tensor
    line_pair: Tensor

    @classmethod
    def of(cls, values: dict[str, Tensor], device: torch.device) -> Batch:
        """A batch as the loop gives it: x, relief, df_strong, df_all and the labels.

        Raises
        ------
        ValueError
            A part is missing, of a wrong shape, or the number of faces is odd.
        """
        missing = {"x", "relief", "df_strong", "df_all", "expression", "age", "key_expression"} - values.keys()
        if missing:
            raise ValueError(f"a batch lacks {', '.join(sorted(missing))}")
        count = len(values["x"])
        if count < 2 or count % 2:
            raise ValueError(f"a batch holds pairs of faces, got {count}")
        for name in ("x", "relief", "df_strong", "df_all"):
            if values[name].shape != (count, SIDE, SIDE):
                raise ValueError(f"{name} must have shape {(count, SIDE, SIDE)}")
        own = {name: value.to(device) for name, value in values.items()}
        line_pair = own.get("line_pair", torch.zeros(count // 2, dtype=torch.bool, device=device))
        return cls(
            own["x"].float(), own["relief"].float(), 1 - own["df_strong"].float(), 1 - own["df_all"].float(),
            own["expression"].float(), own["age"].float(), own["key_expression"].long(), line_pair.bool(),
        )  # fmt: skip


@dataclass(frozen=True)
class Fakes:
    """Generated faces that the discriminator judges.

    Attributes
    ----------
    pair : (N, 2, 256, 256)
        The reconstructed batch first.
    key_expression, age : (N,)
    """

    pair: Tensor
    key_expression: Tensor
    age: Tensor


def pair_of(decoded: Decoded) -> Tensor:
    """x and y side by side, (B, 2, 256, 256)."""
    return torch.cat([decoded.x, decoded.y], 1)


def generator_terms(
    model: Semm, batch: Batch, config: SemmConfig, importance: Tensor, random: Random, adversarial: bool
) -> tuple[Terms, Fakes | None, Tensor]:
    """Weighted terms of encoder, transforms, decoder and painter; fakes where `adversarial`; the codes (B, 576)."""
    first, second, moved = slice(0, None, 2), slice(1, None, 2), ~batch.line_pair
    expression, age = batch.expression, batch.age
    with torch.no_grad():
        features = model.style_features(batch.x, batch.y)
    code = model.encode(batch.x, batch.y, features)
    own = model.transform(code, expression, expression, age, age)
    changed = model.transform(code[first], expression[first], expression[second], age[first], age[second])
    parts = [own, changed]
    if adversarial:
        parts.append(torch.cat([own[first, :STRUCTURE], own[second, STRUCTURE:].roll(1, 0)], 1))
    decoded = _split(model.decode(torch.cat(parts)), [len(part) for part in parts])
    x, y = batch.x[:, None], batch.y[:, None]
    whole = decoded[0]
    terms = {
        "reconstruction": config.weight_reconstruction * losses.reconstruction(whole.x, x, importance),
        "style": config.weight_style * losses.style_energies(whole.log_energy.flatten(1), features[:, :N_ENERGIES]),
    }
    if config.sees_field:
        terms["field"] = config.weight_field * losses.truncated_field(whole.y, y, importance)
    terms["relief"] = config.weight_relief * losses.reconstruction(whole.relief, batch.relief[:, None], importance)
    terms |= _painter_terms(model, whole, batch, importance, random, config)
    if bool(moved.any()):
        terms["pair_code"] = config.weight_pair * losses.paired_code(changed[moved], code[second][moved])
        terms["pair"] = config.weight_pair * losses.reconstruction(decoded[1].x[moved], x[second][moved], importance)
        if config.sees_field:
            terms["pair_field"] = (
                config.weight_pair
                * config.weight_field
                * losses.truncated_field(decoded[1].y[moved], y[second][moved], importance)
            )
    if bool(batch.line_pair.any()):
        less = batch.line_pair
        terms["line_pair"] = config.weight_line_pair * losses.line_difference(
            whole.x[first][less], whole.x[second][less], x[first][less], x[second][less]
        )
    if not adversarial:
        return terms, None, code
    mixed = decoded[2]
    if config.sees_field:
        terms["mixing"] = config.weight_mixing * losses.structure_kept(mixed.y, y[first], importance)
    terms["cycle"] = config.weight_cycle * _cycle_term(model, batch, code, decoded[1])
    labels = torch.cat([batch.key_expression, batch.key_expression[second], batch.key_expression[first]])
    fakes = Fakes(torch.cat([pair_of(part) for part in decoded]), labels, torch.cat([age, age[second], age[first]]))
    return terms, fakes, code


def painter_terms(model: Semm, batch: Batch, config: SemmConfig, importance: Tensor, random: Random) -> Terms:
    """Weighted terms of the painter alone; encoder and decoder are taken as they are."""
    with torch.no_grad():
        code = model.encode(batch.x, batch.y)
        own = model.transform(code, batch.expression, batch.expression, batch.age, batch.age)
        whole = model.decode(own)
    return _painter_terms(model, whole, batch, importance, random, config)


def _split(decoded: Decoded, counts: list[int]) -> list[Decoded]:
    parts = (decoded.x_base, decoded.y, decoded.relief, decoded.log_energy)
    pieces = (torch.split(part, counts) for part in parts)
    return [Decoded(*piece) for piece in zip(*pieces, strict=True)]


def _cycle_term(model: Semm, batch: Batch, code: Tensor, changed: Decoded) -> Tensor:
    """There by the first transform, back from the generated map; the style cannot see texture that is added later."""
    first, second = slice(0, None, 2), slice(1, None, 2)
    there = model.encode(changed.x[:, 0], changed.y[:, 0])
    back = model.transform(
        there, batch.expression[second], batch.expression[first], batch.age[second], batch.age[first]
    )
    return losses.cycle(code[first, :STRUCTURE], back[:, :STRUCTURE])


def _painter_terms(
    model: Semm, whole: Decoded, batch: Batch, importance: Tensor, random: Random, config: SemmConfig
) -> Terms:
    """Crops painted along the map's own lines for the first of a pair, along those of its code for the second."""
    own = (batch.relief, near_field(1 - batch.y), near_field(1 - batch.y_all), whole.x_base[:, 0].detach())
    near = near_field(1 - whole.y[:, 0])
    alone = (whole.relief[:, 0], near, near, whole.x_base[:, 0])
    size = (SIDE, SIDE)
    energy = F.interpolate(whole.log_energy.detach(), size=size, mode="bilinear", align_corners=False)
    side, edge = config.crop_px, _PAINTER_EDGE_PX
    count = len(batch.x) * config.crops_per_face
    corners = 2 * random((SIDE - side) // 2 + 1, 2 * count).reshape(-1, 2)
    on_line = near_field(1 - batch.y) > _ON_LINE
    crops, targets, lines, weights, shares = [], [], [], [], []
    for number, (row, column) in enumerate(corners.tolist()):
        i = number % len(batch.x)
        outer = (slice(row, row + side), slice(column, column + side))
        inner = (slice(row + edge, row + side - edge), slice(column + edge, column + side - edge))
        maps = [channel[i][outer] for channel in (alone if i % 2 else own)]
        crops.append(torch.cat([torch.stack(maps), energy[i, :, outer[0], outer[1]]]))
        targets.append(batch.x[i][inner])
        lines.append(on_line[i][inner])
        weights.append(importance[inner])
        shares.append(_ALONE if i % 2 else 1.0)
    painted = model.paint(torch.stack(crops))[:, 0, edge:-edge, edge:-edge]
    target, weight = torch.stack(targets), torch.stack(weights)
    shown = weight * torch.tensor(shares, device=weight.device)[:, None, None]
    return {
        "painter": config.weight_painter * losses.reconstruction(painted, target, weight),
        "valleys": config.weight_valleys * valleys(painted, target, torch.stack(lines), shown),
    }


def adversarial_terms(
    discriminator: Discriminator, batch: Batch, fakes: Fakes, config: SemmConfig, bf16: bool
) -> Terms:
    """Terms of the generator that the discriminator gives: verdicts and feature matching."""
    with torch.autocast(batch.x.device.type, torch.bfloat16, enabled=bf16):
        verdicts, features = discriminator(fakes.pair)
        with torch.no_grad():
            _, wanted = discriminator(torch.stack([batch.x, batch.y], 1))
    chosen, counts = chosen_verdicts(verdicts, fakes.key_expression, fakes.age)
    terms = {"adversarial": config.weight_adversarial * losses.generator_verdicts(chosen, counts)}
    if config.ablation != "no-feature-matching":
        own = [feature[: len(batch.x)] for feature in features]
        terms["feature"] = config.weight_feature * losses.feature_matching(own, wanted)
    return terms


def discriminator_terms(
    discriminator: Discriminator, batch: Batch, fakes: Fakes, config: SemmConfig, bf16: bool, penalised: bool
) -> Terms:
    """Terms of the discriminator; with its gradient penalty where `penalised`."""
    real = torch.stack([batch.x, batch.y], 1)
    with torch.autocast(real.device.type, torch.bfloat16, enabled=bf16):
        real_verdicts, _ = discriminator(real)
        fake_verdicts, _ = discriminator(fakes.pair[::2].detach())
    chosen, counts = chosen_verdicts(real_verdicts, batch.key_expression, batch.age)
    false, false_counts = chosen_verdicts(fake_verdicts, fakes.key_expression[::2], fakes.age[::2])
    terms = {"discriminator": losses.discriminator_verdicts(chosen, false, counts, false_counts)}
    if penalised:
        pair = real[::2].clone().requires_grad_(True)
        verdicts, _ = discriminator(pair)
        judged, judged_counts = chosen_verdicts(verdicts, batch.key_expression[::2], batch.age[::2])
        terms["penalty"] = config.weight_penalty * losses.gradient_penalty(judged * judged_counts, pair)
    return terms
