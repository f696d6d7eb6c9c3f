"""Trains FaceDet3D's detail hallucination (Athar et al., section 3.2.1) on pairs of poses of synthetic people.

The paper has no pairs and trains by adversaries and cycles, helped by frames of videos. Here both poses of a person are
known, so that the detail wanted is told outright: by `energies`, which the gains are to meet, and `detail`, which what
is added is to bring nearer; `added` keeps that sparse. The paper's terms stand beside that:

- `realism`: non-saturating, by place and as a whole, eq. 5, with R1 for the discriminator (Mescheder et al. 2018);
- `units`: the action units that the discriminator reads out of what is made, eqs. 6 and 7;
- `mask`: its mean, so that what need not change does not.

How energies usually change with a condition is solved for before the first step (`core.training.facedet3d_usual`).
Pairs are mirrored, bent and made weaker or stronger at random, both poses alike: real lines lie where they do.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.arkit import ARKIT_INDEX, ARKIT_NAMES, mirrored_name
from rhytid.core.learned.facedet3d import TOLD_CHANNELS, Usual, condition
from rhytid.core.maps.bands import BAND_CELLS, BAND_EDGES_PX, ENERGY_FLOOR, N_BANDS, low_pass, octave_bands
from rhytid.core.maps.units import SIDE
from rhytid.core.networks.facedet3d import ExpressionDiscriminator, Hallucinator
from rhytid.core.training.averaged import AveragedTrainer, Course, channels_last
from rhytid.core.training.facedet3d_usual import projection, solved
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.pictures import UInt8, grey, grid
from rhytid.core.training.records import Records
from rhytid.core.training.semm_importance import importance
from rhytid.core.training.trainer import PoseSource

Float32 = npt.NDArray[np.float32]

DEFAULTS: dict[str, Any] = {
    "learning_rate": 1e-3,
    "judge_rate": 4e-4,
    "half": True,
    "energies": 1.5,
    "added": 1.5,
    "realism": 0.02,
    "units": 0.1,
    "mask": 0.01,
}
EMA_DECAY = 0.995
_STEADY_SHARE, _WARM_STEPS = 0.5, 100
_MOST_GRADIENT = 1.0
_FLAT = 0.03  # 0.01 mm^2
_MIRRORED = [ARKIT_INDEX[mirrored_name(name)] for name in ARKIT_NAMES]
_BENT, _BEND_PX = (6, 6), 2.5  # places of the chart that are moved, and by how much
_STRENGTH = 0.15  # of the logarithm
_PENALTY_EVERY, _PENALTY = 16, 1.0
_BEGIN_JUDGING = 0.6  # share of the run from which the discriminator's word counts
_CELL_PX, _HALVED_FROM = 16, 2.0
_HELD_PAIRS, _AT_ONCE = 120, 8


@dataclass(frozen=True, eq=False)
class _Pairs:
    """Poses as captured and as wanted.

    Attributes
    ----------
    detail, wanted : (B, 256, 256)
        In 0.1 mm.
    bands : (B, 4, 256, 256)
        Octaves of `detail`, what is finer with the finest.
    told : (B, 12, 16, 16)
    source, target : (B, n)
    """

    detail: Tensor
    wanted: Tensor
    bands: Tensor
    told: Tensor
    source: Tensor
    target: Tensor

    def part(self, start: int, end: int) -> _Pairs:
        """Some of them."""
        return _Pairs(*(getattr(self, entry.name)[start:end] for entry in fields(self)))

    @property
    def inputs(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Of the network."""
        return self.detail, self.told, self.source, self.target

    def deepened(self, gains: Tensor) -> Tensor:
        """What gains (B, 4, 16, 16) change of the detail, (B, 256, 256)."""
        larger = F.interpolate(gains, size=self.bands.shape[-2:], mode="bilinear", align_corners=False)
        return (self.bands * (larger - 1)).sum(1)

    def made(self, gains: Tensor, added: Tensor, mask: Tensor) -> Tensor:
        """Eq. 4, `core.learned.facedet3d.Hallucination.change` and the detail, (B, 256, 256)."""
        return self.detail + mask * (self.deepened(gains) + added)


