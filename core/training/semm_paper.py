"""Trains the paper's variant of SEMM (Ling et al., ECCV 2022) by its full objective, equation 14."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from rhytid.core.ageing import AGE_MAX, AGE_MIN
from rhytid.core.networks.semm_config import CODE, N_EXPRESSION, PaperConfig
from rhytid.core.networks.semm_discriminator import chosen_verdicts
from rhytid.core.networks.semm_paper import PaperDiscriminator, PaperSemm
from rhytid.core.training import semm_paper_losses as losses
from rhytid.core.training.averaged import AveragedTrainer, Course, channels_last
from rhytid.core.training.losses import gradient_penalty
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.pictures import grey
from rhytid.core.training.records import Records
from rhytid.core.training.semm import fast_bf16

_NORMALISED_BY = 256  # faces, spread over the records
_BETAS = (0.0, 0.99)
_FIELDS = ("x", "field", "other_x", "other_field", "style_x", "expression", "other_expression", "age",
           "key_expression", "other_key")  # fmt: skip


@dataclass(frozen=True)
class Edits:
    """What the generator makes of a batch, pairs, and how each shall look to the discriminator.

    Attributes
    ----------
    rebuilt, in_expression, at_age, mixed : (B, 2, 256, 256)
        Of equations 1, 7, 8 and 5.
    returned : (B, 2, 256, 256)
        Of equation 13: made older or younger, and back.
    labels : tuple of (key expression (B,), age (B,))
        Of the first four, as equation 11 has them.
    """

    rebuilt: Tensor
    in_expression: Tensor
    at_age: Tensor
    mixed: Tensor
    returned: Tensor
    labels: tuple[tuple[Tensor, Tensor], ...]

    @property
    def judged(self) -> tuple[Tensor, ...]:
        """The four that the discriminator judges."""
        return self.rebuilt, self.in_expression, self.at_age, self.mixed


def edits(model: PaperSemm, batch: Mapping[str, Tensor], to_age: Tensor) -> Edits:
    """All that equations 1, 5, 7, 8 and 13 make of a batch."""
    expression, age, key = batch["expression"], batch["age"], batch["key_expression"]
    code = model.encode(model.pair(batch["x"], batch["field"]))
    aged = model.at_age(code, to_age, expression)
    mixed = model.encode(model.pair(batch["style_x"], batch["field"]))
    return Edits(
        model.reconstructed(code, expression, age),
        model.in_expression(code, batch["other_expression"], age),
        aged,
        model.reconstructed(mixed, expression, age),
        model.at_age(model.encode(aged), age, expression),
        ((key, age), (batch["other_key"], age), (key, to_age), (key, age)),
    )


def generator_terms(
    model: PaperSemm, discriminator: PaperDiscriminator, batch: Mapping[str, Tensor], made: Edits, config: PaperConfig
) -> dict[str, Tensor]:
    """Equations 12 (`reconstruction`), 11 (`adversarial`), 6 (`structure`) and 13 (`cycle`), without their weights."""
    pair = model.pair(batch["x"], batch["field"])
    other = model.pair(batch["other_x"], batch["other_field"])
    told = [discriminator(one) for one in made.judged]
    verdicts = [
        losses.told_real(*chosen_verdicts(verdict, key, age))
        for (verdict, _), (key, age) in zip(told, made.labels, strict=True)
    ]
    if config.ablation == "no-feature-matching":
        matching = [
            losses.absolute(made.rebuilt, pair), losses.absolute(made.in_expression, other),
            losses.absolute(made.returned, pair),
        ]  # fmt: skip
    else:
        with torch.no_grad():
            wanted, wanted_other = discriminator(pair)[1], discriminator(other)[1]
        matching = [
            losses.feature_matching(told[0][1], wanted), losses.feature_matching(told[1][1], wanted_other),
            losses.feature_matching(discriminator(made.returned)[1], wanted),
        ]  # fmt: skip
    rebuilt, changed, returned = (
        losses.reconstruction(match, losses.distance_field(one, target, model.delta), config.weight_field)
        for match, one, target in zip(
            matching, (made.rebuilt, made.in_expression, made.returned), (pair, other, pair), strict=True
        )
    )
    return {
        "reconstruction": rebuilt + changed,
        "adversarial": torch.stack(verdicts).sum(),
        "structure": losses.structure(made.mixed, pair, model.delta, config.weight_field),
        "cycle": returned,
    }


def discriminator_loss(
    model: PaperSemm, discriminator: PaperDiscriminator, batch: Mapping[str, Tensor], made: Edits
) -> Tensor:
    """Equation 11 as the discriminator's loss: equation 10 on the faces and 9 on what was made of them."""
    verdict, _ = discriminator(model.pair(batch["x"], batch["field"]))
    terms = [losses.told_real(*chosen_verdicts(verdict, batch["key_expression"], batch["age"]))]
    for one, (key, age) in zip(made.judged, made.labels, strict=True):
        verdict, _ = discriminator(one.detach())
        terms.append(losses.told_fake(*chosen_verdicts(verdict, key, age)))
    return torch.stack(terms).sum()


