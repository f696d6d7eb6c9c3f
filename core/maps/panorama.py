"""Light from all around as it was photographed: a map of radiance that a document carries with it."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Float32 = npt.NDArray[np.float32]

HEIGHT = 128
BRIGHTEST = 60000.0
"""What half precision holds."""
_N_BYTES = HEIGHT * 2 * HEIGHT * 3 * 2
_MOST_NAME = 255


@dataclass(frozen=True)
class Panorama:
    """An imported environment.

    Attributes
    ----------
    name : str
        Of its file, for the artist.
    radiance : str
        (128, 256, 3) numbers of half precision as base64: linear Rec. 709, equirectangular; column 0 lies behind the
        head, the middle before it (+Z), three quarters the subject's left (+X); row 0 is above.
    """

    name: str
    radiance: str = field(repr=False)

    @staticmethod
    def of(name: str, radiance: Float32) -> Panorama:
        """Of float (128, 256, 3), 0..60000."""
        return Panorama(name, base64.b64encode(radiance.astype("<f2").tobytes()).decode("ascii"))

    def texels(self) -> Float32:
        """float32 (128, 256, 3).

        Raises
        ------
        ValueError
            They are not so many numbers of 0..60000, or the name is too long.
        """
        if len(self.name) > _MOST_NAME:
            raise ValueError(f"the name of the environment may have at most {_MOST_NAME} characters")
        try:
            data = base64.b64decode(self.radiance, validate=True)
        except (ValueError, binascii.Error) as error:
            raise ValueError("the imported environment is no base64") from error
        if len(data) != _N_BYTES:
            raise ValueError(f"the imported environment must have {_N_BYTES} bytes, got {len(data)}")
        texels = np.frombuffer(data, "<f2").astype(np.float32).reshape(HEIGHT, 2 * HEIGHT, 3)
        if not (np.isfinite(texels).all() and texels.min() >= 0 and texels.max() <= BRIGHTEST):
            raise ValueError(f"the imported environment holds light that is not 0..{BRIGHTEST:g}")
        return texels
