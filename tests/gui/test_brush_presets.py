"""Brushes: what is kept comes back the same, and what is no brush is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rhytid.core.lines.response import Response
from rhytid.core.lines.stroke import Profile, Style
from rhytid.gui.controllers.brush_presets import (
    OWN_BRUSHES,
    BrushPresets,
    brush_from,
    brush_of,
    drawn_with,
    take,
    text_of,
)
from rhytid.gui.controllers.named_presets import MAX_PRESETS
from rhytid.gui.controllers.tool_settings import ToolSettings
from rhytid.gui.panels.brush_presets import picture_of
from rhytid.gui.preferences import Preferences
from rhytid.gui.settings_file import SettingsFile

pens = st.builds(
    ToolSettings, width=st.floats(0.001, 0.15), depth_mm=st.floats(-3, 5), profile=st.sampled_from(Profile),
    style=st.sampled_from(Style), tint=st.floats(-1, 1), birth_age=st.floats(0, 70), smooth=st.floats(0, 1),
    along_tension=st.floats(0, 1), pressure_to_depth=st.booleans(), pressure_to_width=st.booleans(),
    pressure_exponent=st.floats(0.25, 4),
    depth_curve=st.floats(0, 1).map(lambda y: Response(((0.0, 0.0), (0.4, y), (1.0, 1.0)))),
)


@settings(max_examples=30, deadline=None)
@given(pens)
def test_a_brush_comes_back_as_it_was_kept(pen: ToolSettings) -> None:
    brush = brush_of(pen)
    assert brush_from(text_of(brush)) == brush
    other = ToolSettings()
    take(other, brush_from(text_of(brush)))
    assert brush_of(other) == brush


@pytest.mark.parametrize("change", [
    {"width": 1e9}, {"width": "broad"}, {"width": True}, {"depth_mm": None}, {"profile": "trench"}, {"style": 3},
    {"smooth": -1}, {"pressure_to_depth": 1}, {"depth_curve": [[0, 0]]}, {"depth_curve": [[0, 0, 0], [1, 1, 1]]},
    {"depth_curve": "steep"}, {"width_curve": [[0, "a"], [1, 1]]}, {"tool": "eraser"}, {"events": []},
    {"depth_curve": [[i / 500, 0] for i in range(501)]},
])  # fmt: skip
def test_what_is_no_brush_is_refused(change) -> None:
    good = json.loads(text_of(brush_of(ToolSettings())))
    with pytest.raises(ValueError, match=r"."):
        brush_from(json.dumps({**good, **change}))


@pytest.mark.parametrize("text", ["", "[]", "7", "{", "[" * 5000, '{"width": NaN}', '{"width": 0.01}', "\ud800"])
def test_foreign_text_is_no_brush(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        brush_from(text)


def test_brushes_are_on_disk_renamed_deleted_and_damaged_ones_left_out(tmp_path) -> None:
    path = tmp_path / "settings.json"
    presets = BrushPresets(Preferences(SettingsFile(path)))
    pen = brush_of(ToolSettings(width=0.03, profile=Profile.SCAR, tint=0.5))
    assert presets.keep("  My   scar ", pen) == "My scar"
    again = BrushPresets(Preferences(SettingsFile(path)))
    assert again.own() == {"My scar": pen}
    assert again.rename("My scar", "Other scar") == "Other scar"
    assert list(again.own()) == ["Other scar"]
    again.keep("Second", pen)
    for new in ("", next(iter(OWN_BRUSHES)), "Other scar"):
        with pytest.raises(ValueError, match="name"):
            again.rename("Second", new)
    again.delete("Other scar")
    assert list(again.own()) == ["Second"]
    content = json.loads(path.read_text())
    content["dialog/brushes/Bad"] = '{"width": 99}'
    content["dialog/brushes/" + "x" * 500] = content["dialog/brushes/Second"]
    content["dialog/brushes/Number"] = 5
    path.write_text(json.dumps(content))
    assert list(BrushPresets(Preferences(SettingsFile(path))).own()) == ["Second"]


def test_there_is_a_most_of_brushes(monkeypatch) -> None:
    monkeypatch.setattr("rhytid.gui.controllers.named_presets.MAX_PRESETS", 3)
    presets = BrushPresets(Preferences(SettingsFile(None)))
    pen = brush_of(ToolSettings())
    for number in range(3):
        presets.keep(f"{number}", pen)
    presets.keep("2", pen)
    with pytest.raises(ValueError, match="3 brushes"):
        presets.keep("one more", pen)
    assert MAX_PRESETS > 3


def test_pictures_show_the_stroke() -> None:
    pictures = {name: picture_of(brush).astype(int) for name, brush in OWN_BRUSHES.items()}
    for name, picture in pictures.items():
        assert picture.shape == (72, 144, 3)
        assert np.abs(picture - picture[0, 0]).max() > 12, f"{name} is seen"
        assert drawn_with(OWN_BRUSHES[name]).profile is OWN_BRUSHES[name]["profile"]
    middle = {name: picture[30:42, 60:84].mean(axis=(0, 1)) for name, picture in pictures.items()}
    skin = pictures["Fold"][0, 0]
    assert middle["Fresh scar"][0] / middle["Fresh scar"][1] > 1.06 * skin[0] / skin[1], "redder"
    assert middle["Old scar"][0] / middle["Old scar"][1] < 0.97 * skin[0] / skin[1], "paler"
