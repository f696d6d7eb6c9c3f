"""SD-DeTail's network (HiFace, Chai et al., ICCV 2023, section 3.2): from static code and expression to dynamic codes.

A face's detail is static detail plus dynamic detail. Static detail is a PCA basis with a code of the person.
Dynamic detail lies between two maps of the same person, wholly compressed and wholly stretched skin, each from a
PCA basis of its own; the tension of the skin chooses between them at every texel. The codes of the two maps
follow from the person's static code and the expression (equation 6): here by adaptive instance normalisation
(AdaIN), with which the expression restyles the features of the person, and an MLP.

Beyond the paper the same features give the log energies of the octave bands over the face in that expression.
Two PCA bases show where wrinkles lie but not how strong a person's own are; the energies tell by how much
an expression raises or calms the skin's relief, also what no basis holds.

Shipped tensors (float16 unless said otherwise; arithmetic in float32; M texels inside the face):

=======================  =============  ===============================================================
name                     shape          meaning
=======================  =============  ===============================================================
inside                   (2048,) int32  bits of the texels inside the face (256, 256), lowest first
static.mean              (M,)           static detail = mean + code @ basis, in 0.1 mm
static.basis             (S, M)         scaled so that the codes of people have unit variance
compressed.mean, .basis  (M,), (D, M)   wholly compressed skin: what is added to static detail
stretched.mean, .basis   (M,), (D, M)   wholly stretched skin: the same
static.noise             (M,)           RMS about each texel of what maps have beside the mean, 0.1 mm
age.slope                (2, S)         mean code at share a of the ages = [a, a^2 - 1/3] @ slope
age.factor               (S, S)         codes of one age = mean + factor @ n, n standard normal
energy.mean, .basis      (1024,), (E, 1024)  log energies (4, 16, 16) = mean + code @ basis
net.*                                   weights of `DynamicNet`
=======================  =============  ===============================================================

The weights that come with the program also hold ``energy.kept``, which an older version read.

The age's share is `core.ageing.life_share`: -1 at 16 and 1 at 70 years.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

N_EXPRESSION = 52
STATIC, DYNAMIC, ENERGY, WIDTH, BLOCKS = 40, 16, 32, 128, 2
NORM_FLOOR = 1e-5


class AdaIn(nn.Module):
    """Adaptive instance normalisation over the features of a person, styled by the expression, and one layer.

    Parameters
    ----------
    width : int
        Features in and out.
    style : int
        Features of the expression.
    """

    def __init__(self, width: int, style: int) -> None:
        super().__init__()
        self.style = nn.Linear(style, 2 * width)
        self.layer = nn.Linear(width, width)

    def forward(self, features: Tensor, style: Tensor) -> Tensor:
        """Features (B, width) restyled by (B, style): (B, width), added to what came in."""
        centred = features - features.mean(dim=1, keepdim=True)
        normed = centred / torch.sqrt((centred * centred).mean(dim=1, keepdim=True) + NORM_FLOOR)
        scale, shift = self.style(style).chunk(2, dim=1)
        return features + torch.relu(self.layer(normed * (1 + scale) + shift))


class DynamicNet(nn.Module):
    """Equation 6: (static code, expression) to the codes of the compressed and the stretched map.

    Parameters
    ----------
    static, dynamic, energy : int
        Lengths of the static code, of each dynamic code, and of the energies' code.
    width : int
        Hidden features.
    """

    def __init__(self, static: int = STATIC, dynamic: int = DYNAMIC, energy: int = ENERGY, width: int = WIDTH) -> None:
        super().__init__()
        self.static, self.dynamic, self.energy = static, dynamic, energy
        self.person = nn.Linear(static + 1, width)
        self.expression = nn.Linear(N_EXPRESSION, width // 2)
        self.blocks = nn.ModuleList(AdaIn(width, width // 2) for _ in range(BLOCKS))
        self.codes = nn.Linear(width, 2 * dynamic + energy)
        # What the normalisation takes away, how far from the mean a person is, goes past it.
        self.past = nn.Linear(static + 1, 2 * dynamic + energy, bias=False)
        nn.init.zeros_(self.past.weight)

    def forward(self, static: Tensor, age_share: Tensor, expression: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Codes of compressed skin (B, D), stretched skin (B, D) and band energies (B, E).

        Parameters
        ----------
        static : (B, S)
        age_share : (B,)
            -1 at 16 and 1 at 70 years.
        expression : (B, 52)
        """
        if static.ndim != 2 or static.shape[1] != self.static or expression.shape[1:] != (N_EXPRESSION,):
            raise ValueError(
                f"static code {tuple(static.shape)} or expression {tuple(expression.shape)} has a wrong shape"
            )
        person = torch.cat([static, age_share[:, None]], dim=1)
        features = torch.relu(self.person(person))
        style = torch.relu(self.expression(expression))
        for block in self.blocks:
            features = block(features, style)
        codes = self.codes(features) + self.past(person)
        compressed, stretched, energy = codes.split((self.dynamic, self.dynamic, self.energy), dim=1)
        return compressed, stretched, energy


def composed(static: Tensor, compressed: Tensor, stretched: Tensor, compression: Tensor, stretching: Tensor) -> Tensor:
    """Equation 9: static detail plus dynamic detail chosen by tension, all (B, M)."""
    return static + compression * compressed + stretching * stretched
