"""Trains the rendering network on edits of photographed people who do not exist.

The terms are FaceDet3D's (section 3.3.1), with true renders where they have the photo: the photometric one; the
augmented wrinkle loss (eqs. 14 and 15), on photos into which wrinkles were drawn that they do not show; and the
detailed shading loss (eq. 16), whose small network has to read the shading off the picture. Their adversarial terms
(eqs. 17 to 19) are left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.photo_render import DETAIL_WIDTH, WIDTHS, PhotoRender, ShadingReader
from rhytid.core.photo.render_buffers import ALBEDO_SIDE, COARSE, COARSE_PX, FINE, SIDE_PX
from rhytid.core.training.averaged import AveragedTrainer, Course, channels_last
from rhytid.core.training.onnx_files import write_onnx
from rhytid.core.training.photo_render_records import RenderSource
from rhytid.core.training.pictures import UInt8, grid

DEFAULTS: dict[str, Any] = {
    "width": WIDTHS[0], "detail_width": DETAIL_WIDTH, "learning_rate": 2e-3, "half": True, "augmented": True,
}  # fmt: skip
EMA_DECAY = 0.995
_STEADY_SHARE, _WARM_STEPS, _MOST_GRADIENT = 0.4, 100, 1.0
_ABSOLUTE, _SQUARED, _GRADIENT, _AUGMENTED, _SHADING = 0.3, 100.0, 0.3, 1.0, 0.05
_LEVELS = 4
_DARKEST, _GAMMA = 0.02, 2.2  # sRGB; of its logarithm to linear light's
_SKIN, _CHANGE = FINE.index("skin"), FINE.index("level_change")
_SCORED_SHARE = 0.05


class PhotoRenderTrainer(AveragedTrainer[PhotoRender]):
    """See the module; the protocol is `core.training.trainer.Trainer`.

    Parameters
    ----------
    settings : mapping
        As `DEFAULTS`: channels, rate, whether convolutions compute in bfloat16, and whether there are the terms for
        wrinkles that photos do not show, eqs. 14 to 16.
    device : torch.device
    """

    def __init__(self, settings: Mapping[str, Any], device: torch.device | str = "cpu") -> None:
        self.device = torch.device(device)
        self.config = dict(settings)
        model = channels_last(_network(self.config).to(self.device))
        self.reader = ShadingReader().to(self.device)
        parameters = [*model.parameters(), *self.reader.parameters()]
        optimiser = torch.optim.AdamW(parameters, self.config["learning_rate"], weight_decay=1e-4)
        course = Course(self.config["learning_rate"], _STEADY_SHARE, _WARM_STEPS, EMA_DECAY, _MOST_GRADIENT)
        super().__init__(model, optimiser, course)

    def initialise(self, records: object) -> None:
        """Starts as ratio images."""

    def step(self, batch: Mapping[str, Tensor]) -> dict[str, float]:
        """One step; gives the losses, and decibels of the picture with and without what was added."""
        self._set_rate()
        fine = batch["fine"].contiguous(memory_format=torch.channels_last)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.config["half"]):
            added = self.model(fine, batch["coarse"], batch["places"], batch["albedo"])
        added = added.float()
        terms = photometric(added, batch)
        if self.config["augmented"]:
            terms["augmented"] = _AUGMENTED * augmented_wrinkles(added, batch)
            terms["shading"] = _SHADING * detailed_shading(self.reader, added, batch)
        self._descend(torch.stack(list(terms.values())).sum())
        self._count()
        found, before = (decibels(one, batch) for one in (added.detach(), torch.zeros_like(added)))
        return {name: float(value.detach()) for name, value in terms.items()} | {"db": found, "db_before": before}

    def _parts(self) -> dict[str, nn.Module | torch.optim.Optimizer]:
        return super()._parts() | {"reader": self.reader}

    def picture(self, batch: Mapping[str, Tensor]) -> UInt8:
        """Rows of: picture by ratio images, with what was added, what was added and what was wanted; (H, W, 3)."""
        added = self._added(batch)
        share = batch["share"][:, None]
        base = batch["fine"][:, :3]
        columns = [base, base + share * added, 0.5 + 4 * share * added, 0.5 + 4 * share * batch["wanted"]]
        return grid([[_bytes(part[i]) for part in columns] for i in range(len(base))])

    def scores(self, held: RenderSource) -> dict[str, float]:
        """On persons who were not trained on: decibels beside those of ratio images; how far wrinkles are obeyed."""
        found, before, obeyed = [], [], []
        for number in range(held.n_groups):
            whole = {name: torch.from_numpy(np.ascontiguousarray(v)) for name, v in held.whole(number).items()}
            for k in range(len(whole["fake"])):
                batch = {name: value[k : k + 1].to(self.device) for name, value in whole.items()}
                added = self._added(batch)
                if batch["fake"].item() > 0:
                    obeyed.append(_obedience(added, batch))
                else:
                    found.append(decibels(added, batch))
                    before.append(decibels(torch.zeros_like(added), batch))
        return {
            "db": round(float(np.median(found)), 3),
            "ratio_images_db": round(float(np.median(before)), 3),
            "obeys_relief": round(float(np.median(obeyed)), 4) if obeyed else 0.0,
        }

    def export_onnx(self, folder: Path) -> None:
        """Write `photo_render.onnx` into `folder`."""
        inputs = {
            "fine": torch.zeros(1, len(FINE), SIDE_PX, SIDE_PX),
            "coarse": torch.zeros(1, len(COARSE), COARSE_PX, COARSE_PX),
            "places": torch.zeros(1, SIDE_PX, SIDE_PX, 2),
            "albedo": torch.zeros(1, 3, ALBEDO_SIDE, ALBEDO_SIDE),
        }
        write_onnx(self._shipped(_network(self.config)), inputs, ["added"], folder / "photo_render.onnx")

    @torch.no_grad()
    def _added(self, batch: Mapping[str, Tensor]) -> Tensor:
        result: Tensor = self.average(batch["fine"], batch["coarse"], batch["places"], batch["albedo"])
        return result


def photometric(added: Tensor, batch: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """How far the picture is from the true one where the edit shows, and how far its edges are."""
    error = _error(added, batch)
    edges = sum((error.diff(dim=dim).abs().mean() for dim in (-1, -2)), torch.zeros(()))
    return {"color": _ABSOLUTE * error.abs().mean() + _SQUARED * error.square().mean(), "edges": _GRADIENT * edges}


def augmented_wrinkles(added: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Eq. 15: Laplacian loss on pictures with wrinkles that the photo does not show; 0 where there are none."""
    return laplacian_loss(_error(added, batch) * batch["fake"][:, None, None, None])


