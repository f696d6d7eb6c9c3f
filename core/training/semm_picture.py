"""A picture of what a SEMM makes of a few faces, to look at while it learns."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from rhytid.core.networks.semm import Semm
from rhytid.core.networks.semm_painter import condition, near_field
from rhytid.core.training.semm_terms import Batch

_COLUMNS = 4
_WHITE = 2.5  # 0.1 mm


@torch.no_grad()
def picture(model: Semm, batch: Batch) -> npt.NDArray[np.uint8]:
    """Rows: the maps, the code alone, its line field, code and own lines, the first of each pair made the second."""
    expression, age = batch.expression, batch.age
    code = model.encode(batch.x, batch.y)
    decoded = model.decode(model.transform(code, expression, expression, age, age))
    field = decoded.y[:, 0] * 2 * _WHITE - _WHITE
    rows = [batch.x, model.painted(decoded)[:, 0], field, _with_own_lines(model, batch)[:, 0]]
    partner = torch.arange(len(batch.x)) ^ 1
    there = model.transform(code[partner], expression[partner], expression, age[partner], age)
    rows.append(model.painted(model.decode(there))[:, 0])
    grid = torch.cat([torch.cat(list(row[:_COLUMNS]), 1) for row in rows])
    grey = (grid / _WHITE * 127 + 128).round().clamp(0, 255)
    return grey.cpu().numpy().astype(np.uint8)


def _with_own_lines(model: Semm, batch: Batch) -> Tensor:
    decoded = model.decode(model.encode(batch.x, batch.y))
    return model.paint(
        condition(
            batch.relief[:, None], near_field(1 - batch.y[:, None]), near_field(1 - batch.y_all[:, None]),
            decoded.x_base, decoded.log_energy,
        )
    )  # fmt: skip
