"""Plain values that fix a SEMM and its training; they are written to the run folder and beside the weights."""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.maps.units import SIDE

STRUCTURED, PAPER = VARIANTS = ("structured", "paper")
ABLATIONS = ("", "no-feature-matching", "no-distance-field", "concatenation")
GRID = 8  # cells along a side
CHANNELS = 8  # numbers per cell
STYLE = 64
STRUCTURE = CHANNELS * GRID * GRID
CODE = STRUCTURE + STYLE
N_EXPRESSION = 52
N_KEY_EXPRESSIONS = 20
MOST_CHANNELS = 512
AGE_GROUP_YEARS = (20.0, 30.0, 40.0, 50.0, 60.0, 70.0)  # upper limits but for the last, seventh group


@dataclass(frozen=True)
class SemmConfig:
    """Sizes, rates and weights of the losses of the structured variant.

    Attributes
    ----------
    variant : str
        "structured".
    ablation : str
        One of `ABLATIONS`; "" is the full model.
    refiner_channels, inner_channels, painter_channels, discriminator_channels : int
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
        _check_names(self.variant, STRUCTURED, self.ablation)
        if self.crop_px % 2 or not 32 <= self.crop_px <= SIDE:
            raise ValueError(f"crop_px must be even and 32..{SIDE}, got {self.crop_px}")

    @property
    def sees_field(self) -> bool:
        """Whether encoder and decoder know the line field y."""
        return self.ablation != "no-distance-field"


@dataclass(frozen=True)
class PaperConfig:
    """Sizes, rates and weights of the losses of the paper's variant, weights as below the paper's equation 14.

    Attributes
    ----------
    variant : str
        "paper".
    ablation : str
        One of `ABLATIONS`, as in the paper's table 1; "" is the full model.
    channels : int
        At 256 texels, twice as many at each coarser resolution, at most four times; StyleGAN2 has 128.
    learning_rate, discriminator_rate : float
        Adam's steps, as StyleGAN2 has them.
    ema_decay : float
    bf16 : bool
        Convolutions in bfloat16 where the device has it.
    weight_field, weight_adversarial, weight_cycle : float
        lambda_df, lambda_GAN and lambda_cyc.
    weight_penalty : float
        Gamma of R1.
    penalty_every : int
        Steps between gradient penalties, which then count as often (lazy regularisation).
    seed : int
    """

    variant: str = PAPER
    ablation: str = ""
    channels: int = 32
    learning_rate: float = 2e-3
    discriminator_rate: float = 2e-3
    ema_decay: float = 0.999
    bf16: bool = True
    weight_field: float = 2.5
    weight_adversarial: float = 0.05
    weight_cycle: float = 1.0
    weight_penalty: float = 1.0
    penalty_every: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        _check_names(self.variant, PAPER, self.ablation)
        if not 1 <= self.channels <= MOST_CHANNELS:
            raise ValueError(f"channels must be 1..{MOST_CHANNELS}, got {self.channels}")


def _check_names(variant: str, own: str, ablation: str) -> None:
    if variant != own:
        raise ValueError(f"variant {variant!r} is not {own}")
    if ablation not in ABLATIONS:
        raise ValueError(f"ablation {ablation!r} is none of {', '.join(ABLATIONS[1:])}")
