"""Plain values that fix a SEMM and its training; they are written to the run folder and beside the weights."""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.maps.units import SIDE

VARIANTS = ("structured", "paper")
ABLATIONS = ("", "no-feature-matching", "no-distance-field", "concatenation")
GRID = 8  # cells along a side
CHANNELS = 8  # numbers per cell
STYLE = 64
STRUCTURE = CHANNELS * GRID * GRID
CODE = STRUCTURE + STYLE
N_EXPRESSION = 52
N_KEY_EXPRESSIONS = 20
AGE_GROUP_YEARS = (20.0, 30.0, 40.0, 50.0, 60.0, 70.0)  # upper limits but for the last, seventh group


@dataclass(frozen=True)
class SemmConfig:
    """Sizes, rates and weights of the losses.

    Attributes
    ----------
    variant : str
        "structured" (default) or "paper", one joint convolutional generator.
    ablation : str
        One of `ABLATIONS`; "" is the full model.
    refiner_channels, inner_channels, painter_channels, discriminator_channels, paper_channels : int
    learning_rate, linear_rate, discriminator_rate : float
        Adam's steps for the convolutions; for the lapped maps, style maps and transforms; for the discriminator.
    ema_decay : float
    bf16 : bool
        Convolutions in bfloat16 where the processor has it.
    crop_px, crops_per_face : int
        Side of the painter's training crops, even, and how many are cut from each face.
    whole_every : int
        Steps between those that teach encoder, transforms and refiner too; the others teach the painter alone,
        which is cheap and has more to learn, for the rest starts from a closed form.
    adversarial_every, penalty_every : int
        Whole steps between adversarial ones; adversarial steps between gradient penalties.
    weight_* : float
        Weight of a loss.
    initial_maps : int
        Most maps that the closed-form initialisation holds in memory.
    linear_turns : int
        How often the initialisation solves for windows and codes in turn.
    seed : int
    """

    variant: str = "structured"
    ablation: str = ""
    refiner_channels: int = 48
    inner_channels: int = 80
    painter_channels: int = 40
    discriminator_channels: int = 32
    paper_channels: int = 64
    learning_rate: float = 2e-3
    linear_rate: float = 3e-5
    discriminator_rate: float = 5e-4
    ema_decay: float = 0.999
    bf16: bool = True
    crop_px: int = 96
    crops_per_face: int = 3
    whole_every: int = 3
    adversarial_every: int = 4
    penalty_every: int = 4
    weight_reconstruction: float = 1.0
    weight_relief: float = 0.5
    weight_field: float = 0.5
    weight_style: float = 0.1
    weight_pair: float = 0.5
    weight_line_pair: float = 0.1
    weight_painter: float = 1.0
    weight_valleys: float = 1.5
    weight_adversarial: float = 0.01
    weight_feature: float = 0.2
    weight_mixing: float = 0.2
    weight_cycle: float = 0.1
    weight_penalty: float = 1.0
    initial_maps: int = 2400
    linear_turns: int = 4
    seed: int = 0

    def __post_init__(self) -> None:
        if self.variant not in VARIANTS:
            raise ValueError(f"variant {self.variant!r} is none of {', '.join(VARIANTS)}")
        if self.ablation not in ABLATIONS:
            raise ValueError(f"ablation {self.ablation!r} is none of {', '.join(ABLATIONS[1:])}")
        if self.crop_px % 2 or not 32 <= self.crop_px <= SIDE:
            raise ValueError(f"crop_px must be even and 32..{SIDE}, got {self.crop_px}")

    @property
    def sees_field(self) -> bool:
        """Whether encoder and decoder know the line field y."""
        return self.ablation != "no-distance-field"