class PaperSemmTrainer(AveragedTrainer[PaperSemm]):
    """Adam on encoder, generator and transforms, against a discriminator with R1 every few steps.

    Parameters
    ----------
    config : PaperConfig
    device : torch.device or str
    """

    def __init__(self, config: PaperConfig, device: torch.device | str = "cpu") -> None:
        self.config = config
        self.device = torch.device(device)
        torch.manual_seed(config.seed)
        model = channels_last(PaperSemm(config).to(self.device))
        course = Course(config.learning_rate, 0.8, 50, config.ema_decay)
        super().__init__(model, torch.optim.Adam(model.parameters(), lr=config.learning_rate, betas=_BETAS), course)
        self.average.eval()
        self.model.bf16 = config.bf16 and fast_bf16(self.device)
        self.discriminator = channels_last(PaperDiscriminator(config.channels).to(self.device))
        # Lazy regularisation: a penalty every so many steps is one step more, for which rate and memory make room.
        share = config.penalty_every / (config.penalty_every + 1)
        self._opponent = torch.optim.Adam(
            self.discriminator.parameters(), lr=config.discriminator_rate * share, betas=(0.0, _BETAS[1] ** share)
        )

    def initialise(self, records: Records) -> None:
        """Measure how large displacement and field are; everything else starts from random weights."""
        poses = np.unique(np.linspace(0, len(records) - 1, _NORMALISED_BY).astype(int))
        maps = records.maps(poses, ("x", "df_strong"))
        raw = self.model.raw(torch.from_numpy(maps["x"]), torch.from_numpy(maps["df_strong"]))
        for model in (self.model, self.average):
            model.mean.copy_(raw.mean((0, 2, 3)))
            model.scale.copy_(raw.std((0, 2, 3)).clamp(min=1e-3))

    def step(self, values: Mapping[str, Tensor]) -> dict[str, float]:
        """One step of both sides; the terms of equation 14 as they were before it."""
        batch = self._batch(values)
        config = self.config
        self._set_rate()
        to_age = AGE_MIN + (AGE_MAX - AGE_MIN) * torch.rand(len(batch["age"]), device=self.device)  # U(16, 70)
        self.discriminator.requires_grad_(False)
        made = edits(self.model, batch, to_age)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.model.bf16):
            terms = generator_terms(self.model, self.discriminator, batch, made, config)
        total = losses.full_objective(terms, config.weight_adversarial, config.weight_cycle)
        self._descend(total)
        self.discriminator.requires_grad_(True)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.model.bf16):
            judged = {"discriminator": discriminator_loss(self.model, self.discriminator, batch, made)}
        if self.steps % config.penalty_every == 0:
            judged["penalty"] = config.penalty_every * config.weight_penalty / 2 * self._penalty(batch)
        self._opponent.zero_grad(set_to_none=True)
        torch.autograd.backward(torch.stack(list(judged.values())).sum())
        self._opponent.step()
        self._count()
        return {name: float(term.detach()) for name, term in {"loss": total, **terms, **judged}.items()}

    def _penalty(self, batch: Mapping[str, Tensor]) -> Tensor:
        """R1 on the faces of a batch, in single precision."""
        pair = self.model.pair(batch["x"], batch["field"]).requires_grad_(True)
        verdict, _ = self.discriminator(pair)
        chosen, counts = chosen_verdicts(verdict, batch["key_expression"], batch["age"])
        return gradient_penalty(chosen * counts, pair)

    def _batch(self, values: Mapping[str, Tensor]) -> dict[str, Tensor]:
        missing = set(_FIELDS) - values.keys()
        if missing:
            raise ValueError(f"a batch of the paper's variant lacks {', '.join(sorted(missing))}")
        return {name: values[name].to(self.device) for name in _FIELDS}

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return super()._parts() | {"discriminator": self.discriminator, "opponent": self._opponent}

    @torch.no_grad()
    def picture(self, values: Mapping[str, Tensor]) -> npt.NDArray[np.uint8]:
        """Rows: faces, rebuilt ones, the fields of these, the other expression wanted and made, 50 years, mixtures."""
        batch = self._batch(values)
        made = edits(self.average, batch, torch.full_like(batch["age"], 50.0))
        x, field = self.average.maps(made.rebuilt)
        shown = (made.in_expression, made.at_age, made.mixed)
        changed, aged, mixed = (self.average.maps(pair)[0] for pair in shown)
        rows = [batch["x"], x, field * 5 - 2.5, batch["other_x"], changed, aged, mixed]
        return grey(torch.cat([torch.cat(list(row[:4]), 1) for row in rows]).cpu().numpy())

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """What `core.learned.semm_paper` needs beside the networks: `mean` and `scale` of a pair's two maps."""
        return {"mean": self.average.mean.cpu().numpy(), "scale": self.average.scale.cpu().numpy()}

    def export_onnx(self, folder: Path) -> None:
        """Write the encoder, the generator and the transforms as ``semm_encoder, _generator, _expression, _age.onnx``.

        The ablation "concatenation" has no transforms; its generator is told expression and age behind the code.
        """
        model = self._shipped(PaperSemm(self.config)).eval()
        code = torch.zeros(1, CODE)
        write_onnx(model.encoder, {"pair": torch.zeros(1, 2, 256, 256)}, ("code",), folder / "semm_encoder.onnx")
        told = torch.zeros(1, CODE + (N_EXPRESSION + 1 if model.concatenated else 0))
        write_onnx(model.generator, {"code": told}, ("pair",), folder / "semm_generator.onnx")
        if not model.concatenated:
            for name, part, count in (("expression", model.by_expression, N_EXPRESSION), ("age", model.by_age, 1)):
                inputs = {"code": code, "wanted": torch.zeros(1, count)}
                write_onnx(part, inputs, ("step",), folder / f"semm_{name}.onnx")
