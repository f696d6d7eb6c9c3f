"""What colours skin has over a face: principal components of the program's own painted skins.

  python -m rhytid.core.synthesis.skin_prior --faces 800

makes `resources/photo/albedo_prior.npz` anew, which `core.photo.albedo_prior` reads. Skins are of all tones alike, from
the lightest to the darkest that people have, with stubble, make-up, freckles and age; no photograph went into it. Tones
follow what is measured on people of all origins (Chardon et al. 1991, "Skin Colour Typology and Suntanning Pathways";
Xiao et al. 2017, "Characterising the Variations in Ethnic Skin Colours"): in CIELAB, chroma is highest in between.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.maps.srgb import linear_from_srgb
from rhytid.core.resources import resource
from rhytid.core.synthesis.skin_paint import painted_skin

Float32 = npt.NDArray[np.float32]

PATH = resource("photo", "albedo_prior.npz")
SIDE, N_MODES = 64, 16
_FAINTEST = 1e-3
# Tones from dark to light as CIELAB, and how far equally light ones differ in a and b.
_LIGHTNESS, _RED, _YELLOW = (18, 35, 50, 60, 70, 78), (6, 12, 14, 12, 9, 6), (6, 16, 21, 18, 15, 12)
_UNDERTONE = (1.5, 2.0)


def skin_tone(rng: np.random.Generator) -> Float32:
    """Linear colour, (3,), of somebody's skin."""
    lightness = rng.uniform(_LIGHTNESS[0], _LIGHTNESS[-1])
    red = np.interp(lightness, _LIGHTNESS, _RED) + rng.normal(0, _UNDERTONE[0])
    yellow = np.interp(lightness, _LIGHTNESS, _YELLOW) + rng.normal(0, _UNDERTONE[1])
    srgb = cv2.cvtColor(np.array([[[lightness, red, yellow]]], np.float32), cv2.COLOR_Lab2RGB)
    return np.asarray(linear_from_srgb(srgb[0, 0]), np.float32)


def skin_sample(rng: np.random.Generator) -> Float32:
    """Logarithm of a random skin's linear colour, both halves of the face averaged, float32 (64, 64, 3)."""
    hidden = True
    while hidden:
        color, hair = painted_skin(rng)
        hidden = bool(hair.any())
    logarithm = np.log(np.maximum(color, _FAINTEST))
    logarithm += np.log(skin_tone(rng)) - logarithm.mean(axis=(0, 1))
    small = cv2.resize(logarithm, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray((small + small[:, ::-1]) / 2, np.float32)


def components(samples: Float32, n_modes: int) -> tuple[Float32, Float32]:
    """Mean, and the `n_modes` strongest principal components for one standard deviation each, of samples (N, ...)."""
    mean = samples.mean(axis=0)
    flat = (samples - mean).reshape(len(samples), -1)
    _, values, directions = np.linalg.svd(flat, full_matrices=False)
    basis = directions[:n_modes] * (values[:n_modes, None] / np.sqrt(len(samples) - 1))
    return mean.astype(np.float32), basis.reshape(-1, *mean.shape).astype(np.float32)


def main() -> None:
    """Write the file that comes with the program."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--faces", type=int, default=800)
    parser.add_argument("--out", type=Path, default=PATH)
    options = parser.parse_args()
    samples = np.stack([skin_sample(np.random.default_rng([SIDE, number])) for number in range(options.faces)])
    mean, basis = components(samples, N_MODES)
    share = np.square(basis).sum() / samples.var(axis=0, ddof=1).sum()
    options.out.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(options.out, mean=mean.astype(np.float16), basis=basis.astype(np.float16))
    print(f"{options.out}: {N_MODES} modes hold {100 * share:.1f} % of the variance of {options.faces} skins")


if __name__ == "__main__":
    main()
