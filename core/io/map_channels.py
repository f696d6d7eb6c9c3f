"""Which channel of a map file holds the displacement.

Names are ranked as programs give them: a channel called displacement or height first, then luminance, then the
grey of a colour. Alpha, depth, identities, normals and positions are never taken unasked. What remains unclear is
refused with the list of channels, so that the artist chooses.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rhytid.core.io.errors import ChoiceNeeded, MapError
from rhytid.core.io.formats.picture import Layer, shown

SUM = "sum"
_DISPLACEMENT = frozenset((
    "displacement", "displacements", "displace", "displ", "disp", "dsp", "height", "heights", "heightmap",
    "heightfield", "relief", "wrinkle", "wrinkles",
))  # fmt: skip
_OTHER = frozenset((
    "a", "alpha", "opacity", "mask", "matte", "z", "zdepth", "depth", "id", "ids", "objectid", "index", "materialid",
    "cryptomatte", "crypto", "n", "normal", "normals", "nx", "ny", "nz", "p", "pos", "position", "positions", "pref",
    "uv", "uvs", "st", "motion", "vector", "velocity", "speed", "mist", "ao", "occlusion", "shadow", "noise",
    "variance", "denoising", "albedo", "diffuse", "specular", "roughness", "gloss", "glossiness", "metallic",
    "metalness", "emission", "curvature", "cavity", "thickness", "translucency", "sss",
))  # fmt: skip
_NORMAL = frozenset(("n", "normal", "normals"))
_ALPHA = frozenset(("a", "alpha", "opacity", "mask", "matte"))
_LETTERS = frozenset(("n", "p", "z"))
_FAMILIES = ("rgb", "xyz")
_UNASKED = 9  # the rank of what is never taken without being named
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")


@dataclass(frozen=True)
class Group:
    """Channels that belong together: one alone, or the three of a colour or a vector, or samples without names.

    Attributes
    ----------
    layer : Layer
    indices : tuple of int
        Into the layer's channels; red, green, blue for a colour.
    family : str
        "" for one channel, "rgb", "xyz" or "samples".
    name : str
        What the artist calls it: the channel, or what the names have in common.
    """

    layer: Layer
    indices: tuple[int, ...]
    family: str
    name: str


def channel_names(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Full names of all channels of a file, safe to show."""
    return tuple(shown(name) for layer in layers for name in layer.channels)


def chosen_group(path: Path, layers: Sequence[Layer], wanted: str | int | None, normals: bool = False) -> Group:
    """The channels to read.

    Parameters
    ----------
    wanted : str, int or None
        Full name or what it ends in, as "R" for "Combined.R", in any case; the name of a layer, part, page or
        array; a number, counting from 0; None asks for the likeliest.
    normals : bool, optional
        The three channels of a normal map are meant: those that are called so, or else the likeliest.

    Raises
    ------
    ChoiceNeeded
        Several are as likely, or none.
    MapError
        There is no such channel.
    """
    if wanted is not None and wanted != SUM:
        return _named(path, layers, wanted)
    groups = [group for layer in layers for group in _groups(layer)]
    if wanted == SUM:
        groups = [group for group in groups if len(group.indices) > 1] or groups
    elif normals:
        groups = [group for group in groups if len(group.indices) == 3] or groups
        called = [group for group in groups if _words(group) & _NORMAL]
        if len(called or groups) == 1:
            return (called or groups)[0]
    ranked = sorted((rank, i) for i, rank in enumerate(map(_rank, groups)) if rank < _UNASKED)
    best = [groups[i] for rank, i in ranked if rank == ranked[0][0]]
    if len(best) == 1:
        return best[0]
    if not best and len(groups) == 1 and len(groups[0].indices) == 1 and not _last_words(groups[0]) & _ALPHA:
        return groups[0]  # nothing else is there
    raise ambiguous(path, channel_names(layers), "several channels may" if best else "no channel is known to")


def ambiguous(path: Path, names: Sequence[str], what: str) -> ChoiceNeeded:
    """The refusal that lists the channels."""
    listed = ", ".join(names[:24]) + (f" and {len(names) - 24} more" if len(names) > 24 else "")
    return ChoiceNeeded(
        f"{path}: {what} hold the displacement; choose a channel (--channel) of {listed}", "channel", tuple(names)
    )


