"""What a photo with edits lacks of how the head would truly look, after FaceDet3D's rendering network (section 3.3).

Theirs paints the whole picture; here ratio images have painted it, and the network adds what they cannot know: gloss
that moves, shadows and folds that open or close, teeth and eyes that the photo never showed. The parts are theirs. A
neural texture is made of the skin's colour, for anybody (eq. 10). It is sampled where each pixel lies in the chart. The
low-resolution branch sees the smooth head (eq. 11), the detail branch the shaded albedo with its relief (eq. 12), and
what they paint is added (eq. 13). Both also see how a lamp where most of the light comes from would shine on the skin,
with its relief, before and after: gloss is what ratio images lack most.

The ONNX file `photo_render.onnx` takes ``fine`` (1, 11, 512, 512), ``coarse`` (1, 13, 128, 128), ``places``
(1, 512, 512, 2), all of `core.photo.render_buffers`, and ``albedo`` (1, 3, 128, 128), sRGB 0..1, and gives ``added``
(1, 3, 512, 512), sRGB.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from rhytid.core.networks.residual import enlarged

WIDTHS = (24, 36, 48, 48)
DETAIL_WIDTH = 16
_TEXTURE = 8  # channels of the neural texture
_PLACE_SIDE = 32
_COARSER, _SHARE = 4, 2
_N_LOBES = 6
_TILT = 0.2  # of the skin, where relief rises by 0.1 mm from pixel to pixel, as far as it is known before training
_EXPONENTS = (8.0, 32.0)
_GAIN = 0.1  # sRGB per unit of the outputs


class PhotoRender(nn.Module):
    """See the module.

    Parameters
    ----------
    n_fine, n_coarse : int
        Planes of ``fine`` and ``coarse``.
    widths : sequence of int
        Channels of the low-resolution branch's levels.
    detail_width : int
        Of the detail branch.
    """

    def __init__(
        self, n_fine: int = 11, n_coarse: int = 13, widths: Sequence[int] = WIDTHS, detail_width: int = DETAIL_WIDTH
    ) -> None:
        super().__init__()
        self.texture = NeuralTexture(_TEXTURE)
        self.lobes = Lobes()
        n_shown = n_fine + _TEXTURE + _N_LOBES
        self.smooth = LowResolution(n_shown + n_coarse, widths)
        self.detail = Detail(n_shown, detail_width)

    def forward(self, fine: Tensor, coarse: Tensor, places: Tensor, albedo: Tensor) -> Tensor:
        """What is to be added, (B, 3, H, W), of inputs as the module says, at any size that is a multiple of 32."""
        texture = F.grid_sample(
            self.texture(albedo).float(), 2 * places - 1, padding_mode="zeros", align_corners=False
        )
        shown = torch.cat([fine, texture, self.lobes(fine, coarse)], dim=1)
        small = torch.cat([F.avg_pool2d(shown, _COARSER), coarse], dim=1)
        low = F.interpolate(self.smooth(small), scale_factor=_COARSER, mode="bilinear", align_corners=False)
        return _GAIN * (low + self.detail(shown))


class NeuralTexture(nn.Module):
    """NTex of eq. 10: features of skin by its colour and by where in the chart it is."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 16, 3, padding=1), nn.ReLU(), nn.Conv2d(16, 16, 3, padding=1), nn.ReLU(),
            nn.Conv2d(16, channels, 3, padding=1),
        )  # fmt: skip
        self.place = nn.Parameter(torch.zeros(1, channels, _PLACE_SIDE, _PLACE_SIDE))

    def forward(self, albedo: Tensor) -> Tensor:
        """Features (B, C, 128, 128) of colour (B, 3, 128, 128)."""
        place = F.interpolate(self.place, size=albedo.shape[-2:], mode="bilinear", align_corners=False)
        result: Tensor = self.layers(albedo) + place
        return result


