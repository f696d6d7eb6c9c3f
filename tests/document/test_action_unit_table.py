"""The table of action units and the expression presets: what ships, and what an edited file may get wrong."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_NAMES, mirrored_name
from rhytid.core.document.action_units import TABLE_PATH, ActionUnitTableError, action_unit_table, load_action_units
from rhytid.core.document.expression_presets import ExpressionPresetError, expression_presets, load_expression_presets

SHIPPED = """
    1 2L 2R 4L 4R 5L 5R 6L 6R 7L 7R 9L 9R 10L 10R 12L 12R 14L 14R 15L 15R 16L 16R 17 18 20L 20R 22 23
    24L 24R 25 26 27 28 34 43L 43R 45 46L 46R 1 2 4 5 6 7 9 10 12 14 15 16 20 24 43
"""


def test_shipped_table_covers_facs() -> None:
    table = action_unit_table()
    assert {f"AU{name}" for name in SHIPPED.split()} <= set(table.by_name)
    expressible = {unit.facs for unit in table.units}
    missing = json.loads(TABLE_PATH.read_text("utf-8"))["not_expressible"]
    explained = {entry["facs"] for entry in missing if entry["why"]}
    assert not expressible & explained
    assert set(range(1, 40)) - expressible - explained == {3, 40} - {40}, "a FACS number is neither there nor explained"
    for unit in table.units:
        assert unit.title
        assert unit.muscles
    numbers = [unit.facs for unit in table.units]
    assert numbers == sorted(numbers)


def test_every_arkit_shape_is_reached_by_a_unit() -> None:
    reached = {name for unit in action_unit_table().units for name, _ in unit.weights}
    assert set(ARKIT_NAMES) - reached == {"mouthLeft", "mouthRight"}  # FACS has no number for them


def test_sides_mirror_each_other() -> None:
    by_name = action_unit_table().by_name
    for name, unit in by_name.items():
        if unit.side == "L":
            twin = by_name[f"{name[:-1]}R"]
            assert {mirrored_name(arkit): weight for arkit, weight in unit.weights} == dict(twin.weights)


def test_slider_alone_gives_its_own_intensity_back() -> None:
    table = action_unit_table()
    for name, weights in table.weights.items():
        assert dict(table.intensities(0.7 * weights))[name] == pytest.approx(0.7, abs=1e-5)


def test_one_side_is_half_of_both() -> None:
    table = action_unit_table()
    found = dict(table.intensities(table.weights["AU12L"]))
    assert found == pytest.approx({"AU12": 0.5, "AU12L": 1.0})
    assert table.intensities(np.zeros(52)) == ()


def test_shipped_presets() -> None:
    presets = expression_presets()
    assert len(presets) >= 16
    wanted = "neutral smile grin anger sadness surprise disgust fear contempt brow_raise squint kiss jaw_open"
    assert set(wanted.split()) <= set(presets)
    assert presets["neutral"].weights == ()
    different = {preset.weights for preset in presets.values()}
    assert len(different) == len(presets)
    symmetric = [preset for preset in presets.values() if preset.name not in ("contempt", "wink")]
    for preset in symmetric:
        assert {mirrored_name(name): value for name, value in preset.weights} == dict(preset.weights)


UNIT: dict[str, Any] = {
    "name": "AU12",
    "facs": 12,
    "title": "Lip corner puller",
    "region": "mouth",
    "muscles": ["zygomaticus major"],
    "left": {"mouthSmileLeft": 1.0},
    "right": {"mouthSmileRight": 1.0},
}


def write(path: Path, document: Any) -> Path:
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    return path


def test_edited_table_is_read(tmp_path: Path) -> None:
    document = {"version": 1, "action_units": [{**UNIT, "left": {"mouthSmileLeft": 0.5}}]}
    table = load_action_units(write(tmp_path / "t.json", document))
    assert [unit.name for unit in table.units] == ["AU12", "AU12L", "AU12R"]
    assert dict(table.by_name["AU12"].weights) == {"mouthSmileLeft": 0.5, "mouthSmileRight": 1.0}


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ("{", "no valid JSON"),
        ("[" * 100_000, "nested too deeply"),
        ([], "version"),
        ({"version": 2, "action_units": [UNIT]}, "version"),
        ({"version": 1}, "action_units"),
        ({"version": 1, "action_units": [5]}, "entry 1"),
        ({"version": 1, "action_units": [UNIT, UNIT]}, "AU12 is there twice"),
        ({"version": 1, "action_units": [{**UNIT, "name": "AU13"}]}, "AU13"),
        ({"version": 1, "action_units": [{**UNIT, "region": "ear"}]}, "region"),
        ({"version": 1, "action_units": [{**UNIT, "muscles": []}]}, "muscles"),
        ({"version": 1, "action_units": [{**UNIT, "left": {"mouthSmile": 1.0}}]}, "mouthSmile"),
        ({"version": 1, "action_units": [{**UNIT, "left": {"mouthSmileLeft": 2.0}}]}, "mouthSmileLeft"),
        ({"version": 1, "action_units": [{**UNIT, "left": {"mouthSmileLeft": True}}]}, "mouthSmileLeft"),
        ({"version": 1, "action_units": [{**UNIT, "left": {"mouthSmileLeft": float("nan")}}]}, "NaN is no number"),
        ({"version": 1, "action_units": [{**UNIT, "left": {}}]}, "above 0"),
        ({"version": 1, "action_units": [{**UNIT, "left": [1]}]}, "object"),
        ({"version": 1, "action_units": [{**UNIT, "right": {"mouthSmileLeft": 1.0}}]}, "same weight"),
        ({"version": 1, "action_units": [{**UNIT, "weights": {"jawOpen": 1.0}}]}, "either"),
        ({"version": 1, "action_units": [{k: v for k, v in UNIT.items() if k != "right"}]}, "right"),
    ],
)
def test_wrong_table_says_where(document: Any, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "table.json", document)
    with pytest.raises(ActionUnitTableError, match=reason) as caught:
        load_action_units(path)
    assert "table.json" in str(caught.value)


def test_missing_and_huge_tables(tmp_path: Path) -> None:
    with pytest.raises(ActionUnitTableError, match="cannot be read"):
        load_action_units(tmp_path / "none.json")
    with pytest.raises(ActionUnitTableError, match="larger"):
        load_action_units(write(tmp_path / "huge.json", " " * 2_000_000))


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        ({"version": 1, "presets": []}, "presets"),
        ({"version": 1, "presets": [{"name": "a", "title": "A"}]}, "preset 1"),
        ({"version": 1, "presets": [{"name": "a", "title": "A", "weights": {"smile": 1}}]}, "smile"),
        ({"version": 1, "presets": [{"name": "a", "title": "A", "weights": {}}] * 2}, "twice"),
    ],
)
def test_wrong_presets_say_where(document: Any, reason: str, tmp_path: Path) -> None:
    with pytest.raises(ExpressionPresetError, match=reason):
        load_expression_presets(write(tmp_path / "presets.json", document))
