"""What colours skin has over a face: principal components of the program's own painted skins.

  python -m rhytid.core.synthesis.skin_prior --faces 800

makes `resources/photo/albedo_prior.npz` anew, which `core.photo.albedo_prior` reads. Skins are of all tones alike, from
the lightest to the darkest that people have, with stubble, make-up, freckles and age; no photograph went into it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from rhytid.core.resources import resource
from rhytid.core.synthesis.skin_paint import painted_skin

Float32 = npt.NDArray[np.float32]

PATH = resource("photo", "albedo_prior.npz")
SIDE, N_MODES = 64, 16
_FAINTEST = 1e-3
_UNDERTONE = (0.08, 0.05, 0.10)  # of red, green and blue in logarithm; the yellow and the pink among equally dark skins


def skin_sample(rng: np.random.Generator) -> Float32:
    """Logarithm of a random skin's linear colour, both halves of the face averaged, float32 (64, 64, 3)."""
    hidden = True
    while hidden:
        color, hair = painted_skin(rng)
        hidden = bool(hair.any())
    logarithm = np.log(np.maximum(color, _FAINTEST)) + rng.normal(0, _UNDERTONE).astype(np.float32)
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
