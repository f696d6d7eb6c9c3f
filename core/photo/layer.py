"""What a document keeps of the photo that a face was made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from rhytid.core.photo.locks import Locks

if TYPE_CHECKING:  # every document has a place for a photo, few have one
    from rhytid.core.photo.fit import HeadFit, Pin
    from rhytid.core.photo.light import PhotoLight

Float32 = npt.NDArray[np.float32]

MAX_PHOTOS = 8
"""Of one person."""


@dataclass(frozen=True, eq=False)
class PhotoLayer:
    """A photo and what was found in it.

    Attributes
    ----------
    name : str
        File name that it came from.
    data : bytes
        The file as it was, which `core.photo.image.photo_of` reads.
    digest : str
        sha256 of `data`, hexadecimal.
    fit : HeadFit
        The person's head as it is in the photo; its `offsets` belong to the document's head as well.
    light : PhotoLight or None
        The photo's light, None before it was found.
    pins : tuple of Pin
        Points that the artist holds in place.
    locks : Locks
        What a new fit leaves as it is.
    number : int
        Place among the photos of the person, 0 for the first.
    stale : bool
        Colour, light and relief are of another fit than this one.
    edges : float32 (len(EDGES), 2) or None
        Where the photo has the edges of lips and lids, px; see `core.photo.registration`. None where nobody looked.
    """

    name: str
    data: bytes = field(repr=False)
    digest: str
    fit: HeadFit
    light: PhotoLight | None = None
    pins: tuple[Pin, ...] = ()
    locks: Locks = field(default_factory=Locks)
    number: int = 0
    stale: bool = False
    edges: Float32 | None = None
