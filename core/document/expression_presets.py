"""Named expressions: `resources/presets/expressions.json`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rhytid.core.document.action_units import TABLE_PATH, read_weights
from rhytid.core.files.presets import read_preset_file
from rhytid.core.language import tr

PRESETS_PATH = TABLE_PATH.with_name("expressions.json")


class ExpressionPresetError(ValueError):
    """The presets cannot be used; the message names the file and the entry."""


@dataclass(frozen=True)
class ExpressionPreset:
    """One named expression.

    Attributes
    ----------
    name : str
        Identifier, "brow_raise".
    title : str
        What the panel shows.
    weights : tuple of (ARKit name, weight 0..1), sorted by name
    """

    name: str
    title: str
    weights: tuple[tuple[str, float], ...]


@lru_cache(maxsize=1)
def expression_presets() -> dict[str, ExpressionPreset]:
    """The program's presets by name, in the order of the panel, read once."""
    return load_expression_presets(PRESETS_PATH)


def load_expression_presets(path: Path) -> dict[str, ExpressionPreset]:
    """Read and check a file of presets.

    Raises
    ------
    ExpressionPresetError
        The file cannot be read or an entry is wrong or repeated.
    """
    entries = read_preset_file(path, ExpressionPresetError).get("presets")
    if not isinstance(entries, list) or not entries:
        raise ExpressionPresetError(f"{path}: needs a list 'presets'")
    presets: dict[str, ExpressionPreset] = {}
    for number, entry in enumerate(entries, 1):
        try:
            preset = ExpressionPreset(str(entry["name"]), tr(str(entry["title"])), read_weights(entry["weights"]))
        except (KeyError, TypeError, ValueError) as error:
            raise ExpressionPresetError(f"{path}: preset {number}: {error}") from error
        if preset.name in presets:
            raise ExpressionPresetError(f"{path}: preset {preset.name!r} is there twice")
        presets[preset.name] = preset
    return presets
