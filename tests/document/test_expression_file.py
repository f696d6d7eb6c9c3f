"""Expression files: ours, and those of other programs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.document.expression_file import ExpressionFileError, read_expression, write_expression


def test_written_expression_reads_back(tmp_path: Path) -> None:
    path = tmp_path / "smile.json"
    write_expression(path, {"mouthSmileLeft": 0.6, "jawOpen": 0.0, "mouthSmileRight": 1.0})
    assert read_expression(path) == ({"mouthSmileLeft": 0.6, "mouthSmileRight": 1.0}, ())
    write_expression(path, {})
    assert sum(read_expression(path)[0].values()) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["smile.json"]


@pytest.mark.parametrize(
    "wrap", [lambda d: d, lambda d: {"weights": d}, lambda d: {"blendShapes": d, "fps": 60}]
)
def test_files_of_other_programs(wrap: object, tmp_path: Path) -> None:
    path = tmp_path / "theirs.json"
    document = wrap({"MouthSmile_L": 0.5, "HeadYaw": 0.2})  # type: ignore[operator]
    path.write_text("\ufeff" + json.dumps(document), encoding="utf-8")
    assert read_expression(path) == ({"mouthSmileLeft": 0.5}, ("HeadYaw",))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "JSON"),
        ("[1]", "object"),
        ("{}", "none of the 52"),
        ('{"x": 1}', "none of the 52"),
        ('{"jawOpen": "1"}', "jawOpen"),
        ('{"jawOpen": NaN}', "jawOpen"),
        ("[" * 100_000, "JSON"),
        (" " * 2_000_000, "larger"),
    ],
)
def test_wrong_files_say_why(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ExpressionFileError, match=reason) as caught:
        read_expression(path)
    assert "wrong.json" in str(caught.value)