def unasked(group: Group) -> bool:
    """Whether the channel's name speaks for something else than displacement."""
    return len(group.indices) == 1 and _rank(group) >= _UNASKED


def _rank(group: Group) -> int:
    words = _words(group)
    if not group.family and _last_words(group) & _ALPHA:
        return _UNASKED  # of whatever layer
    if words & _DISPLACEMENT:
        return 1 if words & _OTHER else 0
    if words & _OTHER:
        return _UNASKED
    if group.name.lower() == "y" and group.layer.kind != "npy":
        return 2
    if group.family == "rgb":
        return 3 if "." not in group.layer.channels[group.indices[0]] else 4
    return _UNASKED if group.family == "xyz" else 5


def _words(group: Group) -> frozenset[str]:
    """The words of a channel's full name."""
    *layers, _ = group.layer.channels[group.indices[0]].split(".")
    words = frozenset(word for part in layers for word in _words_of(part))
    if group.layer.kind == "exr" and layers:  # as renderers call theirs
        words |= _LETTERS & {layers[-1].lower()}
    return words if group.family else words | _last_words(group)


def _last_words(group: Group) -> frozenset[str]:
    """The words of the last part of a channel's name. A letter alone is one, as A or Z, but not of an array's name."""
    base = group.layer.channels[group.indices[0]].rpartition(".")[2]
    return _words_of(base) | (frozenset() if group.layer.kind == "npy" else {base.lower()})


def _words_of(part: str) -> frozenset[str]:
    return frozenset(word.lower() for word in (part, *_WORD.findall(part)) if len(word) > 1)


def _groups(layer: Layer) -> list[Group]:
    """The groups of a layer, each channel in one."""
    by_prefix: dict[str, dict[str, int]] = {}
    for index, name in enumerate(layer.channels):
        prefix, _, base = name.rpartition(".")
        by_prefix.setdefault(prefix, {}).setdefault(_letter(base), index)
    groups: list[Group] = []
    used: set[int] = set()
    for prefix, index_of in by_prefix.items():
        for family in _FAMILIES:
            if all(letter in index_of for letter in family):
                indices = tuple(index_of[letter] for letter in family)
                groups.append(Group(layer, indices, family, prefix or ", ".join(family.upper())))
                used.update(indices)
        numbered = tuple(index for letter, index in index_of.items() if letter.isdigit())
        if len(numbered) > 1:
            groups.append(Group(layer, numbered, "samples", prefix or "samples"))
            used.update(numbered)
    singles = [i for i in range(len(layer.channels)) if i not in used]
    return groups + [Group(layer, (i,), "", layer.channels[i]) for i in singles]


def _letter(base: str) -> str:
    return {"red": "r", "green": "g", "blue": "b"}.get(base.lower(), base.lower())


def _closeness(name: str, text: str) -> int:
    """How well a typed text names a channel: 3 as it is, 2 but for case, 1 by the end of the name, 0 not at all."""
    if text in (name, shown(name)):
        return 3
    if name.lower() == text.lower():
        return 2
    ends = name.lower().endswith("." + text.lower()) or _letter(name.rpartition(".")[2]) == _letter(text)
    return 1 if ends else 0


def _named(path: Path, layers: Sequence[Layer], wanted: str | int) -> Group:
    everything = [(layer, i, name) for layer in layers for i, name in enumerate(layer.channels)]
    text = str(wanted)
    found: list[tuple[Layer, int]] = []
    for closeness in (3, 2, 1):
        found = [(layer, i) for layer, i, name in everything if _closeness(name, text) == closeness]
        if len(found) == 1:
            layer, index = found[0]
            return Group(layer, (index,), "", layer.channels[index])
        if found:
            break
    inside = [
        group
        for layer in layers
        for group in _groups(layer)
        if layer.channels[group.indices[0]].lower().startswith(text.lower() + ".")
    ]
    best = [group for group in inside if _rank(group) == min(map(_rank, inside))]
    if len(best) == 1:
        return best[0]
    number = int(text) if text.isdecimal() and len(text) < 6 else -1
    if 0 <= number < len(everything) and not found and not inside:
        layer, index, name = everything[number]
        return Group(layer, (index,), "", name)
    names = channel_names(layers)
    if found or inside:
        raise ambiguous(path, names, f"several channels called {shown(text)} may")
    raise MapError(f"{path}: there is no channel {shown(text)!r}; the file has {', '.join(names[:24])}")
