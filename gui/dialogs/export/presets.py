"""The artist's own choices for exports under a name, kept with the other preferences.

What is kept is foreign text: it is read as any file is, and each page takes of it what it knows.
"""

from __future__ import annotations

import json
from typing import Any

from rhytid.core.files.reading import FileRefused, parse_json
from rhytid.core.io.clients import CLIENTS
from rhytid.core.language import tr
from rhytid.gui.controllers.named_presets import NamedPresets
from rhytid.gui.dialogs.export.page import Choice
from rhytid.gui.preferences import Preferences

_MOST_VALUES = 400


def client_choice(name: str) -> dict[str, Any]:
    """What a program takes, as a choice."""
    client = CLIENTS[name]
    return {
        "client": name, "mesh_format": client.mesh_format, "base_formats": sorted(client.base_formats),
        "shapes_obj": client.shapes_obj, "unit": "auto", "up_axis": "auto", "green": client.green,
        "normal_bits": client.normal_bits,
    }  # fmt: skip


def text_of(choice: Choice) -> str:
    """A choice as JSON."""
    return json.dumps(choice, sort_keys=True)


def choice_from(text: str) -> Choice:
    """The choice in a text; raises `ValueError` for one that is none."""
    try:
        content = parse_json(text.encode(), "choice", _MOST_VALUES)
    except FileRefused as error:
        raise ValueError(str(error)) from error
    if not isinstance(content, dict):
        raise ValueError("a choice for an export holds values by name")
    lists = {"what", "base_formats", "map_formats", "picture_formats"}
    if any(isinstance(value, list) != (name in lists) or isinstance(value, dict) for name, value in content.items()):
        raise ValueError("a choice for an export holds plain values by name")
    if any(not isinstance(item, str) for name in lists & content.keys() for item in content[name]):
        raise ValueError("lists of a choice for an export hold texts")
    return content


def export_presets(preferences: Preferences) -> NamedPresets[Choice]:
    """The artist's own."""
    titles = {client.title for client in CLIENTS.values()}
    return NamedPresets(preferences, "export presets", choice_from, text_of, titles, tr("preset"), tr("presets"))
