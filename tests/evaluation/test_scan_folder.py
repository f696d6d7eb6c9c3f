"""Folders of scans, good ones and bad ones."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from rhytid.core.arkit import ARKIT_INDEX
from rhytid.core.evaluation.scans import ScansError, ScanSet
from rhytid.core.io.map_pixels import write_png


@pytest.fixture
def copied(scan_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(scan_folder, tmp_path / "scans"))


def test_scans_come_by_subject_and_number(scan_folder):
    scans = ScanSet(scan_folder)
    assert scans.subjects == ("a1", "b2")
    assert [scan.expression for scan in scans.of_subject("b2")] == ["1_neutral", "2_smile", "19_brow_raiser"]
    smile = scans.of_subject("a1")[1]
    assert (smile.name, smile.age) == ("a1/2_smile", 22)
    assert smile.weights[ARKIT_INDEX["mouthSmileLeft"]] == np.float32(0.6)
    assert smile.displacement.shape == (256, 256)
    assert scans.neutral("b2").expression == "1_neutral"
    assert scans.reference(smile) is scans.reference(smile)


def _edited(path: Path, change: object) -> None:
    path.write_text(json.dumps(change))


def test_what_is_missing_is_named(copied, tmp_path):
    with pytest.raises(ScansError, match="no such folder"):
        ScanSet(tmp_path / "nothing")
    for name in ("skin_mask.png", "expression_weights.json", "subjects.json"):
        aside = (copied / name).rename(tmp_path / name)
        with pytest.raises(ScansError, match=name):
            ScanSet(copied)
        aside.rename(copied / name)
    (tmp_path / "empty").mkdir()
    for name in ("skin_mask.png", "expression_weights.json", "subjects.json"):
        shutil.copy(copied / name, tmp_path / "empty")
    with pytest.raises(ScansError, match="no map"):
        ScanSet(tmp_path / "empty")


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        ("subjects.json", {"a1": {"age": 22}}, "subject b2"),
        ("subjects.json", {"a1": {"age": "old"}, "b2": {"age": 40}}, "subject a1"),
        ("subjects.json", [1, 2], "needs an object"),
        ("expression_weights.json", {}, '"expressions"'),
        ("expression_weights.json", {"expressions": {"1_neutral": {}}}, "2_smile|19_brow_raiser"),
    ],
)
def test_wrong_content_is_named(copied, file, content, message):
    _edited(copied / file, content)
    with pytest.raises(ScansError, match=message):
        ScanSet(copied)


def test_an_unknown_weight_is_named(copied):
    content = json.loads((copied / "expression_weights.json").read_text())
    content["expressions"]["2_smile"]["grinning"] = 1
    _edited(copied / "expression_weights.json", content)
    with pytest.raises(ScansError, match="grinning"):
        ScanSet(copied)


def test_damaged_json_and_a_black_mask(copied):
    (copied / "subjects.json").write_text("{")
    with pytest.raises(ScansError, match="not JSON"):
        ScanSet(copied)
    _edited(copied / "subjects.json", {"a1": {"age": 22}, "b2": {"age": 40}})
    write_png(copied / "skin_mask.png", np.zeros((256, 256), np.uint8))
    with pytest.raises(ScansError, match="black"):
        ScanSet(copied)
