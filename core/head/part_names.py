"""What a part of a head is, by what its material, mesh or node is called."""

from __future__ import annotations

import re

from rhytid.core.head.head import Part
from rhytid.core.head.model import DROPPED

# What Maya calls the shading group of a material, and what others put behind its name.
_MATERIAL_TAIL = re.compile("(sg|shader|material|mat|mtl)$")
# Names that materials end with, in lower case and without what other programs put around them.
_PART_OF_MATERIAL = {
    "gumstongue": Part.MOUTH,
    "teeth": Part.TEETH,
    "scleraleft": Part.EYE_LEFT,
    "irisleft": Part.EYE_LEFT,
    "eyeleft": Part.EYE_LEFT,
    "scleraright": Part.EYE_RIGHT,
    "irisright": Part.EYE_RIGHT,
    "eyeright": Part.EYE_RIGHT,
    "mouth": Part.MOUTH,
    "backhead": Part.SKIN,
    "face": Part.SKIN,
    "head": Part.SKIN,
}
# The first that fits.
_WORDS = (
    (re.compile("lash|brow|hair|beard|glass|occlusion|tear|lacrimal|cornea|shadow|eyeline|highlight"), DROPPED),
    (re.compile("teeth|tooth|denture"), int(Part.TEETH)),
    (re.compile("tongue|gum|mouth"), int(Part.MOUTH)),
    (re.compile("eye|iris|sclera|pupil"), int(Part.EYE_LEFT)),
)


def part_of_material(name: str) -> int:
    """`Part` of a material by its name ("M_Face", "Char:m_face.001"), `DROPPED` for what a head does not need."""
    plain = re.sub(r"\.\d{3,}$", "", name.strip())
    plain = re.sub(r"[^a-z]", "", plain.lower())
    plain = _MATERIAL_TAIL.sub("", plain)
    return next((int(part) for ending, part in _PART_OF_MATERIAL.items() if plain.endswith(ending)), DROPPED)


def part_of_words(*names: str) -> int | None:
    """`Part`, `DROPPED` for hair and the like, None where no name says; an eye of either side is `EYE_LEFT`."""
    for name in names:
        for pattern, part in _WORDS:
            if pattern.search(name.lower()):
                return part
    return None


def part_of(material: str, *names: str) -> int | None:
    """The same of a material in our own words, or of any that it and other names say."""
    known = part_of_material(material)
    return known if known != DROPPED else part_of_words(material, *names)