class FaceDet3DTrainer(AveragedTrainer[Hallucinator]):
    """See the module; the protocol is `core.training.trainer.Trainer`.

    Parameters
    ----------
    settings : mapping
        As `DEFAULTS`: rates of both networks, whether convolutions compute in bfloat16, and the terms' weights.
    device : torch.device
    """

    def __init__(self, settings: Mapping[str, Any], device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.config = dict(settings)
        self._projection = projection()
        n = self._projection.shape[1] + 1
        model = channels_last(Hallucinator(n).to(self.device))
        self.judge = channels_last(ExpressionDiscriminator(n).to(self.device))
        rate = self.config["learning_rate"]
        optimiser = torch.optim.AdamW(model.parameters(), rate, weight_decay=1e-4)
        super().__init__(
            model, optimiser, Course(rate, _STEADY_SHARE, _WARM_STEPS, EMA_DECAY, most_gradient=_MOST_GRADIENT)
        )
        self._judging = torch.optim.Adam(self.judge.parameters(), self.config["judge_rate"], betas=(0.0, 0.99))
        self._importance = torch.from_numpy(importance()).to(self.device)
        cells = (N_BANDS, BAND_CELLS, BAND_CELLS)
        self._usual = Usual(
            np.zeros(cells, np.float32), np.zeros((n, *cells), np.float32), np.ones(N_BANDS, np.float32),
            np.ones(cells[1:], bool),
        )  # fmt: skip

    def initialise(self, records: Records) -> None:
        """Solve for how energies usually change."""
        self._usual = solved(records, self._projection)

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """One step of both networks; gives the losses."""
        pairs = self._pairs(batch, varied=True)
        self._set_rate()
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["half"]):
            gains, added, mask = self.model(*pairs.inputs)
        gains, added, mask = gains.float(), added.float(), mask.float()
        made = pairs.made(gains, added, mask)
        weight = self._importance
        # What is nearest on the mean is too calm: how deep a line becomes, and where, is for the energies to say; and
        # what is added is to be near, not to fill an octave or, worse, to undo a gain that makes up for it again.
        deepened = pairs.made(gains, added.detach(), mask)
        nearer = (made - mask * added).detach() + mask * added
        terms = {
            "detail": _detail(nearer, pairs.wanted, weight),
            "energies": self.config["energies"] * _energies(deepened, pairs.wanted, weight),
            "added": self.config["added"] * _relative(mask * added, pairs.wanted, weight),
            "mask": self.config["mask"] * mask.mean(),
        }
        judged = self._fraction >= _BEGIN_JUDGING
        if judged:
            whole, places, units = self._verdicts(made)
            terms["realism"] = self.config["realism"] * (F.softplus(-whole).mean() + F.softplus(-places).mean())
            terms["units"] = self.config["units"] * F.mse_loss(units, pairs.target)
        self._descend(torch.stack(list(terms.values())).sum())
        self._count()
        told = {name: float(value.detach()) for name, value in terms.items()}
        return told | ({"judge": self._judge_step(made.detach(), pairs.wanted, pairs.target)} if judged else {})

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return super()._parts() | {"judge": self.judge, "judging": self._judging}

    def state_dict(self) -> dict[str, Any]:
        """All that an exact resume needs."""
        return super().state_dict() | {"usual": {k: torch.from_numpy(v) for k, v in self._usual.tensors().items()}}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Take up what `state_dict` gave.

        Raises
        ------
        ValueError
            It is of another network.
        """
        super().load_state_dict(state)
        tensors = {name: value.cpu().numpy() for name, value in state.get("usual", {}).items()}
        self._usual = Usual.of(tensors, self._projection.shape[1] + 1)

    def picture(self, batch: Mapping[str, Tensor]) -> UInt8:
        """Rows of: detail at capture, as made for the target, as it is there, what is added, the mask; uint8 (H, W)."""
        pairs = self._pairs(batch)
        with torch.no_grad():
            gains, added, mask = self.average(*pairs.inputs)
        columns = [pairs.detail, pairs.made(gains, added, mask), pairs.wanted, mask * added, mask * 5 - 2.5]
        return grid([[grey(part[i].cpu().numpy()) for part in columns] for i in range(len(pairs.detail))])

    def scores(self, held: PoseSource) -> dict[str, float]:
        """On people held back: correlation of the change of log energy, and error against keeping the detail.

        Beside the network's correlation stand that of what is solved for, and that of the usual change.
        """
        batch = held.batch(_HELD_PAIRS, np.random.default_rng(0))
        of_poses = np.repeat(~batch["line_pair"], 2)
        arrays = {name: torch.from_numpy(np.ascontiguousarray(value[of_poses]))
                  for name, value in batch.items() if len(value) == len(of_poses)}  # fmt: skip
        every = self._pairs(arrays)
        made, masks = [], []
        for i in range(0, len(every.detail), _AT_ONCE):
            pairs = every.part(i, i + _AT_ONCE)
            with torch.no_grad():
                gains, added, mask = self.average(*pairs.inputs)
            made.append(pairs.made(gains, added, mask))
            masks.append(mask)
        result, mask = torch.cat(made), torch.cat(masks)
        energy = [log_energies(value) for value in (every.detail, result, every.wanted)]
        face = torch.from_numpy(self._usual.face).to(self.device)

        def agreement(change: Tensor) -> float:
            pair = torch.stack([part[..., face].flatten() for part in (change, energy[2] - energy[0])])
            return round(float(torch.corrcoef(pair)[0, 1]), 4)

        error = _weighted((result - every.wanted).abs(), self._importance)
        kept = _weighted((every.detail - every.wanted).abs(), self._importance)
        return {
            "energy_correlation": agreement(energy[1] - energy[0]),
            "solved": agreement(every.told[:, :N_BANDS]),
            "usual": agreement(every.told[:, N_BANDS : 2 * N_BANDS]),
            "error": round(float(error), 4),
            "error_kept": round(float(kept), 4),
            "mask": round(float(mask.mean()), 4),
        }

    def tensors(self) -> dict[str, npt.NDArray[np.float32]]:
        """The averaged weights, what was solved for, and the projection on action units."""
        return super().tensors() | self._usual.tensors() | {"action_units": self._projection}

    def export_onnx(self, folder: Path) -> None:
        """Write `facedet3d.onnx` into `folder`."""
        n = self._projection.shape[1] + 1
        inputs = {
            "detail": torch.zeros(1, SIDE, SIDE),
            "told": torch.zeros(1, TOLD_CHANNELS, BAND_CELLS, BAND_CELLS),
            "source": torch.zeros(1, n),
            "target": torch.zeros(1, n),
        }
        write_onnx(self._shipped(Hallucinator(n)), inputs, ["gains", "added", "mask"], folder / "facedet3d.onnx")

    def _pairs(self, batch: Mapping[str, Tensor], varied: bool = False) -> _Pairs:
        """Each pair there and back; where one lacks a line, it stays as it is: no condition asks for that."""
        x, expression, age = (batch[name].float().cpu().numpy() for name in ("x", "expression", "age"))
        if varied:
            x, expression = _varied(x, expression)
        other = np.arange(len(x)) ^ 1
        if "line_pair" in batch:
            other = np.where(np.repeat(batch["line_pair"].cpu().numpy(), 2), np.arange(len(x)), other)
        poses = zip(expression, age, strict=True)
        conditions = [condition(one, float(years), self._projection) for one, years in poses]
        told = [self._usual.told(values, conditions[i], conditions[other[i]]) for i, values in enumerate(x)]
        bands = np.stack([octave_bands(values) for values in x])
        bands[:, 0] += x - np.stack([low_pass(values, BAND_EDGES_PX[0]) for values in x])
        source = np.stack(conditions)
        parts = (x, x[other], bands, np.stack(told), source, source[other])
        return _Pairs(
            *(torch.from_numpy(np.ascontiguousarray(part, np.float32)).to(self.device) for part in parts)
        )

    def _verdicts(self, detail: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["half"]):
            whole, places, units = self.judge(detail)
        return whole.float(), places.float(), units.float()

    def _judge_step(self, made: Tensor, real: Tensor, target: Tensor) -> float:
        """Eqs. 5 and 6 for the discriminator; gives its loss."""
        penalised = self.steps % _PENALTY_EVERY == 0
        real = real.detach().requires_grad_(penalised)
        # The penalty is a derivative of a derivative, which bfloat16 is too coarse for.
        whole, places, units = self.judge(real) if penalised else self._verdicts(real)
        fake_whole, fake_places, _ = self._verdicts(made)
        loss = (F.softplus(-whole).mean() + F.softplus(fake_whole).mean() + F.softplus(-places).mean()
                + F.softplus(fake_places).mean() + F.mse_loss(units, target))  # fmt: skip
        if penalised:
            (slope,) = torch.autograd.grad(whole.sum() + places.mean((1, 2)).sum(), real, create_graph=True)
            loss = loss + _PENALTY * _PENALTY_EVERY / 2 * slope.square().sum((1, 2)).mean()
        self._judging.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self._judging.step()
        return float(loss.detach())


def _varied(x: Float32, expression: Float32) -> tuple[Float32, Float32]:
    """Maps (B, 256, 256) and expressions (B, 52) mirrored, bent, weaker or stronger, both poses of a pair alike."""
    x, expression = x.copy(), expression.copy()
    for first in range(0, len(x), 2):
        pair = slice(first, first + 2)
        if torch.rand(()) < 0.5:
            x[pair], expression[pair] = x[pair, :, ::-1], expression[pair][:, _MIRRORED]
        grid = (torch.randn(2, *_BENT) * _BEND_PX).numpy()
        bend = [cv2.resize(part, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC) for part in grid]
        columns, rows = np.meshgrid(np.arange(SIDE, dtype=np.float32), np.arange(SIDE, dtype=np.float32))
        strength = np.float32(math.exp(_STRENGTH * float(torch.randn(()))))
        for i in range(first, first + 2):
            x[i] = strength * cv2.remap(
                x[i], columns + bend[0], rows + bend[1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT
            )
    return x, expression


def log_energies(detail: Tensor) -> Tensor:
    """`core.maps.bands.log_energies` of maps (B, 256, 256), (B, 4, 16, 16): each blur from the one before it.

    Beyond two texels' blur every second texel says all.
    """
    fine, side, scale, energies = _low_pass(detail[:, None], BAND_EDGES_PX[0]), _CELL_PX, 1.0, []
    for before, after in pairwise(BAND_EDGES_PX):
        coarse = _low_pass(fine, math.sqrt(after**2 - before**2) / scale)
        energies.append(F.avg_pool2d((fine - coarse).square(), side))
        fine = coarse
        if after / scale >= _HALVED_FROM:
            fine, side, scale = F.avg_pool2d(fine, 2), side // 2, 2 * scale
    return torch.log(torch.cat(energies, 1) + ENERGY_FLOOR)


def _low_pass(values: Tensor, sigma: float) -> Tensor:
    reach = max(round(4 * sigma), 1)
    at = torch.arange(-reach, reach + 1, dtype=values.dtype, device=values.device)
    kernel = torch.exp(-0.5 * (at / sigma).square())
    kernel = kernel / kernel.sum()
    padded = F.pad(values, (reach, reach, reach, reach), mode="reflect")
    return F.conv2d(F.conv2d(padded, kernel[None, None, None]), kernel[None, None, :, None])


def _weighted(values: Tensor, weight: Tensor) -> Tensor:
    return (values * weight).mean() / weight.mean()


def _detail(made: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Absolute and squared differences and those of slopes, each face's relative to the strength of its relief."""
    share = weight / weight.mean()
    power = (wanted.square() * share).mean((1, 2)) + _FLAT
    error = made - wanted
    terms = 0.5 * (error.square() * share).mean((1, 2)) / power
    terms = terms + (error.abs() * share).mean((1, 2)) / power.sqrt()
    for dim, crop in ((-1, share[:, 1:]), (-2, share[1:])):
        steepness = (wanted.diff(dim=dim).square() * crop).mean((1, 2)) + _FLAT
        terms = terms + 0.3 * (error.diff(dim=dim).abs() * crop).mean((1, 2)) / steepness.sqrt()
    return terms.mean()


def _relative(values: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """Mean size of `values`, each face's relative to the strength of its relief."""
    share = weight / weight.mean()
    power = (wanted.square() * share).mean((1, 2)) + _FLAT
    return ((values.abs() * share).mean((1, 2)) / power.sqrt()).mean()


def _energies(made: Tensor, wanted: Tensor, weight: Tensor) -> Tensor:
    """A mean over what detail may be is too calm: each place has as much of each band as is wanted."""
    cells = F.avg_pool2d(weight[None, None], _CELL_PX)
    return _weighted(F.smooth_l1_loss(log_energies(made), log_energies(wanted), reduction="none"), cells)