def detailed_shading(reader: nn.Module, added: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    """Eq. 16: Laplacian loss of the shading's change that two layers read off the picture's, on skin."""
    base = batch["fine"][:, :3]
    change = batch["fine"][:, _CHANGE : _CHANGE + 1]
    made = base + batch["share"][:, None] * added
    # Ratio images changed the luminance as the shading: what the network has made of that is what is read.
    shown = change + _GAMMA * (_log_luminance(made) - _log_luminance(base))
    where = batch["fine"][:, _SKIN : _SKIN + 1] * batch["fake"][:, None, None, None]
    return laplacian_loss((reader(shown) - change) * where)


def laplacian_loss(error: Tensor) -> Tensor:
    """Absolute values over the levels of a Laplacian pyramid (Ling and Okada 2006), coarse ones weighted by 2^level."""
    total = torch.zeros((), device=error.device)
    for level in range(_LEVELS):
        smaller = F.avg_pool2d(error, 2)
        band = error - F.interpolate(smaller, scale_factor=2, mode="bilinear", align_corners=False)
        total = total + 2**level * band.abs().mean()
        error = smaller
    return total + 2**_LEVELS * error.abs().mean()


def decibels(added: Tensor, batch: Mapping[str, Tensor]) -> float:
    """Of the composed picture, where the edit shows."""
    share = batch["share"][:, None]
    where = (share > _SCORED_SHARE).float().expand_as(added)
    error = (share * added - batch["wanted"]).square()
    return float(-10 * torch.log10((error * where).sum() / where.sum().clamp(min=1) + 1e-7))


def _obedience(added: Tensor, batch: Mapping[str, Tensor]) -> float:
    """Correlation of the change of luminance with the true one; the change of ratio images is that of the shading."""
    share, base = batch["share"][:, None], batch["fine"][:, :3]
    before = base * torch.exp(-batch["fine"][:, _CHANGE : _CHANGE + 1] / _GAMMA)
    found = (_log_luminance(base + share * added) - _log_luminance(before))[share > _SCORED_SHARE]
    true = (_log_luminance(base + batch["wanted"]) - _log_luminance(before))[share > _SCORED_SHARE]
    pair = torch.stack([found, true])
    return float(torch.corrcoef(pair)[0, 1]) if pair.shape[1] > 1 else 0.0


def _error(added: Tensor, batch: Mapping[str, Tensor]) -> Tensor:
    return batch["share"][:, None] * (added - batch["wanted"])


def _log_luminance(picture: Tensor) -> Tensor:
    return torch.log(picture.mean(dim=1, keepdim=True).clamp(min=0) + _DARKEST)


def _bytes(picture: Tensor) -> UInt8:
    values = picture.detach().clamp(0, 1).mul(255).round().byte().cpu().numpy()
    return np.ascontiguousarray(values.transpose(1, 2, 0))


def _network(config: Mapping[str, Any]) -> PhotoRender:
    width = int(config["width"])
    widths = (width, 3 * width // 2, 2 * width, 2 * width)
    return PhotoRender(len(FINE), len(COARSE), widths, int(config["detail_width"]))
