"""The structured SEMM (Ling et al., ECCV 2022) for two CPU cores: encoder, transforms, decoder and painter.

A face's detail is a displacement map `x` (in 0.1 mm) and a line field `y` = 1 - distance field: 1 on a line
that `core.lines.graded.extract_strong_lines` finds, 0 from 12.8 px on (5 % of the width). Both are 256 x 256.

The code has 576 numbers: `structure` (8, 8, 8) as [channel, row, column], flattened in that order, then
`style` (64). Cell = 8 row + column. Each cell sees and writes one window of 48 x 48 px whose upper left
corner is `structure.origin`; the windows follow the outline of the face and lie inside the map.

Shipped tensors (float16 unless said otherwise; all arithmetic in float32):

=============================  ==================  ===================================================
name                           shape               meaning
=============================  ==================  ===================================================
structure.origin               (64, 2) int32       row and column of each cell's window in the 256 map; even
structure.mean_x               (256, 256)          mean of x
structure.mean_y               (128, 128)          mean of y averaged over 2 x 2 texels
structure.analysis_x           (64, 8, 48, 48)     product[channel, cell] = <analysis_x, x - mean_x in the
structure.analysis_y           (64, 8, 24, 24)     window> + <analysis_y, y128 - mean_y in the window / 2>
structure.mix                  (512, 512)          structure = mix @ product, both as (512,)
structure.synthesis_x          (64, 8, 48, 48)     x_lin = mean_x + overlap-add of code * synthesis_x
structure.synthesis_y          (64, 8, 24, 24)     y_lin = mean_y + overlap-add of code * synthesis_y (128)
style.mean                     (1280,)             mean of the style features
style.analysis                 (64, 1280)          style = analysis @ (features - mean)
style.synthesis                (1024, 64)          log energies = mean[:1024] + synthesis @ style
transform.expression           (52, 576)           code += (expression' - expression) @ this
transform.age                  (576,)              code += (decades(age') - decades(age)) * this, with
                                                   `core.ageing.skin_decades`
prior.mean                     (576,)              codes of random neutral faces of `prior.age` years are
prior.factor                   (576, 576)          prior.mean + prior.factor @ n, n standard normal
prior.age                      (1,) float32        years
=============================  ==================  ===================================================

Style features: log energies (4, 16, 16), then the mean of y over cells of 16 px (16, 16), flattened in that
order. Log energy = log(mean square over cells of 16 px + 1e-4) of the octave bands of x (0.1 mm): differences of
Gaussians 0.5-1, 1-2, 2-4, 4-8 px as `core.maps.bands.band` computes them.

ONNX files (float32 in and out): `semm_refiner.onnx` x_lin (1, 1, 256, 256), y_lin (1, 1, 128, 128), log_energy
(1, 4, 16, 16) -> x_base, y_hat, relief_hat (1, 1, 256, 256), x_base and relief_hat in 0.1 mm, y_hat in 0..1.
`semm_painter.onnx` condition (1, 8, H, W), H and W even -> x (1, 1, H, W) in 0.1 mm; the channels are relief of
all lines / 0.1 mm, 1 - DF5 of the strong lines, 1 - DF5 of all lines, x_base, and the four log energies
enlarged bilinearly from 16 to 256 (texel centres, edges repeated). DF5 = min(distance, 5 px) / 5 px. A texel
of the result depends on the inputs within 7 px only, so a crop with even origin is exact 8 px inside its edge.
For the code alone, relief_hat stands for the relief and DF5 = clip((1 - y_hat) * 12.8 / 5, 0, 1) for both fields.

Ablations change what is shipped: `no-distance-field` has analysis_y, synthesis_y and the y part of the style
features at zero; `concatenation` has no `transform.*` and instead `concatenation.0.weight` (128, 629),
`concatenation.0.bias`, `concatenation.2.weight` (576, 128), `concatenation.2.bias`: code' = code + two linear
layers with a ReLU between of [code, expression', (age' - 40) / 20].
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.semm_config import CHANNELS, GRID, STRUCTURE, SemmConfig
from rhytid.core.networks.semm_lapped import Lapped
from rhytid.core.networks.semm_painter import Painter, condition, near_field
from rhytid.core.networks.semm_refiner import Refiner
from rhytid.core.networks.semm_style import StyleMap
from rhytid.core.networks.semm_transform import Concatenation, Directions


@dataclass(frozen=True)
class Decoded:
    """What a code says about a face.

    Attributes
    ----------
    x_base, relief : (B, 1, 256, 256)
        The map without its lines and the relief of its lines, 0.1 mm.
    y : (B, 1, 256, 256)
        Line field, 0..1.
    log_energy : (B, 4, 16, 16)
    """

    x_base: Tensor
    y: Tensor
    relief: Tensor
    log_energy: Tensor

    @property
    def x(self) -> Tensor:
        """Base and lines together, (B, 1, 256, 256) in 0.1 mm."""
        return self.x_base + self.relief


def halved(y: Tensor) -> Tensor:
    """A line field (B, 256, 256) averaged over 2 x 2 texels."""
    return F.avg_pool2d(y[:, None], 2)[:, 0]


class Semm(nn.Module):
    """The structured variant; x (B, 256, 256) in 0.1 mm, y (B, 256, 256) in 0..1, codes (B, 576).

    `bf16` runs the convolutions in bfloat16; the linear maps stay in single precision.
    """

    def __init__(self, config: SemmConfig) -> None:
        super().__init__()
        self.lapped = Lapped(config.sees_field)
        self.style = StyleMap(config.sees_field)
        self.transform: Directions | Concatenation
        self.transform = Concatenation() if config.ablation == "concatenation" else Directions()
        self.refiner = Refiner(config.refiner_channels, config.inner_channels)
        self.painter = Painter(config.painter_channels)
        self.bf16 = False

    def encode(self, x: Tensor, y: Tensor, features: Tensor | None = None) -> Tensor:
        """Codes of maps and their line fields; `features` are their style features where they are known."""
        y_half = halved(y)
        structure = self.lapped.analyse(x, y_half).flatten(1)
        known = self.style.features(x, y_half) if features is None else features
        return torch.cat([structure, self.style.encode(known)], 1)

    def decode(self, code: Tensor) -> Decoded:
        """Maps of codes."""
        x_lin, y_lin = self.lapped.synthesise(code[:, :STRUCTURE].reshape(-1, CHANNELS, GRID, GRID))
        log_energy = self.style.decode(code[:, STRUCTURE:])
        with torch.autocast(code.device.type, torch.bfloat16, enabled=self.bf16):
            x_base, y, relief = self.refiner(x_lin[:, None], y_lin[:, None], log_energy)
        return Decoded(x_base, y, relief, log_energy)

    def paint(self, seen: Tensor) -> Tensor:
        """x (B, 1, H, W) of a condition (B, 8, H, W), see `core.networks.semm_painter`."""
        with torch.autocast(seen.device.type, torch.bfloat16, enabled=self.bf16):
            painted: Tensor = self.painter(seen)
        return painted

    def painted(self, decoded: Decoded) -> Tensor:
        """x (B, 1, 256, 256) of the code alone: its own line field and relief stand for the lines."""
        near = near_field(1 - decoded.y)
        return self.paint(condition(decoded.relief, near, near, decoded.x_base, decoded.log_energy))

    def style_features(self, x: Tensor, y: Tensor) -> Tensor:
        """Style features (B, 1280), whose log energies the code must know."""
        return self.style.features(x, halved(y))
