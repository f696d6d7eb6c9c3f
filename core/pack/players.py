"""Players that come with a pack: GLSL written for its number of maps, and a script for Blender."""

from __future__ import annotations

from rhytid.core.pack.options import PackOptions
from rhytid.core.pack.regions import N_REGIONS
from rhytid.core.resources import resource


def glsl_text(options: PackOptions) -> str:
    """`wrinkles.glsl`."""
    numbers = range(1, options.budget + 1)
    defines = [
        f"#define WRINKLE_MAPS {options.budget}", f"#define WRINKLE_REGIONS {N_REGIONS}",
        f"#define WRINKLE_GREEN {'1.0' if options.normal_green == 'opengl' else '-1.0'}",
        *(["#define WRINKLE_COLORS"] if options.colors else []),
    ]  # fmt: skip
    maps = []
    for number in numbers:
        maps += [
            f"    share = wrinkle_share({number - 1}, m1, m2, m3, m4);",
            f"    slope += share * (wrinkle_slope(texture(u_wm{number}, uv).rgb) - neutral);",
        ]
        if options.colors:
            maps.append(f"    color += share * (wrinkle_linear(texture(u_cm{number}, uv).rgb) - skin);")
    text = resource("pack", "wrinkles.glsl").read_text("utf-8")
    samplers = [f"uniform sampler2D {name};  // {file}" for name, file in sampler_files(options).items()]
    for place, lines in (("defines", defines), ("samplers", samplers), ("maps", maps)):
        text = text.replace(f"//{{{place}}}", "\n".join(lines))
    return text


def sampler_files(options: PackOptions) -> dict[str, str]:
    """Files by the name of their sampler in `wrinkles.glsl`."""
    layout, numbers = options.shape, range(1, options.budget + 1)
    named = {"u_normal": layout.normal(options.name, 0)}
    named |= {f"u_wm{number}": layout.normal(options.name, number) for number in numbers}
    if options.colors:
        named["u_color"] = layout.color(options.name, 0)
        named |= {f"u_cm{number}": layout.color(options.name, number) for number in numbers}
    return named | {f"u_masks_{n}": layout.mask(options.name, n) for n in range(1, layout.n_mask_files + 1)}


def blender_text() -> str:
    """`wrinkles_blender.py`."""
    return resource("pack", "wrinkles_blender.py").read_text("utf-8")
