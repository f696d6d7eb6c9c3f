"""What a wrinkle pack is made of, as the artist sets it, and how its files are called."""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.files.names import name_problem
from rhytid.core.given import given_whole
from rhytid.core.maps.normal_map import GREENS
from rhytid.core.pack.layouts import LAYOUTS, Layout

SIZES = (256, 512, 1024, 2048, 4096)
MOST_MAPS = 6
_MOST_TEXELS = 3 * 4096**2
JSON_NAME, CSV_NAME, README_NAME = "wrinkles.json", "wrinkles.csv", "README.txt"
ERRORS_NAME, GLSL_NAME, BLENDER_NAME = "errors.png", "wrinkles.glsl", "wrinkles_blender.py"


@dataclass(frozen=True)
class PackOptions:
    """How a pack is made.

    Attributes
    ----------
    layout : str
        One of `core.pack.layouts.LAYOUTS`.
    budget : int
        Wrinkle maps, 1..6; the MetaHuman layout has room for 3.
    size : int
        Texels per side of normals and colours, one of `SIZES`.
    green : str or None
        "opengl" or "directx"; None: as the layout's engine wants it.
    normal_bits : int
        8 or 16.
    colors : bool
        Colour maps beside the normals.
    heights : bool
        Displacement maps, 16 bits, beside the normals.
    name : str
        First part of the file names where the layout does not give them.
    overwrite : bool
        Replace files that the program did not write, too.
    """

    layout: str = "generic"
    budget: int = 3
    size: int = 2048
    green: str | None = None
    normal_bits: int = 8
    colors: bool = True
    heights: bool = False
    name: str = "face"
    overwrite: bool = False

    def __post_init__(self) -> None:
        given_whole(self.budget, 1, MOST_MAPS, "budget in wrinkle maps")
        for value, allowed, label in (
            (self.layout, tuple(LAYOUTS), "layout"),
            (self.size, SIZES, "size"),
            (self.green, (None, *GREENS), "green channel"),
            (self.normal_bits, (8, 16), "normal map bits"),
        ):
            if value not in allowed or isinstance(value, float):
                names = ", ".join(str(one) for one in allowed if one is not None)
                raise ValueError(f"{label} must be one of {names}, not {value!r}")
        most = self.shape.most_maps
        if self.budget > most:
            raise ValueError(f"the layout {self.layout} has room for {most} wrinkle maps, not {self.budget}")
        if self.budget * self.size**2 > _MOST_TEXELS:
            raise ValueError(f"{self.budget} maps of {self.size} need too much memory; take 2048 or 3 maps")
        problem = "nothing is before the first _" if not self.name else name_problem(f"{self.name}_wm1.png")
        if problem or not self.name.isprintable() or self.name.startswith((".", " ")):
            why = problem or "it is hidden or holds characters that cannot be shown"
            raise ValueError(f"{self.name!r} cannot begin a file name: {why}; use letters, digits, - and _")

    @property
    def shape(self) -> Layout:
        """The layout."""
        return LAYOUTS[self.layout]

    @property
    def normal_green(self) -> str:
        """The green channel that the maps have."""
        return self.green or self.shape.green

    def files(self) -> tuple[str, ...]:
        """Names of all files that a pack with these options has."""
        shape, numbers = self.shape, range(self.budget + 1)
        names = [shape.normal(self.name, number) for number in numbers]
        names += [shape.color(self.name, number) for number in numbers] if self.colors else []
        names += [shape.height(self.name, number) for number in numbers] if self.heights else []
        names += [shape.mask(self.name, number) for number in range(1, shape.n_mask_files + 1)]
        return (*names, JSON_NAME, CSV_NAME, GLSL_NAME, BLENDER_NAME, ERRORS_NAME, README_NAME)
