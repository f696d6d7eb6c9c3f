"""A folder of made-up scans: two subjects whose lines deepen with the expression."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from evaluation_samples import EXPRESSIONS, made_scan

from rhytid.core.io.map_meaning import FACESCAPE
from rhytid.core.io.map_pixels import write_png


@pytest.fixture(scope="session")
def scan_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Laid out as `core.evaluation.scans` describes."""
    folder = tmp_path_factory.mktemp("scans")
    mask = np.zeros((256, 256), np.uint8)
    cv2.ellipse(mask, (128, 128), (100, 122), 0, 0, 360, 255, -1)
    write_png(folder / "skin_mask.png", mask)
    (folder / "expression_weights.json").write_text(json.dumps({"expressions": EXPRESSIONS}))
    subjects = {"a1": {"age": 22}, "b2": {"age": 40}}
    (folder / "subjects.json").write_text(json.dumps(subjects))
    for number, subject in enumerate(subjects):
        (folder / subject / "displacement").mkdir(parents=True)
        for strength, expression in enumerate(EXPRESSIONS):
            stored = np.rint(made_scan(number, 0.12 + 0.06 * strength) / FACESCAPE.scale_mm * 65535 + 32768)
            write_png(folder / subject / "displacement" / f"{expression}.png", stored.astype(np.uint16))
    return folder
