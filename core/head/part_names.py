"""What a part of a head is, by what its material, mesh or node is called."""

from __future__ import annotations

import re

from rhytid.core.head.head import Part
from rhytid.core.head.model import DROPPED

# The first that fits.
_WORDS = (
    (re.compile("lash|brow|hair|beard|glass|occlusion|tear|lacrimal|cornea|shadow|eyeline|highlight"), DROPPED),
    (re.compile("teeth|tooth|denture"), int(Part.TEETH)),
    (re.compile("tongue|gum|mouth"), int(Part.MOUTH)),
    (re.compile("eye|iris|sclera|pupil"), int(Part.EYE_LEFT)),
)


def part_of_words(*names: str) -> int | None:
    """`Part`, `DROPPED` for hair and the like, None where no name says; an eye of either side is `EYE_LEFT`."""
    for name in names:
        for pattern, part in _WORDS:
            if pattern.search(name.lower()):
                return part
    return None