class Lobes(nn.Module):
    """How far skin with its relief faces the light, and mirrors it to the camera, and how that has changed."""

    slopes: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.tilt = nn.Parameter(torch.tensor(_TILT))
        slope = torch.tensor([[-1.0, 0.0, 1.0], [-2.0, 0.0, 2.0], [-1.0, 0.0, 1.0]]) / 8
        self.register_buffer("slopes", torch.stack([slope, slope.T])[:, None], persistent=False)

    def forward(self, fine: Tensor, coarse: Tensor) -> Tensor:
        """Facing, two lobes of gloss, and the change of each, (B, 6, H, W); planes as the module says."""
        fine, coarse = fine.float(), coarse.float()
        larger = F.interpolate(coarse[:, :6], scale_factor=_COARSER, mode="bilinear", align_corners=False)
        relief, change = fine[:, 5:6], fine[:, 6:7]
        light = F.normalize(coarse[:, 10:13, :1, :1], dim=1, eps=1e-3)
        to_camera = torch.tensor([0.0, 0.0, -1.0], device=fine.device).view(1, 3, 1, 1)
        between = F.normalize(light + to_camera, dim=1, eps=1e-3)
        skin = fine[:, 8:9]
        now = self._seen(larger[:, :3], relief, light, between) * skin
        before = self._seen(larger[:, 3:], relief - change, light, between) * skin
        return torch.cat([now, now - before], dim=1)

    def _seen(self, smooth: Tensor, relief: Tensor, light: Tensor, between: Tensor) -> Tensor:
        rise = F.conv2d(relief, self.slopes, padding=1)
        tilted = smooth - self.tilt * F.pad(rise, (0, 0, 0, 0, 0, 1))
        normal = F.normalize(tilted, dim=1, eps=1e-3)
        facing = (normal * light).sum(dim=1, keepdim=True).clamp(min=0)
        mirrored = (normal * between).sum(dim=1, keepdim=True).clamp(min=1e-3)
        return torch.cat([facing, *(mirrored**exponent for exponent in _EXPONENTS)], dim=1)


class LowResolution(nn.Module):
    """g_theta of eq. 11: a U-Net without normalisation, for how bright things are counts."""

    def __init__(self, n_inputs: int, widths: Sequence[int]) -> None:
        super().__init__()
        self.stem = nn.Conv2d(n_inputs, widths[0], 3, padding=1)
        self.coming = nn.ModuleList(_Block(width) for width in widths)
        self.down = nn.ModuleList(nn.Conv2d(a, b, 2, stride=2) for a, b in pairwise(widths))
        self.up = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(widths))
        self.going = nn.ModuleList(_Block(width) for width in widths[:-1])
        self.out = _zero(nn.Conv2d(widths[0], 3, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """A picture (B, 3, H, W)."""
        x = self.coming[0](self.stem(x))
        passed = [x]
        for down, block in zip(self.down, list(self.coming)[1:], strict=True):
            x = block(down(x))
            passed.append(x)
        for level in reversed(range(len(self.going))):
            x = self.going[level](passed[level] + enlarged(self.up[level](x)))
        result: Tensor = self.out(F.relu(x))
        return result


class Detail(nn.Module):
    """g_omega of eq. 12: shallow, at half the size by pixel unshuffle."""

    def __init__(self, n_inputs: int, width: int) -> None:
        super().__init__()
        self.stem = nn.Conv2d(n_inputs * _SHARE**2, width, 3, padding=1)
        self.blocks = nn.Sequential(_Block(width), _Block(width))
        self.out = _zero(nn.Conv2d(width, 3 * _SHARE**2, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """Details (B, 3, H, W)."""
        made = self.blocks(self.stem(F.pixel_unshuffle(x, _SHARE)))
        return F.pixel_shuffle(self.out(F.relu(made)), _SHARE)


class ShadingReader(nn.Module):
    """f_theta of eq. 16: two layers that read the change of the detailed shading off the picture's; only trains."""

    def __init__(self, width: int = 8) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 1, 3, padding=1)
        )

    def forward(self, change: Tensor) -> Tensor:
        """Change of shading (B, 1, H, W) of that of the logarithm of luminance (B, 1, H, W)."""
        result: Tensor = self.layers(change)
        return result


class _Block(nn.Module):
    """Two convolutions beside what goes by."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = _zero(nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = x + self.second(F.relu(self.first(F.relu(x))))
        return result


def _zero(layer: nn.Conv2d) -> nn.Conv2d:
    nn.init.zeros_(layer.weight)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
    return layer
