"""How the files of a pack are called and packed, by the program that they are for.

The layouts follow what is published of the programs: the texture names of MetaHuman heads (``head_normal_map``,
``head_wm1_normal_map``, ``head_cm1_color_map``, masks ``head_wm1_msk_01``), and of Character Creator's wrinkle system
thirteen regions whose activation is ``max(0, sum of weight * shape) ** curve``. All of them hold the same maps.
"""

from __future__ import annotations

from dataclasses import dataclass

from rhytid.core.pack.regions import N_REGIONS, REGION_NAMES

CHANNELS = "RGBA"


@dataclass(frozen=True)
class Layout:
    """Names and habits of a program; number 0 is the neutral face, 1 and up are wrinkle maps.

    Attributes
    ----------
    name, title : str
    green : str
        Of normals, as the program wants it.
    most_maps : int
    neutral_normal, wrinkle_normal, neutral_color, wrinkle_color, height_name, mask_name : str
        File names with ``{name}`` and ``{number}``.
    driver_name : str
        Of one activation, with ``{number}`` and ``{region}``.
    """

    name: str
    title: str
    green: str
    most_maps: int
    neutral_normal: str
    wrinkle_normal: str
    neutral_color: str
    wrinkle_color: str
    height_name: str
    mask_name: str
    driver_name: str

    @property
    def n_mask_files(self) -> int:
        return -(-N_REGIONS // len(CHANNELS))

    def normal(self, name: str, number: int) -> str:
        """File of the normals."""
        return (self.wrinkle_normal if number else self.neutral_normal).format(name=name, number=number)

    def color(self, name: str, number: int) -> str:
        """File of the colour."""
        return (self.wrinkle_color if number else self.neutral_color).format(name=name, number=number)

    def height(self, name: str, number: int) -> str:
        """File of the displacement."""
        return self.height_name.format(name=name, number=number)

    def mask(self, name: str, number: int) -> str:
        """File of four masks; numbers begin at 1."""
        return self.mask_name.format(name=name, number=number)

    def mask_place(self, region: int) -> tuple[int, str]:
        """Number of the file and channel of a region's mask."""
        return region // len(CHANNELS) + 1, CHANNELS[region % len(CHANNELS)]

    def driver(self, number: int, region: int) -> str:
        """Name of an activation, as a curve or parameter of the engine."""
        return self.driver_name.format(number=number, region=REGION_NAMES[region], region_number=region + 1)


LAYOUTS: dict[str, Layout] = {
    layout.name: layout
    for layout in (
        Layout(
            "generic", "Generic", "opengl", 6, "{name}_normal.png", "{name}_wm{number}_normal.png",
            "{name}_color.png", "{name}_cm{number}_color.png", "{name}_height_{number}.png",
            "{name}_masks_{number}.png", "wm{number}_{region}",
        ),
        Layout(
            "metahuman", "MetaHuman-like", "directx", 3, "head_normal_map.png", "head_wm{number}_normal_map.png",
            "head_color_map.png", "head_cm{number}_color_map.png", "head_wm{number}_height_map.png",
            "head_wm_msk_{number:02d}.png", "head_wm{number}_normal_head_wm{number}_{region}",
        ),
        Layout(
            "character-creator", "Character-Creator-like", "directx", 6, "{name}_normal.png",
            "{name}_wrinkle_normal_{number}.png", "{name}_diffuse.png", "{name}_wrinkle_diffuse_{number}.png",
            "{name}_wrinkle_displacement_{number}.png", "{name}_wrinkle_mask_{number}.png",
            "set{number}_{region_number:02d}_{region}",
        ),
    )
}  # fmt: skip
